import { type EventHandle, type Micros, seconds } from '../../engine/index.js';
import { controllerReference, keyOf, type NodeClaim, type Pod } from '../api/index.js';
import type { ApiClient, ControllerContext, Draft } from '../client-go/index.js';
import type { ClusterState } from './cluster-state.js';
import type { KarpenterConfiguration } from './config.js';
import { templateHash } from './drift.js';
import { INSTANCE_TYPE, NODE_POOL, NODE_POOL_HASH, TERMINATION_FINALIZER, ZONE } from './labels.js';
import { type NewNode, type Packing, pack } from './packing.js';
import type { Teller } from './teller.js';

export interface ProvisionerOptions {
  readonly context: ControllerContext;
  readonly client: ApiClient;
  readonly config: KarpenterConfiguration;
  readonly state: ClusterState;
  readonly teller: Teller;
  readonly onCreated: (claim: NodeClaim, reason: string) => void;
}

/** provisioning/scheduling/events: a pod's failure is told again only so much later. */
const FAILURE_DEDUPE: Micros = seconds(300);
/** Synced is asked again so soon. */
const SYNC_REQUEUE: Micros = seconds(1);

/** Makes machines for batches of pods that find no node. As Provisioner and Batcher (karpenter pkg/controllers/provisioning). */
export class Provisioner {
  readonly #options: ProvisionerOptions;
  /** When the batch began that is open; undefined when none is. */
  #batchSince: Micros | undefined;
  #timer: EventHandle | undefined;
  #recheck: EventHandle | undefined;
  /** Pods that started or lengthened a batch: they do so once. */
  readonly #triggered = new Set<string>();

  constructor(options: ProvisionerOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#recheck?.cancel();
    this.#recheck = undefined;
    this.#batchSince = undefined;
    this.#triggered.clear();
  }

  /** Something wants a place: a pod, or those of a node that goes. A batch begins, or goes on. */
  trigger(key: string): void {
    if (this.#triggered.has(key)) {
      return;
    }
    this.#triggered.add(key);
    const { context, config } = this.#options;
    const { now } = context.simulation;
    this.#batchSince ??= now;
    const at = Math.min(now + config.batchIdleDuration, this.#batchSince + config.batchMaxDuration);
    this.#timer?.cancel();
    this.#timer = context.simulation.after(at - now, () => this.#onBatchEnd());
  }

  /** The cluster changed: pods that found no place may find one now. Looked at when the real one would look again. */
  recheck(): void {
    const { context, config, state } = this.#options;
    if (this.#recheck === undefined && this.#batchSince === undefined && state.pending.length > 0) {
      this.#recheck = context.simulation.after(config.podRequeue, () => {
        this.#recheck = undefined;
        for (const pod of state.pending) {
          this.trigger(keyOf(pod));
        }
      });
    }
  }

  #onBatchEnd(): void {
    const { context, state } = this.#options;
    if (!state.isSynced) {
      this.#timer = context.simulation.after(SYNC_REQUEUE, () => this.#onBatchEnd());
      return;
    }
    this.#batchSince = undefined;
    this.#triggered.clear();
    const pods = [...state.pending, ...state.displacedPods];
    if (pods.length > 0) {
      const packing = pack(state.packingView(), pods);
      this.record(packing);
      for (const node of packing.newNodes) {
        this.create(node, 'provisioned', (claim) => this.#nominate(node.pods, claim));
      }
    }
  }

  /** Promises nodes to pods, and tells. As Results.Record. */
  record({ placed, errors }: Packing): void {
    const { state, teller, config } = this.#options;
    const claims = new Map(state.stateNodes.map(({ name, claim }) => [name, claim]));
    for (const [pod, node] of placed) {
      state.nominate(node, config.nominationPeriod);
      const claim = claims.get(node);
      const names = [...(claim === undefined ? [] : [`nodeclaim/${claim.metadata.name}`]), `node/${node}`];
      teller.tell([pod], 'Nominated', `Pod should schedule on: ${names.join(', ')}`);
    }
    for (const [pod, error] of errors) {
      const options = { isWarning: true, dedupe: FAILURE_DEDUPE };
      teller.tell([pod], 'FailedScheduling', `Failed to schedule pod, ${error}`, options);
    }
  }

  create(node: NewNode, reason: string, then: (claim: NodeClaim | undefined) => void): void {
    const { client, onCreated } = this.#options;
    client.create('NodeClaim', claimFor(node), (reply) => {
      if (reply.ok) {
        onCreated(reply.object, reason);
      }
      then(reply.ok ? reply.object : undefined);
    });
  }

  #nominate(pods: readonly Pod[], claim: NodeClaim | undefined): void {
    if (claim !== undefined) {
      this.#options.teller.tell(pods, 'Nominated', `Pod should schedule on: nodeclaim/${claim.metadata.name}`);
    }
  }
}

/** As NodeClaimTemplate.ToNodeClaim (provisioning/scheduling/nodeclaimtemplate.go). */
export function claimFor({ pool, offerings, pods: _ }: NewNode): Draft<NodeClaim> {
  const { metadata, spec } = pool.spec.template;
  const [first] = offerings;
  const others = spec.requirements.filter(({ key }) => key !== INSTANCE_TYPE && key !== ZONE);
  const types = [...new Set(offerings.map(({ type }) => type.name))];
  return {
    apiVersion: 'karpenter.sh/v1',
    kind: 'NodeClaim',
    metadata: {
      generateName: `${pool.metadata.name}-`,
      labels: { ...metadata?.labels, [NODE_POOL]: pool.metadata.name },
      annotations: { ...metadata?.annotations, [NODE_POOL_HASH]: templateHash(pool) },
      finalizers: [TERMINATION_FINALIZER],
      ownerReferences: [{ ...controllerReference(pool), controller: undefined }],
    },
    spec: {
      nodeClassRef: spec.nodeClassRef,
      requirements: [
        ...others,
        { key: INSTANCE_TYPE, operator: 'In', values: types },
        ...(first?.zone === undefined ? [] : [{ key: ZONE, operator: 'In', values: [first.zone] }]),
      ],
      ...(spec.taints && { taints: spec.taints }),
      ...(spec.startupTaints && { startupTaints: spec.startupTaints }),
      ...(spec.expireAfter !== undefined && { expireAfter: spec.expireAfter }),
      ...(spec.terminationGracePeriod !== undefined && { terminationGracePeriod: spec.terminationGracePeriod }),
    },
  };
}
