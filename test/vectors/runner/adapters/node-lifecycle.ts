import { type Micros, seconds, toSeconds } from '../../../../engine/index.js';
import { conditionOf, type Lease, type Node, type Pod, type Toleration } from '../../../../models/api/index.js';
import type { Component } from '../../../../models/client-go/index.js';
import {
  NodeLifecycleController,
  nodeLifecycleConfiguration,
} from '../../../../models/node-lifecycle-controller/index.js';
import {
  TaintEvictionController,
  taintEvictionConfiguration,
} from '../../../../models/taint-eviction-controller/index.js';
import { defaultsFor } from '../../../../models/versions/index.js';
import { type AnApiServer, anApiServer } from '../../../helpers/an-api-server.js';
import type { Adapter, Outcome, VectorCase } from '../adapter.js';

interface ScriptedNode {
  readonly name: string;
  readonly zone: string;
  readonly heartbeatPhase: number;
  readonly neverPosts?: boolean;
  readonly outages?: readonly { readonly from: number; readonly to: number; readonly kind: 'silent' | 'notReady' }[];
}

interface TimelineEvent {
  readonly t: number;
  readonly event: string;
  readonly node?: string;
  readonly pod?: string;
  readonly zone?: string;
  readonly value?: string;
}

interface LifecycleCase extends VectorCase {
  readonly anonymous: boolean;
  readonly duration: number;
  readonly nodes: readonly ScriptedNode[];
  readonly pods: readonly {
    readonly name: string;
    readonly node: string;
    readonly tolerations: readonly Toleration[] | null;
  }[];
  readonly events: readonly TimelineEvent[];
  readonly nodeEvictionRate: number;
  readonly secondaryNodeEvictionRate: number;
  readonly largeClusterSizeThreshold: number;
  readonly unhealthyZoneThreshold: number;
}

/** As the header says: what the NoExecute pass decides may lie one of its ticks apart; all else is exact to a millisecond. */
const TICK = 0.1;
const MILLISECOND = 0.001;
const HEARTBEAT_PERIOD: Micros = seconds(10);
const REPORT_PERIOD: Micros = seconds(300);

/**
 * What may come first within one instant of the recording, where every pass took no time: passes and the 0.1 s ticks of the
 * NoExecute queues always fell together, and nodes were visited in random order.
 */
interface OrderWithinInstant {
  readonly seed: number;
  readonly firstTickAfter: Micros;
  readonly watchDelivery: Micros;
}

const TICK_AFTER_PASS: Micros = 37;
const ORDERS: readonly OrderWithinInstant[] = [1, 2, 3, 4].flatMap((seed) => [
  { seed, firstTickAfter: TICK_AFTER_PASS, watchDelivery: 0 },
  // The tick finds the node in the queue but its cache does not show it unready yet: the token is wasted.
  { seed, firstTickAfter: TICK_AFTER_PASS, watchDelivery: 2 * TICK_AFTER_PASS },
  { seed, firstTickAfter: 0, watchDelivery: 0 },
]);

export const adapter: Adapter = (file) => (file.cases as readonly LifecycleCase[]).map(run);

/** Equal when one order of what fell on the same instants gives the recorded timeline. */
function run(scenario: LifecycleCase): Outcome {
  const [usual, ...others] = ORDERS as [OrderWithinInstant, ...OrderWithinInstant[]];
  const outcome = compareTimelines(scenario, play(scenario, usual));
  const isEqualInAnother = (): boolean =>
    others.some((order) => compareTimelines(scenario, play(scenario, order)).equal);
  return outcome.equal || !isEqualInAnother() ? outcome : { id: scenario.id, equal: true };
}

