import { type EventHandle, formatRfc3339, type Micros, parseDuration, parseRfc3339 } from '../../engine/index.js';
import { conditionOf, isBeingDeleted, keyOf, type Node, type NodeClaim, type Pod } from '../api/index.js';
import { type ApiClient, type ControllerContext, ExponentialFailureLimiter } from '../client-go/index.js';
import { type ClusterState, machineOf } from './cluster-state.js';
import type { KarpenterConfiguration } from './config.js';
import { drainGroup, holdsDrain, isEvictable } from './decisions.js';
import { DISRUPTED_TAINT, INSTANCE_TYPE, TERMINATION_FINALIZER, TERMINATION_TIMESTAMP } from './labels.js';
import type { Teller } from './teller.js';
import type { NodeClaimRow } from './timelines.js';

export interface TerminatorOptions {
  readonly context: ControllerContext;
  readonly client: ApiClient;
  readonly config: KarpenterConfiguration;
  readonly state: ClusterState;
  readonly teller: Teller;
  /** Wall-clock time of virtual time zero, as Unix seconds. */
  readonly startTime: number;
  readonly onStep: (claim: NodeClaim, step: NodeClaimRow['step'], reason: string) => void;
}

/**
 * The end of a node: taint, evictions that honour budgets, the machine, the objects. As node/termination, its terminator and eviction
 * queue, and nodeclaim/lifecycle/termination.go (karpenter pkg/controllers).
 */
export class Terminator {
  readonly #options: TerminatorOptions;
  /** What is done next about a claim or a node, by "claim NAME" and "node NAME". */
  readonly #steps = new Map<string, EventHandle | undefined>();
  readonly #evictions: ExponentialFailureLimiter;
  readonly #evicting = new Set<string>();

  constructor(options: TerminatorOptions) {
    this.#options = options;
    this.#evictions = new ExponentialFailureLimiter(options.config.evictionBaseDelay, options.config.evictionMaxDelay);
  }

  stop(): void {
    for (const step of this.#steps.values()) {
      step?.cancel();
    }
    this.#steps.clear();
    this.#evicting.clear();
  }

