import { entityKey, type Micros, type ObjectKey, type RandomStream, seconds } from '../../engine/index.js';
import {
  byRevisionNumber,
  type ControllerRevision,
  controllerOf,
  controllerReference,
  type DaemonSet,
  type DaemonSetStatus,
  isBeingDeleted,
  isPodReady,
  keyFor,
  keyOf,
  matchesLabelSelector,
  type Node,
  POD_REVISION_LABEL,
  type Pod,
  type PodTemplateSpec,
  podFromTemplate,
  semanticallyEqual,
} from '../api/index.js';
import {
  type ApiClient,
  type ApiError,
  allAtOnce,
  Backoff,
  Controller,
  type ControllerContext,
  ControllerHistory,
  claimObjects,
  type EventRecorder,
  Expectations,
  type Informer,
  isNamespaceTerminating,
  OwnWrites,
  PodControl,
  revisionsToTruncate,
  type SyncResult,
  slowStartBatch,
} from '../client-go/index.js';
import type { DaemonSetControllerConfiguration } from './config.js';
import { type Changes, daemonSetStatus, type EndedDaemon, manage, rollingUpdate, type Seen } from './decisions.js';
import { affinityTo, daemonTolerations, placementOn, targetNodeOf } from './placement.js';

type Done = (result: SyncResult) => void;
type Ended = (error?: ApiError) => void;

/** pkg/controller/controller_utils.go SlowStartInitialBatchSize */
const SLOW_START_INITIAL_BATCH_SIZE = 1;

const GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation';
const GENERATION_LABEL = 'pod-template-generation';

/** Runs one pod on every node that fits. Mirrors pkg/controller/daemon. */
export class DaemonSetController extends Controller {
  readonly name = 'daemonset-controller';
  readonly #config: DaemonSetControllerConfiguration;
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #podControl: PodControl;
  readonly #history: ControllerHistory;
  readonly #daemonSets: Informer<DaemonSet>;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #revisions: Informer<ControllerRevision>;
  readonly #expectations = new Expectations();
  readonly #ownWrites = new OwnWrites();
  readonly #nodeOrder: RandomStream;
  #failedPods: Backoff;

  constructor(context: ControllerContext, config: DaemonSetControllerConfiguration) {
    super(context, { workers: config.workers });
    this.#config = config;
    this.#client = context.api.client({ name: this.name, from: 'control-plane', ...config.client });
    this.#events = context.api.eventRecorder(this.#client, { component: this.name });
    this.#podControl = new PodControl(this.#client, this.#events);
    this.#history = new ControllerHistory(this.#client);
    this.#nodeOrder = context.simulation.stream('daemonset node order');
    this.#failedPods = new Backoff(config.failedPodBackOff, config.maxFailedPodBackOff);
    this.#daemonSets = context.informers.informer('DaemonSet');
    this.#pods = context.informers.informer('Pod');
    this.#nodes = context.informers.informer('Node');
    this.#revisions = context.informers.informer('ControllerRevision');
    this.#watch();
  }

  override stop(): void {
    super.stop();
    this.#client.abandon();
    this.#events.reset();
    this.#expectations.clear();
    this.#ownWrites.clear();
    this.#failedPods = new Backoff(this.#config.failedPodBackOff, this.#config.maxFailedPodBackOff);
  }

