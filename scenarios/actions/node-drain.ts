import { formatDuration, type Micros, seconds } from '../../engine/index.js';
import { controllerOf, isMirrorPod, isPodTerminal, keyOf, type Pod } from '../../models/api/index.js';
import { type ApiError, allAtOnce, type DeleteOptions, inTurn } from '../../models/client-go/index.js';
import { type DurationText, matches, micros, type SelectorText } from '../schema/values.js';
import { type ActionContext, errorLine } from './action.js';

/** How a node is drained; named as the flags of kubectl drain. */
export interface DrainOptions {
  readonly ignoreDaemonSets?: boolean | undefined;
  readonly deleteEmptyDirData?: boolean | undefined;
  readonly force?: boolean | undefined;
  readonly disableEviction?: boolean | undefined;
  readonly gracePeriod?: DurationText | undefined;
  readonly timeout?: DurationText | undefined;
  readonly podSelector?: SelectorText | undefined;
  readonly skipWaitForDeleteTimeout?: DurationText | undefined;
}

/** k8s 1.37 kubectl pkg/drain/drain.go: evictPods sleeps 5 s after a 429, waitForDelete polls every second. */
const RETRY_AFTER: Micros = seconds(5);
const POLL_PERIOD: Micros = seconds(1);

type Verdict =
  | { readonly isEvicted: true; readonly warning?: string }
  | { readonly isEvicted: false; readonly refusal?: string; readonly warning?: string };

/** k8s 1.37 kubectl pkg/drain/filters.go: the filters in their order; the first that keeps a pod back decides, else the last. */
function verdictOn(pod: Pod, options: DrainOptions, daemonSetExists: (name: string) => boolean): Verdict {
  const controller = controllerOf(pod);
  if (controller?.kind === 'DaemonSet' && !isPodTerminal(pod)) {
    if (!daemonSetExists(controller.name)) {
      return options.force
        ? { isEvicted: true }
        : { isEvicted: false, refusal: `daemonsets.apps "${controller.name}" not found` };
    }
    return options.ignoreDaemonSets
      ? { isEvicted: false, warning: 'ignoring DaemonSet-managed Pods' }
      : { isEvicted: false, refusal: 'cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)' };
  }
  if (isMirrorPod(pod)) {
    return { isEvicted: false };
  }
  const hasLocalStorage = pod.spec.volumes?.some(({ emptyDir }) => emptyDir !== undefined) ?? false;
  if (!isPodTerminal(pod) && hasLocalStorage && !options.deleteEmptyDirData) {
    const refusal = 'cannot delete Pods with local storage (use --delete-emptydir-data to override)';
    return { isEvicted: false, refusal };
  }
  if (isPodTerminal(pod) || controller !== undefined) {
    return { isEvicted: true };
  }
  return options.force
    ? { isEvicted: true, warning: 'deleting Pods that declare no controller' }
    : { isEvicted: false, refusal: 'cannot delete Pods that declare no controller (use --force to override)' };
}

/** One cordoned node: all its pods are evicted side by side, each until it is gone. */
export class NodeDrain {
  readonly #context: ActionContext;
  readonly #options: DrainOptions;
  readonly #node: string;
  readonly #timeout: Micros;
  /** What the server said last about pods that it does not let go, by pod. */
  readonly #held = new Map<string, ApiError>();
  readonly #pending = new Map<string, Pod>();
  #giveUpAt: Micros = Number.POSITIVE_INFINITY;

  constructor(context: ActionContext, options: DrainOptions, node: string) {
    this.#context = context;
    this.#options = options;
    this.#node = node;
    this.#timeout = options.timeout === undefined ? 0 : micros(options.timeout);
  }

