import type { Pod } from '../api/index.js';
import type { AdmissionReader, Hooks } from './hooks.js';

/** Changes a pod that is being created; answers its argument when it has nothing to change. */
export type PodWebhook = (pod: Pod, reader: AdmissionReader) => Pod;

/** The same hooks, with these webhooks where MutatingAdmissionWebhook stands: after the plugins that mutate, before validation. */
export function withPodWebhooks(hooks: Hooks, webhooks: readonly PodWebhook[]): Hooks {
  const { admit } = hooks.Pod ?? {};
  return webhooks.length === 0
    ? hooks
    : {
        ...hooks,
        Pod: {
          ...hooks.Pod,
          admit: (pod, reader) => {
            const admitted = admit?.(pod, reader) ?? { ok: true, object: pod };
            return admitted.ok
              ? { ok: true, object: webhooks.reduce((changed, webhook) => webhook(changed, reader), admitted.object) }
              : admitted;
          },
        },
      };
}
