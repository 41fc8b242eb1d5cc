import { type Micros, milliseconds, parseDuration, toSeconds } from '../../engine/index.js';
import { conditionOf, type Node, nodeParty, type Pod, type Toleration } from '../../models/api/index.js';
import { hooksFor } from '../../models/apiserver/index.js';
import type { Component, InformerFactory } from '../../models/client-go/index.js';
import { ControlPlaneProcess } from '../../models/cluster/control-plane-process.js';
import { heartbeatSettings, type NodeFacts, NodeHeartbeat } from '../../models/kubelet/heartbeat/index.js';
import { NodeLifecycleController, nodeLifecycleConfiguration } from '../../models/node-lifecycle-controller/index.js';
import { PodGarbageCollector, podGarbageCollectorConfiguration } from '../../models/pod-garbage-collector/index.js';
import { TaintEvictionController, taintEvictionConfiguration } from '../../models/taint-eviction-controller/index.js';
import { type Defaults, defaultsFor } from '../../models/versions/index.js';
import { type AnApiServer, anApiServer } from './an-api-server.js';

export interface SomeNodesOptions {
  readonly kubernetesVersion?: '1.37' | '1.23';
  readonly seed?: number;
  /** Nodes by zone: { a: 3, b: 2 } makes a-0, a-1, a-2, b-0, b-1. */
  readonly zones: Readonly<Record<string, number>>;
  /** Flags of kube-controller-manager, without dashes. */
  readonly flags?: Readonly<Record<string, string>>;
  readonly elideQuietEvents?: boolean;
  readonly record?: readonly string[];
}

/** What was seen of a node or pod, and when. */
export interface Seen {
  readonly at: Micros;
  readonly name: string;
  readonly what: string;
}

/** One node: its heartbeats, and levers on it. */
export interface SomeNode {
  readonly heartbeat: Component;
  /** The kubelet's process starts anew; it was running from the beginning. */
  start(): void;
  stop(): void;
  /** Cuts it off from the control plane; answers how to heal. */
  cutOff(): () => void;
  /** The kubelet itself reports these errors from now on; none: it is ready. */
  report(...errors: readonly string[]): void;
  /** The machine was rebooted while the kubelet was down. */
  reboot(): void;
}

/** Nodes that only beat, with the controllers that look at them. Pods neither start nor end by themselves. */
export interface SomeNodes extends AnApiServer {
  /** The process that the controllers run in. */
  readonly controllerManager: Component;
  node(name: string): SomeNode;
  get(name: string): Node;
  pod(name: string): Pod | undefined;
  /** A running, ready pod on a node; tolerates not-ready and unreachable for 300 s unless told otherwise. */
  addPod(name: string, node: string, tolerations?: readonly Toleration[]): void;
  at(time: string, action: () => void): void;
  runUntil(time: string): void;
  /** Changes of Ready and of taints, pods' ends, in order: "Ready Unknown", "+unreachable:NoExecute", "-…", "deleted". */
  readonly seen: readonly Seen[];
  /** When that was seen, in seconds to the millisecond. */
  times(name: string, what: string): readonly number[];
}

const LATENCY = { apiCall: milliseconds(4), watchDelivery: milliseconds(3) };

export function someNodes(options: SomeNodesOptions): SomeNodes {
  const { kubernetesVersion = '1.37', elideQuietEvents = true } = options;
  const defaults = defaultsFor(kubernetesVersion) as Defaults;
  const base = anApiServer({
    kubernetesVersion,
    seed: options.seed ?? 1,
    hooks: hooksFor(defaults),
    record: options.record ?? [],
    elideQuietEvents,
    ...LATENCY,
  });
  const { simulation, context, user, server } = base;
  const seen: Seen[] = [];
  watch(base, seen);
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' }, spec: {} } as const;
  server.registry.create('Namespace', namespace);
  const account = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace: 'default' },
  } as const;
  server.registry.create('ServiceAccount', account);
  const nodes = new Map<string, SimulatedHeartbeats>();
  for (const [zone, count] of Object.entries(options.zones)) {
    for (let i = 0; i < count; i++) {
      nodes.set(`${zone}-${i}`, new SimulatedHeartbeats(base, defaults, `${zone}-${i}`, zone, elideQuietEvents));
    }
  }
  const flags = options.flags ?? {};
  const lifecycleConfig = nodeLifecycleConfiguration(defaults, flags);
  const controllerManager = new ControlPlaneProcess('kube-controller-manager', base.informers, [
    new NodeLifecycleController({ context, config: lifecycleConfig, elideQuietEvents }),
    new TaintEvictionController({ context, config: taintEvictionConfiguration(defaults, flags) }),
    new PodGarbageCollector({ context, config: podGarbageCollectorConfiguration(defaults, flags) }),
  ]);
  for (const component of [controllerManager, ...nodes.values()]) {
    component.start();
  }
  return {
    ...base,
    controllerManager,
    seen,
    node: (name) => nodes.get(name) as SimulatedHeartbeats,
    get: (name) => server.get('Node', name) as Node,
    pod: (name) => server.get('Pod', `default/${name}`),
    addPod: (name, node, tolerations) => {
      const metadata = { name, namespace: 'default' };
      const spec = { nodeName: node, containers: [{ name: 'c', image: 'app' }], ...(tolerations && { tolerations }) };
      user.create('Pod', { apiVersion: 'v1', kind: 'Pod', metadata, spec }, (reply) => {
        if (!reply.ok) {
          throw new Error(reply.error.message);
        }
        const conditions = [{ type: 'Ready', status: 'True' }];
        const running = (pod: Pod): Pod => ({ ...pod, status: { ...pod.status, phase: 'Running', conditions } });
        user.patchStatus('Pod', `default/${name}`, running, () => {});
      });
    },
    at: (time, action) => simulation.after(parseDuration(time) - simulation.now, action),
    runUntil: (time) => simulation.runUntil(parseDuration(time)),
    times: (name, what) =>
      seen.filter((s) => s.name === name && s.what === what).map((s) => Math.round(toSeconds(s.at) * 1000) / 1000),
  };
}

