import type { ObjectKey } from '../../engine/index.js';
import {
  controllerOf,
  type Deployment,
  isBeingDeleted,
  isSameTemplate,
  keyFor,
  keyOf,
  matchesLabelSelector,
  type OwnerReference,
  type Pod,
  type ReplicaSet,
  semanticallyEqual,
} from '../api/index.js';
import {
  type ApiClient,
  type ApiError,
  Controller,
  type ControllerContext,
  claimObjects,
  type Draft,
  type EventRecorder,
  type Informer,
  isNamespaceTerminating,
  type Reply,
  type SyncResult,
} from '../client-go/index.js';
import type { DeploymentControllerConfiguration } from './config.js';
import { planSync, type Step, withCollision, withCreateError } from './decisions.js';

type Done = (result: SyncResult) => void;

/** What carrying out a plan needs to remember from step to step. */
interface Execution {
  readonly key: ObjectKey;
  readonly steps: readonly Step[];
  /** ReplicaSets as this sync's own writes left them, by uid. */
  readonly written: Map<string, ReplicaSet>;
  /** A write was refused that the rest can do without; others of its kind are skipped. */
  skipsTolerated: boolean;
}

/** Moves ReplicaSets so that the pods become those of a Deployment's template. Mirrors pkg/controller/deployment. */
export class DeploymentController extends Controller {
  readonly name = 'deployment-controller';
  readonly #config: DeploymentControllerConfiguration;
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #deployments: Informer<Deployment>;
  readonly #replicaSets: Informer<ReplicaSet>;
  readonly #pods: Informer<Pod>;