  #watch(): void {
    const wake = (daemonSet: DaemonSet): void => this.enqueue(keyOf(daemonSet));
    this.#daemonSets.onChange({
      added: wake,
      modified: wake,
      deleted: (daemonSet) => {
        this.#expectations.delete(keyOf(daemonSet));
        wake(daemonSet);
      },
    });
    this.#pods.onChange({
      added: (pod) => this.#onPodAdded(pod),
      modified: (pod, before) => this.#onPodModified(pod, before),
      deleted: (pod) => this.#onPodDeleted(pod),
    });
    this.#nodes.onChange({
      added: (node) => this.#wakeFor((daemonSet) => placementOn(node, daemonSet).shouldRun),
      modified: (node, before) => this.#onNodeModified(node, before),
      deleted: () => {},
    });
  }

  /** As syncDaemonSet. */
  protected sync(key: ObjectKey, done: Done): void {
    const daemonSet = this.#daemonSets.get(key);
    if (daemonSet === undefined) {
      this.#expectations.delete(key);
      this.#ownWrites.delete(key);
      done('done');
      return;
    }
    const { selector } = daemonSet.spec;
    if (!selector.matchLabels && !selector.matchExpressions) {
      const message = 'This daemon set is selecting all pods. A non-empty selector is required.';
      this.#events.event(daemonSet, 'Warning', 'SelectingAll', message);
      done('done');
    } else if (isBeingDeleted(daemonSet)) {
      done('done');
    } else if (this.#config.waitsForOwnWrites && !this.#ownWrites.areIn(daemonSet)) {
      done('retry');
    } else {
      this.#constructHistory(key, daemonSet, done);
    }
  }

  #constructHistory(key: ObjectKey, daemonSet: DaemonSet, done: Done): void {
    const revisions = [...this.#revisions.byIndex('owner', daemonSet.metadata.uid ?? '')].sort(byRevisionNumber);
    this.#history.ensure(daemonSet, revisions, daemonSet.status?.collisionCount ?? 0, (ensured) => {
      if (ensured === undefined) {
        done('retry');
        return;
      }
      const { revision } = ensured;
      const hash = revision.metadata.name.slice(daemonSet.metadata.name.length + 1);
      this.#claim(daemonSet, (pods, error) => {
        if (error) {
          done('retry');
          return;
        }
        const seen = { daemonSet, nodes: this.#orderedNodes(daemonSet), pods, hash };
        if (!this.#expectations.areSatisfied(key, this.#now)) {
          this.#conclude(seen, false, done);
          return;
        }
        this.#act(key, seen, (failure) => {
          if (failure) {
            this.#conclude(this.#seenAgain(seen), true, () => done('retry'));
            return;
          }
          const live = new Set([revision.metadata.name, ...pods.map((pod) => revisionNameOf(daemonSet, pod))]);
          const limit = daemonSet.spec.revisionHistoryLimit ?? 10;
          const old = revisionsToTruncate(revisions, (name) => live.has(name), limit);
          this.#history.remove(old, (removal) =>
            this.#conclude(this.#seenAgain(seen), true, (result) => done(removal ? 'retry' : result)),
          );
        });
      });
    });
  }

  get #now(): Micros {
    return this.context.simulation.now;
  }

  #claim(daemonSet: DaemonSet, then: (pods: readonly Pod[], error: ApiError | undefined) => void): void {
    const { metadata, spec } = daemonSet;
    const candidates = [...this.#pods.byIndex('owner', metadata.uid ?? '')];
    for (const orphan of this.#pods.byIndex('owner', '')) {
      if (
        orphan.metadata.namespace === metadata.namespace &&
        matchesLabelSelector(spec.selector, orphan.metadata.labels)
      ) {
        candidates.push(orphan);
      }
    }
    const request = {
      client: this.#client,
      ownerKind: 'DaemonSet',
      owner: daemonSet,
      selector: spec.selector,
    } as const;
    claimObjects({ ...request, kind: 'Pod', candidates }, then);
  }

  /** Pods may have changed while this sync wrote. */
  #seenAgain(seen: Seen): Seen {
    const pods = [...this.#pods.byIndex('owner', seen.daemonSet.metadata.uid ?? '')];
    return { ...seen, pods, nodes: this.#orderedNodes(seen.daemonSet) };
  }

  /** Go ranges over a map of nodes, so which of them comes first is chance: a draw for each, the same through a rollout. */
  #orderedNodes({ metadata }: DaemonSet): readonly Node[] {
    const draw = (node: Node): number =>
      this.#nodeOrder.uniform(entityKey(`${metadata.uid}/${node.metadata.name}`), metadata.generation ?? 0);
    return [...this.#nodes.list()]
      .map((node) => [draw(node), node] as const)
      .sort(([a], [b]) => a - b)
      .map(([, node]) => node);
  }

  /** As updateDaemonSet. */
  #act(key: ObjectKey, seen: Seen, then: Ended): void {
    const { create, remove, ended } = manage(seen, this.#now, this.#config);
    const gone = ended.filter((daemon) => this.#mayReplace(seen.daemonSet, daemon)).map(({ pod }) => pod);
    this.#syncNodes(key, seen, { create, remove: [...gone, ...remove] }, (error) => {
      const type = seen.daemonSet.spec.updateStrategy?.type;
      if (error || type !== 'RollingUpdate' || !this.#expectations.areSatisfied(key, this.#now)) {
        then(error);
      } else {
        const again = this.#seenAgain(seen);
        this.#syncNodes(key, again, rollingUpdate(again, this.#now, this.#config), then);
      }
    });
  }

  /** A daemon that ends again and again on a node, say because its kubelet rejects it, is replaced more and more slowly. */
  #mayReplace(daemonSet: DaemonSet, { pod, node }: EndedDaemon): boolean {
    const id = `${daemonSet.metadata.uid}/${daemonSet.status?.observedGeneration ?? 0}/${node}`;
    const now = this.#now;
    if (this.#failedPods.isInBackOffSinceUpdate(id, now)) {
      this.enqueueAfter(keyOf(daemonSet), this.#failedPods.get(id));
      return false;
    }
    this.#failedPods.collect(now);
    this.#failedPods.next(id, now, now);
    if (pod.status?.phase === 'Failed') {
      const message = `Found failed daemon pod ${keyOf(pod)} on node ${node}, will try to kill it`;
      this.#events.event(daemonSet, 'Warning', 'FailedDaemonPod', message);
    } else {
      const message = `Found succeeded daemon pod ${keyOf(pod)} on node ${node}, will try to delete it`;
      this.#events.event(daemonSet, 'Normal', 'SucceededDaemonPod', message);
    }
    return true;
  }

  /** As syncNodes: creations in batches, then deletions all at once. */
  #syncNodes(key: ObjectKey, { daemonSet, hash }: Seen, changes: Changes, then: Ended): void {
    const create = changes.create.slice(0, this.#config.burstReplicas);
    const remove = changes.remove.slice(0, this.#config.burstReplicas);
    this.#expectations.expect(key, create.length, remove.map(keyOf), this.#now);
    const template = templateFor(daemonSet, hash);
    let firstError: ApiError | undefined;
    slowStartBatch<ApiError>(
      create.length,
      SLOW_START_INITIAL_BATCH_SIZE,
      (index, ended) => {
        const draft = podFromTemplate(template, daemonSet, controllerReference(daemonSet));
        const affinity = affinityTo(create[index] as string, draft.spec.affinity);
        this.#podControl.create(daemonSet, { ...draft, spec: { ...draft.spec, affinity } }, (error) =>
          error && isNamespaceTerminating(error) ? ended() : ended(error),
        );
      },
      (successes, createError) => {
        if (successes < create.length) {
          this.#expectations.creationObserved(key, create.length - successes);
        }
        firstError = createError;
        allAtOnce<Pod, ApiError>(
          remove,
          (pod, ended) =>
            this.#podControl.delete(daemonSet, pod, (error) => {
              if (error) {
                this.#expectations.deletionObserved(key, keyOf(pod));
              }
              ended(error?.reason === 'NotFound' ? undefined : error);
            }),
          (error) => then(firstError ?? error),
        );
      },
    );
  }

  #conclude(seen: Seen, isObserved: boolean, done: Done): void {
    const status = daemonSetStatus(seen, isObserved, this.#now, this.#config);
    this.#updateStatus(seen.daemonSet, status, this.#config.statusUpdateRetries, (ok) => {
      const minReady = seen.daemonSet.spec.minReadySeconds ?? 0;
      const isWaiting = minReady > 0 && status.numberReady !== (status.numberAvailable ?? 0);
      done(!ok ? 'retry' : isWaiting ? { requeueAfter: seconds(minReady) } : 'done');
    });
  }

  #updateStatus(daemonSet: DaemonSet, status: DaemonSetStatus, retries: number, then: (ok: boolean) => void): void {
    if (semanticallyEqual(daemonSet.status, status)) {
      then(true);
      return;
    }
    this.#client.updateStatus('DaemonSet', { ...daemonSet, status }, (reply) => {
      if (reply.ok) {
        this.#ownWrites.wrote(reply.object);
        then(true);
      } else if (retries === 0) {
        then(false);
      } else {
        this.#client.get('DaemonSet', keyOf(daemonSet), (current) =>
          current.ok ? this.#updateStatus(current.object, status, retries - 1, then) : then(false),
        );
      }
    });
  }

  #onPodAdded(pod: Pod): void {
    if (isBeingDeleted(pod)) {
      this.#onPodDeleted(pod);
      return;
    }
    if (controllerOf(pod) === undefined) {
      this.#wakeAdopters(pod);
      return;
    }
    const daemonSet = this.#ownerOf(pod);
    if (daemonSet) {
      this.#expectations.creationObserved(keyOf(daemonSet));
      this.enqueue(keyOf(daemonSet));
    }
  }

  #onPodModified(pod: Pod, before: Pod): void {
    if (isBeingDeleted(pod)) {
      this.#onPodDeleted(pod);
      return;
    }
    const ownerChanged = !semanticallyEqual(controllerOf(pod), controllerOf(before));
    const former = ownerChanged ? this.#ownerOf(before) : undefined;
    if (former) {
      this.enqueue(keyOf(former));
    }
    const daemonSet = this.#ownerOf(pod);
    if (daemonSet) {
      this.enqueue(keyOf(daemonSet));
      const minReady = daemonSet.spec.minReadySeconds ?? 0;
      if (minReady > 0 && !isPodReady(before) && isPodReady(pod)) {
        // A second more, to be on the safe side of the timer, as updatePod does.
        this.enqueueAfter(keyOf(daemonSet), seconds(minReady + 1));
      }
    } else if (
      !controllerOf(pod) &&
      (ownerChanged || !semanticallyEqual(pod.metadata.labels, before.metadata.labels))
    ) {
      this.#wakeAdopters(pod);
    }
  }

  #onPodDeleted(pod: Pod): void {
    const daemonSet = this.#ownerOf(pod);
    if (daemonSet) {
      this.#expectations.deletionObserved(keyOf(daemonSet), keyOf(pod));
      this.enqueue(keyOf(daemonSet));
    }
  }

  #onNodeModified(node: Node, before: Node): void {
    const isSame =
      node.metadata.labels === before.metadata.labels &&
      semanticallyEqual(node.spec.taints, before.spec.taints) &&
      node.spec.unschedulable === before.spec.unschedulable;
    if (isSame) {
      return;
    }
    this.#wakeFor((daemonSet) =>
      this.#config.sleepsWherePodsMayStay
        ? this.#concerns(node, daemonSet)
        : !semanticallyEqual(placementOn(node, daemonSet), placementOn(before, daemonSet)),
    );
  }

  /** As syncNodeUpdate: where a pod may merely stay, the status that this makes stale waits for the next sync, whatever brings it. */
  #concerns(node: Node, daemonSet: DaemonSet): boolean {
    const { shouldRun, shouldContinueRunning } = placementOn(node, daemonSet);
    return shouldRun || (!shouldContinueRunning && this.#hasPodOn(node.metadata.name, daemonSet.metadata.uid));
  }

  #hasPodOn(node: string, uid: string | undefined): boolean {
    for (const pod of this.#pods.byIndex('node', node)) {
      if (controllerOf(pod)?.uid === uid) {
        return true;
      }
    }
    for (const pod of this.#pods.byIndex('owner', uid ?? '')) {
      if (pod.spec.nodeName === undefined && targetNodeOf(pod) === node) {
        return true;
      }
    }
    return false;
  }

  #wakeFor(concerns: (daemonSet: DaemonSet) => boolean): void {
    for (const daemonSet of this.#daemonSets.list()) {
      if (concerns(daemonSet)) {
        this.enqueue(keyOf(daemonSet));
      }
    }
  }

  #ownerOf(pod: Pod): DaemonSet | undefined {
    const owner = controllerOf(pod);
    const daemonSet =
      owner?.kind === 'DaemonSet' ? this.#daemonSets.get(keyFor(pod.metadata.namespace, owner.name)) : undefined;
    return daemonSet?.metadata.uid === owner?.uid ? daemonSet : undefined;
  }

  #wakeAdopters(pod: Pod): void {
    for (const daemonSet of this.#daemonSets.byIndex('namespace', pod.metadata.namespace ?? '')) {
      if (matchesLabelSelector(daemonSet.spec.selector, pod.metadata.labels)) {
        this.enqueue(keyOf(daemonSet));
      }
    }
  }
}

/** The template with the labels and tolerations of a daemon. As CreatePodTemplate (pkg/controller/daemon/util). */
function templateFor({ metadata, spec }: DaemonSet, hash: string): PodTemplateSpec {
  const { template } = spec;
  const generation = metadata.annotations?.[GENERATION_ANNOTATION];
  const labels = {
    ...template.metadata?.labels,
    ...(generation !== undefined && { [GENERATION_LABEL]: generation }),
    [POD_REVISION_LABEL]: hash,
  };
  const podSpec = template.spec ?? { containers: [] };
  return {
    metadata: { ...template.metadata, labels } as NonNullable<PodTemplateSpec['metadata']>,
    spec: { ...podSpec, tolerations: daemonTolerations(podSpec) },
  };
}

const revisionNameOf = ({ metadata }: DaemonSet, pod: Pod): string =>
  `${metadata.name}-${pod.metadata.labels?.[POD_REVISION_LABEL]}`;

export const createDaemonSetController = (
  context: ControllerContext,
  config: DaemonSetControllerConfiguration,
): DaemonSetController => new DaemonSetController(context, config);
