import { type EventHandle, type Micros, seconds, wholeSecond } from '../../engine/index.js';
import { isNodeReady, type Node, type NodeClaim, type Pod, podCondition } from '../api/index.js';
import type { ApiClient, ControllerContext } from '../client-go/index.js';
import type { Surroundings } from './cloud.js';
import { type ClusterState, machineOf, providerIDOf } from './cluster-state.js';
import { isTrue, trueSince, without, withTrue } from './conditions.js';
import type { KarpenterConfiguration } from './config.js';
import { expireAfterOf, isPodEvent } from './decisions.js';
import { driftOf } from './drift.js';
import {
  EPHEMERAL_TAINTS,
  INITIALIZED,
  NODE_POOL,
  REGISTERED,
  TERMINATION_FINALIZER,
  UNREGISTERED_TAINT,
} from './labels.js';
import { disruptionRules } from './node-pools.js';
import { type Offering, offeringsOfClaim } from './offerings.js';
import type { NodeClaimRow } from './timelines.js';

export interface LifecycleOptions {
  readonly context: ControllerContext;
  readonly client: ApiClient;
  readonly config: KarpenterConfiguration;
  readonly surroundings: Surroundings;
  readonly state: ClusterState;
  readonly onStep: (claim: NodeClaim, step: NodeClaimRow['step'], reason: string) => void;
}

/** controller-runtime's rate limiter begins with milliseconds; a write fails only where the server cannot be reached. */
const RETRY: Micros = seconds(1);

/**
 * From a NodeClaim to a node that pods may use, and what is noted of it later: whether it may be consolidated, has drifted or expires.
 * As the controllers of nodeclaim/lifecycle, nodeclaim/disruption, nodeclaim/podevents and nodeclaim/expiration (karpenter
 * pkg/controllers).
 */
export class Lifecycle {
  readonly #options: LifecycleOptions;
  /** Machines by the uid of their claim: a claim is launched once, whatever the caches show. */
  readonly #machines = new Map<string, string>();
  /** Claims with a write under way. */
  readonly #busy = new Set<string>();
  /** Of them, those that changed meanwhile. */
  readonly #missed = new Set<string>();
  /** The version that a write made: what is older says nothing. */
  readonly #written = new Map<string, number>();
  readonly #timers = new Map<string, EventHandle>();

  constructor(options: LifecycleOptions) {
    this.#options = options;
  }

  stop(): void {
    for (const timer of this.#timers.values()) {
      timer.cancel();
    }
    this.#timers.clear();
    this.#busy.clear();
    this.#missed.clear();
    this.#written.clear();
  }

  forget({ metadata }: NodeClaim): void {
    this.#timers.get(metadata.name)?.cancel();
    this.#timers.delete(metadata.name);
    this.#machines.delete(metadata.uid ?? '');
    this.#written.delete(metadata.name);
  }

