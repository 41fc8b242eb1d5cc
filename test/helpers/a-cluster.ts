import { MemorySink, parseDuration, Recorder, Simulation } from '../../engine/index.js';
import type { AnyObject, Kind, Kinds } from '../../models/api/index.js';
import type { Draft, Reply } from '../../models/client-go/index.js';
import { type Cluster, type ClusterOptions, kubernetes, type NodeTemplate } from '../../models/cluster.js';

export interface AClusterOptions extends Partial<Omit<ClusterOptions, 'simulation' | 'recorder' | 'nodes'>> {
  readonly seed?: number;
  /** Names of nodes, with their zone where they have one. Default: n0, n1. */
  readonly nodes?: readonly (string | { readonly name: string; readonly zone: string })[];
  readonly record?: readonly string[];
}

/** A whole cluster with its real components; its first 30 s have passed, so that all nodes are Ready. */
export interface ACluster {
  readonly cluster: Cluster;
  readonly sink: MemorySink;
  /** Posts an object as kubectl would and waits for the answer. Throws what the server refuses. */
  apply<K extends Kind>(object: Draft<Kinds[K]> & { readonly kind: K }): void;
  /** Runs to a virtual time like '90s', counted from the end of the first 30 s. */
  runUntil(time: string): void;
  /** Events "reason: message" about an object of this name, in order. */
  events(name: string): readonly string[];
}

export function aCluster({ seed = 1, nodes = ['n0', 'n1'], record = [], ...options }: AClusterOptions = {}): ACluster {
  const simulation = new Simulation({ seed, startAt: parseDuration('-30s') });
  const sink = new MemorySink(() => simulation.now);
  const cluster = kubernetes.create({
    kubernetesVersion: '1.37',
    startTime: 0,
    ...options,
    simulation,
    recorder: new Recorder(sink, record),
    nodes: nodes.map((node) => (typeof node === 'string' ? template(node) : template(node.name, node.zone))),
  });
  simulation.runUntil(0);
  return {
    cluster,
    sink,
    apply: (object) => {
      let answer: Reply<AnyObject> | undefined;
      cluster.user.create(object.kind, object, (reply) => {
        answer = reply as Reply<AnyObject>;
        if (!reply.ok) {
          throw new Error(reply.error.message);
        }
      });
      while (answer === undefined && simulation.step()) {
        // until the request is answered
      }
    },
    runUntil: (time) => simulation.runUntil(parseDuration(time)),
    events: (name) =>
      [...cluster.list('Event')]
        .filter(({ involvedObject }) => involvedObject.name === name)
        .map(({ reason, message }) => `${reason}: ${message}`),
  };
}

const template = (name: string, zone?: string): NodeTemplate => ({
  name,
  pool: 'pool',
  labels: { 'kubernetes.io/hostname': name, ...(zone !== undefined && { 'topology.kubernetes.io/zone': zone }) },
  taints: [],
  capacity: { cpu: '4', memory: '16Gi', pods: '110', 'ephemeral-storage': '100Gi' },
});
