import { Simulation, seconds } from '../../../engine/index.js';
import type { Pod } from '../../../models/api/index.js';
import { MetricsServer, metricsServerConfiguration, type ScrapedNode } from '../../../models/metrics-server/index.js';
import { type Defaults, defaultsFor } from '../../../models/versions/index.js';

const config = metricsServerConfiguration(defaultsFor('1.37') as Defaults);

interface NodeText {
  /** Second from which the container uses two cores instead of one. */
  readonly busyFrom?: number;
  /** Seconds in which nobody answers. */
  readonly silent?: readonly [from: number, to: number];
  /** Seconds in which the kubelet is stopped. */
  readonly stopped?: readonly [from: number, to: number];
}

const isIn = (at: number, window: readonly [number, number] | undefined): boolean =>
  window !== undefined && at >= seconds(window[0]) && at < seconds(window[1]);

/** A node whose container runs from the start and is looked at every 10 s. */
const aNode = (name: string, { busyFrom = 1e6, silent, stopped }: NodeText = {}): ScrapedNode => ({
  name,
  isSilentAt: (at) => isIn(at, silent),
  podAt: (_, at) => {
    const timestamp = Math.floor(at / seconds(10)) * seconds(10);
    const used = (to: number): number => to + Math.max(0, to - seconds(busyFrom));
    return isIn(at, stopped) || at < 0
      ? []
      : [
          {
            container: 'c',
            startTime: seconds(-100),
            timestamp,
            memory: 4096,
            cpuSince: (from) => used(timestamp) - used(from),
          },
        ];
  },
});

const aPod = (node: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default', uid: 'p' },
  spec: { nodeName: node, containers: [{ name: 'c', image: 'c' }] },
  status: { phase: 'Running' },
});

/** What is known of the pod on node "a" at each second from `from` up to `to`; the phase of the scrapes is the seed's. */
function known(
  nodes: readonly ScrapedNode[],
  from: number,
  to: number,
  seed = 1,
): readonly { readonly cores: number | undefined; readonly age: number }[] {
  const simulation = new Simulation({ seed });
  const node = (name: string): ScrapedNode | undefined => nodes.find((one) => one.name === name);
  const server = new MetricsServer({ simulation, config, nodes: () => nodes, node });
  return Array.from({ length: to - from + 1 }, (_, i) => {
    const now = seconds(from + i);
    const usage = server.usageOf(aPod('a'), now);
    return {
      cores: usage && (usage.containers[0]?.nanocores ?? 0) / 1e9,
      age: usage === undefined ? Number.NaN : (now - usage.timestamp) / 1e6,
    };
  });
}

const coresOf = (values: ReturnType<typeof known>): readonly (number | undefined)[] => values.map(({ cores }) => cores);
const oldest = (values: ReturnType<typeof known>): number => Math.max(...values.map(({ age }) => age));

describe.each([1, 2, 3, 4])('metrics-server, started at moment %d', (seed) => {
  it('tells values that are at most 25 s old: a look every 10 s, a scrape every 15 s', () => {
    const values = known([aNode('a')], 60, 180, seed);
    expect(new Set(coresOf(values))).toEqual(new Set([1]));
    expect(oldest(values)).toBeLessThanOrEqual(25);
    expect(oldest(values)).toBeGreaterThan(15);
  });

  it('tells a step of load late and in part, and wholly once two looks lie behind it', () => {
    const values = coresOf(known([aNode('a', { busyFrom: 105 })], 60, 180, seed));
    const first = 60 + values.findIndex((cores) => (cores ?? 0) > 1);
    const whole = 60 + values.findIndex((cores) => cores === 2);
    // The look of 110 s is the first that saw it, for a half; it is scraped within 15 s. So is that of 120 s.
    expect(first).toBeGreaterThanOrEqual(110);
    expect(first).toBeLessThanOrEqual(126);
    expect(whole).toBeGreaterThanOrEqual(120);
    expect(whole).toBeLessThanOrEqual(141);
    expect(values.at(-1)).toBe(2);
  });

  it('is held up for ten seconds by a node that does not answer', () => {
    const values = known([aNode('a'), aNode('b', { silent: [100, 1000] })], 130, 250, seed);
    expect(new Set(coresOf(values))).toEqual(new Set([1]));
    expect(oldest(values)).toBeGreaterThan(25);
    expect(oldest(values)).toBeLessThanOrEqual(36);
  });

  it('forgets pods whose node does not answer, or refuses', () => {
    for (const node of [aNode('a', { silent: [100, 1000] }), aNode('a', { stopped: [100, 1000] })]) {
      expect(coresOf(known([node], 99, 99, seed))).toEqual([1]);
      expect(coresOf(known([node], 126, 200, seed)).filter((cores) => cores !== undefined)).toEqual([]);
    }
  });
});
