import * as z from 'zod';
import { type Micros, seconds } from '../../engine/index.js';
import { controllerOf, isMirrorPod, keyOf, type Pod } from '../../models/api/index.js';
import type { ApiError, DeleteOptions } from '../../models/client-go/index.js';
import { strict } from '../schema/shapes.js';
import { duration, matches, micros, selector } from '../schema/values.js';
import { ACTION_FIELDS, type ActionContext, type ActionKind, errorLine } from './action.js';
import { eachNode, nodeNames, setUnschedulable } from './nodes.js';

const schema = strict({
  ...ACTION_FIELDS,
  drain: nodeNames,
  ignoreDaemonSets: z.boolean().optional(),
  deleteEmptyDirData: z.boolean().optional(),
  force: z.boolean().optional(),
  disableEviction: z.boolean().optional(),
  gracePeriod: duration.optional().describe("Left out: the pod's own."),
  timeout: duration.optional().describe('Left out, or 0: for ever.'),
  podSelector: selector.optional(),
});
type DrainSpec = z.infer<typeof schema>;

/** k8s 1.37 kubectl pkg/drain/drain.go: evictPods sleeps 5 s after a 429, waitForDelete polls every second. */
const RETRY_AFTER: Micros = seconds(5);
const POLL_PERIOD: Micros = seconds(1);

export const drain: ActionKind<DrainSpec> = {
  verb: 'drain',
  help: 'kubectl drain',
  schema,
  perform(context, spec) {
    for (const node of eachNode(spec.drain)) {
      setUnschedulable(context, node, true, () => new Drain(context, spec, node).start());
    }
  },
};

type Verdict = 'evict' | 'skip' | { readonly refusal: string };

/** k8s 1.37 kubectl pkg/drain/filters.go: the filters in their order; the first refusal of a pod stands. */
function verdictOn(pod: Pod, spec: DrainSpec, daemonSetExists: (name: string) => boolean): Verdict {
  const isFinished = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
  const controller = controllerOf(pod);
  if (controller?.kind === 'DaemonSet' && !isFinished) {
    const isOrphan = !daemonSetExists(controller.name);
    if (isOrphan && !spec.force) {
      return { refusal: 'daemonsets.apps not found (use --force to override)' };
    }
    if (!isOrphan) {
      return spec.ignoreDaemonSets
        ? 'skip'
        : { refusal: 'cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)' };
    }
  }
  if (isMirrorPod(pod)) {
    return 'skip';
  }
  if (!isFinished && pod.spec.volumes?.some(({ emptyDir }) => emptyDir !== undefined) && !spec.deleteEmptyDirData) {
    return { refusal: 'cannot delete Pods with local storage (use --delete-emptydir-data to override)' };
  }
  if (!isFinished && controller === undefined && !spec.force) {
    return { refusal: 'cannot delete Pods that declare no controller (use --force to override)' };
  }
  return 'evict';
}

/** One `kubectl drain` of one node: all its pods are evicted side by side, each until it is gone. */
class Drain {
  readonly #context: ActionContext;
  readonly #spec: DrainSpec;
  readonly #node: string;
  readonly #giveUpAt: Micros;
  #pending = 0;
  #hasFailed = false;

  constructor(context: ActionContext, spec: DrainSpec, node: string) {
    this.#context = context;
    this.#spec = spec;
    this.#node = node;
    const timeout = spec.timeout === undefined ? 0 : micros(spec.timeout);
    this.#giveUpAt = timeout === 0 ? Number.POSITIVE_INFINITY : context.simulation.now + timeout;
  }

  start(): void {
    this.#context.user.list('Pod', undefined, (reply) => {
      if (!reply.ok) {
        this.#fail(errorLine(reply.error));
        return;
      }
      const { podSelector } = this.#spec;
      const pods = reply.object.filter(
        (pod) => pod.spec.nodeName === this.#node && (!podSelector || matches(podSelector, pod.metadata.labels)),
      );
      this.#begin(pods);
    });
  }

  /** Any pod that is refused stops the drain before anything is evicted; the node stays cordoned. */
  #begin(pods: readonly Pod[]): void {
    const verdicts = pods.map((pod) => ({
      pod,
      verdict: verdictOn(
        pod,
        this.#spec,
        (name) => this.#context.cluster.get('DaemonSet', `${pod.metadata.namespace}/${name}`) !== undefined,
      ),
    }));
    const refused = verdicts.filter(({ verdict }) => typeof verdict === 'object');
    if (refused.length > 0) {
      const reasons = new Map<string, string[]>();
      for (const { pod, verdict } of refused) {
        const { refusal } = verdict as { refusal: string };
        reasons.set(refusal, [...(reasons.get(refusal) ?? []), keyOf(pod)]);
      }
      const text = [...reasons].map(([reason, names]) => `${reason}: ${names.join(', ')}`).join('; ');
      this.#fail(`error: unable to drain node "${this.#node}" due to error: ${text}`);
      return;
    }
    const evicted = verdicts.filter(({ verdict }) => verdict === 'evict').map(({ pod }) => pod);
    this.#pending = evicted.length;
    if (evicted.length === 0) {
      this.#context.say(`node/${this.#node} drained`);
    }
    for (const pod of evicted) {
      this.#context.say(`evicting pod ${keyOf(pod)}`);
      this.#evict(pod);
    }
  }

  #evict(pod: Pod): void {
    const { gracePeriod, disableEviction } = this.#spec;
    const options: DeleteOptions = {
      ...(gracePeriod !== undefined && { gracePeriodSeconds: micros(gracePeriod) / 1_000_000 }),
    };
    const answered = (error: ApiError | undefined): void => {
      if (error === undefined || error.reason === 'NotFound') {
        this.#awaitDeletion(pod);
      } else if (error.reason === 'TooManyRequests') {
        this.#context.say(`error when evicting pods/"${pod.metadata.name}" (will retry after 5s): ${error.message}`);
        this.#later(RETRY_AFTER, pod, () => this.#evict(pod));
      } else {
        this.#fail(`error when evicting pods/"${pod.metadata.name}": ${error.message}`);
      }
    };
    if (disableEviction) {
      this.#context.user.delete('Pod', keyOf(pod), options, (reply) => answered(reply.ok ? undefined : reply.error));
    } else {
      this.#context.user.evict(keyOf(pod), options, (reply) => answered(reply.ok ? undefined : reply.error));
    }
  }

  #awaitDeletion(pod: Pod): void {
    this.#context.user.get('Pod', keyOf(pod), (reply) => {
      if (
        (!reply.ok && reply.error.reason === 'NotFound') ||
        (reply.ok && reply.object.metadata.uid !== pod.metadata.uid)
      ) {
        this.#context.say(`pod/${pod.metadata.name} evicted`);
        this.#pending--;
        if (this.#pending === 0 && !this.#hasFailed) {
          this.#context.say(`node/${this.#node} drained`);
        }
      } else {
        this.#later(POLL_PERIOD, pod, () => this.#awaitDeletion(pod));
      }
    });
  }

  #later(delay: Micros, pod: Pod, action: () => void): void {
    const { simulation } = this.#context;
    if (this.#hasFailed) {
      return;
    }
    if (simulation.now + delay > this.#giveUpAt) {
      this.#fail(`error when waiting for pod "${pod.metadata.name}" terminating: global timeout reached`);
      return;
    }
    simulation.after(delay, action);
  }

  #fail(line: string): void {
    if (!this.#hasFailed) {
      this.#hasFailed = true;
      this.#context.say(line, 'failed');
    }
  }
}
