import { type Micros, seconds, wholeSecond } from '../../engine/index.js';
import {
  isBeingDeleted,
  isPodTerminal,
  keyOf,
  type Pod,
  type PodStatus,
  withCondition,
} from '../../models/api/index.js';
import type { ApiClient } from '../../models/client-go/index.js';
import { targetNodeOf } from '../../models/daemonset-controller/placement.js';
import type { AnApiServer } from './an-api-server.js';

/** As the recorded traces play their kubelets: annotations of a pod say when it runs, is ready, exits and ends. */
const DEFAULT_RUN_AFTER = 1;
const DEFAULT_TERM_AFTER = 1;

/**
 * A scheduler and kubelets without any latency of their own: pods are bound in turn to the nodes (or to the one they are
 * tied to), run `sim/run-after` seconds later (1), are ready `sim/ready-after` seconds after the binding (`never`: never), exit with `sim/exit-code` `sim/exit-after`
 * seconds after they run (index `sim/fail-index` with 1), and are gone `sim/term-after` seconds after they are deleted (1).
 */
export class PlayedNodes {
  readonly #cluster: AnApiServer;
  readonly #client: ApiClient;
  readonly #nodes: readonly string[];
  readonly #begun = new Set<string>();
  readonly #ending = new Set<string>();
  #bound = 0;
  #addresses = 0;

  constructor(cluster: AnApiServer, nodes: readonly string[]) {
    this.#cluster = cluster;
    this.#nodes = nodes;
    this.#client = cluster.server.client({ name: 'played', from: 'control-plane', qps: 0, burst: 0 });
    const informers = cluster.server.informers({ name: 'played', from: 'control-plane' });
    const pods = informers.informer('Pod');
    pods.onChange({
      added: (pod) => this.#onPod(pod),
      modified: (pod) => this.#onPod(pod),
      deleted: (pod) => this.#begun.delete(pod.metadata.uid ?? ''),
    });
    informers.start();
    for (const name of nodes) {
      this.#client.create('Node', { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {} }, () => {});
    }
  }

  #onPod(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    if (isBeingDeleted(pod)) {
      this.#end(pod, uid);
    } else if (!pod.spec.nodeName) {
      const node = targetNodeOf(pod) ?? (this.#nodes[this.#bound++ % this.#nodes.length] as string);
      this.#client.bind(keyOf(pod), uid, node, () => {});
    } else if (!this.#begun.has(uid)) {
      this.#begun.add(uid);
      this.#run(pod);
    }
  }

  #run(pod: Pod): void {
    const annotation = (name: string): string | undefined => pod.metadata.annotations?.[`sim/${name}`];
    const runAfter = Number(annotation('run-after') ?? DEFAULT_RUN_AFTER);
    const readyAfter = annotation('ready-after') ?? String(runAfter);
    const address = `10.0.${this.#addresses >> 8}.${this.#addresses++ & 255}`;
    this.#later(runAfter, pod, (status, now) => ({
      ...status,
      phase: 'Running',
      podIP: address,
      podIPs: [{ ip: address }],
      startTime: wholeSecond(now),
      conditions: withCondition(status.conditions, ready(readyAfter === String(runAfter), now)),
    }));
    if (readyAfter !== 'never' && readyAfter !== String(runAfter)) {
      this.#later(Number(readyAfter), pod, (status, now) => ({
        ...status,
        conditions: withCondition(status.conditions, ready(true, now)),
      }));
    }
    if (annotation('exit-after') !== undefined) {
      this.#exit(pod, runAfter + Number(annotation('exit-after')));
    }
  }

  #exit(pod: Pod, after: number): void {
    const index = pod.metadata.annotations?.['batch.kubernetes.io/job-completion-index'];
    const failing = pod.metadata.annotations?.['sim/fail-index']?.split(',') ?? [];
    const exitCode =
      index !== undefined && failing.includes(index) ? 1 : Number(pod.metadata.annotations?.['sim/exit-code'] ?? 0);
    this.#later(after, pod, (status, now) => ({
      ...status,
      phase: exitCode === 0 ? 'Succeeded' : 'Failed',
      conditions: withCondition(status.conditions, ready(false, now)),
      containerStatuses: pod.spec.containers.map(({ name, image = '' }) => ({
        name,
        image,
        imageID: '',
        ready: false,
        restartCount: 0,
        state: { terminated: { exitCode, finishedAt: wholeSecond(now) } },
      })),
    }));
  }

  #end(pod: Pod, uid: string): void {
    if (this.#ending.has(uid)) {
      return;
    }
    this.#ending.add(uid);
    const after = Number(pod.metadata.annotations?.['sim/term-after'] ?? DEFAULT_TERM_AFTER);
    this.#cluster.simulation.after(seconds(isPodTerminal(pod) ? 0 : after), () => {
      this.#client.patchStatus('Pod', keyOf(pod), endedAs(uid), () => {
        this.#client.delete('Pod', keyOf(pod), { gracePeriodSeconds: 0, preconditions: { uid } }, () => {});
      });
    });
  }

  #later(after: number, pod: Pod, change: (status: PodStatus, now: Micros) => PodStatus): void {
    this.#cluster.simulation.after(seconds(after), () => {
      const now = this.#cluster.simulation.now;
      this.#client.patchStatus(
        'Pod',
        keyOf(pod),
        (current) =>
          current.metadata.uid !== pod.metadata.uid || isBeingDeleted(current) || isPodTerminal(current)
            ? current
            : { ...current, status: change(current.status ?? {}, now) },
        () => {},
      );
    });
  }
}

const endedAs =
  (uid: string) =>
  (pod: Pod): Pod =>
    pod.metadata.uid !== uid || isPodTerminal(pod) ? pod : { ...pod, status: { ...pod.status, phase: 'Succeeded' } };

const ready = (is: boolean, now: Micros): { type: string; status: string; lastTransitionTime: Micros } => ({
  type: 'Ready',
  status: is ? 'True' : 'False',
  lastTransitionTime: wholeSecond(now),
});
