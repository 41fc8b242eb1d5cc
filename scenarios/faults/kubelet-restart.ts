import * as z from 'zod';
import { strict } from '../schema/shapes.js';
import { duration, micros } from '../schema/values.js';
import { FAULT_FIELDS, type FaultKind } from './fault.js';
import { NODE_TARGET, nodesMeant, refuseNoNodes } from './targets.js';

const { at } = FAULT_FIELDS;
const schema = strict({
  kind: z.literal('KubeletRestart'),
  at,
  takes: duration.optional().describe('From the end of the old process to the new one. Left out: 1s.'),
  ...NODE_TARGET,
}).superRefine(refuseNoNodes);

/** The kubelet's process ends and a new one begins; containers run on, what it had in memory is lost. */
export const kubeletRestart: FaultKind<z.infer<typeof schema>> = {
  kind: 'KubeletRestart',
  help: 'The kubelet is restarted: containers run on, back-offs, probe counters and what else it had in memory are lost.',
  schema,
  inject(context, spec) {
    const nodes = nodesMeant(context, spec);
    for (const name of nodes) {
      const node = context.cluster.node(name);
      node?.kubelet.stop();
      context.simulation.after(micros(spec.takes ?? '1s'), () => {
        if (node?.machine.isOn) {
          node.kubelet.start();
        }
      });
    }
    return { nodes, pods: [], isDeadly: false, heal: () => {} };
  },
};
