import { constant, type Micros, milliseconds, parseDuration, toSeconds } from '../../engine/index.js';
import type { Event, Pod } from '../../models/api/index.js';
import { createKubelet, type Kubelet, type KubeletConfiguration } from '../../models/kubelet/index.js';
import { defaultsFor } from '../../models/versions/index.js';
import {
  type ContainerBehaviour,
  ContainerRuntime,
  type DiskTemplate,
  Machine,
  oneDisk,
  Registry,
  World,
  type WorldSettings,
} from '../../models/world/index.js';
import { type AnApiServer, anApiServer } from './an-api-server.js';

export interface ANodeOptions {
  readonly kubernetesVersion?: '1.37' | '1.23';
  readonly seed?: number;
  readonly configuration?: KubeletConfiguration;
  readonly behaviours?: Readonly<Record<string, ContainerBehaviour>>;
  readonly settings?: Partial<WorldSettings>;
  readonly elideQuietEvents?: boolean;
  /** False: nobody reads Events. */
  readonly keepsEvents?: boolean;
  readonly record?: readonly string[];
  readonly memory?: string;
  /** Default: one disk of 100 GiB. */
  readonly disks?: DiskTemplate;
  readonly maxPID?: number;
}

/** What the API showed of a pod at an instant at which that changed. */
export interface Shown {
  readonly at: Micros;
  readonly pod: Pod;
}

/** One node with its kubelet on an API server, nothing else. Containers behave as told by "pod/container" or by container. */
export interface ANode extends AnApiServer {
  readonly machine: Machine;
  readonly runtime: ContainerRuntime;
  readonly registry: Registry;
  readonly kubelet: Kubelet;
  /** Runs to a virtual time like '90s'. */
  runUntil(time: string): void;
  /** Posts a pod that is bound to the node already; whatever the spec leaves out is as the API would fill it in. */
  apply(pod: PodDraft): void;
  delete(name: string, gracePeriodSeconds?: number): void;
  pod(name: string): Pod | undefined;
  /** Virtual seconds at which the API first showed the pod like this, from `after` on; undefined when it never did. */
  when(name: string, isSo: (pod: Pod) => boolean, after?: number): number | undefined;
  /** Virtual seconds at which the API no longer had the pod. */
  goneAt(name: string): number | undefined;
  /** Virtual seconds at which the API first showed each run of the pod's first container as running: 0th start, 1st restart … */
  starts(name: string): readonly number[];
  /** Every version the API showed of a pod, in order. */
  history(name: string): readonly Shown[];
  /** "reason: message" of the events about a pod with the time of each write, in order. */
  events(name: string): readonly { readonly at: Micros; readonly event: Event }[];
}

export interface PodDraft {
  readonly name: string;
  readonly spec: Partial<Pod['spec']>;
}

export const NODE = 'node-1';

/** CRI calls and the API cost nothing; a container needs a millisecond to start, so that nothing happens at one instant. */
const QUICK: Partial<WorldSettings> = {
  runtimeCall: constant(milliseconds(1)),
  sandboxStart: constant(milliseconds(1)),
  containerStart: constant(milliseconds(1)),
  containerStop: constant(milliseconds(200)),
  registryCall: constant(0),
};

