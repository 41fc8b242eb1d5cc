import {
  compareByProgress,
  compareByRestarts,
  isBeingDeleted,
  isPodReady,
  type Job,
  type Pod,
  type PodTemplateSpec,
  podCondition,
} from '../api/index.js';
import { matchPodFailurePolicy } from './policies.js';

export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';
const FAILURE_COUNT = 'batch.kubernetes.io/job-index-failure-count';
const IGNORED_FAILURE_COUNT = 'batch.kubernetes.io/job-index-ignored-failure-count';

export const isIndexed = ({ spec }: Job): boolean => spec.completionMode === 'Indexed';
export const hasBackoffLimitPerIndex = (job: Job): boolean =>
  isIndexed(job) && job.spec.backoffLimitPerIndex !== undefined;

/** Whether a pod is replaced only when it has failed, not as soon as it is being deleted. As onlyReplaceFailedPods. */
export const replacesFailedOnly = ({ spec }: Job): boolean =>
  spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined;

export const isTracked = ({ metadata }: Pod): boolean => metadata.finalizers?.includes(TRACKING_FINALIZER) ?? false;

export const withoutTracking = (pod: Pod): Pod =>
  isTracked(pod)
    ? {
        ...pod,
        metadata: {
          ...pod.metadata,
          finalizers: pod.metadata.finalizers?.filter((finalizer) => finalizer !== TRACKING_FINALIZER),
        },
      }
    : pod;

/** The index a pod works on, if it is one of the Job's. As getCompletionIndex. */
export function indexOf(pod: Pod, { spec }: Job): number | undefined {
  const text = pod.metadata.annotations?.[COMPLETION_INDEX];
  const index = text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
  return index !== undefined && index < (spec.completions ?? 0) ? index : undefined;
}

/** Pods that are being deleted count as failed, lest they never finish, unless the Job waits for the end. As isPodFailed. */
export function isFailed(pod: Pod, job: Job): boolean {
  const phase = pod.status?.phase;
  return phase === 'Failed' || (!replacesFailedOnly(job) && isBeingDeleted(pod) && phase !== 'Succeeded');
}

const annotationCount = (pod: Pod, name: string): number => Number(pod.metadata.annotations?.[name] ?? 0);

/** Failures of the index before this pod, those that the policy ignores aside. */
export const failuresBefore = (pod: Pod): number => annotationCount(pod, FAILURE_COUNT);

/** Failures of the index before this pod, all of them. As getIndexAbsoluteFailureCount. */
export const allFailuresBefore = (pod: Pod): number =>
  annotationCount(pod, FAILURE_COUNT) + annotationCount(pod, IGNORED_FAILURE_COUNT);

/** Which of two pods goes first when a Job has too many: the younger where nothing else decides. As controller.ActivePods. */
export function removalOrder(a: Pod, b: Pod): number {
  const bothReady = isPodReady(a) && isPodReady(b);
  const readySince = (pod: Pod): number => podCondition(pod, 'Ready')?.lastTransitionTime ?? Number.POSITIVE_INFINITY;
  const created = (pod: Pod): number => pod.metadata.creationTimestamp ?? Number.POSITIVE_INFINITY;
  return (
    compareByProgress(a, b) ||
    (bothReady ? compareLaterFirst(readySince(a), readySince(b)) : 0) ||
    compareByRestarts(a, b, true) ||
    compareLaterFirst(created(a), created(b))
  );
}

const compareLaterFirst = (a: number, b: number): number => (a === b ? 0 : a > b ? -1 : 1);

/** The template of a Job's pods, tracked. */
export function trackedTemplate({ spec }: Job): PodTemplateSpec {
  const { metadata } = spec.template;
  const finalizers = metadata?.finalizers ?? [];
  return {
    ...spec.template,
    metadata: {
      ...metadata,
      finalizers: finalizers.includes(TRACKING_FINALIZER) ? finalizers : [...finalizers, TRACKING_FINALIZER],
    } as NonNullable<PodTemplateSpec['metadata']>,
  };
}

/** The template of the pod for one index: environment, host name, labels, and how often the index failed. */
export function indexedTemplate(
  job: Job,
  tracked: PodTemplateSpec,
  index: number,
  replaced: Pod | undefined,
  labelsIndex: boolean,
): PodTemplateSpec {
  const text = String(index);
  const { metadata, spec = { containers: [] } } = tracked;
  const source = labelsIndex ? 'labels' : 'annotations';
  const fieldRef = { fieldPath: `metadata.${source}['${COMPLETION_INDEX}']` };
  const variable = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef } };
  const withIndex = <T extends { readonly env?: readonly { readonly name: string }[] | undefined }>(container: T): T =>
    container.env?.some(({ name }) => name === variable.name)
      ? container
      : { ...container, env: [...(container.env ?? []), variable] };
  return {
    metadata: {
      ...metadata,
      ...(labelsIndex && { labels: { ...metadata?.labels, [COMPLETION_INDEX]: text } }),
      annotations: { ...metadata?.annotations, [COMPLETION_INDEX]: text, ...failureCounts(job, replaced) },
    } as NonNullable<PodTemplateSpec['metadata']>,
    spec: {
      ...spec,
      containers: spec.containers.map(withIndex),
      ...(spec.initContainers && { initContainers: spec.initContainers.map(withIndex) }),
      hostname: `${job.metadata.name}-${index}`,
    },
  };
}

/** As addIndexFailureCountAnnotation. */
function failureCounts(job: Job, replaced: Pod | undefined): Readonly<Record<string, string>> {
  if (!hasBackoffLimitPerIndex(job)) {
    return {};
  }
  const counts = replaced === undefined || matchPodFailurePolicy(job.spec.podFailurePolicy, replaced).counts;
  const more = replaced === undefined ? 0 : 1;
  const failures = (replaced ? annotationCount(replaced, FAILURE_COUNT) : 0) + (counts ? more : 0);
  const ignored = (replaced ? annotationCount(replaced, IGNORED_FAILURE_COUNT) : 0) + (counts ? 0 : more);
  return {
    [FAILURE_COUNT]: String(failures),
    ...(ignored > 0 && { [IGNORED_FAILURE_COUNT]: String(ignored) }),
  };
}