  get #now(): Micros {
    return this.#options.context.simulation.now;
  }

  onClaimChange(claim: NodeClaim): void {
    const key = `claim ${claim.metadata.name}`;
    if (isBeingDeleted(claim) && !this.#steps.has(key)) {
      this.#steps.set(key, undefined);
      this.#options.onStep(claim, 'terminating', '');
      this.#noteDeadline(claim, () => this.#endClaim(key, claim.metadata.name));
    }
  }

  onNodeChange(node: Node): void {
    const { metadata } = node;
    const key = `node ${metadata.name}`;
    const isOurs = metadata.finalizers?.includes(TERMINATION_FINALIZER) ?? false;
    if (isBeingDeleted(node) && isOurs && !this.#steps.has(key)) {
      this.#steps.set(key, undefined);
      const claim = this.#options.state.claimOf(metadata.name);
      if (claim !== undefined && !isBeingDeleted(claim)) {
        this.#options.client.delete('NodeClaim', claim.metadata.name, {}, () => {});
      }
      this.#options.client.patch('Node', metadata.name, tainted, () => this.#drain(key, metadata.name));
    }
  }

  #after(key: string, delay: Micros, action: () => void): void {
    this.#steps.set(key, this.#options.context.simulation.after(delay, action));
  }

  // ---------------------------------------------------------------------------------------------------------- the claim

  /** terminationGracePeriod counts from the deletion, and stands where the node's end is looked up. */
  #noteDeadline({ metadata, spec }: NodeClaim, then: () => void): void {
    const { client, startTime } = this.#options;
    if (spec.terminationGracePeriod === undefined) {
      then();
      return;
    }
    const deadline = (metadata.deletionTimestamp ?? this.#now) + parseDuration(spec.terminationGracePeriod);
    const text = formatRfc3339(startTime * 1_000_000 + deadline, 0);
    const noted = (current: NodeClaim): NodeClaim => ({
      ...current,
      metadata: {
        ...current.metadata,
        annotations: { ...current.metadata.annotations, [TERMINATION_TIMESTAMP]: text },
      },
    });
    client.patch('NodeClaim', metadata.name, noted, then);
  }

  /** Its Node goes first; then the machine is looked after until it is gone. */
  #endClaim(key: string, name: string): void {
    const { client, config, state, onStep } = this.#options;
    const claim = state.claims.get(name);
    if (claim === undefined) {
      this.#steps.delete(key);
      return;
    }
    const machine = machineOf(claim);
    const node = machine === undefined ? undefined : state.nodes.get(machine);
    if (node !== undefined) {
      if (!isBeingDeleted(node)) {
        client.delete('Node', node.metadata.name, {}, () => {});
      }
      this.#after(key, config.terminationRequeue, () => this.#endClaim(key, name));
    } else if (this.#terminate(claim)) {
      this.#after(key, config.terminationRequeue, () => this.#endClaim(key, name));
    } else {
      client.patch('NodeClaim', name, withoutFinalizer, () => this.#steps.delete(key));
      onStep(claim, 'deleted', '');
    }
  }

  /** Tells the cloud; whether there was a machine to tell it of. */
  #terminate(claim: NodeClaim): boolean {
    const machine = machineOf(claim) ?? '';
    const type = this.#options.state.typeOf(claim.metadata.labels?.[INSTANCE_TYPE]);
    const isThere = type?.has(machine) ?? false;
    if (isThere) {
      type?.terminate(machine);
    }
    return isThere;
  }

  // ---------------------------------------------------------------------------------------------------------- the node

  /** As Terminator.Drain: until nothing holds the node, or its time is over. */
  #drain(key: string, name: string): void {
    const { config, state, teller, client } = this.#options;
    const node = state.nodes.get(name);
    if (node === undefined) {
      this.#steps.delete(key);
      return;
    }
    const claim = state.claimOf(name);
    const deadline = claim && this.#deadlineOf(claim);
    const pods = state.podsOn(name).filter((pod) => holdsDrain(pod, this.#now));
    if (pods.length > 0 && !(deadline !== undefined && this.#now >= deadline)) {
      this.#deleteExpiring(pods, deadline);
      for (const pod of drainGroup(pods).filter(isEvictable)) {
        this.#evict(pod, node, claim);
      }
      const text = `Failed to drain node, ${pods.length} pods are waiting to be evicted`;
      teller.tell([node], 'FailedDraining', text, { isWarning: true });
      this.#after(key, config.drainRequeue, () => this.#drain(key, name));
      return;
    }
    if (claim !== undefined && this.#terminate(claim)) {
      this.#after(key, config.terminationRequeue, () => this.#drain(key, name));
      return;
    }
    client.patch('Node', name, withoutFinalizer, () => this.#steps.delete(key));
  }

  #deadlineOf({ metadata }: NodeClaim): Micros | undefined {
    const text = metadata.annotations?.[TERMINATION_TIMESTAMP];
    const unix = text === undefined ? undefined : parseRfc3339(text);
    return unix === undefined ? undefined : unix - this.#options.startTime * 1_000_000;
  }

  /** Pods that need all the time left for their own grace are deleted past budgets. As DeleteExpiringPods. */
  #deleteExpiring(pods: readonly Pod[], deadline: Micros | undefined): void {
    const { client, teller } = this.#options;
    for (const pod of deadline === undefined ? [] : pods.filter((each) => !isBeingDeleted(each))) {
      const left = Math.max(0, Math.floor(((deadline as Micros) - this.#now) / 1_000_000));
      const grace = pod.spec.terminationGracePeriodSeconds ?? 30;
      if (left <= grace) {
        teller.tell([pod], 'Disrupted', `Deleting the pod to accommodate the terminationTime of the node`);
        client.delete('Pod', keyOf(pod), { gracePeriodSeconds: left }, () => {});
      }
    }
  }

  /** As the eviction queue: tried again while a budget refuses, later each time. */
  #evict(pod: Pod, node: Node, claim: NodeClaim | undefined): void {
    const { client, context, teller, state } = this.#options;
    const key = `${keyOf(pod)} ${pod.metadata.uid}`;
    if (this.#evicting.has(key)) {
      return;
    }
    this.#evicting.add(key);
    client.evict(keyOf(pod), { preconditions: { uid: pod.metadata.uid ?? '' } }, (reply) => {
      if (reply.ok) {
        const reason = conditionOf(claim?.status?.conditions, 'DisruptionReason')?.reason ?? 'Forceful Termination';
        teller.tell([pod], 'Evicted', `Evicted pod: ${reason}`);
      } else if (reply.error.reason === 'TooManyRequests') {
        teller.tell([node], 'FailedDraining', `evicting pod ${keyOf(pod)} violates a PDB`, { isWarning: true });
      }
      const isOver = reply.ok || reply.error.reason === 'NotFound' || reply.error.reason === 'Conflict';
      if (isOver || !state.isThere(pod)) {
        this.#evictions.forget(key);
      } else {
        context.simulation.after(this.#evictions.when(key), () => this.#evicting.delete(key));
      }
    });
  }
}

const tainted = (node: Node): Node => {
  const taints = (node.spec.taints ?? []).filter(({ key }) => key !== DISRUPTED_TAINT.key);
  return { ...node, spec: { ...node.spec, taints: [...taints, DISRUPTED_TAINT] } };
};

/** Lets the object go. */
const withoutFinalizer = <T extends Node | NodeClaim>(object: T): T => ({
  ...object,
  metadata: {
    ...object.metadata,
    finalizers: object.metadata.finalizers?.filter((finalizer) => finalizer !== TERMINATION_FINALIZER),
  },
});
