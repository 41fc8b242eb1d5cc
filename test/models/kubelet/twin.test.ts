import { constant, type Distribution, seconds, toSeconds } from '../../../engine/index.js';
import type { Probe } from '../../../models/api/index.js';
import type { ContainerBehaviour } from '../../../models/world/index.js';
import { type ANode, aNode, type PodDraft } from '../../helpers/a-node.js';

const MI = 1024 * 1024;
const uniform = (min: number, max: number): Distribution => ({ kind: 'uniform', min: seconds(min), max: seconds(max) });

const probe = (periodSeconds: number, settings: Partial<Probe> = {}): Probe => ({
  httpGet: { port: 80 },
  periodSeconds,
  timeoutSeconds: 1,
  successThreshold: 1,
  failureThreshold: 3,
  ...settings,
});

const container = (name: string, more: object = {}) => ({ name, image: 'app:v1', ...more });

/** Something of everything. */
const PODS: Readonly<Record<string, { readonly spec: PodDraft['spec']; readonly behaviour: ContainerBehaviour }>> = {
  steady: {
    spec: { containers: [container('c', { readinessProbe: probe(10), livenessProbe: probe(7) })] },
    behaviour: { ready: uniform(3, 9) },
  },
  crash: { spec: {}, behaviour: { exits: [{ after: uniform(1, 40), code: 1 }] } },
  flaky: {
    spec: { containers: [container('c', { readinessProbe: probe(5, { failureThreshold: 1 }) })] },
    behaviour: { probes: { readiness: { failureProbability: 0.05 } } },
  },
  window: {
    spec: {
      containers: [container('c', { readinessProbe: probe(3, { successThreshold: 2 }), livenessProbe: probe(11) })],
    },
    behaviour: {
      probes: {
        readiness: { failing: [{ from: seconds(100), until: seconds(222) }] },
        liveness: { failing: [{ from: seconds(400) }] },
      },
    },
  },
  slow: {
    spec: {
      containers: [container('c', { startupProbe: probe(4, { failureThreshold: 30 }), livenessProbe: probe(5) })],
    },
    behaviour: { ready: uniform(30, 60), probes: { liveness: { latency: constant(seconds(0.4)) } } },
  },
  job: {
    spec: { restartPolicy: 'OnFailure' },
    behaviour: {
      exits: [
        { after: uniform(5, 90), code: 1 },
        { after: uniform(5, 90), code: 0 },
      ],
    },
  },
  missing: { spec: { containers: [container('c', { image: 'missing:v1' })] }, behaviour: {} },
  init: {
    spec: { initContainers: [container('i', {})] },
    behaviour: {},
  },
  leaky: { spec: {}, behaviour: { memory: { base: 1000 * MI, growthPerSecond: 6 * MI } } },
  deadline: { spec: { activeDeadlineSeconds: 321 }, behaviour: {} },
};

function run(seed: number, kubernetesVersion: '1.37' | '1.23', elideQuietEvents: boolean): ANode {
  const behaviours: Record<string, ContainerBehaviour> = { 'init/i': { exits: [{ after: uniform(2, 30), code: 0 }] } };
  for (const [name, { behaviour }] of Object.entries(PODS)) {
    behaviours[`${name}/c`] = behaviour;
  }
  const node = aNode({
    seed,
    kubernetesVersion,
    elideQuietEvents,
    behaviours,
    record: ['kubelet-evictions', 'image-pulls'],
  });
  node.registry.describe('missing:v1', { exists: false });
  Object.entries(PODS).forEach(([name, { spec }], i) => {
    node.runUntil(`${5 + 1.37 * i}s`);
    node.apply({ name, spec });
  });
  node.runUntil('500s');
  const heal = node.runtime.failProbe('default/steady', 'c', 'readiness');
  node.runUntil('533.3s');
  heal();
  node.runUntil('700.123s');
  node.kubelet.stop();
  node.runUntil('715.5s');
  node.kubelet.start();
  node.runUntil('900.01s');
  node.delete('window');
  node.runUntil('1111.1s');
  const cut = node.network.cut('node/node-1', 'control-plane');
  node.runUntil('1200s');
  cut();
  node.runUntil('1500s');
  return node;
}

