import type { Kinds, Node, Pod } from '../../models/api/index.js';
import type { ProfileDocument } from '../../models/scheduler/configuration/document.js';
import { Cache } from '../../models/scheduler/framework/cache.js';
import { Cycle, type CycleResult } from '../../models/scheduler/framework/cycle.js';
import { fitErrorMessage } from '../../models/scheduler/framework/diagnosis.js';
import { podInfoOf } from '../../models/scheduler/framework/pod-info.js';
import type { Profile } from '../../models/scheduler/framework/profile.js';
import type { Snapshot } from '../../models/scheduler/framework/snapshot.js';
import { IncrementalCycle } from '../../models/scheduler/incremental/incremental-cycle.js';
import { defaultProfile, Tables } from '../vectors/runner/scheduler-cluster.js';
import { Dice } from './dice.js';

const APPS = ['web', 'db', 'batch', 'cache'] as const;
const ZONE = 'topology.kubernetes.io/zone';
const HOSTNAME = 'kubernetes.io/hostname';
const KEYS = [ZONE, HOSTNAME, 'rack'] as const;

/** What a run of operations came to: the first difference between the engines, or how many placements were equal. */
export interface TwinResult {
  readonly placements: number;
  readonly difference?: string;
}

/**
 * A random cluster on which the plain and the incremental engine decide side by side, while nodes and pods come, go and change.
 */
export class SchedulerTwins {
  readonly #dice: Dice;
  readonly #cache = new Cache();
  readonly #tables = new Tables();
  readonly #profiles: readonly [Profile, Profile];
  readonly #plain: Cycle;
  readonly #incremental: IncrementalCycle;
  readonly #nodes = new Map<string, Node>();
  readonly #pods = new Map<string, Pod>();
  #snapshot: Snapshot;
  #count = 0;

  constructor(seed: number) {
    this.#dice = new Dice(seed);
    const dice = this.#dice;
    this.#fillTables();
    const size = dice.chance(0.15) ? 100 + dice.whole(0, 149) : 1 + dice.whole(0, 29);
    for (let i = 0; i < size; i++) {
      this.#addNode();
    }
    this.#snapshot = this.#cache.snapshot();
    const profile = this.#randomProfile();
    const nominations = (): [] => [];
    const build = (): Profile =>
      defaultProfile(
        this.#tables,
        () => this.#snapshot,
        nominations,
        () => 0,
        profile,
      );
    this.#profiles = [build(), build()];
    const options = {
      percentageOfNodesToScore: dice.one([0, 0, 30, 100]),
      tieRule: 'heap',
      nominatedNodeResetsStart: false,
    } as const;
    this.#plain = new Cycle(options);
    this.#incremental = new IncrementalCycle(options, this.#cache, { isEmpty: true, nominatedPods: nominations });
  }

  run(operations: number): TwinResult {
    let placements = 0;
    for (let i = 0; i < operations; i++) {
      const kind = this.#dice.whole(0, 99);
      if (kind < 75) {
        const difference = this.#place();
        if (difference !== undefined) {
          return { placements, difference: `operation ${i}: ${difference}` };
        }
        placements++;
      } else {
        this.#disturb(kind);
      }
    }
    return { placements };
  }

