import type { Node, Pod } from '../../models/api/index.js';
import type { ProfileDocument } from '../../models/scheduler/configuration/document.js';
import type { Dice } from './dice.js';

type Fields = Record<string, unknown>;

export const APPS = ['web', 'db', 'batch', 'cache'] as const;
export const ZONE = 'topology.kubernetes.io/zone';
const HOSTNAME = 'kubernetes.io/hostname';
const KEYS = [ZONE, HOSTNAME, 'rack'] as const;

/** Nodes and pods that ask for everything a scheduler looks at. */
export class RandomPods {
  readonly #dice: Dice;
  readonly #kubernetesVersion: string;

  constructor(dice: Dice, kubernetesVersion = '1.37') {
    this.#dice = dice;
    this.#kubernetesVersion = kubernetesVersion;
  }

  node(name: string): Node {
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

  /** @param extra more of its spec */
  pod(name: string, extra: Fields = {}): Pod {
    const dice = this.#dice;
    const app = dice.one(APPS);
    const gpus = dice.maybe(0.05, () => ({ 'nvidia.com/gpu': '1' }));
    const resources = { requests: { ...this.#requests(), ...gpus }, limits: gpus };
    const spec: Fields = {
      containers: [{ name: 'c', image: `img-${dice.whole(0, 2)}`, resources }],
      schedulerName: 'default-scheduler',
      ...dice.maybe(0.1, () => ({ nodeSelector: { rack: dice.one(['r1', 'r2']) } })),
      ...dice.maybe(0.2, () => ({ tolerations: [{ key: dice.one(['k', 'l']), operator: 'Exists' }] })),
      ...dice.maybe(0.08, () => ({
        containers: [
          {
            name: 'c',
            image: 'img-0',
            ports: [{ containerPort: 80, hostPort: 8000 + dice.whole(0, 1), protocol: 'TCP' }],
          },
        ],
      })),
      ...dice.maybe(0.25, () => ({
        topologySpreadConstraints: [
          this.#constraint(app, 'DoNotSchedule'),
          ...(dice.chance(0.4) ? [this.#constraint(app, 'ScheduleAnyway')] : []),
        ],
      })),
      ...dice.maybe(0.15, () => ({ topologySpreadConstraints: [this.#constraint(app, 'ScheduleAnyway')] })),
      ...dice.maybe(0.35, () => ({ affinity: this.#affinity() })),
      ...extra,
    };
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: dice.one(['default', 'default', 'prod']), uid: name, labels: { app } },
      spec: spec as unknown as Pod['spec'],
    };
  }

  profile(): ProfileDocument {
    const schedulerName = 'default-scheduler';
    const spread = {
      defaultingType: 'List',
      defaultConstraints: [
        { maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: 'ScheduleAnyway' },
        { maxSkew: 2, topologyKey: 'rack', whenUnsatisfiable: 'DoNotSchedule' },
      ],
    };
    const withArgs = (name: string, args: unknown): ProfileDocument => ({
      schedulerName,
      pluginConfig: [{ name, args }],
    });
    const choices: readonly ProfileDocument[] = [
      { schedulerName },
      { schedulerName },
      withArgs('NodeResourcesFit', fit('MostAllocated')),
      withArgs('NodeResourcesFit', fit('RequestedToCapacityRatio')),
      withArgs('InterPodAffinity', { hardPodAffinityWeight: 0 }),
      withArgs('PodTopologySpread', spread),
      { schedulerName, plugins: { score: { disabled: [{ name: 'PodTopologySpread' }] } } },
      { schedulerName, plugins: { filter: { disabled: [{ name: 'InterPodAffinity' }] } } },
    ];
    return this.#dice.one(choices);
  }

  #requests(): Record<string, string> {
    const dice = this.#dice;
    return {
      ...(dice.chance(0.85) && { cpu: dice.one(['50m', '100m', '250m', '1']) }),
      ...(dice.chance(0.85) && { memory: dice.one(['64Mi', '500Mi', '1Gi']) }),
    };
  }

  #constraint(app: string, whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway'): Fields {
    const dice = this.#dice;
    const isHard = whenUnsatisfiable === 'DoNotSchedule';
    const sinceThen = {
      ...(isHard && dice.chance(0.2) && { minDomains: 1 + dice.whole(0, 3) }),
      ...(dice.chance(0.2) && { nodeAffinityPolicy: dice.one(['Honor', 'Ignore']) }),
      ...(dice.chance(0.2) && { nodeTaintsPolicy: dice.one(['Honor', 'Ignore']) }),
    };
    return {
      maxSkew: 1 + dice.whole(0, 2),
      topologyKey: dice.one(KEYS),
      whenUnsatisfiable,
      labelSelector: { matchLabels: { app: dice.chance(0.8) ? app : dice.one(APPS) } },
      ...(this.#kubernetesVersion !== '1.23' && sinceThen),
    };
  }

  #term(): Fields {
    const dice = this.#dice;
    return {
      topologyKey: dice.one(KEYS),
      labelSelector: { matchLabels: { app: dice.one(APPS) } },
      ...(dice.chance(0.15) && { namespaceSelector: dice.one([{}, { matchLabels: { team: 'a' } }]) }),
      ...(dice.chance(0.1) && { namespaces: ['prod'] }),
    };
  }

  #affinity(): Fields {
    const dice = this.#dice;
    const some = (weighted: boolean): readonly unknown[] =>
      dice.some(1, 2, () =>
        weighted ? { weight: 1 + dice.whole(0, 99), podAffinityTerm: this.#term() } : this.#term(),
      );
    const terms = (): Fields => ({
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

const fit = (type: string): Fields => ({
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
