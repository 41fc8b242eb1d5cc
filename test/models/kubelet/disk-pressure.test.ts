import { seconds } from '../../../engine/index.js';
import type { Pod } from '../../../models/api/index.js';
import { type ContainerBehaviour, filesystemOf, oneDisk } from '../../../models/world/index.js';
import { type ANode, type ANodeOptions, aNode } from '../../helpers/a-node.js';

const MI = 1024 * 1024;
const GI = 1024 * MI;

const container = (limits: Record<string, string> = {}, requests: Record<string, string> = {}) => ({
  containers: [{ name: 'c', image: 'app:v1', resources: { limits, requests } }],
});

const isEvicted = (pod: Pod): boolean => pod.status?.reason === 'Evicted';
const reasons = (node: ANode, of: string): readonly string[] => node.events(of).map(({ event }) => event.reason ?? '');

/** Pods on a node whose one disk has 10 Gi; they start at about 10.3 s. */
function filled(
  behaviours: Readonly<Record<string, ContainerBehaviour>>,
  specs: Readonly<Record<string, object>>,
  until: string,
  options: ANodeOptions = {},
): ANode {
  const node = aNode({ disks: oneDisk(10 * GI), behaviours, ...options });
  node.runUntil('10s');
  for (const [name, spec] of Object.entries(specs)) {
    node.apply({ name, spec });
  }
  node.runUntil(until);
  return node;
}

describe('a node whose disk fills up', () => {
  it('evicts the pod that has most above its request at the next pass of 10 s', () => {
    // The one disk is imagefs, too, and that has the higher threshold: 15 %. 5 Gi, an image of 200 Mi and 10 Mi/s reach 8.5 Gi.
    const node = filled(
      { 'writer/c': { disk: { base: 3 * GI, growthPerSecond: 10 * MI } }, 'keeper/c': { disk: { base: 2 * GI } } },
      { writer: container(), keeper: container({}, { 'ephemeral-storage': '3Gi' }) },
      '600s',
    );
    const starved = 10.3 + (8.5 * 1024 - 5 * 1024 - 200) / 10;
    const at = node.when('writer', isEvicted) as number;
    expect(at).toBeGreaterThan(starved);
    expect(at).toBeLessThan(starved + 13);
    expect(node.pod('keeper')?.status?.phase).toBe('Running');
    expect(node.pod('writer')?.status?.message).toMatch(/^The node was low on resource: ephemeral-storage\. Threshold/);
    expect(reasons(node, 'node-1')).toEqual(expect.arrayContaining(['EvictionThresholdMet', 'NodeHasDiskPressure']));
  });

  it('frees what the pod had written, and lets the condition go 5 minutes after it was last seen', () => {
    const node = filled(
      { 'writer/c': { disk: { base: 8 * GI, growthPerSecond: 50 * MI } } },
      { writer: container() },
      '600s',
    );
    expect(node.pod('writer')?.status?.reason).toBe('Evicted');
    expect(node.runtime.disks.nodefs.bytes.usedAt(seconds(600))).toBe(200 * MI);
    const events = node.events('node-1').map(({ at, event }) => ({ at, reason: event.reason }));
    const held = events.find(({ reason }) => reason === 'NodeHasDiskPressure')?.at as number;
    const freed = events.findLast(({ reason }) => reason === 'NodeHasNoDiskPressure')?.at as number;
    expect(freed - held).toBeGreaterThan(seconds(300 - 11));
    expect(freed - held).toBeLessThan(seconds(300 + 31));
  });

  it('removes unused images first, and evicts nobody if that is enough', () => {
    const writer = { disk: { base: 6 * GI, growthPerSecond: 0.7 * MI } };
    const node = aNode({ disks: oneDisk(10 * GI), behaviours: { c: writer } });
    node.registry.describe('old:v1', { bytes: 2 * GI });
    node.runtime.images.preload('old:v1');
    node.runUntil('10s');
    node.apply({ name: 'writer', spec: container() });
    // 6 + 2 + 0.2 Gi and 0.7 Mi/s reach 8.5 Gi after 439 s: the image was found at 300 s, 2 minutes ago then.
    node.runUntil('600s');
    expect(node.runtime.images.find('old:v1')).toBeUndefined();
    expect(node.pod('writer')?.status?.phase).toBe('Running');
  });

  it('evicts at once where the images are younger than 2 minutes', () => {
    const node = aNode({
      disks: oneDisk(10 * GI),
      behaviours: { c: { disk: { base: 6 * GI, growthPerSecond: 10 * MI } } },
    });
    node.registry.describe('young:v1', { bytes: 2 * GI });
    node.runtime.images.preload('young:v1');
    node.runUntil('10s');
    node.apply({ name: 'writer', spec: container() });
    node.runUntil('60s');
    expect(node.runtime.images.find('young:v1')).toBeDefined();
    expect(node.pod('writer')?.status?.reason).toBe('Evicted');
  });

  it('refuses every pod that is not critical while it lasts', () => {
    const node = filled({ 'writer/c': { disk: { base: 9.5 * GI } } }, { writer: container() }, '60s');
    node.apply({ name: 'late', spec: container({ memory: '1Gi', cpu: '1' }) });
    node.runUntil('65s');
    expect(node.pod('late')?.status).toMatchObject({ phase: 'Failed', reason: 'Evicted' });
    expect(node.pod('late')?.status?.message).toMatch(/DiskPressure/);
  });

  it('counts files too', () => {
    const node = filled(
      { 'writer/c': { inodes: { base: 0, growthPerSecond: 1000 } } },
      { writer: container() },
      '200s',
      { disks: { nodefs: filesystemOf(10 * GI, 100_000) } },
    );
    // 95,000 files at 1,000 a second: 105.3 s, a pass within 10 s, and its grace of 1 s.
    const at = node.when('writer', isEvicted) as number;
    expect(at).toBeGreaterThan(105.3);
    expect(at).toBeLessThan(105.3 + 13);
    expect(node.pod('writer')?.status?.message).toMatch(/low on resource: inodes/);
  });

  it('evicts by processes, lower priority first', () => {
    const node = filled(
      { 'low/c': { processes: { base: 100 } }, 'high/c': { processes: { base: 0, growthPerSecond: 10 } } },
      { low: { ...container(), priority: 0 }, high: { ...container(), priority: 10 } },
      '120s',
      { maxPID: 1000, configuration: { evictionHard: { 'pid.available': '10%' } } },
    );
    // 100 + 10/s reach 901 after 80.1 s.
    const at = node.when('low', isEvicted) as number;
    expect(at).toBeGreaterThan(90.3);
    expect(at).toBeLessThan(90.4 + 13);
    expect(reasons(node, 'node-1')).toContain('NodeHasInsufficientPID');
  });

  it('watches a disk for images apart: a full one leaves pods without layers alone', () => {
    const node = filled(
      { 'layer/c': { disk: { base: 3 * GI } }, 'scratch/c': { volumes: { scratch: { base: 5 * GI } } } },
      { layer: container(), scratch: { ...container(), volumes: [{ name: 'scratch', emptyDir: {} }] } },
      '300s',
      { disks: { nodefs: filesystemOf(100 * GI), imagefs: filesystemOf(3.5 * GI) } },
    );
    expect(node.pod('layer')?.status?.reason).toBe('Evicted');
    expect(node.pod('scratch')?.status?.phase).toBe('Running');
  });
});

