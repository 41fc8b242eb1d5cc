import type { Pod } from '../../models/api/index.js';
import { type ScenarioText, startRun } from '../../scenarios/index.js';
import { Dice } from './dice.js';
import { APPS, RandomPods, ZONE } from './random-pods.js';

type Fields = Record<string, unknown>;

const MINUTES = 4;
const POOL = 'worker';

/** Pods of all sorts come and go on a small cluster that is changed under them: what concerns the whole scheduler, queue included. */
export function schedulingScenario(seed: number): ScenarioText {
  const dice = new Dice(seed);
  const kubernetesVersion = dice.one(['1.37', '1.37', '1.23']);
  const random = new RandomPods(dice, kubernetesVersion);
  const nodes = dice.some(3, 9, (i) => `${POOL}-${i}`);
  const at = (): string => `${dice.whole(1, MINUTES * 60 - 1)}s`;
  const gated: string[] = [];
  const waves = dice.some(4, 10, (wave) => {
    const template = random.pod('template');
    const isGated = kubernetesVersion !== '1.23' && dice.chance(0.2);
    const pods = dice.some(2, 25, (i) => podOf(template, `pod-${wave}-${i}`, dice, isGated));
    gated.push(...(isGated ? pods.map(({ metadata }) => (metadata as Fields).name as string) : []));
    return { at: at(), create: pods };
  });
  const changes = dice.some(4, 20, () => ({ at: at(), ...change(dice, nodes) }));
  const openings = gated.map((name) => ({ at: at(), patch: `pod/${name}`, with: { spec: { schedulingGates: null } } }));
  const spec = {
    kubernetesVersion,
    seed,
    runFor: `${MINUTES}m`,
    cluster: {
      pools: [
        {
          name: POOL,
          count: nodes.length,
          zones: ['z1', 'z2', 'z3'].slice(0, dice.whole(1, 3)),
          capacity: { cpu: dice.one(['1', '2', '4']), memory: '8Gi', pods: dice.one(['5', '20', '110']) },
        },
      ],
    },
    manifests: [
      ...['low', 'high'].map((name, i) => ({
        apiVersion: 'scheduling.k8s.io/v1',
        kind: 'PriorityClass',
        metadata: { name },
        value: 100 * (i + 1),
      })),
      ...APPS.filter(() => dice.chance(0.5)).map((app) => ({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: app },
        spec: { selector: { app }, ports: [{ port: 80 }] },
      })),
    ],
    actions: [...waves, ...changes, ...openings],
    record: ['scheduling', 'pods'],
  };
  const text = { apiVersion: 'kubewhen/v1', kind: 'Scenario', metadata: { name: `scheduling-${seed}` }, spec };
  return text as unknown as ScenarioText;
}

function podOf({ metadata, spec }: Pod, name: string, dice: Dice, isGated: boolean): Fields {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: metadata.labels },
    spec: {
      ...spec,
      terminationGracePeriodSeconds: dice.one([0, 1, 30]),
      ...dice.maybe(0.4, () => ({ priorityClassName: dice.one(['low', 'high']) })),
      ...(isGated && { schedulingGates: [{ name: 'example.com/wait' }] }),
    },
  };
}

function change(dice: Dice, nodes: readonly string[]): Fields {
  const node = dice.one(nodes);
  return dice.one<Fields>([
    { cordon: node },
    { uncordon: node },
    { taint: node, taints: [`k=1:${dice.one(['NoSchedule', 'NoExecute', 'PreferNoSchedule'])}`], overwrite: true },
    { taint: node, taints: ['k-'] },
    { label: `node/${node}`, labels: { rack: dice.one(['r1', 'r2', 'r3', null]) } },
    { label: `node/${node}`, labels: { [ZONE]: dice.one(['z1', 'z2', 'z4']) } },
    { addNodes: POOL, count: dice.whole(1, 2) },
    { deleteNode: node },
    { delete: 'pod', selector: { app: dice.one(APPS) } },
  ]);
}

/** What differs between a run with the plain engine and one with the incremental one; nothing when all is well. */
export function compareEngines(text: ScenarioText): readonly string[] {
  const [plain, incremental] = (['plain', 'incremental'] as const).map((engine) => {
    const run = startRun(text, { scheduler: { engine } });
    const { fingerprint } = run.finish();
    return { fingerprint, rows: run.rows('scheduling').map((row) => JSON.stringify(row)) };
  });
  const length = Math.max(plain?.rows.length ?? 0, incremental?.rows.length ?? 0);
  const at = Array.from({ length }, (_, i) => i).find((i) => plain?.rows[i] !== incremental?.rows[i]);
  if (at !== undefined) {
    return [`attempt ${at}: plain ${plain?.rows[at]}, incremental ${incremental?.rows[at]}`];
  }
  return plain?.fingerprint === incremental?.fingerprint ? [] : ['equal attempts, unequal fingerprints'];
}
