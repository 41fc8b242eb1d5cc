import {
  type EventHandle,
  entityKey,
  type Micros,
  type Simulation,
  seconds,
  wholeSecond,
} from '../../../../engine/index.js';
import {
  conditionOf,
  keyOf,
  type Node,
  nodeParty,
  type Pod,
  type PodCondition,
  withCondition,
} from '../../../../models/api/index.js';
import type { ApiClient, ApiConnection, Component, InformerFactory } from '../../../../models/client-go/index.js';

/** The Node that a played kubelet posts. */
export interface PlayedNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: NonNullable<Node['spec']['taints']>;
  readonly capacity: Readonly<Record<string, string>>;
}

const HEARTBEAT = seconds(10);
const STATUS_REPORT = seconds(300);
const CONDITIONS: readonly (readonly [type: string, healthy: string, reason: string])[] = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID'],
];

/**
 * The stand-in for a kubelet with which the control-plane recordings were made (traces/README.md, "The played kubelet"): it
 * posts a Node, renews its Lease, and moves pods through their phases as their sim/… annotations say.
 */
export class PlayedKubelet implements Component {
  readonly name: string;
  readonly #simulation: Simulation;
  readonly #client: ApiClient;
  readonly #pods: InformerFactory;
  readonly #node: PlayedNode;
  readonly #pending = new Map<string, EventHandle[]>();
  readonly #ending = new Set<string>();
  #beat: EventHandle | undefined;
  #isReady = true;
  #isRunning = false;
  #hasStarted = false;
  /** Seconds of virtual time at which the Lease was renewed last. */
  lastRenewal: Micros = 0;

  #phase: Micros | undefined;
  readonly #latenessAt: (due: Micros) => Micros;

