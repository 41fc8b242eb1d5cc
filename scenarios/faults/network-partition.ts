import * as z from 'zod';
import { nodeParty, type Party } from '../../models/api/index.js';
import { strict } from '../schema/shapes.js';
import { FAULT_FIELDS, type FaultKind, healAll } from './fault.js';
import { NODE_TARGET, nodesMeant, refuseNoNodes } from './targets.js';

const schema = strict({
  kind: z.literal('NetworkPartition'),
  ...FAULT_FIELDS,
  ...NODE_TARGET,
  from: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Whom the nodes lose: "control-plane", or names of nodes. Left out: the control plane.'),
}).superRefine(refuseNoNodes);

/** The nodes lose the control plane (or other nodes), in both directions; everything on them runs on. */
export const networkPartition: FaultKind<z.infer<typeof schema>> = {
  kind: 'NetworkPartition',
  help: 'The nodes and the control plane (or other nodes) cannot reach each other; all processes run on.',
  schema,
  inject(context, spec) {
    const nodes = nodesMeant(context, spec);
    const others = (spec.from ?? ['control-plane']).map(
      (name): Party => (name === 'control-plane' ? name : nodeParty(name)),
    );
    const heals = nodes.flatMap((name) =>
      others
        .filter((other) => other !== nodeParty(name))
        .map((other) => context.cluster.network.cut(nodeParty(name), other)),
    );
    return { nodes, pods: [], isDeadly: false, heal: healAll(heals) };
  },
};
