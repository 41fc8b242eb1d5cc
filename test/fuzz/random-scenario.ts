import type { ScenarioText } from '../../scenarios/index.js';
import { Dice } from './dice.js';

type Fields = Record<string, unknown>;

export interface RandomScenario {
  readonly seed: number;
  readonly text: ScenarioText;
  /** Nothing but rollouts happens, and all pods find room: what a Deployment promises must hold. */
  readonly isCalm: boolean;
}

interface Plan {
  readonly dice: Dice;
  readonly isCalm: boolean;
  readonly minutes: number;
  readonly nodes: readonly string[];
  readonly pools: readonly string[];
  readonly zones: readonly string[];
  readonly apps: readonly string[];
}

/** A cluster, workloads, faults and actions: a pure function of the seed. */
export function randomScenario(seed: number): RandomScenario {
  const dice = new Dice(seed);
  const isCalm = dice.chance(0.25);
  const minutes = dice.whole(6, 20);
  const zones = ['a', 'b', 'c'].slice(0, dice.whole(0, 3));
  const pools = dice.some(1, 2, (i) => ({
    name: ['worker', 'spare'][i] as string,
    count: dice.whole(isCalm ? 3 : 1, 6),
    ...(zones.length > 0 && { zones }),
    capacity: isCalm
      ? { cpu: '16', memory: '64Gi', pods: '110' }
      : { cpu: dice.one(['1', '2', '4']), memory: dice.one(['1Gi', '2Gi', '8Gi']), pods: dice.one(['5', '20', '110']) },
  }));
  const nodes = pools.flatMap(({ name, count }) => Array.from({ length: count }, (_, i) => `${name}-${i}`));
  const apps = dice.some(1, 4, (i) => `app${i}`);
  const largest = Math.max(...pools.map(({ count }) => count));
  const plan: Plan = {
    dice,
    isCalm,
    minutes,
    nodes,
    pools: pools.map(({ name }) => name),
    zones: zones.slice(0, largest),
    apps,
  };
  const spec = {
    kubernetesVersion: dice.one(['1.37', '1.23']),
    seed,
    runFor: `${minutes}m`,
    cluster: { pools },
    ...dice.maybe(0.3, () => ({ world: randomWorld(dice) })),
    ...dice.maybe(isCalm ? 0 : 0.3, () => ({ configuration: randomConfiguration(dice) })),
    manifests: [
      ...apps.flatMap((app) => [deployment(plan, app), ...(dice.chance(0.7) ? [service(app)] : [])]),
      ...(isCalm ? [] : dice.some(0, 3, (i) => barePod(plan, `task${i}`))),
    ],
    behaviours: apps.map((app) => behaviour(plan, app)).concat(isCalm ? [] : [taskBehaviour(dice)]),
    actions: dice.some(0, 5, () => action(plan)),
    faults: isCalm ? [] : dice.some(0, 4, () => fault(plan)),
    record: ['nodes', 'pods', 'containers', 'endpoints', 'evictions', 'kubelet-evictions'],
  };
  const text = { apiVersion: 'kubewhen/v1', kind: 'Scenario', metadata: { name: `fuzz-${seed}` }, spec };
  return { seed, text: text as unknown as ScenarioText, isCalm };
}

/** Bounded: one delivery that takes minutes holds up all that come after it. */
const randomWorld = (dice: Dice): Fields => ({
  apiCall: { uniform: { min: '2ms', max: dice.one(['8ms', '100ms', '1s']) } },
  watchDelivery: { uniform: { min: '1ms', max: dice.one(['6ms', '100ms', '2s']) } },
  machineBoot: dice.one(['5s', '20s', '90s']),
});

const randomConfiguration = (dice: Dice): Fields => ({
  kubeControllerManager: [
    `--node-monitor-grace-period=${dice.one(['20s', '40s', '60s'])}`,
    `--node-eviction-rate=${dice.one(['0.1', '1', '0'])}`,
    `--large-cluster-size-threshold=${dice.one([2, 50])}`,
  ],
});

function probe(dice: Dice): Fields {
  return {
    ...dice.one<Fields>([
      { httpGet: { path: '/', port: 8080 } },
      { tcpSocket: { port: 8080 } },
      { exec: { command: ['true'] } },
    ]),
    periodSeconds: dice.whole(1, 15),
    failureThreshold: dice.whole(1, 4),
    ...dice.maybe(0.4, () => ({ initialDelaySeconds: dice.whole(1, 20) })),
    ...dice.maybe(0.3, () => ({ timeoutSeconds: dice.whole(1, 5) })),
  };
}

function container(plan: Plan): Fields {
  const { dice, isCalm } = plan;
  const requests = { cpu: dice.one(['50m', '250m', '1']), memory: dice.one(['32Mi', '128Mi', '600Mi']) };
  const isGuaranteed = dice.chance(0.2);
  const asks = dice.chance(0.8) ? { resources: isGuaranteed ? { requests, limits: requests } : { requests } } : {};
  return {
    name: 'main',
    image: `registry.example/image${dice.whole(0, 3)}:1`,
    ...(isCalm ? {} : asks),
    ...dice.maybe(0.7, () => ({ readinessProbe: probe(dice) })),
    ...dice.maybe(isCalm ? 0 : 0.4, () => ({ livenessProbe: probe(dice) })),
    ...dice.maybe(isCalm ? 0 : 0.2, () => ({ startupProbe: { ...probe(dice), failureThreshold: 30 } })),
  };
}

