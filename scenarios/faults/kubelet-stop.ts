import * as z from 'zod';
import { strict } from '../schema/shapes.js';
import { FAULT_FIELDS, type FaultKind, healAll } from './fault.js';
import { NODE_TARGET, nodesMeant, refuseNoNodes } from './targets.js';

const schema = strict({ kind: z.literal('KubeletStop'), ...FAULT_FIELDS, ...NODE_TARGET }).superRefine(refuseNoNodes);

/** The kubelet's process dies; the containers run on, unwatched. It starts again when the fault heals. */
export const kubeletStop: FaultKind<z.infer<typeof schema>> = {
  kind: 'KubeletStop',
  help: 'The kubelet dies and the containers run on; it starts again when the fault heals.',
  schema,
  inject(context, spec) {
    const nodes = nodesMeant(context, spec);
    const kubelets = nodes.flatMap((name) => context.cluster.node(name)?.kubelet ?? []);
    for (const kubelet of kubelets) {
      kubelet.stop();
    }
    return { nodes, pods: [], isDeadly: false, heal: healAll(kubelets.map((kubelet) => () => kubelet.start())) };
  },
};