class SimulatedHeartbeats implements Component, SomeNode {
  readonly name: string;
  readonly heartbeat: NodeHeartbeat;
  readonly #base: AnApiServer;
  readonly #informers: InformerFactory;
  #errors: readonly string[] = [];
  #boots = 1;

  constructor(base: AnApiServer, defaults: Defaults, name: string, zone: string, elideQuietEvents: boolean) {
    const { simulation, server } = base;
    this.name = name;
    this.#base = base;
    this.#informers = server.informers({ name: 'kubelet', from: nodeParty(name) });
    const client = server.client({ name: 'kubelet/events', from: nodeParty(name), qps: 50, burst: 100 });
    this.heartbeat = new NodeHeartbeat({
      simulation,
      api: server,
      settings: heartbeatSettings(defaults),
      identity: {
        name,
        labels: { 'topology.kubernetes.io/zone': zone },
        taints: [],
        operatingSystem: 'linux',
        architecture: 'amd64',
      },
      nodes: this.#informers.informer('Node', { name }),
      events: server.eventRecorder(client, { component: 'kubelet', host: name }),
      facts: () => this.#facts(),
      elideQuietEvents,
    });
  }

  start(): void {
    this.#informers.start();
    this.heartbeat.start();
  }

  stop(): void {
    this.heartbeat.stop();
    this.#informers.stop();
  }

  cutOff(): () => void {
    return this.#base.network.cut(nodeParty(this.name), 'control-plane');
  }

  report(...errors: readonly string[]): void {
    this.#errors = errors;
    this.heartbeat.factsChanged();
  }

  reboot(): void {
    this.#boots++;
  }

  #facts(): NodeFacts {
    return {
      addresses: [{ type: 'InternalIP', address: '192.168.0.1' }],
      nodeInfo: {
        architecture: 'amd64',
        bootID: `${this.name}-boot-${this.#boots}`,
        containerRuntimeVersion: 'containerd://2.0.0',
        kernelVersion: '6.12',
        kubeProxyVersion: '',
        kubeletVersion: 'v1.37.2',
        machineID: this.name,
        operatingSystem: 'linux',
        osImage: 'Linux',
        systemUUID: this.name,
      },
      capacity: { cpu: '4', memory: '8Gi', pods: '110', 'ephemeral-storage': '100Gi' },
      reserved: { memory: '100Mi' },
      images: [],
      kubeletPort: 10250,
      isUnderPressure: { Memory: false, Disk: false, PID: false },
      readyErrors: this.#errors,
    };
  }
}

/** Writes down what is stored, as it is stored. */
function watch({ server, simulation }: AnApiServer, seen: Seen[]): void {
  const tell = (name: string, what: string): void => {
    seen.push({ at: simulation.now, name, what });
  };
  const taints = (node: Node): readonly string[] =>
    (node.spec.taints ?? []).map(({ key, effect }) => `${key.replace('node.kubernetes.io/', '')}:${effect}`);
  const readiness = (object: Node | Pod): string | undefined =>
    conditionOf<{ type: string; status: string }>(object.status?.conditions, 'Ready')?.status;
  server.registry.store.watch('Node', {
    added: (node) => tell(node.metadata.name, 'added'),
    modified: (node, before) => {
      const { name } = node.metadata;
      if (readiness(node) !== readiness(before)) {
        tell(name, `Ready ${readiness(node)}`);
      }
      for (const taint of taints(node).filter((text) => !taints(before).includes(text))) {
        tell(name, `+${taint}`);
      }
      for (const taint of taints(before).filter((text) => !taints(node).includes(text))) {
        tell(name, `-${taint}`);
      }
    },
    deleted: (node) => tell(node.metadata.name, 'removed'),
  });
  server.registry.store.watch('Pod', {
    added: () => {},
    modified: (pod, before) => {
      if (readiness(pod) !== readiness(before) && readiness(before) !== undefined) {
        tell(pod.metadata.name, `Ready ${readiness(pod)}`);
      }
      if (pod.metadata.deletionTimestamp !== undefined && before.metadata.deletionTimestamp === undefined) {
        tell(pod.metadata.name, 'deleted');
      }
    },
    deleted: (pod) => tell(pod.metadata.name, 'removed'),
  });
}