  /**
   * `renewal` is an instant of a renewal that is known; the others are whole periods from it. `latenessAt` tells how long what is
   * due at an instant is held up.
   */
  constructor(
    simulation: Simulation,
    api: ApiConnection,
    node: PlayedNode,
    renewal: Micros | undefined,
    latenessAt: (due: Micros) => Micros,
  ) {
    this.#phase = renewal;
    this.#latenessAt = latenessAt;
    this.name = `kubelet/${node.name}`;
    this.#simulation = simulation;
    this.#node = node;
    const from = nodeParty(node.name);
    this.#client = api.client({ name: this.name, from, qps: 0, burst: 0 });
    this.#pods = api.informers({ name: this.name, from });
    this.#pods.informer('Pod', { nodeName: node.name }).onChange({
      added: (pod) => this.#see(pod),
      modified: (pod) => this.#see(pod),
      deleted: (pod) => this.#forget(pod),
    });
  }

  start(): void {
    this.#isRunning = true;
    if (!this.#hasStarted) {
      this.#hasStarted = true;
      this.#register();
    } else {
      this.setReady(true);
      this.#beat = this.#simulation.after(this.#untilBeat(), () => this.#beatNow());
    }
    this.#pods.start();
  }

  stop(): void {
    this.#isRunning = false;
    this.#beat?.cancel();
    this.#pods.stop();
    for (const handle of [...this.#pending.values()].flat()) {
      handle.cancel();
    }
    this.#pending.clear();
    this.#ending.clear();
  }

  /** Posts Ready=True or Ready=False at once; the Lease is renewed all the same. */
  setReady(isReady: boolean): void {
    this.#isReady = isReady;
    this.#simulation.after(this.#latenessAt(this.#simulation.now), () => this.#postStatus());
  }

  #register(): void {
    const { name, labels, taints, capacity } = this.#node;
    const status = { capacity, allocatable: capacity, conditions: this.#conditions(undefined) };
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec: { taints }, status } as const;
    this.#client.create('Node', node, () => {
      this.#renew();
      this.#beat = this.#simulation.after(this.#untilBeat(), () => this.#beatNow());
      this.#reportLater();
    });
  }

  /** A Lease's phase is the kubelet's own, anywhere in its ten seconds, where the recording does not tell it. */
  #untilBeat(): Micros {
    const { now } = this.#simulation;
    this.#phase ??= this.#simulation.stream('played-lease-phase').uniform(entityKey(this.#node.name), 0) * HEARTBEAT;
    return Math.round((((this.#phase - now) % HEARTBEAT) + HEARTBEAT) % HEARTBEAT);
  }

  #beatNow(): void {
    this.#renew();
    this.#beat = this.#simulation.after(HEARTBEAT, () => this.#beatNow());
  }

  #renew(): void {
    const { name } = this.#node;
    this.lastRenewal = this.#simulation.now;
    const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: this.#simulation.now };
    this.#client.patch(
      'Lease',
      `kube-node-lease/${name}`,
      (lease) => ({ ...lease, spec }),
      (reply) => {
        if (!reply.ok && reply.error.reason === 'NotFound') {
          const metadata = { name, namespace: 'kube-node-lease' };
          this.#client.create(
            'Lease',
            { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec },
            () => {},
          );
        }
      },
    );
  }

  #reportLater(): void {
    this.#simulation.after(STATUS_REPORT, () => {
      if (this.#isRunning) {
        this.#postStatus();
      }
      this.#reportLater();
    });
  }

  #postStatus(): void {
    this.#client.patchStatus(
      'Node',
      this.#node.name,
      (node) => ({ ...node, status: { ...node.status, conditions: this.#conditions(node) } }),
      () => {},
    );
  }

  #conditions(node: Node | undefined): NonNullable<NonNullable<Node['status']>['conditions']> {
    const wanted = [
      ...CONDITIONS,
      this.#isReady ? (['Ready', 'True', 'KubeletReady'] as const) : (['Ready', 'False', 'KubeletNotReady'] as const),
    ];
    const now = wholeSecond(this.#simulation.now);
    return wanted.map(([type, status, reason]) => {
      const before = conditionOf(node?.status?.conditions, type);
      const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now;
      return { type, status, reason, lastHeartbeatTime: now, lastTransitionTime };
    });
  }

  #see(pod: Pod): void {
    const key = keyOf(pod);
    if (pod.metadata.deletionTimestamp !== undefined) {
      this.#end(pod);
    } else if (!this.#pending.has(key)) {
      this.#pending.set(key, []);
      if (pod.status?.phase === 'Pending') {
        this.#later(pod, annotated(pod, 'run-after', 1), () => this.#run(pod));
      } else if (pod.status?.phase === 'Running') {
        this.#later(pod, 1, () => this.#patch(pod, (current) => running(current, true, this.#now)));
      }
    }
  }

  #run(pod: Pod): void {
    const runAfter = annotated(pod, 'run-after', 1);
    const readyAfter = pod.metadata.annotations?.['sim/ready-after'];
    const wait = readyAfter === undefined ? 0 : Number(readyAfter) - runAfter;
    this.#patch(pod, (current) => running(current, wait <= 0, this.#now));
    if (wait > 0) {
      this.#later(pod, wait, () => this.#patch(pod, (current) => running(current, true, this.#now)));
    }
    const exitAfter = pod.metadata.annotations?.['sim/exit-after'];
    if (exitAfter !== undefined) {
      this.#later(pod, Number(exitAfter), () =>
        this.#patch(pod, (current) => ended(current, exitCode(pod), this.#now)),
      );
    }
  }

  #end(pod: Pod): void {
    const key = keyOf(pod);
    if (this.#ending.has(key)) {
      return;
    }
    this.#ending.add(key);
    for (const handle of this.#pending.get(key) ?? []) {
      handle.cancel();
    }
    const grace = pod.metadata.deletionGracePeriodSeconds ?? 30;
    this.#later(pod, Math.min(grace, annotated(pod, 'term-after', 1)), () => {
      const remove = () => this.#client.delete('Pod', key, { gracePeriodSeconds: 0 }, () => {});
      if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') {
        remove();
      } else {
        this.#patch(pod, (current) => ended(current, annotated(pod, 'term-code', 0), this.#now), remove);
      }
    });
  }

  #forget(pod: Pod): void {
    const key = keyOf(pod);
    for (const handle of this.#pending.get(key) ?? []) {
      handle.cancel();
    }
    this.#pending.delete(key);
    this.#ending.delete(key);
  }

  get #now(): Micros {
    return wholeSecond(this.#simulation.now);
  }

  #later(pod: Pod, delaySeconds: number, action: () => void): void {
    const key = keyOf(pod);
    const handles = this.#pending.get(key) ?? [];
    this.#pending.set(key, handles);
    const delay = seconds(delaySeconds);
    handles.push(this.#simulation.after(delay + this.#latenessAt(this.#simulation.now + delay), action));
  }

  #patch(pod: Pod, change: (pod: Pod) => Pod, then: () => void = () => {}): void {
    this.#client.patchStatus('Pod', keyOf(pod), change, then);
  }
}

