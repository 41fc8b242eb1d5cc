import * as z from 'zod';
import { toUsage, usage } from '../schema/behaviour.js';
import { strict } from '../schema/shapes.js';
import { amount } from '../schema/values.js';
import { FAULT_FIELDS, type FaultKind, healAll } from './fault.js';
import { NODE_TARGET, nodesMeant, refuseNoNodes } from './targets.js';

const schema = strict({
  kind: z.literal('DiskFill'),
  ...FAULT_FIELDS,
  ...NODE_TARGET,
  disk: z
    .enum(['nodefs', 'imagefs'])
    .optional()
    .describe('Left out: nodefs. Without a disk for images both are the same.'),
  bytes: usage.describe('Files of nobody: {growth: 100Mi/s, limit: 50Gi}.'),
}).superRefine(refuseNoNodes);

/** Files that belong to no pod fill a disk of the nodes, until the fault heals. */
export const diskFill: FaultKind<z.infer<typeof schema>> = {
  kind: 'DiskFill',
  help: 'Files that belong to no pod fill a disk of the nodes; they go when the fault heals.',
  schema,
  inject(context, spec) {
    const nodes = nodesMeant(context, spec);
    const curve = toUsage(spec.bytes, amount);
    const heals = nodes.flatMap(
      (name) => context.cluster.node(name)?.runtime.fillDisk(spec.disk ?? 'nodefs', curve) ?? [],
    );
    return { nodes, pods: [], isDeadly: false, heal: healAll(heals) };
  },
};
