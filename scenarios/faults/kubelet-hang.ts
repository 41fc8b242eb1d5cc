import * as z from 'zod';
import { strict } from '../schema/shapes.js';
import { FAULT_FIELDS, type FaultKind, healAll } from './fault.js';
import { NODE_TARGET, nodesMeant, refuseNoNodes } from './targets.js';

const schema = strict({ kind: z.literal('KubeletHang'), ...FAULT_FIELDS, ...NODE_TARGET }).superRefine(refuseNoNodes);

/** The kubelet's process stands still and does nothing; when that heals it goes on with all it had in memory. */
export const kubeletHang: FaultKind<z.infer<typeof schema>> = {
  kind: 'KubeletHang',
  help: 'The kubelet stands still, as in a deadlock; it goes on with all it had in memory when the fault heals.',
  schema,
  inject(context, spec) {
    const nodes = nodesMeant(context, spec);
    const heals = nodes.flatMap((name) => context.cluster.node(name)?.hangKubelet() ?? []);
    return { nodes, pods: [], isDeadly: false, heal: healAll(heals) };
  },
};