function deployment(plan: Plan, app: string): Fields {
  const { dice } = plan;
  const rollingUpdate = {
    maxSurge: dice.one<unknown>([0, 1, 3, '25%', '100%']),
    maxUnavailable: dice.one<unknown>([1, 2, '25%', '50%']),
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: app },
    spec: {
      replicas: dice.whole(0, 9),
      ...dice.maybe(0.3, () => ({ progressDeadlineSeconds: dice.whole(20, 120) })),
      ...dice.maybe(0.2, () => ({ minReadySeconds: dice.whole(1, 15) })),
      strategy: !plan.isCalm && dice.chance(0.15) ? { type: 'Recreate' } : { type: 'RollingUpdate', rollingUpdate },
      selector: { matchLabels: { app } },
      template: {
        metadata: { labels: { app } },
        spec: {
          terminationGracePeriodSeconds: dice.one([0, 1, 5, 30]),
          containers: [container(plan)],
          ...dice.maybe(0.3, () => ({
            tolerations: [
              {
                key: 'node.kubernetes.io/unreachable',
                operator: 'Exists',
                effect: 'NoExecute',
                tolerationSeconds: dice.whole(0, 60),
              },
            ],
          })),
        },
      },
    },
  };
}

const service = (app: string): Fields => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: app },
  spec: { selector: { app }, ports: [{ port: 80, targetPort: 8080 }] },
});

const barePod = (plan: Plan, name: string): Fields => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { kind: 'task' } },
  spec: {
    restartPolicy: plan.dice.one(['Never', 'OnFailure', 'Always']),
    ...plan.dice.maybe(0.3, () => ({ activeDeadlineSeconds: plan.dice.whole(10, 300) })),
    containers: [container(plan)],
  },
});

const duration = (dice: Dice, max: number): string => `${dice.whole(0, max)}s`;

function behaviour({ dice, isCalm }: Plan, app: string): Fields {
  const rough = {
    ...dice.maybe(0.3, () => ({
      exit: { after: { exponential: { mean: `${dice.whole(5, 400)}s` } }, code: dice.one([0, 1, 137]) },
    })),
    ...dice.maybe(0.3, () => ({ memory: { base: '20Mi', growth: dice.one(['1Mi/min', '1Mi/s', '10Mi/s']) } })),
    ...dice.maybe(0.3, () => ({
      probes: {
        readiness: { failureProbability: dice.one([0.02, 0.3]) },
        liveness: { failing: [{ from: duration(dice, 200), until: '300s' }] },
      },
    })),
  };
  return {
    selector: { app },
    start: duration(dice, 3),
    ...dice.maybe(0.7, () => ({ ready: { lognormal: { median: `${dice.whole(1, 10)}s`, p95: '20s' } } })),
    ...dice.maybe(0.4, () => ({
      sigterm: isCalm || dice.chance(0.7) ? { exitsAfter: duration(dice, 10) } : 'ignored',
    })),
    ...(isCalm ? {} : rough),
  };
}

const taskBehaviour = (dice: Dice): Fields => ({
  selector: { kind: 'task' },
  exit: [
    { after: duration(dice, 60), code: 1 },
    { after: duration(dice, 60), code: 0 },
  ],
});

function action(plan: Plan): Fields {
  const { dice, minutes, nodes, apps, isCalm, pools } = plan;
  const at = `${dice.whole(isCalm ? 90 : 1, minutes * 60 - 1)}s`;
  const app = `deployment/${dice.one(apps)}`;
  const rollouts: readonly Fields[] = [
    { setImage: app, images: { main: `registry.example/image${dice.whole(0, 3)}:${dice.whole(1, 3)}` } },
    { rolloutRestart: app },
    { rolloutUndo: app },
  ];
  const rough: readonly Fields[] = [
    { scale: app, replicas: dice.whole(0, 12) },
    { cordon: dice.one(nodes) },
    { uncordon: dice.one(nodes) },
    { drain: dice.one(nodes), force: true, ignoreDaemonSets: true },
    { taint: dice.one(nodes), taints: [`fuzz=1:${dice.one(['NoSchedule', 'NoExecute'])}`] },
    { addNodes: dice.one(pools), count: dice.whole(1, 2) },
    { deleteNode: dice.one(nodes) },
    { delete: 'pod', selector: { app: dice.one(apps) } },
    { delete: app, cascade: dice.one(['background', 'foreground', 'orphan']) },
    { rolloutPause: app },
    { rolloutResume: app },
  ];
  return { at, ...dice.one(isCalm ? rollouts : [...rollouts, ...rough]) };
}

function fault(plan: Plan): Fields {
  const { dice, minutes, nodes, zones, pools, apps } = plan;
  const at = `${dice.whole(1, minutes * 60 - 1)}s`;
  const until = dice.maybe(0.7, () => ({ for: `${dice.whole(1, 600)}s` }));
  const targets: readonly Fields[] = [
    { nodes: [dice.one(nodes)] },
    { pool: dice.one(pools) },
    ...(zones.length > 0 ? [{ zone: dice.one(zones) }] : []),
  ];
  const where = dice.one(targets);
  const pods = { selector: { app: dice.one(apps) }, ...dice.maybe(0.5, () => ({ count: dice.whole(1, 3) })) };
  return {
    at,
    ...dice.one<Fields>([
      { kind: 'NodeCrash', ...where, ...until },
      { kind: 'NodeReboot', ...where },
      { kind: 'KubeletStop', ...where, ...until },
      { kind: 'NetworkPartition', ...where, ...until },
      { kind: 'ContainerExit', ...pods, code: dice.one([0, 1, 137]) },
      { kind: 'ProbeFailure', ...pods, probe: dice.one(['liveness', 'readiness', 'startup']), ...until },
      { kind: 'MemoryLeak', ...pods, memory: { growth: dice.one(['1Mi/s', '20Mi/s']) }, ...until },
    ]),
  };
}
