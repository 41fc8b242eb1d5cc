import type { Pod, PodDisruptionBudget } from './generated/types.js';
import { matchesLabelSelector } from './selector.js';

/** Whether the budget's selector matches the pod: an absent selector matches no pod, an empty one every pod of the namespace. */
export const coversPod = ({ metadata, spec }: PodDisruptionBudget, pod: Pod): boolean =>
  metadata.namespace === pod.metadata.namespace && matchesLabelSelector(spec?.selector, pod.metadata.labels);
