import type { Pod } from '../api/index.js';
import type { ApiServer, PodWebhook } from '../apiserver/index.js';
import type { Component } from '../client-go/index.js';
import { recommendedPod } from '../vertical-pod-autoscaler/index.js';

/** Starts the vertical pod autoscaler when the first VerticalPodAutoscaler comes: where there is none it costs nothing. */
export function startWithFirstAutoscaler(server: ApiServer, autoscaler: Component): void {
  const stop = server.registry.store.watch('VerticalPodAutoscaler', {
    added: () => {
      stop();
      autoscaler.start();
    },
    modified: () => {},
    deleted: () => {},
  });
}

/** Its admission controller: a mutating webhook for pods. */
export const recommendResources: PodWebhook = (pod: Pod, reader) => recommendedPod(pod, reader);
