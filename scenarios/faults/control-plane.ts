import * as z from 'zod';
import { nodeParty, type Party } from '../../models/api/index.js';
import type { Candidate, Cluster } from '../../models/cluster.js';
import { strict } from '../schema/shapes.js';
import { FAULT_FIELDS, type FaultKind, type Injection } from './fault.js';

const SERVER: Party = 'control-plane';

const instance = z.int().min(0);

const crashSchema = strict({
  kind: z.literal('ControlPlaneCrash'),
  ...FAULT_FIELDS,
  component: z.enum(['kube-scheduler', 'kube-controller-manager', 'kube-apiserver', 'etcd']),
  instance: instance
    .optional()
    .describe(
      'Which instance of the control plane, from 0. Left out: the one that leads. Not for kube-apiserver and etcd.',
    ),
});

/** What no node and no pod feels by itself. */
const struck = (heal: () => void): Injection => ({ nodes: [], pods: [], isDeadly: false, heal });

/** The leader; while nobody leads, the first. */
const leaderOf = (candidates: readonly Candidate[]): Candidate | undefined =>
  candidates.find(({ isLeading }) => isLeading) ?? candidates[0];

/** A process dies without giving its Lease back; or the server that all speak to is gone. */
export const controlPlaneCrash: FaultKind<z.infer<typeof crashSchema>> = {
  kind: 'ControlPlaneCrash',
  help: 'A scheduler or controller manager dies, and its Lease runs out; or nobody reaches the API server.',
  schema: crashSchema,
  inject({ cluster }, { component, instance: ordinal }) {
    if (component === 'kube-apiserver' || component === 'etcd') {
      return struck(cluster.network.fail(SERVER));
    }
    const process = processOf(cluster, component, ordinal);
    process?.stop();
    return struck(() => process?.start());
  },
};

function processOf(
  cluster: Cluster,
  component: string,
  ordinal: number | undefined,
): Candidate['election'] | undefined {
  const candidates = cluster.candidates(component);
  return (ordinal === undefined ? leaderOf(candidates) : candidates[ordinal])?.election;
}

const partitionSchema = strict({
  kind: z.literal('ControlPlanePartition'),
  ...FAULT_FIELDS,
  instance: instance.describe('Which instance of the control plane, from 0.'),
});

/** An instance loses the API server: who leads there gives up after the renew deadline, and exits. */
export const controlPlanePartition: FaultKind<z.infer<typeof partitionSchema>> = {
  kind: 'ControlPlanePartition',
  help: 'An instance of the control plane loses the API server; its processes run on until their Leases are lost.',
  schema: partitionSchema,
  inject: ({ cluster }, { instance: ordinal }) =>
    struck(cluster.network.cut(nodeParty(`control-plane-${ordinal}`), SERVER)),
};
