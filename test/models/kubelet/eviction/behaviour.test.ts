import fc from 'fast-check';
import { seconds } from '../../../../engine/time/micros.js';
import type { Pod, PodSpec, ResourceRequirements } from '../../../../models/api/index.js';
import {
  chooseVictim,
  criticalLevel,
  type EvictionConfiguration,
  type EvictionPass,
  type EvictionSettings,
  type EvictionState,
  type EvictionView,
  evictionSettings,
  FIRST_EVICTION_STATE,
  isQuiet,
  isReclaimed,
  type NodeStats,
  type PodUsage,
  parseThresholdConfig,
  rankPods,
  signalObservations,
  synchronize,
} from '../../../../models/kubelet/eviction/index.js';
import { defaultsFor } from '../../../../models/versions/index.js';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

const settingsOf = (configuration: EvictionConfiguration = {}, version = '1.37'): EvictionSettings =>
  evictionSettings(defaultsFor(version)!, 'singleDisk', configuration);

function aPod(name: string, spec: Partial<PodSpec> = {}, resources?: ResourceRequirements): Pod {
  const containers = [{ name: 'app', ...(resources && { resources }) }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers, ...spec } };
}

const memoryOf = (memory: number): PodUsage => ({ containers: [{ name: 'app', memory }], volumes: [], memory });

/** A node of 8 Gi whose other signals are well. */
const nodeWith = (memoryAvailable: number, at: number): NodeStats => ({
  at: seconds(at),
  memory: { available: memoryAvailable, workingSet: 8 * GIB - memoryAvailable },
  nodeFs: { available: 50 * GIB, capacity: 100 * GIB, inodesFree: 900, inodes: 1_000 },
});

/** Runs passes of one manager, remembering its state. */
class Manager {
  state: EvictionState = FIRST_EVICTION_STATE;
  readonly #settings: EvictionSettings;

  constructor(settings: EvictionSettings) {
    this.#settings = settings;
  }