export function aNode(options: ANodeOptions = {}): ANode {
  const kubernetesVersion = options.kubernetesVersion ?? '1.37';
  const base = anApiServer({
    kubernetesVersion,
    seed: options.seed ?? 1,
    apiCall: milliseconds(2),
    watchDelivery: milliseconds(1),
    record: options.record ?? [],
    ...(options.keepsEvents !== undefined && { keepsEvents: options.keepsEvents }),
  });
  const { recorder, server, simulation, user } = base;
  const registry = new Registry();
  const world = new World({
    simulation,
    registry,
    settings: { ...QUICK, ...options.settings },
    behaviourOf: ({ key, container }) =>
      options.behaviours?.[`${key.slice(key.indexOf('/') + 1)}/${container}`] ?? options.behaviours?.[container] ?? {},
  });
  const machine = new Machine(NODE);
  const capacity = { cpu: '4', memory: options.memory ?? '8Gi', pods: '110', 'ephemeral-storage': '100Gi' };
  const memory = Number(capacity.memory.replace('Gi', '')) * 1024 ** 3;
  const runtime = new ContainerRuntime({
    world,
    machine,
    memory,
    disks: options.disks ?? oneDisk(100 * 1024 ** 3),
    maxPID: options.maxPID,
    podCIDR: '10.244.0.0/24',
  });
  runtime.images.preload('app:v1');
  const defaults = defaultsFor(kubernetesVersion);
  if (defaults === undefined) {
    throw new Error(kubernetesVersion);
  }
  const kubelet = createKubelet({
    simulation,
    recorder,
    api: server,
    defaults,
    node: { name: NODE, labels: {}, taints: [], capacity },
    machine,
    runtime,
    hostIP: '192.168.0.1',
    ...(options.configuration && { configuration: options.configuration }),
    ...(options.elideQuietEvents !== undefined && { elideQuietEvents: options.elideQuietEvents }),
  });
  const histories = new Map<string, Shown[]>();
  const told: { at: Micros; event: Event }[] = [];
  const watch = base.informers.informer('Pod');
  const see = (pod: Pod): void => {
    const shown = histories.get(pod.metadata.name) ?? [];
    histories.set(pod.metadata.name, shown);
    shown.push({ at: simulation.now, pod });
  };
  const gone = new Map<string, number>();
  watch.onChange({
    added: see,
    modified: see,
    deleted: ({ metadata }) => gone.set(metadata.name, toSeconds(simulation.now)),
  });
  const tell = (event: Event): void => {
    told.push({ at: simulation.now, event });
  };
  base.informers.informer('Event').onChange({ added: tell, modified: tell, deleted: () => {} });
  base.informers.start();
  user.create('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' }, spec: {} }, () => {});
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: NODE }, spec: {} } as const;
  user.create('Node', { ...node, status: { capacity, allocatable: capacity } }, () => {});
  simulation.runUntil(milliseconds(10));
  kubelet.start();
  return {
    ...base,
    machine,
    runtime,
    registry,
    kubelet,
    runUntil: (time) => simulation.runUntil(parseDuration(time)),
    apply: ({ name, spec }) => {
      const metadata = { name, namespace: 'default' };
      user.create('Pod', { apiVersion: 'v1', kind: 'Pod', metadata, spec: filledUp(spec) }, (reply) => {
        if (!reply.ok) {
          throw new Error(reply.error.message);
        }
      });
    },
    delete: (name, gracePeriodSeconds) => {
      const grace = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds };
      user.delete('Pod', `default/${name}`, grace, () => {});
    },
    pod: (name) => server.get('Pod', `default/${name}`),
    when: (name, isSo, after = 0) => {
      const found = histories.get(name)?.find(({ at, pod }) => toSeconds(at) >= after && isSo(pod));
      return found && toSeconds(found.at);
    },
    goneAt: (name) => gone.get(name),
    starts: (name) => {
      const starts: number[] = [];
      for (const { at, pod } of histories.get(name) ?? []) {
        const status = pod.status?.containerStatuses?.[0];
        if (status?.state?.running !== undefined) {
          starts[status.restartCount] ??= toSeconds(at);
        }
      }
      return starts;
    },
    history: (name) => histories.get(name) ?? [],
    events: (name) => told.filter(({ event }) => event.involvedObject.name === name),
  };
}

/** As the API's defaulting leaves a pod that its node was given. */
const filledUp = (spec: Partial<Pod['spec']>): Pod['spec'] => ({
  containers: [{ name: 'c', image: 'app:v1' }],
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  nodeName: NODE,
  ...spec,
});