/** The real controllers on a server that answers at once, over nodes whose heartbeats follow the script. */
function play(scenario: LifecycleCase, order: OrderWithinInstant): TimelineEvent[] {
  const cluster = anApiServer({ seed: order.seed, watchDelivery: order.watchDelivery });
  const { simulation, informers, server } = cluster;
  const events: TimelineEvent[] = [];
  for (const node of scenario.nodes) {
    new ScriptedKubelet(cluster, node).start();
  }
  for (const { name, node, tolerations } of scenario.pods) {
    server.registry.create('Pod', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      // A grace of zero, as the recording server removed deleted pods at once.
      spec: { nodeName: node, tolerations: tolerations ?? [], containers: [], terminationGracePeriodSeconds: 0 },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    });
    server.registry.patchStatus('Pod', `default/${name}`, (pod) => ({
      ...pod,
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    }));
  }
  observe(cluster, scenario.anonymous, new Map(scenario.nodes.map((node) => [node.name, node.zone])), events);
  for (const controller of controllers(cluster, scenario, order)) {
    controller.start();
  }
  informers.start();
  simulation.runUntil(seconds(scenario.duration));
  return events;
}

function controllers(cluster: AnApiServer, scenario: LifecycleCase, order: OrderWithinInstant): Component[] {
  const defaults = defaultsFor('1.37');
  if (defaults === undefined) {
    throw new Error('no profile of Kubernetes 1.37');
  }
  const { context, server } = cluster;
  const client = (name: string) => server.client({ name, from: 'control-plane', qps: 0, burst: 0 });
  const { nodeEvictionRate, secondaryNodeEvictionRate, largeClusterSizeThreshold, unhealthyZoneThreshold } = scenario;
  const rates = { nodeEvictionRate, secondaryNodeEvictionRate, largeClusterSizeThreshold, unhealthyZoneThreshold };
  return [
    new TaintEvictionController({
      context,
      config: taintEvictionConfiguration(defaults),
      client: client('taint-eviction-controller'),
    }),
    new NodeLifecycleController({
      context,
      // The recording clock stood still while a pass ran.
      config: {
        ...nodeLifecycleConfiguration(defaults),
        ...rates,
        passDuration: 0,
        firstTickAfter: order.firstTickAfter,
      },
      client: client('node-lifecycle-controller'),
      elideQuietEvents: false,
    }),
  ];
}

/** The kubelet of the header: beats at phase + 10k seconds, renews its Lease, posts its status when there is something to say. */
class ScriptedKubelet {
  readonly #cluster: AnApiServer;
  readonly #script: ScriptedNode;
  #postedAt: Micros = 0;
  #posted = 'True';
  #wasSilent = false;

  constructor(cluster: AnApiServer, script: ScriptedNode) {
    this.#cluster = cluster;
    this.#script = script;
  }

  start(): void {
    const { simulation, server } = this.#cluster;
    const { name, zone, neverPosts, heartbeatPhase } = this.#script;
    const node = { name, labels: { 'topology.kubernetes.io/zone': zone } };
    const status = { conditions: conditionsOf('True', 0, []) };
    server.registry.create('Node', {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: node,
      spec: {},
      ...(neverPosts ? {} : { status }),
    });
    if (!neverPosts) {
      server.registry.create('Lease', lease(name, 0));
      simulation.after(seconds(heartbeatPhase), () => this.#beat());
    }
  }

  #beat(): void {
    const { simulation, server } = this.#cluster;
    const { now } = simulation;
    const { name, outages = [] } = this.#script;
    simulation.after(HEARTBEAT_PERIOD, () => this.#beat());
    const outage = outages.find(({ from, to }) => now >= seconds(from) && now < seconds(to));
    if (outage?.kind === 'silent') {
      this.#wasSilent = true;
      return;
    }
    server.registry.patch('Lease', `kube-node-lease/${name}`, (old) => ({ ...old, spec: lease(name, now).spec }));
    const ready = outage === undefined ? 'True' : 'False';
    if (ready !== this.#posted || this.#wasSilent || now - this.#postedAt >= REPORT_PERIOD) {
      server.registry.patchStatus('Node', name, (node) => ({
        ...node,
        status: { ...node.status, conditions: conditionsOf(ready, now, node.status?.conditions ?? []) },
      }));
      this.#postedAt = now;
      this.#posted = ready;
    }
    this.#wasSilent = false;
  }
}

const lease = (name: string, renewTime: Micros): Lease => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name, namespace: 'kube-node-lease' },
  spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime },
});

