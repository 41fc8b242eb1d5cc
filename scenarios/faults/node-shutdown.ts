import * as z from 'zod';
import { strict } from '../schema/shapes.js';
import { FAULT_FIELDS, type FaultKind, healAll } from './fault.js';
import { NODE_TARGET, nodesMeant, refuseNoNodes } from './targets.js';

const schema = strict({ kind: z.literal('NodeShutdown'), ...FAULT_FIELDS, ...NODE_TARGET }).superRefine(refuseNoNodes);

/** The machine is shut down in good order: a kubelet with a shutdownGracePeriod ends its pods first. It boots when the fault heals. */
export const nodeShutdown: FaultKind<z.infer<typeof schema>> = {
  kind: 'NodeShutdown',
  help: 'The machine is shut down in good order: a kubelet that has a shutdownGracePeriod ends its pods first.',
  schema,
  inject(context, spec) {
    const nodes = nodesMeant(context, spec);
    const machines = nodes.flatMap((name) => context.cluster.node(name)?.machine ?? []);
    for (const machine of machines) {
      machine.shutDown(context.simulation);
    }
    const isDeadly = machines.every(({ isOn }) => !isOn);
    return { nodes, pods: [], isDeadly, heal: healAll(machines.map((machine) => () => machine.powerOn())) };
  },
};
