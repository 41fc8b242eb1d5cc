import * as z from 'zod';
import { strict } from '../schema/shapes.js';
import { FAULT_FIELDS, type FaultKind } from './fault.js';
import { NODE_TARGET, nodesMeant, refuseNoNodes } from './targets.js';

const { at } = FAULT_FIELDS;
const schema = strict({ kind: z.literal('NodeReboot'), at, ...NODE_TARGET }).superRefine(refuseNoNodes);

/** Power off and on again at once: the node comes back after WorldSettings.machineBoot with another boot id. */
export const nodeReboot: FaultKind<z.infer<typeof schema>> = {
  kind: 'NodeReboot',
  help: 'The machine is reset: it is back after the time that booting takes, with another boot id.',
  schema,
  inject(context, spec) {
    const nodes = nodesMeant(context, spec);
    for (const name of nodes) {
      const machine = context.cluster.node(name)?.machine;
      machine?.powerOff();
      machine?.powerOn();
    }
    return { nodes, pods: [], isDeadly: true, heal: () => {} };
  },
};
