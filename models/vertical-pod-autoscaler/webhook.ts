import { type Kinds, keyFor, matchesLabelSelector, type Pod, type VerticalPodAutoscaler } from '../api/index.js';
import { withRecommendedResources } from './admission.js';
import { selectorOf, type TargetKind, targetKindOf, updateModeOf } from './recommendation.js';

/** What the webhook looks at. */
export interface ObjectReader {
  get<K extends TargetKind>(kind: K, key: string): Kinds[K] | undefined;
  list(kind: 'VerticalPodAutoscaler'): Iterable<VerticalPodAutoscaler>;
}

/** The mutating webhook of pods: as the autoscaler that takes them in recommends; of several the oldest (GetMatchingVPA, stronger). */
export function recommendedPod(pod: Pod, reader: ObjectReader): Pod {
  let chosen: VerticalPodAutoscaler | undefined;
  for (const autoscaler of reader.list('VerticalPodAutoscaler')) {
    if (takesIn(autoscaler, pod, reader) && (chosen === undefined || isStronger(autoscaler, chosen))) {
      chosen = autoscaler;
    }
  }
  return chosen === undefined ? pod : withRecommendedResources(pod, chosen);
}

function takesIn({ metadata, spec }: VerticalPodAutoscaler, pod: Pod, reader: ObjectReader): boolean {
  const kind = targetKindOf(spec);
  if (kind === undefined || metadata.namespace !== pod.metadata.namespace || updateModeOf(spec) === 'Off') {
    return false;
  }
  const workload = reader.get(kind, keyFor(metadata.namespace, spec.targetRef?.name ?? ''));
  return workload !== undefined && matchesLabelSelector(selectorOf(workload), pod.metadata.labels);
}

function isStronger(a: VerticalPodAutoscaler, b: VerticalPodAutoscaler): boolean {
  const [createdA, createdB] = [a.metadata.creationTimestamp ?? 0, b.metadata.creationTimestamp ?? 0];
  return createdA === createdB ? a.metadata.name < b.metadata.name : createdA < createdB;
}
