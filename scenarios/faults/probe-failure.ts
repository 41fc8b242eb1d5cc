import * as z from 'zod';
import { strict } from '../schema/shapes.js';
import { FAULT_FIELDS, type FaultKind, healAll } from './fault.js';
import { containersMeant, POD_TARGET, refuseNoPods } from './targets.js';

const schema = strict({
  kind: z.literal('ProbeFailure'),
  ...FAULT_FIELDS,
  ...POD_TARGET,
  probe: z.enum(['liveness', 'readiness', 'startup']),
}).superRefine(refuseNoPods);

/** A probe of the containers that run now fails until the fault heals; containers started later are not struck. */
export const probeFailure: FaultKind<z.infer<typeof schema>> = {
  kind: 'ProbeFailure',
  help: 'A probe of the containers that are there now fails until the fault heals.',
  schema,
  inject(context, spec) {
    const struck = containersMeant(context, spec);
    const heals = struck.flatMap(
      ({ node, pod, container }) => context.cluster.node(node)?.runtime.failProbe(pod, container, spec.probe) ?? [],
    );
    return { nodes: [], pods: [...new Set(struck.map(({ pod }) => pod))], isDeadly: false, heal: healAll(heals) };
  },
};
