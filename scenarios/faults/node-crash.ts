import * as z from 'zod';
import { strict } from '../schema/shapes.js';
import { FAULT_FIELDS, type FaultKind, healAll } from './fault.js';
import { NODE_TARGET, nodesMeant, refuseNoNodes } from './targets.js';

const schema = strict({ kind: z.literal('NodeCrash'), ...FAULT_FIELDS, ...NODE_TARGET }).superRefine(refuseNoNodes);

/** The machine loses power: kubelet and containers die with it. It boots again when the fault heals. */
export const nodeCrash: FaultKind<z.infer<typeof schema>> = {
  kind: 'NodeCrash',
  help: 'The machine loses power, its kubelet and containers with it; it boots when the fault heals.',
  schema,
  inject(context, spec) {
    const nodes = nodesMeant(context, spec);
    const machines = nodes.flatMap((name) => context.cluster.node(name)?.machine ?? []);
    for (const machine of machines) {
      machine.powerOff();
    }
    return { nodes, pods: [], isDeadly: true, heal: healAll(machines.map((machine) => () => machine.powerOn())) };
  },
};
