import type { Micros, ObjectKey, Timeline } from '../../engine/index.js';
import { type DaemonSet, type Kind, type Lease, type Node, type Pod, splitKey, zoneKeyOf } from '../api/index.js';
import type { ApiClient, Component, ControllerContext, EventRecorder, Informer } from '../client-go/index.js';
import type { NodeLifecycleConfiguration } from './config.js';
import { isExcludedFromDisruption, readyStatusOf } from './decisions.js';
import { DetectionMarks } from './detection-marks.js';
import type { Evictor } from './evictor.js';
import { LateBoundPods } from './late-bound-pods.js';
import { HEARTBEAT } from './life-sign.js';
import { NoScheduleTainter } from './no-schedule-tainter.js';
import { NodeHealthChecker } from './node-health-checker.js';
import { NodeHealthMonitor } from './node-health-monitor.js';
import { NodeHealthRecords } from './node-health-records.js';
import { PassTimes } from './pass-times.js';
import { PodDeletingEvictor } from './pod-deleting-evictor.js';
import { PodReadiness } from './pod-readiness.js';
import { TaintBasedEvictor } from './taint-based-evictor.js';
import { TaintWriter } from './taint-writer.js';
import { DETECTION, type DetectionMark, ZONES, type ZoneChange } from './timelines.js';

export interface NodeLifecycleControllerOptions {
  readonly context: ControllerContext;
  readonly config: NodeLifecycleConfiguration;
  /** Default: a connection of its own. */
  readonly client?: ApiClient;
  /** Leaves out passes and looks at queues that would find nothing to do. The same happens, at the same instants. */
  readonly elideQuietEvents: boolean;
}

/** What dies with the process: the monitor's knowledge and the queues. */
interface Life {
  readonly records: NodeHealthRecords;
  readonly monitor: NodeHealthMonitor;
  readonly evictor: Evictor;
}

/** pkg/controller/nodelifecycle of kube-controller-manager. */
export class NodeLifecycleController implements Component {
  readonly name = 'node-lifecycle-controller';
  readonly #options: NodeLifecycleControllerOptions;
  readonly #client: ApiClient;
  readonly #nodes: Informer<Node>;
  readonly #leases: Informer<Lease>;
  readonly #pods: Informer<Pod>;
  /** Looked at only where the taint manager is off. */
  readonly #daemonSets: Informer<DaemonSet> | undefined;
  readonly #events: EventRecorder;
  readonly #taints: TaintWriter;
  readonly #podReadiness: PodReadiness;
  readonly #noSchedule: NoScheduleTainter;
  readonly #lateBound: LateBoundPods;
  readonly #detection: Timeline<DetectionMark> | undefined;
  readonly #zones: Timeline<ZoneChange> | undefined;
  #life: Life | undefined;
  #isRunning = false;
  #starts = 0;