  /** Hands over why it failed, once every pod is gone or given up. */
  start(then: (error: string | undefined) => void): void {
    const { user, simulation, drains } = this.#context;
    if (this.#timeout > 0) {
      this.#giveUpAt = simulation.now + this.#timeout;
    }
    drains.set(this.#node, this);
    const stopWaiting = this.#context.unfinished(() => this.obstacles());
    const end = (error: string | undefined): void => {
      stopWaiting();
      drains.delete(this.#node);
      then(error);
    };
    user.list('Pod', undefined, (reply) => {
      if (!reply.ok) {
        end(errorLine(reply.error));
        return;
      }
      const { podSelector } = this.#options;
      this.#begin(
        reply.object.filter(
          (pod) => pod.spec.nodeName === this.#node && (!podSelector || matches(podSelector, pod.metadata.labels)),
        ),
        end,
      );
    });
  }

  /** What keeps it, for the end of a run: each pod that is still there, and why. */
  obstacles(): readonly string[] {
    return [...this.#pending.values()].map((pod) => {
      const error = this.#held.get(keyOf(pod));
      const budget = error?.causes?.[0]?.message ?? error?.message;
      return error === undefined
        ? `drain of ${this.#node}: pod ${keyOf(pod)} is terminating`
        : `drain of ${this.#node}: pod ${keyOf(pod)} is held: ${budget}${this.#isHopeless(pod)}`;
    });
  }

