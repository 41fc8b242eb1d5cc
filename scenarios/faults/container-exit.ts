import * as z from 'zod';
import { strict } from '../schema/shapes.js';
import { FAULT_FIELDS, type FaultKind } from './fault.js';
import { containersMeant, POD_TARGET, refuseNoPods } from './targets.js';

const { at } = FAULT_FIELDS;
const schema = strict({
  kind: z.literal('ContainerExit'),
  at,
  ...POD_TARGET,
  code: z.int().min(0).max(255).optional().describe('Exit code; 1 when left out. 137 is what a SIGKILL leaves.'),
  reason: z.string().optional().describe('As the container runtime reports it. Left out: by the code.'),
}).superRefine(refuseNoPods);

/** The process inside the container ends, as if it had crashed. */
export const containerExit: FaultKind<z.infer<typeof schema>> = {
  kind: 'ContainerExit',
  help: 'The process inside the container ends with an exit code, as if it had crashed.',
  schema,
  inject(context, spec) {
    const struck = containersMeant(context, spec).filter(({ node, pod, container }) =>
      context.cluster.node(node)?.runtime.exit(pod, container, spec.code ?? 1, spec.reason),
    );
    return { nodes: [], pods: [...new Set(struck.map(({ pod }) => pod))], isDeadly: true, heal: () => {} };
  },
};
