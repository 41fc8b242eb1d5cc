import type { Micros, ObjectKey } from '../../engine/index.js';
import {
  controllerReference,
  type Job,
  keyOf,
  type Pod,
  type PodDraft,
  type PodTemplateSpec,
  podFromTemplate,
} from '../api/index.js';
import {
  type ApiClient,
  type ApiError,
  allAtOnce,
  type Expectations,
  isNamespaceTerminating,
  type PodControl,
  slowStartBatch,
} from '../client-go/index.js';
import type { Outcome } from './decisions.js';
import type { NewPod, PodAction } from './manage.js';
import { indexedTemplate, trackedTemplate, withoutTracking } from './pods.js';

type Ended = (error?: ApiError) => void;

/** pkg/controller/controller_utils.go SlowStartInitialBatchSize */
const SLOW_START_INITIAL_BATCH_SIZE = 1;

/** A name may have 63 characters, 5 of them random (k8s.io/apiserver pkg/storage/names). */
const MAX_PREFIX_LENGTH = 58;

/** Creates and deletes a Job's pods, and takes their finalizers off. */
export class JobPods {
  readonly #client: ApiClient;
  readonly #podControl: PodControl;
  readonly #expectations: Expectations;
  readonly #labelsIndex: boolean;
  readonly #templates = new WeakMap<PodTemplateSpec, PodTemplateSpec>();

  constructor(client: ApiClient, podControl: PodControl, expectations: Expectations, labelsIndex: boolean) {
    this.#client = client;
    this.#podControl = podControl;
    this.#expectations = expectations;
    this.#labelsIndex = labelsIndex;
  }

  carryOut(job: Job, action: PodAction, now: Micros, then: (outcome: Outcome, error?: ApiError) => void): void {
    switch (action.do) {
      case 'create':
        this.#create(job, action.pods, now, then);
        break;
      case 'delete':
        this.#delete(job, action.pods, action.isFinal, now, then);
        break;
      default:
        then({ created: 0, deleted: [] });
    }
  }

  /** Takes the finalizer off all of them at once; tells of whom it is gone. As removeTrackingFinalizerFromPods. */
  release(pods: readonly Pod[], then: (released: ReadonlySet<string>, error?: ApiError) => void): void {
    const released = new Set<string>();
    allAtOnce<Pod, ApiError>(
      pods,
      (pod, ended) =>
        this.releaseOne(pod, (error) => {
          if (error === undefined) {
            released.add(pod.metadata.uid ?? '');
          }
          ended(error);
        }),
      (error) => then(released, error),
    );
  }

  releaseOne(pod: Pod, ended: Ended): void {
    const { uid } = pod.metadata;
    this.#client.patch(
      'Pod',
      keyOf(pod),
      (current) => (current.metadata.uid === uid ? withoutTracking(current) : current),
      (reply) => ended(reply.ok || reply.error.reason === 'NotFound' ? undefined : reply.error),
    );
  }

  #create(job: Job, pods: readonly NewPod[], now: Micros, then: (outcome: Outcome, error?: ApiError) => void): void {
    const key: ObjectKey = keyOf(job);
    this.#expectations.expectCreations(key, pods.length, now);
    slowStartBatch<ApiError>(
      pods.length,
      SLOW_START_INITIAL_BATCH_SIZE,
      (i, ended) =>
        this.#podControl.create(job, this.#draft(job, pods[i] as NewPod), (error) =>
          error && isNamespaceTerminating(error) ? ended() : ended(error),
        ),
      (created, error) => {
        if (created < pods.length) {
          this.#expectations.creationObserved(key, pods.length - created);
        }
        then({ created, deleted: [] }, error);
      },
    );
  }

  /** Pods of a Job without indexes share the template's spec. */
  #draft(job: Job, { index, replaced }: NewPod): PodDraft {
    let tracked = this.#templates.get(job.spec.template);
    if (tracked === undefined) {
      tracked = trackedTemplate(job);
      this.#templates.set(job.spec.template, tracked);
    }
    const owner = controllerReference(job);
    if (index === undefined) {
      return podFromTemplate(tracked, job, owner);
    }
    const draft = podFromTemplate(indexedTemplate(job, tracked, index, replaced, this.#labelsIndex), job, owner);
    const suffix = `-${index}-`;
    const generateName = job.metadata.name.slice(0, MAX_PREFIX_LENGTH - suffix.length) + suffix;
    return { ...draft, metadata: { ...draft.metadata, generateName } };
  }

  #delete(
    job: Job,
    pods: readonly Pod[],
    isFinal: boolean,
    now: Micros,
    then: (outcome: Outcome, error?: ApiError) => void,
  ): void {
    const key: ObjectKey = keyOf(job);
    const deleted: Pod[] = [];
    if (!isFinal) {
      this.#expectations.expectDeletions(key, pods.map(keyOf), now);
    }
    allAtOnce<Pod, ApiError>(
      pods,
      (pod, ended) => {
        const end: Ended = (error) => {
          const isGone = error === undefined || error.reason === 'NotFound';
          if (isGone) {
            deleted.push(pod);
          }
          if (error && !isFinal) {
            this.#expectations.deletionObserved(key, keyOf(pod));
          }
          ended(isGone ? undefined : error);
        };
        const remove = (): void => this.#podControl.delete(job, pod, end);
        // Pods that merely are too many will not be counted; those of a Job that ends are, and keep their finalizers so long.
        if (isFinal) {
          remove();
        } else {
          this.releaseOne(pod, (error) => (error ? end(error) : remove()));
        }
      },
      (error) => then({ created: 0, deleted }, error),
    );
  }
}
