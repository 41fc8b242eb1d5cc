import { Lateness } from './runner/traces/lateness.js';
import type { Script } from './runner/traces/script.js';
import type { TraceLine } from './runner/traces/trace.js';

const pod = (t: number, fields: Readonly<Record<string, unknown>>): TraceLine => ({
  t,
  kind: 'Pod',
  name: 'web',
  event: 'MODIFIED',
  ...fields,
});

const node = (t: number, name: string, ready: string): TraceLine => ({
  t,
  kind: 'Node',
  name,
  event: 'MODIFIED',
  ready,
});

const script = (steps: Script['steps']): Script => ({
  cluster: 'work',
  pools: [],
  end: 60,
  steps,
  lastRenewals: new Map(),
});

const manifest = (annotations: Readonly<Record<string, string>>) =>
  [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', annotations }, spec: { containers: [] } }] as const;

describe('The lateness of played kubelets', () => {
  it('is what a pod took longer than its annotations say, less the 0.08 s in which a watcher hears of it', () => {
    const lines = [pod(0, { node: 'a', phase: 'Pending' }), pod(3.5, { node: 'a', phase: 'Running' })];
    const lateness = new Lateness(lines, script([]), manifest({ 'sim/run-after': '3' }));
    // Due at 0 + 3 s, seen at 3.5 s.
    expect(lateness.at(3, 'a')).toBeCloseTo(0.42, 9);
    expect(lateness.at(3.4, 'b')).toBeCloseTo(0.42, 9);
    expect(lateness.at(3.6, 'a')).toBe(0);
  });

  it('is nothing where deeds were in time', () => {
    const lines = [
      pod(0, { node: 'a', phase: 'Running', deletionTimestamp: 'x' }),
      pod(1.05, { node: 'a', phase: 'Succeeded', deletionTimestamp: 'x' }),
    ];
    expect(new Lateness(lines, script([]), manifest({})).at(1, 'a')).toBe(0);
  });

  it('of a kubelet that starts is its own: of its first status, and of its look at its pods a second later', () => {
    const started = { kubelet: 'start', nodes: ['a', 'b'], t: 10 } as const;
    const ready = { phase: 'Running', conditions: { Ready: 'True' } };
    const lines = [node(10.28, 'a', 'True'), node(10.58, 'b', 'True'), pod(11.98, { ...ready, node: 'b' })];
    const lateness = new Lateness(lines, script([started]), []);
    expect(lateness.at(10, 'a')).toBeCloseTo(0.2, 9);
    expect(lateness.at(10, 'b')).toBeCloseTo(0.5, 9);
    expect(lateness.at(11, 'b')).toBeCloseTo(0.9, 9);
    expect(lateness.at(11, 'a')).toBe(0);
  });
});
