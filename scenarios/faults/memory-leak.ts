import * as z from 'zod';
import { toUsage, usage } from '../schema/behaviour.js';
import { strict } from '../schema/shapes.js';
import { amount } from '../schema/values.js';
import { FAULT_FIELDS, type FaultKind, healAll } from './fault.js';
import { containersMeant, POD_TARGET, refuseNoPods } from './targets.js';

const schema = strict({
  kind: z.literal('MemoryLeak'),
  ...FAULT_FIELDS,
  ...POD_TARGET,
  memory: usage.describe('On top of what the container uses by itself: {growth: 10Mi/min, limit: 1Gi}.'),
}).superRefine(refuseNoPods);

/** Memory on top of the container's own, from now until the fault heals. */
export const memoryLeak: FaultKind<z.infer<typeof schema>> = {
  kind: 'MemoryLeak',
  help: 'The containers that are there now use more and more memory until the fault heals.',
  schema,
  inject(context, spec) {
    const struck = containersMeant(context, spec);
    const curve = toUsage(spec.memory, amount);
    const heals = struck.flatMap(
      ({ node, pod, container }) => context.cluster.node(node)?.runtime.leak(pod, container, curve) ?? [],
    );
    return { nodes: [], pods: [...new Set(struck.map(({ pod }) => pod))], isDeadly: false, heal: healAll(heals) };
  },
};
