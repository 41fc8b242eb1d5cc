import type { Kinds, Node, Pod } from '../../models/api/index.js';
import { Cache } from '../../models/scheduler/framework/cache.js';
import { Cycle, type CycleResult } from '../../models/scheduler/framework/cycle.js';
import { fitErrorMessage } from '../../models/scheduler/framework/diagnosis.js';
import { type PodInfo, podInfoOf } from '../../models/scheduler/framework/pod-info.js';
import type { Profile } from '../../models/scheduler/framework/profile.js';
import type { Snapshot } from '../../models/scheduler/framework/snapshot.js';
import { IncrementalCycle } from '../../models/scheduler/incremental/incremental-cycle.js';
import { Nominations } from '../../models/scheduler/queue/nominations.js';
import { defaultProfile, Tables } from '../vectors/runner/scheduler-cluster.js';
import { Dice } from './dice.js';
import { APPS, RandomPods } from './random-pods.js';
import { randomVolumes, someVolume } from './random-volumes.js';

/** What a run of operations came to: the first difference between the engines, or how many decisions were equal. */
export interface TwinResult {
  readonly decisions: number;
  readonly difference?: string;
}

/**
 * A random cluster on which the plain and the incremental engine decide side by side, while nodes and pods come, go and change,
 * pods are preempted, and nodes are promised to them.
 */
export class SchedulerTwins {
  readonly #dice: Dice;
  readonly #random: RandomPods;
  readonly #cache = new Cache();
  readonly #tables = new Tables();
  readonly #nominations: Nominations;
  readonly #profiles: readonly [Profile, Profile];
  readonly #plain: Cycle;
  readonly #incremental: IncrementalCycle;
  readonly #nodes = new Map<string, Node>();
  readonly #pods = new Map<string, Pod>();
  /** Pods to which a node is promised. */
  readonly #waiting = new Map<string, Pod>();
  /** Some clusters never preempt: their nominations stay empty. */
  readonly #hasPriorities: boolean;
  #snapshot: Snapshot;
  #count = 0;

  constructor(seed: number) {
    this.#dice = new Dice(seed);
    const dice = this.#dice;
    this.#random = new RandomPods(dice);
    this.#hasPriorities = dice.chance(0.5);
    this.#fillTables();
    const size = dice.chance(0.15) ? 100 + dice.whole(0, 149) : 1 + dice.whole(0, 29);
    for (let i = 0; i < size; i++) {
      this.#addNode();
    }
    this.#snapshot = this.#cache.snapshot();
    this.#nominations = new Nominations(({ uid }) => this.#waiting.has(uid));
    const nominatedPods = (node: string): readonly PodInfo[] => this.#nominations.nominatedPods(node);
    const profile = this.#random.profile();
    const build = (): Profile =>
      defaultProfile(
        this.#tables,
        () => this.#snapshot,
        nominatedPods,
        () => 0,
        profile,
      );
    this.#profiles = [build(), build()];
    const options = {
      percentageOfNodesToScore: dice.one([0, 0, 30, 100, 100]),
      tieRule: 'heap',
      nominatedNodeResetsStart: false,
    } as const;
    this.#plain = new Cycle(options);
    this.#incremental = new IncrementalCycle(options, this.#cache, this.#nominations);
  }

  run(operations: number): TwinResult {
    let decisions = 0;
    let template: Pod | undefined;
    for (let i = 0; i < operations; i++) {
      const kind = this.#dice.whole(0, 99);
      if (kind < 75) {
        template = template !== undefined && this.#dice.chance(0.5) ? template : this.#randomPod();
        const difference = this.#decide(this.#copyOf(template));
        if (difference !== undefined) {
          return { decisions, difference: `operation ${i}: ${difference}` };
        }
        decisions++;
      } else {
        this.#disturb(kind);
      }
    }
    return { decisions };
  }