  #disturb(kind: number): void {
    if (kind < 83) {
      this.#removePod();
    } else if (kind < 88) {
      this.#changePod();
    } else if (kind < 92) {
      this.#addNode();
    } else if (kind < 95) {
      this.#removeNode();
    } else {
      this.#changeNode();
    }
  }

  #place(): string | undefined {
    const pod = this.#randomPod();
    const info = podInfoOf(pod);
    this.#snapshot = this.#cache.snapshot();
    const [plainProfile, incrementalProfile] = this.#profiles;
    const plain = show(this.#plain.schedule(plainProfile, info, this.#snapshot));
    const result = this.#incremental.schedule(incrementalProfile, info, this.#snapshot);
    const incremental = show(result);
    const starts = [this.#plain.nextStartNodeIndex, this.#incremental.nextStartNodeIndex];
    if (plain !== incremental || starts[0] !== starts[1]) {
      const found = `plain ${plain} then ${starts[0]}, incremental ${incremental} then ${starts[1]}`;
      return `${found}, for ${JSON.stringify(pod)}`;
    }
    if (result.outcome === 'placed') {
      this.#put({ ...pod, spec: { ...pod.spec, nodeName: result.node.name } });
    }
    return undefined;
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
  }

  #randomProfile(): ProfileDocument {
    const schedulerName = 'default-scheduler';
    const fit = (type: string): unknown => ({
      scoringStrategy: {
        type,
        resources: [
          { name: 'cpu', weight: 3 },
          { name: 'memory', weight: 1 },
        ],
        ...(type === 'RequestedToCapacityRatio' && {
          requestedToCapacityRatio: {
            shape: [
              { utilization: 0, score: 0 },
              { utilization: 100, score: 10 },
            ],
          },
        }),
      },
    });
    const choices: readonly ProfileDocument[] = [
      { schedulerName },
      { schedulerName },
      { schedulerName, pluginConfig: [{ name: 'NodeResourcesFit', args: fit('MostAllocated') }] },
      { schedulerName, pluginConfig: [{ name: 'NodeResourcesFit', args: fit('RequestedToCapacityRatio') }] },
      { schedulerName, pluginConfig: [{ name: 'InterPodAffinity', args: { hardPodAffinityWeight: 0 } }] },
      {
        schedulerName,
        pluginConfig: [
          {
            name: 'PodTopologySpread',
            args: {
              defaultingType: 'List',
              defaultConstraints: [
                { maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: 'ScheduleAnyway' },
                { maxSkew: 2, topologyKey: 'rack', whenUnsatisfiable: 'DoNotSchedule' },
              ],
            },
          },
        ],
      },
      { schedulerName, plugins: { score: { disabled: [{ name: 'PodTopologySpread' }] } } },
      { schedulerName, plugins: { filter: { disabled: [{ name: 'InterPodAffinity' }] } } },
    ];
    return this.#dice.one(choices);
  }

  #addNode(): void {
    const name =
      this.#dice.chance(0.2) && this.#nodes.size > 0 ? `n${this.#dice.whole(0, this.#count)}` : `n${++this.#count}`;
    const node = this.#randomNode(name);
    this.#nodes.set(name, node);
    this.#cache.addNode(node);
  }

  #randomNode(name: string): Node {
    const dice = this.#dice;
    const labels: Record<string, string> = { [HOSTNAME]: name };
    if (dice.chance(0.85)) {
      labels[ZONE] = dice.one(['z1', 'z2', 'z3']);
    }
    if (dice.chance(0.5)) {
      labels.rack = dice.one(['r1', 'r2', 'r3', 'r4']);
    }
    const effect = dice.one(['NoSchedule', 'PreferNoSchedule', 'PreferNoSchedule', 'NoExecute']);
    const taints = dice.chance(0.25) ? [{ key: dice.one(['k', 'l']), effect }] : undefined;
    const images = dice.chance(0.3)
      ? [{ names: [`img-${dice.whole(0, 2)}:latest`], sizeBytes: 90e6 * (1 + dice.whole(0, 8)) }]
      : undefined;
    return {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels },
      spec: { ...(taints && { taints }), ...(dice.chance(0.05) && { unschedulable: true }) },
      status: {
        allocatable: {
          cpu: dice.one(['1', '2', '4', '8']),
          memory: dice.one(['2Gi', '8Gi', '15625Mi']),
          pods: dice.one(['4', '8', '110']),
          ...(dice.chance(0.2) && { 'nvidia.com/gpu': '2' }),
        },
        ...(images && { images }),
      },
    };
  }

  #changeNode(): void {
    const name = this.#dice.one([...this.#nodes.keys()]);
    if (name !== undefined) {
      const node = this.#randomNode(name);
      this.#nodes.set(name, node);
      this.#cache.updateNode(node);
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
    const app = dice.one(APPS);
    const spec: Record<string, unknown> = {
      containers: [{ name: 'c', image: `img-${dice.whole(0, 2)}`, resources: { requests: this.#randomRequests() } }],
      schedulerName: 'default-scheduler',
    };
    if (dice.chance(0.1)) {
      spec.nodeSelector = { rack: dice.one(['r1', 'r2']) };
    }
    if (dice.chance(0.2)) {
      spec.tolerations = [{ key: dice.one(['k', 'l']), operator: 'Exists' }];
    }
    if (dice.chance(0.08)) {
      spec.containers = [{ name: 'c', ports: [{ containerPort: 80, hostPort: 8000 + dice.whole(0, 1) }] }];
    }
    if (dice.chance(0.25)) {
      spec.topologySpreadConstraints = [
        this.#randomConstraint(app),
        ...(dice.chance(0.4) ? [this.#randomConstraint(app)] : []),
      ];
    }
    if (dice.chance(0.35)) {
      spec.affinity = this.#randomAffinity();
    }
    const name = `p${++this.#count}`;
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: dice.one(['default', 'default', 'prod']), uid: name, labels: { app } },
      spec: spec as unknown as Pod['spec'],
    };
  }

  #randomRequests(): Record<string, string> {
    const dice = this.#dice;
    return {
      ...(dice.chance(0.85) && { cpu: dice.one(['50m', '100m', '250m', '1']) }),
      ...(dice.chance(0.85) && { memory: dice.one(['64Mi', '500Mi', '1Gi']) }),
      ...(dice.chance(0.05) && { 'nvidia.com/gpu': '1' }),
    };
  }

  #randomConstraint(app: string): unknown {
    const dice = this.#dice;
    return {
      maxSkew: 1 + dice.whole(0, 2),
      topologyKey: dice.one(KEYS),
      whenUnsatisfiable: dice.one(['DoNotSchedule', 'ScheduleAnyway']),
      labelSelector: { matchLabels: { app: dice.chance(0.8) ? app : dice.one(APPS) } },
      ...(dice.chance(0.2) && { minDomains: 1 + dice.whole(0, 3) }),
      ...(dice.chance(0.2) && { nodeAffinityPolicy: dice.one(['Honor', 'Ignore']) }),
      ...(dice.chance(0.2) && { nodeTaintsPolicy: dice.one(['Honor', 'Ignore']) }),
    };
  }

  #randomTerm(): unknown {
    const dice = this.#dice;
    return {
      topologyKey: dice.one(KEYS),
      labelSelector: { matchLabels: { app: dice.one(APPS) } },
      ...(dice.chance(0.15) && { namespaceSelector: dice.one([{}, { matchLabels: { team: 'a' } }]) }),
      ...(dice.chance(0.1) && { namespaces: ['prod'] }),
    };
  }

  #randomAffinity(): unknown {
    const dice = this.#dice;
    const some = (weighted: boolean): readonly unknown[] =>
      Array.from({ length: 1 + dice.whole(0, 1) }, () =>
        weighted ? { weight: 1 + dice.whole(0, 99), podAffinityTerm: this.#randomTerm() } : this.#randomTerm(),
      );
    const terms = (): unknown => ({
      ...(dice.chance(0.4) && { requiredDuringSchedulingIgnoredDuringExecution: some(false) }),
      ...(dice.chance(0.6) && { preferredDuringSchedulingIgnoredDuringExecution: some(true) }),
    });
    const preferences = [
      { weight: 10, preference: { matchExpressions: [{ key: 'rack', operator: 'In', values: ['r1', 'r3'] }] } },
    ];
    return {
      ...(dice.chance(0.4) && { podAffinity: terms() }),
      ...(dice.chance(0.6) && { podAntiAffinity: terms() }),
      ...(dice.chance(0.25) && { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferences } }),
    };
  }
}

function show(result: CycleResult): string {
  switch (result.outcome) {
    case 'placed':
      return `placed on ${result.node.name}, ${result.feasible} of ${result.evaluated} feasible`;
    case 'unfit':
      return fitErrorMessage(result.nodeCount, result.diagnosis);
    default:
      return result.message;
  }
}