function conditionsOf(ready: string, now: Micros, before: NonNullable<Node['status']>['conditions']) {
  return ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => {
    const status = type === 'Ready' ? ready : 'False';
    const old = conditionOf(before, type);
    return {
      type,
      status,
      reason: type === 'Ready' ? (ready === 'True' ? 'KubeletReady' : 'KubeletNotReady') : `KubeletHasNo${type}`,
      lastHeartbeatTime: now,
      lastTransitionTime: old?.status === status ? old.lastTransitionTime : now,
    };
  });
}

/** Writes down what the fields of the header name, as it is stored. */
function observe(
  { server, simulation }: AnApiServer,
  anonymous: boolean,
  zoneOf: ReadonlyMap<string, string>,
  events: TimelineEvent[],
): void {
  const tell = (event: string, node: string, value: string): void => {
    const where = anonymous ? { zone: zoneOf.get(node) ?? '' } : { node };
    events.push({ t: toSeconds(simulation.now), event, value, ...where });
  };
  server.registry.store.watch('Node', {
    added: () => {},
    modified: (node, before) => {
      const { name } = node.metadata;
      if (readyText(node) !== readyText(before)) {
        tell('ready', name, readyText(node));
      }
      const [taints, old] = [taintTexts(node), taintTexts(before)];
      for (const taint of taints.filter((text) => !old.includes(text))) {
        tell('taintAdded', name, taint);
      }
      for (const taint of old.filter((text) => !taints.includes(text))) {
        tell('taintRemoved', name, taint);
      }
    },
    deleted: () => {},
  });
  const tellPod = (event: string, pod: Pod, value?: string): void => {
    if (!anonymous) {
      events.push({ t: toSeconds(simulation.now), event, pod: pod.metadata.name, ...(value ? { value } : {}) });
    }
  };
  server.registry.store.watch('Pod', {
    added: () => {},
    modified: (pod, before) => {
      const ready = conditionOf(pod.status?.conditions, 'Ready')?.status;
      if (ready !== conditionOf(before.status?.conditions, 'Ready')?.status) {
        tellPod('podReady', pod, ready);
      }
    },
    deleted: (pod) => tellPod('podDeleted', pod),
  });
}

function readyText(node: Node): string {
  const ready = conditionOf(node.status?.conditions, 'Ready');
  return ready === undefined ? 'none' : `${ready.status}/${ready.reason}`;
}

const taintTexts = (node: Node): string[] => (node.spec.taints ?? []).map(({ key, effect }) => `${key}:${effect}`);

/** The same things at the same times, in whatever order within one instant. */
function compareTimelines({ id, events: expected }: LifecycleCase, found: readonly TimelineEvent[]): Outcome {
  const [expectedTimes, foundTimes] = [timesByEvent(expected), timesByEvent(found)];
  for (const event of new Set([...expectedTimes.keys(), ...foundTimes.keys()])) {
    const [wanted, got] = [expectedTimes.get(event) ?? [], foundTimes.get(event) ?? []];
    const tolerance = event.includes('NoExecute') || event.startsWith('podDeleted') ? TICK + MILLISECOND : MILLISECOND;
    const distance = Math.max(...wanted.map((t, i) => Math.abs(t - (got[i] ?? Number.POSITIVE_INFINITY))), 0);
    if (wanted.length !== got.length || distance > tolerance) {
      return { id, equal: false, difference: `${event}: expected at ${wanted}, found at ${got}`, distance };
    }
  }
  return { id, equal: true };
}

function timesByEvent(events: readonly TimelineEvent[]): Map<string, number[]> {
  const times = new Map<string, number[]>();
  for (const { t, event, node, pod, zone, value } of [...events].sort((a, b) => a.t - b.t)) {
    const key = [event, node ?? pod ?? zone, value].filter(Boolean).join(' ');
    times.set(key, [...(times.get(key) ?? []), t]);
  }
  return times;
}