const annotated = (pod: Pod, name: string, otherwise: number): number =>
  Number(pod.metadata.annotations?.[`sim/${name}`] ?? otherwise);

/** sim/fail-index names the completion indexes of an indexed Job that fail. */
function exitCode(pod: Pod): number {
  const failing = pod.metadata.annotations?.['sim/fail-index']?.split(',');
  const index = pod.metadata.annotations?.['batch.kubernetes.io/job-completion-index'];
  const code = annotated(pod, 'exit-code', failing ? 1 : 0);
  return failing && !(index !== undefined && failing.includes(index)) ? 0 : code;
}

function running(pod: Pod, isReady: boolean, now: Micros): Pod {
  const ready = isReady ? 'True' : 'False';
  const statuses = pod.spec.containers.map(({ name, image = '' }) => ({
    name,
    image,
    imageID: image,
    ready: isReady,
    restartCount: 0,
    started: true,
    state: { running: { startedAt: pod.status?.startTime ?? now } },
  }));
  return withStatus(pod, 'Running', statuses, now, { Initialized: 'True', ContainersReady: ready, Ready: ready });
}

function ended(pod: Pod, exitCode: number, now: Micros): Pod {
  const statuses = pod.spec.containers.map(({ name, image = '' }) => ({
    name,
    image,
    imageID: image,
    ready: false,
    restartCount: 0,
    started: false,
    state: {
      terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', startedAt: now, finishedAt: now },
    },
  }));
  const phase = exitCode === 0 ? 'Succeeded' : 'Failed';
  return withStatus(pod, phase, statuses, now, { ContainersReady: 'False', Ready: 'False' });
}

function withStatus(
  pod: Pod,
  phase: string,
  containerStatuses: NonNullable<NonNullable<Pod['status']>['containerStatuses']>,
  now: Micros,
  wanted: Readonly<Record<string, string>>,
): Pod {
  let conditions: readonly PodCondition[] = pod.status?.conditions ?? [];
  for (const [type, status] of Object.entries(wanted)) {
    const before = conditionOf(conditions, type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now;
    conditions = withCondition(conditions, { type, status, lastTransitionTime });
  }
  const startTime = pod.status?.startTime ?? now;
  // A stable address a pod: what endpoints need, and nothing looks at its value.
  const podIP = pod.status?.podIP ?? addressOf(pod);
  return {
    ...pod,
    status: { ...pod.status, phase, conditions, containerStatuses, startTime, podIP, podIPs: [{ ip: podIP }] },
  };
}

function addressOf(pod: Pod): string {
  const hash = entityKey(keyOf(pod)) % 0x1000000;
  return `10.${hash >> 16}.${(hash >> 8) & 255}.${hash & 255}`;
}