  get #now(): Micros {
    return this.#options.context.simulation.now;
  }

  reconcile(claim: NodeClaim): void {
    const { name } = claim.metadata;
    if (claim.metadata.deletionTimestamp !== undefined) {
      return;
    }
    if (this.#busy.has(name)) {
      this.#missed.add(name);
      return;
    }
    if (Number(claim.metadata.resourceVersion) < (this.#written.get(name) ?? 0)) {
      return;
    }
    const machine = machineOf(claim);
    const node = machine === undefined ? undefined : this.#options.state.nodes.get(machine);
    if (machine === undefined) {
      this.#launch(claim);
    } else if (node !== undefined && !isTrue(claim, 'Registered')) {
      this.#register(claim, node);
    } else if (node !== undefined && !isTrue(claim, 'Initialized') && this.#isUsable(claim, node)) {
      this.#initialize(claim, node);
    } else {
      this.#note(claim);
    }
  }

  /** The cheapest machine that will do. As Launch (lifecycle/launch.go) and the Create of a cloud. */
  #launch(claim: NodeClaim): void {
    const { surroundings, client, onStep } = this.#options;
    const [offering] = offeringsOfClaim(claim, surroundings.instanceTypes);
    if (offering === undefined) {
      client.delete('NodeClaim', claim.metadata.name, {}, () => {});
      return;
    }
    const uid = claim.metadata.uid ?? '';
    const machine = this.#machines.get(uid) ?? offering.type.launch(launchOf(claim, offering));
    this.#machines.set(uid, machine);
    const { status } = offering.type.node;
    const launched = (current: NodeClaim): NodeClaim => {
      const { capacity, allocatable } = status ?? {};
      const found = { ...current.status, providerID: providerIDOf(machine), capacity, allocatable };
      return withTrue({ ...current, status: found }, 'Launched', 'Launched', this.#now);
    };
    this.#busy.add(claim.metadata.name);
    const labelled = (current: NodeClaim): NodeClaim => ({
      ...current,
      metadata: {
        ...current.metadata,
        labels: { ...offering.labels, ...current.metadata.labels },
        finalizers: [...new Set([...(current.metadata.finalizers ?? []), TERMINATION_FINALIZER])],
      },
    });
    client.patch('NodeClaim', claim.metadata.name, labelled, () =>
      this.#patchStatus(claim, launched, (changed) => onStep(changed, 'launched', '')),
    );
  }

  /** The machine has joined: its Node gets what the claim says, and is let in. As Registration (lifecycle/registration.go). */
  #register(claim: NodeClaim, node: Node): void {
    const { client, onStep } = this.#options;
    const registered = (current: Node): Node => ({
      ...current,
      metadata: {
        ...current.metadata,
        labels: { ...current.metadata.labels, ...claim.metadata.labels, [REGISTERED]: 'true' },
        annotations: { ...current.metadata.annotations, ...claim.metadata.annotations },
        finalizers: [...new Set([...(current.metadata.finalizers ?? []), TERMINATION_FINALIZER])],
      },
      spec: {
        ...current.spec,
        taints: (current.spec.taints ?? []).filter(({ key }) => key !== UNREGISTERED_TAINT.key),
      },
    });
    const noted = (current: NodeClaim): NodeClaim =>
      withTrue(
        { ...current, status: { ...current.status, nodeName: node.metadata.name } },
        'Registered',
        'Registered',
        this.#now,
      );
    this.#busy.add(claim.metadata.name);
    client.patch('Node', node.metadata.name, registered, () =>
      this.#patchStatus(claim, noted, (changed) => onStep(changed, 'registered', '')),
    );
  }

  /** Ready, and rid of the taints of its youth. As Initialization (lifecycle/initialization.go). */
  #isUsable({ spec }: NodeClaim, node: Node): boolean {
    const passing = new Set([...EPHEMERAL_TAINTS, ...(spec.startupTaints ?? []).map(({ key }) => key)]);
    return isNodeReady(node) && !node.spec.taints?.some(({ key }) => passing.has(key));
  }

  #initialize(claim: NodeClaim, node: Node): void {
    const { client, onStep } = this.#options;
    const usable = (current: Node): Node => ({
      ...current,
      metadata: { ...current.metadata, labels: { ...current.metadata.labels, [INITIALIZED]: 'true' } },
    });
    const noted = (current: NodeClaim): NodeClaim =>
      withTrue(withTrue(current, 'Initialized', 'Initialized', this.#now), 'Ready', 'Ready', this.#now);
    this.#busy.add(claim.metadata.name);
    client.patch('Node', node.metadata.name, usable, () =>
      this.#patchStatus(claim, noted, (changed) => onStep(changed, 'initialized', '')),
    );
  }

  /** What comes with time: too late to register, consolidatable, drifted, expired. */
  #note(claim: NodeClaim): void {
    const { metadata } = claim;
    const { config, client, state, onStep } = this.#options;
    const created = metadata.creationTimestamp ?? this.#now;
    const registerBy = isTrue(claim, 'Registered') ? Number.POSITIVE_INFINITY : created + config.registrationTimeout;
    const expiresAt = created + (expireAfterOf(claim) ?? Number.POSITIVE_INFINITY);
    if (this.#now >= Math.min(registerBy, expiresAt)) {
      onStep(claim, 'disrupting', this.#now >= expiresAt ? 'Expired' : 'registration timeout');
      client.delete('NodeClaim', metadata.name, {}, () => {});
      return;
    }
    const pool = state.pools.get(metadata.labels?.[NODE_POOL] ?? '');
    const consolidatableAt = this.#consolidatableAt(claim);
    const drift = pool && driftOf(claim, pool);
    const change = (current: NodeClaim): NodeClaim => {
      const consolidatable =
        this.#now >= consolidatableAt
          ? withTrue(current, 'Consolidatable', 'Consolidatable', this.#now)
          : without(current, 'Consolidatable');
      return drift === undefined
        ? without(consolidatable, 'Drifted')
        : withTrue(consolidatable, 'Drifted', drift, this.#now);
    };
    if (change(claim) !== claim) {
      this.#busy.add(metadata.name);
      this.#patchStatus(claim, change, () => {});
    }
    this.#wakeAt(metadata.name, Math.min(registerBy, expiresAt, ...[consolidatableAt].filter((at) => at > this.#now)));
  }

  /** As Consolidation.Reconcile (nodeclaim/disruption/consolidation.go); Infinity while nothing makes it so. */
  #consolidatableAt(claim: NodeClaim): Micros {
    const pool = this.#options.state.pools.get(claim.metadata.labels?.[NODE_POOL] ?? '');
    const after = pool && disruptionRules(pool).consolidateAfter;
    const initialized = trueSince(claim, 'Initialized');
    return after === undefined || initialized === undefined
      ? Number.POSITIVE_INFINITY
      : (claim.status?.lastPodEventTime ?? initialized) + after;
  }

  /** Notes when pods last came or went: consolidation waits after that. As podevents.Reconcile. */
  onPodChange(pod: Pod, before: Pod): void {
    if (!isPodEvent(pod, before)) {
      return;
    }
    const claim = this.#options.state.claimOf(pod.spec.nodeName ?? '');
    const isComing = pod.metadata.deletionTimestamp === undefined && !before.spec.nodeName;
    const at = isComing ? podCondition(pod, 'PodScheduled')?.lastTransitionTime : this.#now;
    if (claim === undefined || at === undefined) {
      return;
    }
    const lastPodEventTime = wholeSecond(at);
    this.#options.client.patchStatus(
      'NodeClaim',
      claim.metadata.name,
      (current) =>
        lastPodEventTime <= (current.status?.lastPodEventTime ?? Number.NEGATIVE_INFINITY)
          ? current
          : { ...current, status: { ...current.status, lastPodEventTime } },
      () => {},
    );
  }

  #patchStatus(
    { metadata }: NodeClaim,
    change: (current: NodeClaim) => NodeClaim,
    then: (claim: NodeClaim) => void,
  ): void {
    this.#options.client.patchStatus('NodeClaim', metadata.name, change, (reply) => {
      this.#busy.delete(metadata.name);
      if (reply.ok) {
        this.#written.set(metadata.name, Number(reply.object.metadata.resourceVersion));
        then(reply.object);
      }
      if (this.#missed.delete(metadata.name) || !reply.ok) {
        this.#wakeAt(metadata.name, this.#now + (reply.ok ? 0 : RETRY));
      }
    });
  }

  #wakeAt(name: string, at: Micros): void {
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
    if (at < Number.POSITIVE_INFINITY) {
      const wake = (): void => {
        const claim = this.#options.state.claims.get(name);
        if (claim !== undefined) {
          this.reconcile(claim);
        }
      };
      this.#timers.set(name, this.#options.context.simulation.after(at - this.#now, wake));
    }
  }
}

const launchOf = ({ spec }: NodeClaim, { labels }: Offering): Parameters<Offering['type']['launch']>[0] => ({
  labels,
  taints: [...(spec.taints ?? []), ...(spec.startupTaints ?? []), UNREGISTERED_TAINT],
});
