import type { Micros, ObjectKey } from '../../../engine/index.js';
import { keyFor, splitKey } from '../../api/index.js';
import type { LoadSharing } from '../load-sharing.js';
import { scaledBy, type Usage, usageAt, usageFrom, usedBetween } from '../usage-curve.js';
import type { Task } from './task.js';

/** One run of a container: from the start of its process to its end. */
export interface Run {
  readonly containerId: string;
  readonly container: string;
  readonly startedAt: Micros;
  /** Infinity while it runs. */
  readonly endedAt: Micros;
  /** Bytes of working set at an instant of the run. */
  memoryAt(at: Micros): number;
  /** Cores × microseconds from one instant of the run to another; at most five minutes back. */
  cpuBetween(from: Micros, to: Micros): number;
}

interface EndedTask {
  readonly task: Task;
  readonly at: Micros;
}

/** How long what has ended is remembered: longer than it takes until whoever measures usage has told of it. */
const KEPT: Micros = 120_000_000;

/** The runs of containers, those that ended lately too: what their usage is measured on. */
export class RunLog {
  readonly #sharing: LoadSharing;
  readonly #ended = new Map<string, EndedTask[]>();
  /** Pods in order of the ends of their containers, oldest first. */
  #queue: { readonly podUid: string; readonly at: Micros }[] = [];
  #head = 0;

  constructor(sharing: LoadSharing) {
    this.#sharing = sharing;
  }

  began({ behaviour, podKey }: Task): void {
    if (behaviour.cpuLoad !== undefined) {
      this.#sharing.follow(besides(podKey, behaviour.cpuLoad.service));
    }
  }

  ended(task: Task, now: Micros): void {
    this.#forgetBefore(now - KEPT);
    const { podUid } = task;
    this.#queue.push({ podUid, at: now });
    this.#ended.set(podUid, [...(this.#ended.get(podUid) ?? []), { task, at: now }]);
  }

  /** Those that ended lately, in order of their ends, and those that run. */
  runsOf(podUid: string, running: readonly Task[]): readonly Run[] {
    const ended = this.#ended.get(podUid) ?? [];
    return [
      ...ended.map(({ task, at }) => new TaskRun(task, at, this.#sharing)),
      ...running.map((task) => new TaskRun(task, Number.POSITIVE_INFINITY, this.#sharing)),
    ];
  }

  #forgetBefore(cutoff: Micros): void {
    for (;;) {
      const oldest = this.#queue[this.#head];
      if (oldest === undefined || oldest.at >= cutoff) {
        break;
      }
      this.#head++;
      const left = (this.#ended.get(oldest.podUid) ?? []).slice(1);
      if (left.length > 0) {
        this.#ended.set(oldest.podUid, left);
      } else {
        this.#ended.delete(oldest.podUid);
      }
    }
    if (this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
  }
}

class TaskRun implements Run {
  readonly containerId: string;
  readonly container: string;
  readonly startedAt: Micros;
  readonly endedAt: Micros;
  readonly #task: Task;
  readonly #sharing: LoadSharing;

  constructor(task: Task, endedAt: Micros, sharing: LoadSharing) {
    this.containerId = task.containerId;
    this.container = task.name;
    this.startedAt = task.startedAt;
    this.endedAt = endedAt;
    this.#task = task;
    this.#sharing = sharing;
  }

  memoryAt(at: Micros): number {
    return usageAt(this.#task.memory, at);
  }

  /** What is wanted above the limit is not done later: the kernel throttles, and requests wait or are given up. */
  cpuBetween(from: Micros, to: Micros): number {
    const { cpuLimit, behaviour, podKey } = this.#task;
    const { cpu, cpuLoad } = behaviour;
    const own: readonly Usage[] = cpu === undefined ? [] : [usageFrom(cpu, this.startedAt)];
    if (cpuLoad === undefined) {
      return usedBetween(own, from, to, cpuLimit);
    }
    const { service, requestsPerSecond, cpuPerRequest } = cpuLoad;
    const requests = usageFrom(requestsPerSecond, 0);
    let used = 0;
    let at = from;
    for (const share of this.#sharing.sharesOf(besides(podKey, service), podKey, from, to)) {
      const part = scaledBy(requests, cpuPerRequest / share.pods);
      used += usedBetween(own, at, share.from, cpuLimit) + usedBetween([...own, part], share.from, share.to, cpuLimit);
      at = share.to;
    }
    return used + usedBetween(own, at, to, cpuLimit);
  }
}

/** An object of this name in the pod's namespace. */
const besides = (pod: ObjectKey, name: string): ObjectKey => keyFor(splitKey(pod).namespace, name);