  pass(
    at: number,
    stats: NodeStats,
    usages: ReadonlyMap<Pod, PodUsage> = new Map(),
  ): EvictionPass & { victim: string } {
    const view: EvictionView = {
      observations: signalObservations(stats),
      activePods: [...usages.keys()],
      usageOf: (pod) => usages.get(pod),
    };
    const pass = synchronize(this.#settings, this.state, view, seconds(at));
    this.state = pass.state;
    const eviction = pass.reclaim && chooseVictim(this.#settings, pass.reclaim, view);
    return { ...pass, victim: eviction ? `${eviction.pod.metadata.name} in ${eviction.gracePeriodOverride} s` : '' };
  }
}

describe('the eviction manager', () => {
  const small = aPod('small', {}, { requests: { memory: '2Gi' } });
  const greedy = aPod('greedy', { priority: 10 }, { requests: { memory: '1Gi' } });
  const usages = new Map([
    [small, memoryOf(GIB)],
    [greedy, memoryOf(2 * GIB)],
  ]);

  it('evicts below 100 Mi the pod above its request, whatever its priority, with 1 s of grace', () => {
    const manager = new Manager(settingsOf());
    expect(manager.pass(0, nodeWith(100 * MIB, 0), usages)).toMatchObject({ victim: '' });
    expect(manager.state.nodeConditions).toEqual([]);
    expect(manager.pass(10, nodeWith(100 * MIB - 1, 10), usages)).toMatchObject({ victim: 'greedy in 1 s' });
    expect(manager.state.nodeConditions).toEqual(['MemoryPressure']);
  });

  it('tells the threshold in 1.37 only, and gives hard evictions no grace of their own in 1.23', () => {
    const messageOf = (version: string) => {
      const settings = settingsOf({}, version);
      const observations = signalObservations(nodeWith(90 * MIB, 0));
      const view: EvictionView = { observations, activePods: [greedy], usageOf: (pod) => usages.get(pod) };
      const { reclaim } = synchronize(settings, FIRST_EVICTION_STATE, view, 0);
      return chooseVictim(settings, reclaim!, view);
    };
    expect(messageOf('1.37')).toMatchObject({
      gracePeriodOverride: 1,
      message:
        'The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi. ' +
        'Container app was using 2Gi, request is 1Gi, has larger consumption of memory. ',
      annotations: { offending_containers: 'app', offending_containers_usage: '2Gi', starved_resource: 'memory' },
      marksDisruptionTarget: true,
    });
    expect(messageOf('1.23')).toMatchObject({
      gracePeriodOverride: 0,
      message: 'The node was low on resource: memory. Container app was using 2Gi, which exceeds its request of 1Gi. ',
      marksDisruptionTarget: false,
    });
  });

  it('shows pressure at once for a soft threshold, but evicts only when its grace is over', () => {
    const soft = {
      evictionSoft: { 'memory.available': '1Gi' },
      evictionSoftGracePeriod: { 'memory.available': '30s' },
    };
    const manager = new Manager(settingsOf({ ...soft, evictionMaxPodGracePeriod: 20 }));
    expect(manager.pass(0, nodeWith(900 * MIB, 0), usages).victim).toBe('');
    expect(manager.state.nodeConditions).toEqual(['MemoryPressure']);
    expect(manager.pass(20, nodeWith(900 * MIB, 20), usages).victim).toBe('');
    expect(manager.pass(30, nodeWith(900 * MIB, 30), usages).victim).toBe('greedy in 20 s');
  });

  it('gives a soft eviction no more grace than the pod itself asks for in 1.37', () => {
    const soft = { evictionSoft: { 'memory.available': '1Gi' }, evictionSoftGracePeriod: { 'memory.available': '0s' } };
    // A soft threshold without grace is a hard one: 1 s; 10 s of grace are soft.
    const withGrace = {
      ...soft,
      evictionSoftGracePeriod: { 'memory.available': '10s' },
      evictionMaxPodGracePeriod: 60,
    };
    const patient = aPod('patient', { terminationGracePeriodSeconds: 5 });
    const one = new Map([[patient, memoryOf(GIB)]]);
    const victimOf = (configuration: EvictionConfiguration, version: string): string => {
      const manager = new Manager(settingsOf(configuration, version));
      manager.pass(0, nodeWith(900 * MIB, 0), one);
      return manager.pass(10, nodeWith(900 * MIB, 10), one).victim;
    };
    expect(victimOf(soft, '1.37')).toBe('patient in 1 s');
    expect(victimOf(withGrace, '1.37')).toBe('patient in 5 s');
    expect(victimOf(withGrace, '1.23')).toBe('patient in 60 s');
  });

  it('holds a condition for 300 s after it was last observed, exclusive', () => {
    const manager = new Manager(settingsOf());
    manager.pass(0, nodeWith(50 * MIB, 0));
    manager.pass(299, nodeWith(4 * GIB, 299));
    expect(manager.state.nodeConditions).toEqual(['MemoryPressure']);
    expect(isQuiet(manager.state)).toBe(false);
    manager.pass(300, nodeWith(4 * GIB, 300));
    expect(manager.state.nodeConditions).toEqual([]);
    expect(isQuiet(manager.state)).toBe(true);
  });

  it('goes on evicting until the minimum to reclaim is there', () => {
    const manager = new Manager(settingsOf({ evictionMinimumReclaim: { 'memory.available': '500Mi' } }));
    expect(manager.pass(0, nodeWith(50 * MIB, 0), usages).victim).not.toBe('');
    expect(manager.pass(10, nodeWith(599 * MIB, 10), usages).victim).not.toBe('');
    expect(manager.pass(20, nodeWith(600 * MIB, 20), usages).victim).toBe('');
  });

  it('does not act twice on the same statistics', () => {
    const manager = new Manager(settingsOf());
    expect(manager.pass(0, nodeWith(50 * MIB, 0), usages).victim).not.toBe('');
    expect(manager.pass(10, nodeWith(50 * MIB, 0), usages).victim).toBe('');
  });

  it('spares critical pods and takes the next in rank', () => {
    const critical = aPod('critical', { priority: 2_000_000_000 });
    const manager = new Manager(settingsOf());
    const both = new Map([[critical, memoryOf(4 * GIB)], ...usages]);
    expect(manager.pass(0, nodeWith(50 * MIB, 0), both).victim).toBe('greedy in 1 s');
  });

  it('lets the node clean up its disk before it evicts', () => {
    const settings = settingsOf();
    const full = (available: number): NodeStats => ({
      ...nodeWith(4 * GIB, 0),
      nodeFs: { available, capacity: 100 * GIB },
    });
    const { reclaim, state } = new Manager(settings).pass(0, full(9 * GIB));
    expect(state.nodeConditions).toEqual(['DiskPressure']);
    expect(reclaim?.nodeLevel).toEqual(['deleteAllUnusedContainers', 'deleteUnusedImages']);
    expect(isReclaimed(settings, signalObservations(full(9 * GIB)))).toBe(false);
    expect(isReclaimed(settings, signalObservations(full(11 * GIB)))).toBe(true);
  });

  it('kills every pod over a local storage limit in one pass, pressure or not', () => {
    const emptyDir = { emptyDir: { sizeLimit: '100Mi' }, name: 'scratch' };
    const overVolume = aPod('over-volume', { volumes: [emptyDir] });
    const overContainer = aPod('over-container', {}, { limits: { 'ephemeral-storage': '1Gi' } });
    const manager = new Manager(settingsOf());
    const { overLimit, reclaim } = manager.pass(
      0,
      nodeWith(50 * MIB, 0),
      new Map<Pod, PodUsage>([
        [overVolume, { containers: [], volumes: [{ name: 'scratch', usedBytes: 101 * MIB }] }],
        [overContainer, { containers: [{ name: 'app', logs: { usedBytes: 2 * GIB } }], volumes: [] }],
      ]),
    );
    expect(overLimit.map(({ message }) => message)).toEqual([
      'Usage of EmptyDir volume "scratch" exceeds the limit "100Mi". ',
      'Container app exceeded its local ephemeral storage limit "1Gi". ',
    ]);
    expect(reclaim).toBeUndefined();
  });

  it('changes nothing while signals stay at their critical level', () => {
    const settings = settingsOf();
    expect(criticalLevel(settings, 'memory.available', 8 * GIB)).toBe(100 * MIB);
    expect(criticalLevel(settings, 'pid.available', 32_768)).toBe(0);
    const manager = new Manager(settings);
    manager.pass(0, nodeWith(100 * MIB, 0));
    expect(isQuiet(manager.state)).toBe(true);
  });
});

describe('eviction settings', () => {
  it('drop every default as soon as evictionHard is set, unless the defaults are to be merged', () => {
    const signals = (configuration: EvictionConfiguration, version = '1.37'): readonly string[] =>
      settingsOf(configuration, version).thresholds.map(({ signal }) => signal);
    const own = { evictionHard: { 'pid.available': '10%' } };
    expect(signals(own)).toEqual(['pid.available']);
    expect(signals({ ...own, mergeDefaultEvictionSettings: true })).toContain('memory.available');
    expect(signals({})).toEqual([
      'imagefs.available',
      'imagefs.inodesFree',
      'memory.available',
      'nodefs.available',
      'nodefs.inodesFree',
      'allocatableMemory.available',
      'containerfs.available',
      'containerfs.inodesFree',
    ]);
    // 1.23 watches no inodes of imagefs by default and knows no containerfs.
    expect(signals({}, '1.23')).toEqual([
      'imagefs.available',
      'memory.available',
      'nodefs.available',
      'nodefs.inodesFree',
      'allocatableMemory.available',
    ]);
  });

  it.each([
    [{ evictionHard: { memory: '1Gi' } }, 'unsupported eviction signal memory'],
    [
      { evictionHard: { 'memory.available': '101%' } },
      'eviction percentage threshold memory.available must be <= 100%: 101%',
    ],
    [{ evictionHard: { 'memory.available': '0' } }, 'eviction threshold memory.available must be positive: 0'],
    [
      { evictionSoft: { 'memory.available': '1Gi' } },
      'grace period must be specified for the soft eviction threshold memory.available',
    ],
    [{ evictionSoftGracePeriod: { 'memory.available': '5' } }, 'time: missing unit in duration "5"'],
  ])('refuse %j', (configuration, message) => {
    expect(() => parseThresholdConfig(configuration)).toThrow(new RangeError(message));
  });
});

it('ranks the same pods alike whatever their order, where no two are equal', () => {
  const pods = fc.uniqueArray(
    fc.record({
      memory: fc.option(fc.nat(4_000), { nil: undefined }),
      request: fc.nat(4_000),
      priority: fc.integer({ min: -2, max: 2 }),
      seed: fc.nat(),
    }),
    {
      selector: ({ memory, request, priority }) =>
        memory === undefined ? priority : `${memory - request}/${priority}`,
    },
  );
  fc.assert(
    fc.property(pods, (list) => {
      const usages = new Map<Pod, PodUsage | undefined>();
      for (const [i, { memory, request, priority }] of list.entries()) {
        const pod = aPod(`p${i}`, { priority }, { requests: { memory: String(request) } });
        usages.set(pod, memory === undefined ? undefined : memoryOf(memory));
      }
      const rank = (order: readonly Pod[]): readonly Pod[] =>
        rankPods(order, (pod) => usages.get(pod), 'memory.available', 'singleDisk');
      const inOrder = [...usages.keys()];
      const shuffled = inOrder.map((pod, i) => ({ pod, seed: list[i]!.seed })).sort((a, b) => a.seed - b.seed);
      expect(rank(shuffled.map(({ pod }) => pod))).toEqual(rank(inOrder));
    }),
  );
});
