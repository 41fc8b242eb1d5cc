import type { Micros, Simulation } from '../../engine/index.js';
import { type AnyObject, type Kind, type Pod, SERVED_KINDS } from '../api/index.js';
import { type ApiClient, inTurn } from '../client-go/index.js';
import { estimateForPods, noRemains, noteRemains, type Remains } from './decisions.js';

/** Everything that lives in namespaces. */
const CONTENT_KINDS = (Object.keys(SERVED_KINDS) as Kind[]).filter((kind) => SERVED_KINDS[kind].namespaced);
const ALL_BUT_PODS = CONTENT_KINDS.filter((kind) => kind !== 'Pod');

/** What a pass over the content comes to. */
export interface Pass {
  readonly remains: Remains;
  /** Pods hold up the rest. */
  readonly stoppedAtPods: boolean;
}

/** One pass that deletes what a namespace holds. Mirrors deleteAllContent (pkg/controller/namespace/deletion). */
export class ContentDeletion {
  readonly #simulation: Simulation;
  readonly #client: ApiClient;
  readonly #deletesPodsFirst: boolean;

  constructor(simulation: Simulation, client: ApiClient, deletesPodsFirst: boolean) {
    this.#simulation = simulation;
    this.#client = client;
    this.#deletesPodsFirst = deletesPodsFirst;
  }

  run(namespace: string, deletedAt: Micros, then: (pass: Pass) => void): void {
    const remains = noRemains();
    const each = (kind: Kind, next: () => void): void => this.#deleteKind(kind, namespace, deletedAt, remains, next);
    if (!this.#deletesPodsFirst) {
      inTurn(CONTENT_KINDS, each, () => then({ remains, stoppedAtPods: false }));
      return;
    }
    each('Pod', () => {
      if (remains.resources.size > 0) {
        then({ remains, stoppedAtPods: true });
      } else {
        inTurn(ALL_BUT_PODS, each, () => then({ remains, stoppedAtPods: false }));
      }
    });
  }

  #deleteKind(kind: Kind, namespace: string, deletedAt: Micros, remains: Remains, next: () => void): void {
    const fail = (message: string): void => {
      remains.errors.push(message);
      next();
    };
    this.#estimate(kind, namespace, deletedAt, fail, (estimate) => {
      remains.estimate = Math.max(remains.estimate, estimate);
      this.#client.deleteCollection(kind, namespace, { propagationPolicy: 'Background' }, (deleted) => {
        if (!deleted.ok) {
          fail(deleted.error.message);
          return;
        }
        this.#client.list(kind, namespace, (left) => {
          if (left.ok) {
            noteRemains(remains, kind, namespace, left.object as readonly AnyObject[], estimate);
            next();
          } else {
            fail(left.error.message);
          }
        });
      });
    });
  }

  /** Asked before anything of the kind is deleted. */
  #estimate(
    kind: Kind,
    namespace: string,
    deletedAt: Micros,
    fail: (message: string) => void,
    then: (estimate: number) => void,
  ): void {
    if (kind !== 'Pod') {
      then(0);
      return;
    }
    this.#client.list('Pod', namespace, (reply) => {
      if (reply.ok) {
        then(estimateForPods(reply.object as readonly Pod[], deletedAt, this.#simulation.now));
      } else {
        fail(reply.error.message);
      }
    });
  }
}
