import { draw, type EntityKey, type Micros, type ObjectKey } from '../../../engine/index.js';
import type { ContainerBehaviour } from '../behaviour.js';
import { firstReaching, type Usage, usageFrom } from '../usage-curve.js';
import type { World } from '../world.js';
import { Dependence, dependsOnOthers } from './dependence.js';
import { isForeseen, type RunPlan, reasonOf } from './run-plan.js';
import type { ContainerConfig } from './status.js';

export interface TaskEnd {
  readonly at: Micros;
  readonly code: number;
  /** The runtime's word for it: 'Completed', 'Error', 'OOMKilled'. */
  readonly reason: string;
}

const NEVER: TaskEnd = { at: Number.POSITIVE_INFINITY, code: 0, reason: '' };

export const SIGTERM_EXIT_CODE = 128 + 15;
export const SIGKILL_EXIT_CODE = 128 + 9;

/** What a task is made of. */
export interface TaskOptions {
  readonly containerId: string;
  readonly podUid: string;
  readonly podKey: ObjectKey;
  /** Of pod and container: what its draws belong to. */
  readonly key: EntityKey;
  readonly config: ContainerConfig;
  readonly behaviour: ContainerBehaviour;
  readonly plan: RunPlan;
  readonly startedAt: Micros;
  readonly onEnd: (task: Task, end: TaskEnd) => void;
}

/** The running process of a container, a "task" in containerd: by what it will end first, and what it uses until then. */
export class Task {
  readonly containerId: string;
  readonly podUid: string;
  readonly podKey: ObjectKey;
  readonly name: string;
  readonly key: EntityKey;
  readonly restartCount: number;
  readonly behaviour: ContainerBehaviour;
  readonly plan: RunPlan;
  readonly startedAt: Micros;
  readonly memoryLimit: number | undefined;
  readonly cpuLimit: number | undefined;
  readonly oomScoreAdj: number;
  readonly #onEnd: (task: Task, end: TaskEnd) => void;
  #dependence: Dependence | undefined;
  #memory: readonly Usage[];
  #planned: TaskEnd;
  #outOfMemory: TaskEnd = NEVER;
  #terminated: TaskEnd = NEVER;
  #killed: TaskEnd = NEVER;
  #isTerminating = false;

  constructor(options: TaskOptions) {
    this.containerId = options.containerId;
    this.podUid = options.podUid;
    this.podKey = options.podKey;
    this.name = options.config.name;
    this.key = options.key;
    this.restartCount = options.config.restartCount;
    this.behaviour = options.behaviour;
    this.plan = options.plan;
    this.startedAt = options.startedAt;
    this.memoryLimit = options.config.memoryLimit;
    this.cpuLimit = options.config.cpuLimit;
    this.oomScoreAdj = options.config.oomScoreAdj;
    this.#onEnd = options.onEnd;
    const { exit } = options.plan;
    this.#planned =
      exit && isForeseen(exit) ? { at: options.startedAt + exit.after, code: exit.code, reason: exit.reason } : NEVER;
    this.#memory = [];
  }

  /** It is over. */
  end(how: TaskEnd): void {
    this.#onEnd(this, how);
  }

  /** Its own curve and what is added to it. */
  get memory(): readonly Usage[] {
    return this.#memory;
  }

  /** What it needs of others; undefined: nothing. */
  get dependence(): Dependence | undefined {
    return this.#dependence;
  }

  /** Begins to look around, if its behaviour says so. */
  lookAround(world: World, node: string, answersChanged: () => void): void {
    if (dependsOnOthers(this.behaviour, this.plan)) {
      this.#dependence = new Dependence({ world, task: this, from: { pod: this.podKey, node }, answersChanged });
    }
  }

  /** Whether it takes connections: from `ready` of its behaviour on; SIGTERM ends that unless it is ignored. */
  servesAt(at: Micros): boolean {
    const isClosing = this.#isTerminating && this.behaviour.sigterm !== 'ignored';
    return at >= this.startedAt + this.plan.readyAfter && !isClosing;
  }

  get isTerminating(): boolean {
    return this.#isTerminating;
  }

  /** The earliest of what may end it. At the same instant its own exit goes first, then memory, then signals. */
  get nextEnd(): TaskEnd {
    let next = this.#planned;
    for (const end of [this.#outOfMemory, this.#terminated, this.#killed]) {
      if (end.at < next.at) {
        next = end;
      }
    }
    return next;
  }

  /** Sets what it uses from `now` on: its own curve, leaks, files in memory. The kernel ends it where that exceeds the limit. */
  useMemory(added: readonly Usage[], now: Micros): void {
    const own = this.behaviour.memory;
    this.#memory = own === undefined ? added : [usageFrom(own, this.startedAt), ...added];
    const { memoryLimit } = this;
    const isLimited = memoryLimit !== undefined && this.#memory.length > 0;
    this.#outOfMemory = isLimited
      ? // The cgroup holds exactly its limit; the first byte above it is one too many.
        { at: firstReaching(this.#memory, memoryLimit + 1, now), code: SIGKILL_EXIT_CODE, reason: 'OOMKilled' }
      : NEVER;
  }

  /** SIGTERM now, SIGKILL after `timeout`; a later call can only bring the SIGKILL nearer. */
  terminate(world: World, timeout: Micros): void {
    const { now } = world.simulation;
    if (!this.#isTerminating) {
      this.#isTerminating = true;
      this.#terminated = this.#answerToSigterm(world, now);
    }
    this.#killed = {
      at: Math.min(this.#killed.at, now + timeout),
      code: SIGKILL_EXIT_CODE,
      reason: reasonOf(SIGKILL_EXIT_CODE),
    };
  }

  #answerToSigterm(world: World, now: Micros): TaskEnd {
    const { sigterm } = this.behaviour;
    if (sigterm === 'ignored') {
      return NEVER;
    }
    const stream = world.simulation.stream('container stop');
    const delay = draw(stream, this.key, this.restartCount, sigterm?.exitsAfter ?? world.settings.containerStop);
    const code = sigterm?.exitCode ?? SIGTERM_EXIT_CODE;
    return { at: now + Math.max(0, Math.round(delay)), code, reason: reasonOf(code) };
  }
}
