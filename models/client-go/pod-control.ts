import { type AnyObject, keyOf, type Pod, type PodDraft } from '../api/index.js';
import type { ApiClient, ApiError } from './api-client.js';
import type { EventRecorder } from './event-recorder.js';
import type { CallEnded } from './slow-start.js';

/** Why nothing can be created in this namespace any more; those who see it give up in silence (k8s.io/api core/v1). */
export const isNamespaceTerminating = (error: ApiError): boolean =>
  error.causes?.some((cause) => cause.reason === 'NamespaceTerminating') ?? false;

/** Creates and deletes pods and tells it as events of their controller. As RealPodControl (pkg/controller/controller_utils.go). */
export class PodControl {
  readonly #client: ApiClient;
  readonly #events: EventRecorder;

  constructor(client: ApiClient, events: EventRecorder) {
    this.#client = client;
    this.#events = events;
  }

  create(controller: AnyObject, pod: PodDraft, ended: CallEnded<ApiError>): void {
    this.#client.create('Pod', pod, (reply) => {
      if (reply.ok) {
        this.#events.event(controller, 'Normal', 'SuccessfulCreate', `Created pod: ${reply.object.metadata.name}`);
        ended();
        return;
      }
      if (!isNamespaceTerminating(reply.error)) {
        this.#events.event(controller, 'Warning', 'FailedCreate', `Error creating: ${reply.error.message}`);
      }
      ended(reply.error);
    });
  }

  delete(controller: AnyObject, pod: Pod, ended: CallEnded<ApiError>): void {
    this.#client.delete('Pod', keyOf(pod), {}, (reply) => {
      if (reply.ok) {
        this.#events.event(controller, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
        ended();
        return;
      }
      if (reply.error.reason === 'NotFound') {
        ended(reply.error);
        return;
      }
      this.#events.event(controller, 'Warning', 'FailedDelete', `Error deleting: ${reply.error.message}`);
      ended({ ...reply.error, message: `unable to delete pods: ${reply.error.message}` });
    });
  }
}
