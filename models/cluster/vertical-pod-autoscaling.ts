import type { Pod } from '../api/index.js';
import type { PodWebhook } from '../apiserver/index.js';
import { recommendedPod } from '../vertical-pod-autoscaler/index.js';

/** The vertical pod autoscaler's admission controller: a mutating webhook for pods. */
export const recommendResources: PodWebhook = (pod: Pod, reader) => recommendedPod(pod, reader);