/** Everything that can be seen from outside. */
function seen(node: ANode): readonly string[] {
  const pods = Object.keys(PODS).flatMap((name) =>
    node.history(name).map(({ at, pod }) => `${toSeconds(at)} ${name} ${JSON.stringify(pod.status)}`),
  );
  const events = [...Object.keys(PODS), 'node-1'].flatMap((name) =>
    node
      .events(name)
      .map(({ at, event }) => `${toSeconds(at)} ${name} ${event.reason} ${event.message} ${event.count}`),
  );
  const rows = ['kubelet-evictions', 'image-pulls'].flatMap((name) =>
    node.sink.rows(name).map(({ at, row }) => `${toSeconds(at)} ${JSON.stringify(row)}`),
  );
  return [...pods, ...events, ...rows];
}

describe('leaving out quiet ticks', () => {
  it.each([
    [1, '1.37'],
    [2, '1.37'],
    [3, '1.37'],
    [1, '1.23'],
    [2, '1.23'],
  ] as const)('shows the same as simulating every tick (seed %s, Kubernetes %s)', (seed, kubernetesVersion) => {
    const quick = run(seed, kubernetesVersion, true);
    const plain = run(seed, kubernetesVersion, false);
    expect(seen(quick)).toEqual(seen(plain));
    expect(quick.simulation.eventCount).toBeLessThan(plain.simulation.eventCount / 2);
  });
});

const RESTARTING: typeof PODS = {
  quick: { spec: {}, behaviour: { exits: [{ after: uniform(1, 40), code: 1 }] } },
  // Now within, now beyond the ten minutes after which a back-off is forgotten.
  late: { spec: {}, behaviour: { exits: [{ after: uniform(250, 620), code: 1 }] } },
  probed: {
    spec: { containers: [container('c', { startupProbe: probe(3), readinessProbe: probe(2) }), container('other')] },
    behaviour: { exits: [{ after: uniform(1, 90), code: 1 }] },
  },
  // Results of its probes ask for syncs while nothing of it runs.
  alone: {
    spec: {
      containers: [container('c', { startupProbe: probe(3), readinessProbe: probe(2), livenessProbe: probe(7) })],
    },
    behaviour: { exits: [{ after: uniform(1, 30), code: 1 }] },
  },
  flaky: {
    spec: {
      containers: [
        container('c', {
          readinessProbe: probe(3, { failureThreshold: 2, successThreshold: 2 }),
          livenessProbe: probe(5),
        }),
      ],
    },
    behaviour: { probes: { readiness: { failureProbability: 0.1 }, liveness: { failureProbability: 0.15 } } },
  },
  restarted: {
    spec: { containers: [container('c', { readinessProbe: probe(4), livenessProbe: probe(7) })] },
    behaviour: {
      exits: [{ after: uniform(1000, 2000), code: 1 }],
      probes: {
        readiness: { failureProbability: 0.3, latency: constant(seconds(0.3)) },
        liveness: { failureProbability: 0.05 },
      },
    },
  },
};

function runSilently(seed: number, kubernetesVersion: '1.37' | '1.23', plain: boolean): ANode {
  const behaviours = Object.fromEntries(
    Object.entries(RESTARTING).map(([name, { behaviour }]) => [`${name}/c`, behaviour]),
  );
  const node = aNode({ seed, kubernetesVersion, behaviours, elideQuietEvents: !plain, keepsEvents: plain });
  for (const [name, { spec }] of Object.entries(RESTARTING)) {
    node.apply({ name, spec });
  }
  const faults = [() => node.runtime.breakNetworkPlugin(), () => node.runtime.hang()];
  for (let i = 0; i < 12; i++) {
    node.runUntil(`${1000 + 577 * i}s`);
    const heal = faults[i % faults.length]?.();
    node.runUntil(`${1003.3 + 577 * i + 65.2 * (i % 4)}s`);
    heal?.();
  }
  node.delete('quick');
  node.runUntil('9000s');
  return node;
}

describe('leaving out what only Events would tell: resyncs in a back-off, probes that fail once', () => {
  it.each([
    [1, '1.37'],
    [2, '1.37'],
    [1, '1.23'],
    [2, '1.23'],
  ] as const)('shows the same pods as simulating all of it (seed %s, Kubernetes %s)', (seed, kubernetesVersion) => {
    const versions = (node: ANode): readonly string[] =>
      Object.keys(RESTARTING).flatMap((name) =>
        node.history(name).map(({ at, pod }) => `${toSeconds(at)} ${name} ${JSON.stringify(pod.status)}`),
      );
    const quick = runSilently(seed, kubernetesVersion, false);
    const plain = runSilently(seed, kubernetesVersion, true);
    expect(versions(quick)).toEqual(versions(plain));
    expect(quick.events('quick')).toEqual([]);
  });
});
