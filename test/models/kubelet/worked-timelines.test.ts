import { constant, seconds, toSeconds } from '../../../engine/index.js';
import type { Pod } from '../../../models/api/index.js';
import type { ContainerBehaviour } from '../../../models/world/index.js';
import { type ANode, aNode, type PodDraft } from '../../helpers/a-node.js';

/**
 * Timelines that were worked out from Kubernetes' code by hand, for both versions; ranges in seconds. Those of crash loops stand in
 * restarts.test.ts, those of dead nodes with the node lifecycle controller.
 */
type Version = '1.37' | '1.23';
type Range = readonly [least: number, most: number];
type Ranges = Readonly<Record<Version, Range>>;

const MI = 1024 * 1024;
const BOTH = (least: number, most: number): Ranges => ({ '1.37': [least, most], '1.23': [least, most] });
const exits = (after: number, code = 0): ContainerBehaviour => ({
  exits: [{ after: constant(seconds(after)), code }],
});
const isReady = (pod: Pod): boolean =>
  pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;

interface Story {
  readonly behaviours?: Readonly<Record<string, ContainerBehaviour>>;
  readonly spec?: PodDraft['spec'];
  readonly until: string;
  /** Seconds that the table speaks of. */
  readonly took: (node: ANode) => number | undefined;
}

/** Times of the first container's end and of the pod's, counted from when its deletion was asked for at 100 s. */
const DELETED_AT = 100;
const killedAfter = (node: ANode): number | undefined => {
  const ended = node.when(
    'web',
    (pod) => pod.status?.containerStatuses?.[0]?.state?.terminated !== undefined,
    DELETED_AT,
  );
  const finishedAt = node.history('web').at(-1)?.pod.status?.containerStatuses?.[0]?.state?.terminated?.finishedAt;
  return finishedAt === undefined ? ended && ended - DELETED_AT : toSeconds(finishedAt) - DELETED_AT;
};
const goneAfter = (node: ANode): number => (node.goneAt('web') as number) - DELETED_AT;

const preStop = (takes: string): PodDraft['spec'] => ({
  containers: [{ name: 'c', image: 'app:v1', lifecycle: { preStop: { exec: { command: ['sleep', takes] } } } }],
});
const hooked = (takes: number): ContainerBehaviour => ({
  sigterm: 'ignored',
  preStop: { takes: constant(seconds(takes)) },
});

const TABLE: readonly [string, Story, Ranges][] = [
  [
    'a pod start, image there, token volume, no probes: Ready after its binding',
    { until: '110s', took: (node) => (node.when('web', isReady) as number) - 10 },
    { '1.37': [0.3, 0.8], '1.23': [0.3, 2.5] },
  ],
  [
    'three init containers of 0 s, each',
    {
      behaviours: { i0: exits(0), i1: exits(0), i2: exits(0) },
      spec: { initContainers: ['i0', 'i1', 'i2'].map((name) => ({ name, image: 'app:v1' })) },
      until: '110s',
      took: (node) => ((node.when('web', isReady) as number) - 10.3) / 3,
    },
    { '1.37': [0, 1.1], '1.23': [0.3, 2.1] },
  ],
  [
    'the deletion of a pod that exits 0.2 s after SIGTERM: the object is gone',
    { until: '200s', took: goneAfter },
    BOTH(0.4, 3.2),
  ],
  [
    'SIGTERM ignored, preStop of 20 s, 30 s of grace: SIGKILL',
    { behaviours: { c: hooked(20) }, spec: preStop('20'), until: '300s', took: killedAfter },
    { '1.37': [29, 31], '1.23': [49, 51] },
  ],
  [
    'a preStop that never ends, 30 s of grace: SIGKILL',
    { behaviours: { c: hooked(100_000) }, spec: preStop('infinity'), until: '300s', took: killedAfter },
    { '1.37': [31, 33], '1.23': [59, 61] },
  ],
  [
    'less than 100 Mi left at 110 s, one offender that ends at once: the pod shows as Evicted',
    {
      // 8192 − 100 Mi: 7092 Mi at 10.5 s, and 10 Mi/s for 100 s.
      behaviours: { c: { memory: { base: 7092 * MI, growthPerSecond: 10 * MI } } },
      until: '160s',
      took: (node) => (node.when('web', ({ status }) => status?.reason === 'Evicted') as number) - 110.5,
    },
    BOTH(-0.6, 13),
  ],
];

describe.each(['1.37', '1.23'] as const)('worked timelines, Kubernetes %s', (kubernetesVersion) => {
  it.each(TABLE)('%s', (_, { behaviours = {}, spec = {}, took, until }, ranges) => {
    const node = aNode({ kubernetesVersion, behaviours });
    node.runUntil('10s');
    node.apply({ name: 'web', spec });
    node.runUntil(`${DELETED_AT}s`);
    if (took === goneAfter || took === killedAfter) {
      node.delete('web');
    }
    node.runUntil(until);
    const [least, most] = ranges[kubernetesVersion];
    expect(took(node)).toBeGreaterThanOrEqual(least);
    expect(took(node)).toBeLessThanOrEqual(most);
  });

  it('liveness that fails from the start, SIGTERM ignored, 30 s of grace: immediate restarts until the sixth kill', () => {
    const livenessProbe = { exec: { command: ['look'] }, periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 1 };
    const node = aNode({
      kubernetesVersion,
      behaviours: { c: { sigterm: 'ignored', probes: { liveness: { failing: [{ from: 0 }] } } } },
    });
    node.runUntil('10s');
    node.apply({ name: 'web', spec: { containers: [{ name: 'c', image: 'app:v1', livenessProbe }] } });
    node.runUntil('700s');
    const starts = node.starts('web');
    // Killed 20 to 30 s after its start, SIGKILL 30 s later, started at once: 50 to 62 s a cycle.
    for (let i = 1; i <= 5; i++) {
      const cycle = (starts[i] as number) - (starts[i - 1] as number);
      expect(cycle).toBeGreaterThan(49);
      expect(cycle).toBeLessThan(63);
    }
    // The sixth is refused: 80 s of back-off are more than the cycle.
    expect((starts[6] as number) - (starts[5] as number)).toBeGreaterThan(100);
  });
});