  constructor(options: NodeLifecycleControllerOptions) {
    const { context, config } = options;
    const { simulation, informers, recorder, api } = context;
    const client = options.client ?? api.client({ name: this.name, from: 'control-plane', ...config.clientLimits });
    this.#options = options;
    this.#client = client;
    this.#nodes = informers.informer('Node');
    this.#leases = informers.informer('Lease');
    this.#pods = informers.informer('Pod');
    this.#daemonSets = config.enableTaintManager ? undefined : informers.informer('DaemonSet');
    this.#detection = recorder.open(DETECTION);
    this.#zones = recorder.open(ZONES);
    this.#events = api.eventRecorder(client, { component: 'node-controller' });
    this.#taints = new TaintWriter(simulation, client);
    this.#podReadiness = new PodReadiness(simulation, client, this.#events);
    this.#noSchedule = new NoScheduleTainter(context, this.#nodes, this.#taints, config.nodeUpdateWorkerSize);
    this.#lateBound = new LateBoundPods({
      context,
      workers: config.podUpdateWorkerSize,
      pods: this.#pods,
      nodes: this.#nodes,
      podReadiness: this.#podReadiness,
      recordOf: (node) => this.#life?.records.get(node),
      evictor: () => this.#life?.evictor,
    });
    this.#listen();
  }

  start(): void {
    if (this.#isRunning) {
      return;
    }
    this.#isRunning = true;
    const { context } = this.#options;
    this.#noSchedule.start();
    this.#lateBound.start();
    const start = ++this.#starts;
    context.informers.whenSynced(() => {
      if (start === this.#starts) {
        this.#life = this.#begin();
      }
    });
  }

  stop(): void {
    this.#isRunning = false;
    this.#starts++;
    this.#noSchedule.stop();
    this.#lateBound.stop();
    this.#life?.monitor.stop();
    this.#life?.evictor.stop();
    this.#life = undefined;
    this.#events.reset();
    this.#client.abandon();
  }

  #begin(): Life {
    const { context, config, elideQuietEvents: elides } = this.#options;
    const { simulation, api } = context;
    const { computed } = api;
    const passes = new PassTimes(simulation.now, config.nodeMonitorPeriod, config.passDuration);
    const records = new NodeHealthRecords({ passes, watchDelay: computed.latency?.watch ?? 0 });
    for (const { metadata } of this.#nodes.list()) {
      const record = records.of(metadata.name);
      record.status.foretell(computed.versionsOf('Node', metadata.name));
      record.lease.foretell(computed.versionsOf('Lease', leaseKey(metadata.name)));
    }
    const marks = new DetectionMarks(simulation, config, this.#detection);
    const shared = { simulation, config, nodes: this.#nodes, marks, elides };
    const firstTick = simulation.now + config.firstTickAfter;
    const evictor =
      this.#daemonSets === undefined
        ? new TaintBasedEvictor({ ...shared, taints: this.#taints, firstTick })
        : this.#podDeletingEvictor(this.#daemonSets, firstTick);
    const monitor = new NodeHealthMonitor({
      ...shared,
      pods: this.#pods,
      records,
      passes,
      checker: new NodeHealthChecker({
        simulation,
        config,
        client: this.#client,
        leases: this.#leases,
        records,
        marks,
      }),
      evictor,
      podReadiness: this.#podReadiness,
      events: this.#events,
      zones: this.#zones,
      observeAll: () => {
        for (const node of this.#nodes.list()) {
          records.observe(node, this.#leases.get(leaseKey(node.metadata.name)), simulation.now);
        }
      },
    });
    return { records, monitor, evictor };
  }

  #podDeletingEvictor(daemonSets: Informer<DaemonSet>, firstTick: Micros): Evictor {
    const { context, config, elideQuietEvents: elides } = this.#options;
    return new PodDeletingEvictor({
      simulation: context.simulation,
      config,
      client: this.#client,
      events: this.#events,
      nodes: this.#nodes,
      pods: this.#pods,
      daemonSets,
      firstTick,
      elides,
    });
  }

  #listen(): void {
    this.#nodes.onChange({
      added: (node) => this.#onNodeAdded(node),
      modified: (node, before) => this.#onNodeModified(node, before),
      deleted: (node) => this.#onNodeDeleted(node),
    });
    const onLease = (lease: Lease, before?: Lease): void => this.#onLease(lease, before);
    this.#leases.onChange({
      added: (lease) => onLease(lease),
      modified: onLease,
      deleted: (lease) => this.#onLeaseDeleted(lease),
    });
    this.#options.context.api.computed.onChange((kind, key) => this.#onComputedChange(kind, key));
  }

  #onNodeAdded(node: Node): void {
    this.#life?.records.of(node.metadata.name).status.arrived(node, this.#options.context.simulation.now);
    this.#life?.monitor.disturb(node.metadata.name);
  }

  #onNodeModified(node: Node, before: Node): void {
    if (this.#life === undefined) {
      return;
    }
    const { name } = node.metadata;
    if (HEARTBEAT.of(node) !== HEARTBEAT.of(before)) {
      this.#life.records.of(name).status.arrived(node, this.#options.context.simulation.now);
    }
    const isOfInterest =
      readyStatusOf(node) !== readyStatusOf(before) ||
      node.spec.taints !== before.spec.taints ||
      zoneKeyOf(node) !== zoneKeyOf(before) ||
      isExcludedFromDisruption(node) !== isExcludedFromDisruption(before);
    if (isOfInterest) {
      this.#life.monitor.disturb(name);
    }
  }

  #onNodeDeleted(node: Node): void {
    const { name } = node.metadata;
    this.#life?.records.lookBack(node, this.#leases.get(leaseKey(name)), this.#options.context.simulation.now);
    this.#life?.monitor.gone(name);
  }

  #onLease(lease: Lease, before: Lease | undefined): void {
    const name = nodeOfLease(lease.metadata);
    if (name !== undefined && lease.spec.renewTime !== before?.spec.renewTime) {
      this.#life?.records.of(name).lease.arrived(lease, this.#options.context.simulation.now);
    }
  }

  #onLeaseDeleted(lease: Lease): void {
    const node = this.#nodes.get(nodeOfLease(lease.metadata) ?? '');
    if (node !== undefined) {
      this.#life?.records.lookBack(node, lease, this.#options.context.simulation.now);
      this.#life?.monitor.disturb(node.metadata.name);
    }
  }

  #onComputedChange(kind: Kind, key: ObjectKey): void {
    const { computed } = this.#options.context.api;
    const owner = kind === 'Lease' ? nodeOfLease(splitKey(key)) : undefined;
    if (kind === 'Node') {
      this.#life?.records.of(key).status.foretell(computed.versionsOf('Node', key));
    } else if (owner !== undefined && this.#life !== undefined) {
      const { lease } = this.#life.records.of(owner);
      lease.foretell(computed.versionsOf('Lease', key));
      if (!lease.isForetold) {
        this.#life.monitor.disturb(owner);
      }
    }
  }
}

const LEASE_NAMESPACE = 'kube-node-lease';

const leaseKey = (node: string): ObjectKey => `${LEASE_NAMESPACE}/${node}`;

const nodeOfLease = ({
  namespace,
  name,
}: {
  readonly namespace?: string | undefined;
  name: string;
}): string | undefined => (namespace === LEASE_NAMESPACE ? name : undefined);