  /** A budget that no number of healthy pods satisfies. */
  #isHopeless(pod: Pod): string {
    for (const { metadata, spec, status } of this.#context.cluster.list('PodDisruptionBudget')) {
      const isMeant =
        metadata.namespace === pod.metadata.namespace &&
        matches((spec.selector ?? { matchLabels: { '': '' } }) as SelectorText, pod.metadata.labels);
      if (isMeant && status && (status.desiredHealthy ?? 0) >= (status.expectedPods ?? 0)) {
        return `; ${metadata.name} never allows one: it wants ${status.desiredHealthy} of ${status.expectedPods} pods healthy`;
      }
    }
    return '';
  }

  /** Any pod that is refused stops the drain before anything is evicted. */
  #begin(pods: readonly Pod[], then: (error: string | undefined) => void): void {
    const { cluster, say } = this.#context;
    const exists =
      ({ metadata }: Pod) =>
      (name: string) =>
        cluster.get('DaemonSet', `${metadata.namespace}/${name}`) !== undefined;
    const verdicts = pods.map((pod) => ({ pod, verdict: verdictOn(pod, this.#options, exists(pod)) }));
    const refusals = grouped(
      verdicts.map(({ pod, verdict }) => [pod, 'refusal' in verdict ? verdict.refusal : undefined]),
    );
    if (refusals.length > 0) {
      then(refusals.length === 1 ? refusals[0] : `[${refusals.join(', ')}]`);
      return;
    }
    const warnings = grouped(verdicts.map(({ pod, verdict }) => [pod, verdict.warning]));
    if (warnings.length > 0) {
      say(`Warning: ${warnings.join('; ')}`);
    }
    const evicted = verdicts.filter(({ verdict }) => verdict.isEvicted).map(({ pod }) => pod);
    for (const pod of evicted) {
      this.#pending.set(keyOf(pod), pod);
    }
    const errors: string[] = [];
    const concluded = (): void => then(errors.length > 1 ? `[${errors.join(', ')}]` : errors[0]);
    if (this.#options.disableEviction) {
      this.#deleteAll(evicted, errors, concluded);
    } else {
      allAtOnce<Pod, never>(
        evicted,
        (pod, ended) =>
          this.#evict(pod, (error) => {
            if (error !== undefined) {
              errors.push(error);
            }
            ended();
          }),
        concluded,
      );
    }
  }

  get #deleteOptions(): DeleteOptions {
    const { gracePeriod } = this.#options;
    return gracePeriod === undefined ? {} : { gracePeriodSeconds: micros(gracePeriod) / 1_000_000 };
  }

  /** --disable-eviction: deletes one after the other, then waits for all. */
  #deleteAll(pods: readonly Pod[], errors: string[], then: () => void): void {
    inTurn<Pod, string>(
      pods,
      (pod, ended) =>
        this.#context.user.delete('Pod', keyOf(pod), this.#deleteOptions, (reply) =>
          ended(reply.ok || reply.error.reason === 'NotFound' ? undefined : reply.error.message),
        ),
      (error) => {
        if (error !== undefined) {
          errors.push(error);
          then();
          return;
        }
        allAtOnce<Pod, never>(
          pods,
          (pod, ended) =>
            this.#awaitDeletion(pod, 'deleted', (failure) => {
              if (failure !== undefined) {
                errors.push(failure);
              }
              ended();
            }),
          then,
        );
      },
    );
  }

  #evict(pod: Pod, then: (error: string | undefined) => void): void {
    const { user, say } = this.#context;
    const { name, namespace } = pod.metadata;
    const which = `pods/"${name}" -n "${namespace}"`;
    say(`evicting pod ${keyOf(pod)}`);
    if (this.#isTooLate()) {
      then(`error when evicting ${which}: global timeout reached: ${formatDuration(this.#timeout)}`);
      return;
    }
    user.evict(keyOf(pod), this.#deleteOptions, (reply) => {
      const isTerminatingNamespace =
        !reply.ok && reply.error.causes?.some(({ reason }) => reason === 'NamespaceTerminating');
      if (reply.ok || (isTerminatingNamespace && pod.metadata.deletionTimestamp !== undefined)) {
        this.#held.delete(keyOf(pod));
        this.#awaitDeletion(pod, 'evicted', then);
      } else if (reply.error.reason === 'NotFound') {
        this.#pending.delete(keyOf(pod));
        then(undefined);
      } else if (reply.error.reason === 'TooManyRequests' || isTerminatingNamespace) {
        this.#held.set(keyOf(pod), reply.error);
        say(`error when evicting ${which} (will retry after 5s): ${reply.error.message}`);
        this.#retry(pod, then);
      } else {
        then(`error when evicting ${which}: ${reply.error.message}`);
      }
    });
  }

  /** Five seconds later the pod is asked for again: it may be on its way out by then. */
  #retry(pod: Pod, then: (error: string | undefined) => void): void {
    const { simulation, user } = this.#context;
    simulation.after(RETRY_AFTER, () =>
      user.get('Pod', keyOf(pod), (reply) => this.#evict(reply.ok ? reply.object : pod, then)),
    );
  }

  #isTooLate(): boolean {
    return this.#context.simulation.now >= this.#giveUpAt;
  }

  #awaitDeletion(pod: Pod, word: string, then: (error: string | undefined) => void): void {
    const { user, say, simulation } = this.#context;
    const { name, namespace, uid } = pod.metadata;
    user.get('Pod', keyOf(pod), (reply) => {
      const isGone = reply.ok ? reply.object.metadata.uid !== uid : reply.error.reason === 'NotFound';
      if (isGone || (reply.ok && this.#isGivenUp(reply.object))) {
        this.#pending.delete(keyOf(pod));
        say(`pod/${name} ${word}`);
        then(undefined);
      } else if (simulation.now + POLL_PERIOD > this.#giveUpAt) {
        const why = `global timeout reached: ${formatDuration(this.#timeout)}`;
        then(`error when waiting for pod "${name}" in namespace "${namespace}" to terminate: ${why}`);
      } else {
        simulation.after(POLL_PERIOD, () => this.#awaitDeletion(pod, word, then));
      }
    });
  }

  /** shouldSkipPod: on its way out for longer than one cares to wait. */
  #isGivenUp({ metadata }: Pod): boolean {
    const { skipWaitForDeleteTimeout: limit } = this.#options;
    return (
      limit !== undefined &&
      metadata.deletionTimestamp !== undefined &&
      this.#context.simulation.now - metadata.deletionTimestamp > micros(limit)
    );
  }
}

/** "reason: ns/a, ns/b", a text a reason. */
function grouped(pods: readonly (readonly [pod: Pod, reason: string | undefined])[]): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const [pod, reason] of pods) {
    if (reason !== undefined) {
      groups.set(reason, [...(groups.get(reason) ?? []), keyOf(pod)]);
    }
  }
  return [...groups].map(([reason, names]) => `${reason}: ${names.join(', ')}`);
}