describe('a pod that writes more than it may', () => {
  it('is evicted for its container limit, without any pressure on the node', () => {
    const node = filled(
      { c: { disk: { base: 0, growthPerSecond: 10 * MI } } },
      { writer: container({ 'ephemeral-storage': '500Mi' }) },
      '120s',
    );
    // 500 Mi after 50 s; the runtime measures layers each 10 s, the manager looks each 10 s.
    const at = node.when('writer', isEvicted) as number;
    expect(at).toBeGreaterThan(60.3);
    expect(at).toBeLessThan(60.3 + 10 + 10 + 3);
    expect(node.pod('writer')?.status?.message).toBe(
      'Pod ephemeral local storage usage exceeds the total limit of containers 500Mi. ',
    );
    expect(node.pod('writer')?.status?.conditions?.some(({ type }) => type === 'DisruptionTarget')).toBe(false);
    expect(reasons(node, 'node-1')).not.toContain('NodeHasDiskPressure');
  });

  it.each(['', 'Memory'])('is evicted for the sizeLimit of an emptyDir in %p, up to two minutes late', (medium) => {
    const node = filled(
      { c: { volumes: { scratch: { base: 0, growthPerSecond: MI } } } },
      { writer: { ...container(), volumes: [{ name: 'scratch', emptyDir: { sizeLimit: '100Mi', medium } }] } },
      '400s',
    );
    // 100 Mi after 100 s; volumes are measured each 60 to 120 s, the manager looks each 10 s.
    const at = node.when('writer', isEvicted) as number;
    expect(at).toBeGreaterThan(110.3);
    expect(at).toBeLessThan(110.3 + 120 + 10 + 3);
    expect(node.pod('writer')?.status?.message).toBe('Usage of EmptyDir volume "scratch" exceeds the limit "100Mi". ');
  });

  it('keeps its logs within what rotation leaves', () => {
    const node = filled({ c: { logs: { base: 0, growthPerSecond: 10 * MI } } }, { writer: container() }, '120s');
    // containerLogMaxSize 10Mi × containerLogMaxFiles 5
    expect(node.runtime.disks.nodefs.bytes.usedAt(seconds(120))).toBe(200 * MI + 50 * MI);
  });

  it('counts memory-backed volumes as memory, also after its container has gone', () => {
    const node = filled(
      { c: { volumes: { scratch: { base: 100 * MI } } } },
      { writer: { ...container(), volumes: [{ name: 'scratch', emptyDir: { medium: 'Memory' } }] } },
      '20s',
    );
    const uid = node.pod('writer')?.metadata.uid as string;
    expect(node.runtime.memory.usedByPodAt(uid, seconds(20))).toBe(100 * MI);
    node.runtime.exit('default/writer', 'c', 1);
    expect(node.runtime.memory.usedByPodAt(uid, seconds(20))).toBe(100 * MI);
    node.delete('writer');
    node.runUntil('30s');
    expect(node.runtime.memory.usedByPodAt(uid, seconds(30))).toBe(0);
  });
});

describe('a node whose processes write no more than it has room for', () => {
  it('costs no event', () => {
    const writer = filled({ c: { disk: { base: 0, growthPerSecond: 100 } } }, { writer: container() }, '120s');
    const idle = filled({}, { writer: container() }, '120s');
    const [events, eventsWithout] = [writer, idle].map(({ runUntil, simulation }) => {
      const before = simulation.eventCount;
      runUntil('2h');
      return simulation.eventCount - before;
    });
    expect(events).toBe(eventsWithout);
  });
});