  #disturb(kind: number): void {
    if (kind < 81) {
      this.#removePod();
    } else if (kind < 86) {
      this.#changePod();
    } else if (kind < 88) {
      this.#tryAgain();
    } else if (kind < 92) {
      this.#addNode();
    } else if (kind < 95) {
      this.#removeNode();
    } else {
      this.#changeNode();
    }
  }

  #decide(pod: Pod): string | undefined {
    const info = podInfoOf(pod);
    this.#snapshot = this.#cache.snapshot();
    const [plainProfile, incrementalProfile] = this.#profiles;
    const [plain] = this.#show(plainProfile, info, this.#plain.schedule(plainProfile, info, this.#snapshot));
    const result = this.#incremental.schedule(incrementalProfile, info, this.#snapshot);
    const [incremental, nominated] = this.#show(incrementalProfile, info, result);
    const starts = [this.#plain.nextStartNodeIndex, this.#incremental.nextStartNodeIndex];
    if (plain !== incremental || starts[0] !== starts[1]) {
      const found = `plain ${plain} then ${starts[0]}, incremental ${incremental} then ${starts[1]}`;
      return `${found}, for ${JSON.stringify(pod)}`;
    }
    this.#stopWaiting(info.uid);
    if (result.outcome === 'placed') {
      this.#put({ ...pod, spec: { ...pod.spec, nodeName: result.node.name } });
    } else if (nominated) {
      this.#promise(pod, nominated);
    }
    return undefined;
  }

  /** What became of it, with what preemption would do, and the node that preemption finds. */
  #show(profile: Profile, pod: PodInfo, result: CycleResult): readonly [string, string | undefined] {
    switch (result.outcome) {
      case 'placed':
        return [`placed on ${result.node.name}, ${result.feasible} of ${result.evaluated} feasible`, undefined];
      case 'unfit': {
        const { diagnosis, state } = result;
        const { message, nominatedNodeName } = profile.runPostFilter({
          pod,
          profile,
          state,
          snapshot: this.#snapshot,
          diagnosis,
        });
        const rejectors = [...diagnosis.unschedulablePlugins, ...diagnosis.pendingPlugins].sort();
        const text = `${fitErrorMessage(result.nodeCount, diagnosis)} ${message} by ${rejectors}`;
        return [`${text}, nominated ${nominatedNodeName}`, nominatedNodeName];
      }
      default:
        return [result.message, undefined];
    }
  }

  #promise(pod: Pod, nominatedNodeName: string): void {
    const waiting = { ...pod, status: { ...pod.status, nominatedNodeName } };
    this.#waiting.set(pod.metadata.uid as string, waiting);
    this.#nominations.add(podInfoOf(waiting));
  }

  #stopWaiting(uid: string): void {
    this.#waiting.delete(uid);
    this.#nominations.delete(uid);
  }

  /** A pod with a promise is tried, or deleted. */
  #tryAgain(): void {
    const waiting = [...this.#waiting.values()];
    if (waiting.length === 0) {
      return;
    }
    const pod = this.#dice.one(waiting);
    if (this.#dice.chance(0.3)) {
      this.#stopWaiting(pod.metadata.uid as string);
    } else {
      this.#decide(pod);
    }
  }

  #put(pod: Pod): void {
    this.#pods.set(pod.metadata.name, pod);
    this.#cache.addPod(pod);
  }

  #fillTables(): void {
    const labels = [{ team: 'a' }, { team: 'b' }];
    ['default', 'prod'].forEach((name, i) => {
      this.#tables.put('Namespace', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name, labels: labels[i] },
        spec: {},
      } as Kinds['Namespace']);
    });
    for (const app of APPS) {
      if (this.#dice.chance(0.5)) {
        this.#tables.put('Service', {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: app, namespace: 'default' },
          spec: { selector: { app } },
        } as unknown as Kinds['Service']);
      }
    }
    randomVolumes(this.#dice, this.#tables);
  }

  #addNode(): void {
    const name =
      this.#dice.chance(0.2) && this.#nodes.size > 0 ? `n${this.#dice.whole(0, this.#count)}` : `n${++this.#count}`;
    this.#putNode(name);
  }

  /** @param known stays as it is but for its images */
  #putNode(name: string, known?: Node): void {
    const random = this.#random.node(name);
    const images = random.status?.images;
    const node = known === undefined ? random : { ...known, status: { ...known.status, ...(images && { images }) } };
    this.#nodes.set(name, node);
    this.#cache.addNode(node);
  }

  #changeNode(): void {
    const name = this.#dice.one([...this.#nodes.keys()]);
    const known = name === undefined ? undefined : this.#nodes.get(name);
    if (name !== undefined) {
      this.#putNode(name, this.#dice.chance(0.4) ? known : undefined);
    }
  }

  #removeNode(): void {
    const name = this.#dice.one([...this.#nodes.keys()]);
    if (name !== undefined && this.#nodes.size > 1) {
      this.#nodes.delete(name);
      this.#cache.removeNode(name);
    }
  }

  #removePod(): void {
    const name = this.#dice.one([...this.#pods.keys()]);
    const pod = name === undefined ? undefined : this.#pods.get(name);
    if (pod !== undefined) {
      this.#pods.delete(pod.metadata.name);
      this.#cache.removePod(`${pod.metadata.namespace}/${pod.metadata.name}`);
    }
  }

  /** A status update, a new label, or the beginning of the end. */
  #changePod(): void {
    const name = this.#dice.one([...this.#pods.keys()]);
    const pod = name === undefined ? undefined : this.#pods.get(name);
    if (pod === undefined) {
      return;
    }
    const change = this.#dice.whole(0, 2);
    const metadata = {
      ...pod.metadata,
      ...(change === 1 && { labels: { app: this.#dice.one(APPS) } }),
      ...(change === 2 && { deletionTimestamp: 1 }),
    };
    this.#put({ ...pod, metadata, status: { phase: 'Running' } });
  }

  #randomPod(): Pod {
    const dice = this.#dice;
    return this.#random.pod('template', {
      ...(this.#hasPriorities && { priority: dice.one([0, 0, 10, 100]) }),
      ...dice.maybe(0.06, () => ({ volumes: [someVolume(dice)] })),
    });
  }

  /** The next pod of a template; those of one share the parts of their spec. */
  #copyOf(template: Pod): Pod {
    const name = `p${++this.#count}`;
    const status = this.#dice.maybe(this.#hasPriorities ? 0.03 : 0, () => ({
      status: { nominatedNodeName: this.#dice.one([...this.#nodes.keys()]) },
    }));
    return { ...template, metadata: { ...template.metadata, name, uid: name }, ...status };
  }
}
