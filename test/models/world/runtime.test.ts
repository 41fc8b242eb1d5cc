import { constant, milliseconds, Simulation, seconds } from '../../../engine/index.js';
import {
  type ContainerBehaviour,
  type ContainerConfig,
  ContainerRuntime,
  Machine,
  type RuntimeContainer,
  World,
} from '../../../models/world/index.js';

const MI = 1024 * 1024;
const SETTINGS = {
  runtimeCall: constant(0),
  sandboxStart: constant(milliseconds(200)),
  containerStart: constant(milliseconds(100)),
  containerStop: constant(milliseconds(50)),
};

/** One machine whose containers behave as told by name. */
function aMachine(behaviours: Readonly<Record<string, ContainerBehaviour>>, memory = 1024 * MI) {
  const simulation = new Simulation({ seed: 1 });
  const world = new World({
    simulation,
    settings: SETTINGS,
    behaviourOf: ({ container }) => behaviours[container] ?? {},
  });
  const machine = new Machine('node-1');
  const runtime = new ContainerRuntime({ world, machine, memory, podCIDR: '10.244.1.0/24' });
  /** Starts a container in a pod of its own; it runs 300 ms later. */
  const run = (name: string, config: Partial<ContainerConfig> = {}, restartCount = 0): void => {
    const identity = { podUid: `uid-${name}`, podKey: `default/${name}` };
    const sandbox = { ...identity, labels: {}, annotations: {}, attempt: 0, isHostNetwork: false };
    const full: ContainerConfig = {
      name,
      image: 'app',
      imageRef: 'app',
      restartCount,
      isInit: false,
      memoryLimit: undefined,
      oomScoreAdj: 0,
      emptyDirs: undefined,
      logLimit: Number.POSITIVE_INFINITY,
      processLimit: Number.POSITIVE_INFINITY,
      ...config,
    };
    runtime.runPodSandbox(sandbox, (reply) => {
      if (reply.ok) {
        runtime.createContainer(identity.podUid, reply.value.id, full, (created) => {
          if (created.ok) {
            runtime.startContainer(identity.podUid, created.value.id, full, () => {});
          }
        });
      }
    });
  };
  const container = (name: string): RuntimeContainer => runtime.pod(`uid-${name}`)?.containers[0] as RuntimeContainer;
  return { simulation, machine, runtime, run, container };
}