  constructor(context: ControllerContext, config: DeploymentControllerConfiguration) {
    super(context, { workers: config.workers, maxRetries: config.maxRetries });
    this.#config = config;
    this.#client = context.api.client({ name: this.name, from: 'control-plane', ...config.client });
    this.#events = context.api.eventRecorder(this.#client, { component: this.name });
    this.#deployments = context.informers.informer('Deployment');
    this.#replicaSets = context.informers.informer('ReplicaSet');
    this.#pods = context.informers.informer('Pod');
    const wake = (_: Deployment, key: ObjectKey): void => this.enqueue(key);
    this.#deployments.onChange({ added: wake, modified: (_after, _before, key) => this.enqueue(key), deleted: wake });
    this.#replicaSets.onChange({
      added: (replicaSet) => this.#onReplicaSetAdded(replicaSet),
      modified: (replicaSet, before) => this.#onReplicaSetModified(replicaSet, before),
      deleted: (replicaSet) => this.#wakeOwner(replicaSet),
    });
    this.#pods.onChange({ added: () => {}, modified: () => {}, deleted: (pod) => this.#onPodDeleted(pod) });
  }

  override stop(): void {
    super.stop();
    this.#client.abandon();
    this.#events.reset();
  }

  /** As syncDeployment: claims ReplicaSets, then carries out what decisions.ts plans, one write after the other. */
  protected sync(key: ObjectKey, done: Done): void {
    const deployment = this.#deployments.get(key);
    if (deployment === undefined) {
      done('done');
      return;
    }
    claimObjects(
      {
        client: this.#client,
        ownerKind: 'Deployment',
        owner: deployment,
        selector: deployment.spec.selector,
        kind: 'ReplicaSet',
        candidates: this.#candidates(deployment),
      },
      (replicaSets, error) => {
        if (error) {
          done('retry');
        } else {
          this.#carryOut(key, deployment, replicaSets, done);
        }
      },
    );
  }

  #carryOut(key: ObjectKey, deployment: Deployment, replicaSets: readonly ReplicaSet[], done: Done): void {
    const podsOf = (replicaSet: ReplicaSet): Iterable<Pod> =>
      this.#pods.byIndex('owner', replicaSet.metadata.uid ?? '');
    const plan = planSync({ deployment, replicaSets, podsOf }, this.context.simulation.now, this.#config);
    const execution = { key, steps: plan.steps, written: new Map(), skipsTolerated: false };
    this.#takeStep(execution, 0, (result) => {
      if (result === 'done' && plan.check === 'rateLimited') {
        this.enqueueRateLimited(key);
      }
      done(result === 'done' && typeof plan.check === 'object' ? { requeueAfter: plan.check.after } : result);
    });
  }

  #takeStep(execution: Execution, index: number, done: Done): void {
    const step = execution.steps[index];
    if (step === undefined) {
      done('done');
      return;
    }
    const next = (): void => this.#takeStep(execution, index + 1, done);
    const onAnswer = (reply: Reply<unknown>): void => {
      if (reply.ok) {
        next();
      } else {
        done(isNamespaceTerminating(reply.error) ? 'done' : 'retry');
      }
    };
    switch (step.do) {
      case 'event':
        this.#tell(execution.key, step.event);
        next();
        break;
      case 'updateStatus':
        this.#client.updateStatus('Deployment', step.deployment, onAnswer);
        break;
      case 'updateDeployment':
        this.#client.update('Deployment', step.deployment, onAnswer);
        break;
      case 'deleteReplicaSet':
        this.#client.delete('ReplicaSet', keyOf(step.replicaSet), {}, (reply) =>
          !reply.ok && reply.error.reason === 'NotFound' ? next() : onAnswer(reply),
        );
        break;
      case 'updateReplicaSet':
        this.#updateReplicaSet(execution, step, next, onAnswer);
        break;
      case 'createReplicaSet':
        this.#createReplicaSet(execution, step, next, done);
        break;
    }
  }

  #updateReplicaSet(
    execution: Execution,
    step: Extract<Step, { do: 'updateReplicaSet' }>,
    next: () => void,
    onAnswer: (reply: Reply<unknown>) => void,
  ): void {
    if (step.tolerated && execution.skipsTolerated) {
      next();
      return;
    }
    const uid = step.replicaSet.metadata.uid ?? '';
    const base = step.followsOwnWrite ? execution.written.get(uid) : undefined;
    const { resourceVersion } = (base ?? step.replicaSet).metadata;
    const changed = { ...step.replicaSet, metadata: { ...step.replicaSet.metadata, resourceVersion } };
    this.#client.update('ReplicaSet', changed, (reply) => {
      if (reply.ok) {
        execution.written.set(uid, reply.object);
        this.#tell(execution.key, step.event);
        next();
      } else if (step.tolerated) {
        execution.skipsTolerated = true;
        next();
      } else {
        onAnswer(reply);
      }
    });
  }

  #createReplicaSet(
    execution: Execution,
    { replicaSet, event }: Extract<Step, { do: 'createReplicaSet' }>,
    next: () => void,
    done: Done,
  ): void {
    this.#client.create('ReplicaSet', replicaSet as Draft<ReplicaSet>, (reply) => {
      if (reply.ok) {
        this.#tell(execution.key, event);
        next();
      } else if (isNamespaceTerminating(reply.error)) {
        done('done');
      } else {
        this.#onCreateRefused(execution.key, replicaSet, reply.error, done);
      }
    });
  }

  /** The name is taken, perhaps by one of its own that the cache did not hold yet; or the server would not have it. */
  #onCreateRefused(
    key: ObjectKey,
    { metadata, spec }: Extract<Step, { do: 'createReplicaSet' }>['replicaSet'],
    error: ApiError,
    done: Done,
  ): void {
    const deployment = this.#deployments.get(key);
    if (deployment === undefined) {
      done('done');
      return;
    }
    const retry = (): void => done('retry');
    if (error.reason === 'AlreadyExists') {
      const standing = this.#replicaSets.get(keyFor(metadata.namespace, metadata.name));
      const isOwn = standing && controllerOf(standing)?.uid === deployment.metadata.uid;
      if (standing === undefined || (isOwn && isSameTemplate(standing.spec.template, spec.template))) {
        retry();
      } else {
        this.#client.updateStatus('Deployment', withCollision(deployment), retry);
      }
      return;
    }
    const failed = withCreateError(deployment, metadata.name, error.message, this.context.simulation.now);
    this.#tell(key, failed.event);
    if (failed.deployment === deployment) {
      retry();
    } else {
      this.#client.updateStatus('Deployment', failed.deployment, retry);
    }
  }

  #tell(key: ObjectKey, event: Extract<Step, { do: 'event' }>['event'] | undefined): void {
    const deployment = this.#deployments.get(key);
    if (deployment && event) {
      this.#events.event(deployment, event.type, event.reason, event.message);
    }
  }

  /** Its ReplicaSets, and orphans that it could adopt. */
  #candidates({ metadata, spec }: Deployment): readonly ReplicaSet[] {
    const own = this.#replicaSets.byIndex('owner', metadata.uid ?? '');
    const orphans = this.#replicaSets
      .byIndex('owner', '')
      .filter(
        (orphan) =>
          orphan.metadata.namespace === metadata.namespace &&
          matchesLabelSelector(spec.selector, orphan.metadata.labels),
      );
    return orphans.length === 0 ? own : [...own, ...orphans];
  }

  #onReplicaSetAdded(replicaSet: ReplicaSet): void {
    if (isBeingDeleted(replicaSet) || controllerOf(replicaSet)) {
      this.#wakeOwner(replicaSet);
    } else {
      this.#wakeAdopters(replicaSet);
    }
  }

  #onReplicaSetModified(replicaSet: ReplicaSet, before: ReplicaSet): void {
    const ownerChanged = !semanticallyEqual(controllerOf(replicaSet), controllerOf(before));
    if (ownerChanged) {
      this.#wakeOwner(before);
    }
    if (controllerOf(replicaSet)) {
      this.#wakeOwner(replicaSet);
    } else if (ownerChanged || !semanticallyEqual(replicaSet.metadata.labels, before.metadata.labels)) {
      this.#wakeAdopters(replicaSet);
    }
  }

  /** The end of the last pod lets a Deployment go on that recreates. As deletePod. */
  #onPodDeleted(pod: Pod): void {
    const owner = controllerOf(pod);
    const replicaSet =
      owner?.kind === 'ReplicaSet' ? this.#replicaSets.get(keyFor(pod.metadata.namespace, owner.name)) : undefined;
    const deployment = replicaSet && this.#ownerOf(replicaSet);
    if (deployment?.spec.strategy?.type === 'Recreate' && !this.#hasPods(deployment)) {
      this.enqueue(keyOf(deployment));
    }
  }

  #hasPods(deployment: Deployment): boolean {
    for (const replicaSet of this.#replicaSets.byIndex('owner', deployment.metadata.uid ?? '')) {
      for (const _ of this.#pods.byIndex('owner', replicaSet.metadata.uid ?? '')) {
        return true;
      }
    }
    return false;
  }

  #ownerOf(replicaSet: ReplicaSet): Deployment | undefined {
    const owner: OwnerReference | undefined = controllerOf(replicaSet);
    const deployment =
      owner?.kind === 'Deployment'
        ? this.#deployments.get(keyFor(replicaSet.metadata.namespace, owner.name))
        : undefined;
    return deployment?.metadata.uid === owner?.uid ? deployment : undefined;
  }

  #wakeOwner(replicaSet: ReplicaSet): void {
    const deployment = this.#ownerOf(replicaSet);
    if (deployment) {
      this.enqueue(keyOf(deployment));
    }
  }

  #wakeAdopters(replicaSet: ReplicaSet): void {
    for (const deployment of this.#deployments.byIndex('namespace', replicaSet.metadata.namespace ?? '')) {
      if (matchesLabelSelector(deployment.spec.selector, replicaSet.metadata.labels)) {
        this.enqueue(keyOf(deployment));
      }
    }
  }
}

export const createDeploymentController = (
  context: ControllerContext,
  config: DeploymentControllerConfiguration,
): DeploymentController => new DeploymentController(context, config);
