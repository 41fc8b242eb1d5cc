import type { Timeline } from '../../engine/index.js';
import {
  isBeingDeleted,
  isNodeReady,
  keyOf,
  type Node,
  type NodeClaim,
  type Pod,
  semanticallyEqual,
} from '../api/index.js';
import type { ApiClient, Component, ControllerContext } from '../client-go/index.js';
import type { Surroundings } from './cloud.js';
import { ClusterState, machineOf } from './cluster-state.js';
import { CommandQueue } from './command-queue.js';
import type { KarpenterConfiguration } from './config.js';
import { isPodEvent, isProvisionable } from './decisions.js';
import { Disruption } from './disruption.js';
import { DISRUPTED_TAINT, INSTANCE_TYPE } from './labels.js';
import { Lifecycle } from './lifecycle.js';
import { Provisioner } from './provisioner.js';
import { Teller } from './teller.js';
import { Terminator } from './terminator.js';
import { NODE_CLAIMS, type NodeClaimRow } from './timelines.js';

export interface KarpenterOptions {
  readonly context: ControllerContext;
  readonly config: KarpenterConfiguration;
  readonly surroundings: Surroundings;
  /** Wall-clock time of virtual time zero, as Unix seconds. */
  readonly startTime: number;
}

/** Karpenter: machines for pods that find no node, of the makes that cost least, and their end. As its operator's controllers. */
export class Karpenter implements Component {
  readonly name = 'karpenter';
  readonly #context: ControllerContext;
  readonly #client: ApiClient;
  readonly #teller: Teller;
  readonly #state: ClusterState;
  readonly #provisioner: Provisioner;
  readonly #lifecycle: Lifecycle;
  readonly #terminator: Terminator;
  readonly #queue: CommandQueue;
  readonly #disruption: Disruption;
  readonly #timeline: Timeline<NodeClaimRow> | undefined;
  #isRunning = false;

  constructor({ context, config, surroundings, startTime }: KarpenterOptions) {
    const { api, informers, simulation, recorder } = context;
    const client = api.client({ name: this.name, from: 'control-plane', ...config.client });
    const teller = new Teller(api.eventRecorder(client, { component: this.name }), simulation);
    const state = new ClusterState(informers, surroundings, simulation);
    const onStep = (claim: NodeClaim, step: NodeClaimRow['step'], reason: string): void =>
      this.#record(claim, step, reason);
    const shared = { context, client, config, state, teller, startTime, onStep };
    this.#context = context;
    this.#client = client;
    this.#teller = teller;
    this.#state = state;
    this.#timeline = recorder.open(NODE_CLAIMS);
    const onCreated = (claim: NodeClaim, reason: string): void => this.#record(claim, 'created', reason);
    this.#provisioner = new Provisioner({ ...shared, onCreated });
    this.#lifecycle = new Lifecycle({ ...shared, surroundings });
    this.#terminator = new Terminator(shared);
    this.#queue = new CommandQueue({ ...shared, provisioner: this.#provisioner });
    this.#disruption = new Disruption({ ...shared, queue: this.#queue });
    this.#watch();
  }

  start(): void {
    if (this.#isRunning) {
      return;
    }
    this.#isRunning = true;
    this.#context.informers.whenSynced(() => {
      // A command that was under way when the process died has left its mark; it is decided about anew.
      for (const each of this.#state.stateNodes) {
        if (!each.isLeaving && each.node?.spec.taints?.some(({ key }) => key === DISRUPTED_TAINT.key)) {
          this.#queue.reopen(each);
        }
      }
      this.#disruption.start();
    });
  }

  stop(): void {
    this.#isRunning = false;
    this.#provisioner.stop();
    this.#lifecycle.stop();
    this.#terminator.stop();
    this.#queue.stop();
    this.#disruption.stop();
    this.#state.forget();
    this.#client.abandon();
    this.#teller.forget();
  }

  #watch(): void {
    const { pods, claims, nodes, pools, budgets } = this.#state;
    const changed = (): void => this.#onChange();
    pods.onChange({
      added: (pod) => this.#onPod(pod, pod),
      modified: (pod, before) => this.#onPod(pod, before),
      deleted: (pod) => {
        this.#state.onPodChange(pod, true);
        this.#onChange();
      },
    });
    claims.onChange({
      added: (claim) => this.#onClaim(claim, claim),
      modified: (claim, before) => this.#onClaim(claim, before),
      deleted: (claim) => {
        this.#lifecycle.forget(claim);
        this.#state.onClaimGone(claim);
        this.#onChange();
      },
    });
    nodes.onChange({
      added: (node) => this.#onNode(node, node),
      modified: (node, before) => this.#onNode(node, before),
      deleted: changed,
    });
    pools.onChange({ added: () => this.#onPool(), modified: () => this.#onPool(), deleted: changed });
    budgets.onChange({ added: changed, modified: changed, deleted: changed });
  }

  #onChange(): void {
    this.#provisioner.recheck();
    this.#disruption.wake();
  }

  #onPod(pod: Pod, before: Pod): void {
    this.#state.onPodChange(pod, false);
    if (isProvisionable(pod)) {
      if (pod === before || !isProvisionable(before)) {
        this.#provisioner.trigger(keyOf(pod));
      }
    } else {
      this.#lifecycle.onPodChange(pod, before);
    }
    if (pod === before || isPodEvent(pod, before) || pod.metadata.annotations !== before.metadata.annotations) {
      this.#onChange();
    }
  }

  #onClaim(claim: NodeClaim, before: NodeClaim): void {
    this.#state.onClaimChange(claim);
    this.#lifecycle.reconcile(claim);
    this.#terminator.onClaimChange(claim);
    // Not because pods came or went: that is looked at when it has lasted.
    if (claim === before || !semanticallyEqual(claim.status?.conditions, before.status?.conditions)) {
      this.#onChange();
    }
  }

  #onNode(node: Node, before: Node): void {
    const own = this.#state.claimOf(node.metadata.name);
    if (own !== undefined) {
      this.#lifecycle.reconcile(own);
      if (node.metadata.deletionTimestamp !== undefined) {
        this.#provisioner.trigger(`node ${node.metadata.name}`);
      }
    }
    this.#terminator.onNodeChange(node);
    const isOther = node.spec !== before.spec || node.metadata.labels !== before.metadata.labels;
    const hasTurned = isNodeReady(node) !== isNodeReady(before) || isBeingDeleted(node) !== isBeingDeleted(before);
    if (node === before || isOther || hasTurned || node.metadata.annotations !== before.metadata.annotations) {
      this.#onChange();
    }
  }

  /** Machines may have drifted from it, or become consolidatable sooner. */
  #onPool(): void {
    for (const claim of this.#state.claims.list()) {
      this.#lifecycle.reconcile(claim);
    }
    for (const pod of this.#state.pending) {
      this.#provisioner.trigger(keyOf(pod));
    }
    this.#onChange();
  }

  #record(claim: NodeClaim, step: NodeClaimRow['step'], reason: string): void {
    const type = this.#state.typeOf(claim.metadata.labels?.[INSTANCE_TYPE]);
    this.#timeline?.append({
      claim: claim.metadata.name,
      step,
      node: machineOf(claim) ?? '',
      instance_type: type?.name ?? '',
      price_per_hour: type?.price ?? 0,
      reason,
    });
  }
}