describe('the container runtime', () => {
  it('starts a sandbox, then a container, each after its latency', () => {
    const { simulation, runtime, run, container } = aMachine({});
    run('web');
    simulation.runUntil(seconds(1));
    expect(runtime.pod('uid-web')?.sandboxes[0]).toMatchObject({ isReady: true, ip: '10.244.1.2', createdAt: 200_000 });
    expect(container('web')).toMatchObject({ state: 'running', startedAt: 300_000 });
  });

  it('ends a container when its behaviour says, with its code', () => {
    const { simulation, run, container } = aMachine({ job: { exits: [{ after: constant(seconds(5)), code: 3 }] } });
    run('job');
    simulation.runUntil(seconds(10));
    expect(container('job')).toMatchObject({ state: 'exited', exitCode: 3, reason: 'Error', finishedAt: 5_300_000 });
  });

  it('uses the last exit for every later run', () => {
    const exits = [
      { after: constant(seconds(5)), code: 3 },
      { after: constant(seconds(2)), code: 0 },
    ];
    const { simulation, run, container } = aMachine({ job: { exits } });
    run('job', {}, 7);
    simulation.runUntil(seconds(10));
    expect(container('job')).toMatchObject({ exitCode: 0, reason: 'Completed', finishedAt: 2_300_000 });
  });

  describe('stopping', () => {
    const stopAt = (behaviour: ContainerBehaviour, timeouts: readonly number[]): RuntimeContainer => {
      const { simulation, runtime, run, container } = aMachine({ web: behaviour });
      run('web');
      simulation.runUntil(seconds(10));
      timeouts.forEach((timeout, i) => {
        simulation.runUntil(seconds(10 + i));
        runtime.stopContainer('uid-web', container('web').id, seconds(timeout), () => {});
      });
      simulation.runUntil(seconds(100));
      return container('web');
    };

    it('ends with 143 where SIGTERM is answered', () => {
      expect(stopAt({}, [30])).toMatchObject({ exitCode: 143, finishedAt: 10_050_000 });
    });

    it('ends with 137 after the timeout where SIGTERM is ignored', () => {
      expect(stopAt({ sigterm: 'ignored' }, [30])).toMatchObject({ exitCode: 137, finishedAt: seconds(40) });
    });

    it('kills earlier when asked again with less time, never later', () => {
      // Asked at 10 s with 30 s, at 11 s with 5 s, at 12 s with 60 s: 11 + 5.
      expect(stopAt({ sigterm: 'ignored' }, [30, 5, 60])).toMatchObject({ finishedAt: seconds(16) });
    });

    it('kills a container that takes too long', () => {
      const sigterm = { exitsAfter: constant(seconds(3)), exitCode: 0 };
      expect(stopAt({ sigterm }, [30])).toMatchObject({ exitCode: 0, finishedAt: seconds(13) });
      expect(stopAt({ sigterm }, [2])).toMatchObject({ exitCode: 137, finishedAt: seconds(12) });
    });
  });

  it('kills a container whose memory passes its own limit, as one event', () => {
    // From 0.3 s at 100 Mi by 10 Mi a second: 200 Mi are passed 10 s later.
    const { simulation, run, container } = aMachine({
      leaky: { memory: { base: 100 * MI, growthPerSecond: 10 * MI } },
    });
    run('leaky', { memoryLimit: 200 * MI });
    simulation.runUntil(seconds(1));
    const before = simulation.eventCount;
    simulation.runUntil(seconds(60));
    expect(container('leaky')).toMatchObject({ exitCode: 137, reason: 'OOMKilled', finishedAt: 10_300_001 });
    expect(simulation.eventCount - before).toBe(1);
  });

  it('kills the container with the highest badness when the machine runs out of memory', () => {
    const steady = { memory: { base: 300 * MI } };
    const growing = { memory: { base: 100 * MI, growthPerSecond: 10 * MI } };
    const { simulation, run, container } = aMachine({ bulky: steady, slim: growing });
    run('bulky', { oomScoreAdj: -997 });
    run('slim', { oomScoreAdj: 1000 });
    simulation.runUntil(seconds(100));
    // 300 + 100 + 10 t = 1024 Mi at t = 62.4 s.
    expect(container('slim')).toMatchObject({ reason: 'OOMKilled', finishedAt: 62_700_001 });
    expect(container('bulky')).toMatchObject({ state: 'running' });
  });

  it('adds a leak while the lever is pulled', () => {
    const { simulation, runtime, run, container } = aMachine({ web: { memory: { base: 100 * MI } } });
    run('web', { memoryLimit: 200 * MI });
    simulation.runUntil(seconds(10));
    const heal = runtime.leak('default/web', 'web', { base: 0, growthPerSecond: MI });
    simulation.runUntil(seconds(60));
    expect(runtime.memory.usedByPodAt('uid-web', seconds(60))).toBeCloseTo(150 * MI, 0);
    heal();
    expect(runtime.memory.usedByPodAt('uid-web', seconds(60))).toBe(100 * MI);
    simulation.runUntil(seconds(600));
    expect(container('web').state).toBe('running');
  });

  it('loses what runs when the power goes, and remembers it', () => {
    const { simulation, machine, runtime, run, container } = aMachine({});
    run('web');
    simulation.runUntil(seconds(10));
    const { bootId } = machine;
    machine.powerOff();
    machine.powerOn();
    expect(machine.bootId).not.toBe(bootId);
    expect(container('web')).toMatchObject({ state: 'exited', exitCode: 255, reason: 'Unknown' });
    expect(runtime.pod('uid-web')?.sandboxes[0]?.isReady).toBe(false);
  });

  it('never answers a call that the loss of power interrupted', () => {
    const { simulation, machine, runtime, run } = aMachine({});
    run('web');
    simulation.runUntil(milliseconds(100));
    machine.powerOff();
    machine.powerOn();
    simulation.runUntil(seconds(10));
    expect([...runtime.pods()]).toEqual([]);
  });

  it('holds calls back while it hangs', () => {
    const { simulation, runtime, run, container } = aMachine({});
    const heal = runtime.hang();
    run('web');
    simulation.runUntil(seconds(10));
    expect(runtime.pod('uid-web')).toBeUndefined();
    heal();
    simulation.runUntil(seconds(11));
    expect(container('web')).toMatchObject({ startedAt: 10_100_000 });
  });
});

describe('probes of a process', () => {
  const target = (behaviour: ContainerBehaviour) => {
    const { simulation, runtime, run, container } = aMachine({ web: behaviour });
    run('web');
    simulation.runUntil(seconds(1));
    const found = runtime.probeTarget(container('web').id, 'readiness');
    if (found === undefined) {
      throw new Error('web runs');
    }
    return { found, runtime };
  };

  it('fail until it is ready and inside their windows', () => {
    const failing = [{ from: seconds(30), until: seconds(45) }];
    const { found } = target({ ready: constant(seconds(8)), probes: { readiness: { failing } } });
    // The process runs from 0.3 s.
    expect(found.succeedsAt(8_299_999)).toBe(false);
    expect(found.changesAfter(0)).toBe(8_300_000);
    expect(found.succeedsAt(8_300_000)).toBe(true);
    expect(found.changesAfter(8_300_000)).toBe(30_300_000);
    expect(found.succeedsAt(30_300_000)).toBe(false);
    expect(found.succeedsAt(45_300_000)).toBe(true);
    expect(found.changesAfter(45_300_000)).toBe(Number.POSITIVE_INFINITY);
  });

  it('fail while a lever makes them fail', () => {
    const { found, runtime } = target({});
    const heal = runtime.failProbe('default/web', 'web', 'readiness');
    expect(found.succeedsAt(seconds(1))).toBe(false);
    heal();
    expect(found.succeedsAt(seconds(1))).toBe(true);
  });

  it('fail by chance as often as the behaviour says, whatever order they are asked in', () => {
    const { found } = target({ probes: { readiness: { failureProbability: 0.1 } } });
    const failing = Array.from({ length: 20_000 }, (_, i) => found.failsByChance(i)).filter(Boolean).length;
    // Binomial: mean 2000, deviation 42.
    expect(Math.abs(failing - 2000)).toBeLessThan(5 * 42);
    const later = target({ probes: { readiness: { failureProbability: 0.1 } } }).found;
    expect(later.nextChanceFailure(10_000)).toBe(found.nextChanceFailure(10_000));
  });
});
