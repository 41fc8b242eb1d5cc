import { MemorySink } from '../../../engine/index.js';
import { Run } from '../../../scenarios/run/run.js';
import { apiOnlyModel } from '../../helpers/api-only-model.js';
import { aScenario, load } from '../../helpers/scenario-text.js';

const PODS = ['web-0 worker-0', 'web-1 worker-1', 'db-0 worker-1']
  .map((words) => {
    const [name, node] = words.split(' ') as [string, string];
    const metadata = `{name: ${name}, labels: {app: ${name.split('-')[0]}}}`;
    const spec = `{nodeName: ${node}, containers: [{name: c, image: i}, {name: d, image: i}]}`;
    return `{apiVersion: v1, kind: Pod, metadata: ${metadata}, spec: ${spec}}`;
  })
  .join('\n---\n');

function levers(faults: readonly string[], seed = 0): readonly string[] {
  const model = apiOnlyModel();
  const spec = `  seed: ${seed}\n  faults:\n${faults.map((fault) => `  - ${fault}\n`).join('')}`;
  const scenario = load({ 's.yaml': aScenario(spec).replace('shop.yaml', 'pods.yaml'), 'pods.yaml': PODS });
  new Run(scenario, { model, sink: (now) => new MemorySink(now) }).finish();
  return model.levers;
}

describe('faults pull levers and let go of them', () => {
  it('NodeCrash by name', () => {
    expect(levers(['{at: 1m, kind: NodeCrash, nodes: [worker-1], for: 5m}'])).toEqual([
      'power off worker-1',
      'power on worker-1',
    ]);
  });

  it('NodeCrash of a zone: nodes are dealt to zones a, b in turn', () => {
    expect(levers(['{at: 1m, kind: NodeCrash, zone: a}'])).toEqual(['power off worker-0', 'power off worker-2']);
  });

  it('NodeReboot at once', () => {
    expect(levers(['{at: 1m, kind: NodeReboot, nodes: [worker-2]}'])).toEqual([
      'power off worker-2',
      'power on worker-2',
    ]);
  });

  it('KubeletStop of a pool', () => {
    expect(levers(['{at: 1m, kind: KubeletStop, pool: worker, for: 1m}'])).toEqual([
      'stop kubelet worker-0',
      'stop kubelet worker-1',
      'stop kubelet worker-2',
      'start kubelet worker-0',
      'start kubelet worker-1',
      'start kubelet worker-2',
    ]);
  });

  it('KubeletRestart, after the time that it takes', () => {
    expect(levers(['{at: 1m, kind: KubeletRestart, nodes: [worker-1], takes: 3s}'])).toEqual([
      'stop kubelet worker-1',
      'start kubelet worker-1',
    ]);
  });

  it('KubeletHang until it heals', () => {
    expect(levers(['{at: 1m, kind: KubeletHang, nodes: [worker-1], for: 2m}'])).toEqual([
      'hang kubelet worker-1',
      'heal hang kubelet worker-1',
    ]);
  });

  it('NodeShutdown: without a kubelet that takes part, the power goes at once', () => {
    expect(levers(['{at: 1m, kind: NodeShutdown, nodes: [worker-1], for: 5m}'])).toEqual([
      'power off worker-1',
      'power on worker-1',
    ]);
  });

  it('DiskFill of the disk for images', () => {
    expect(
      levers(['{at: 1m, kind: DiskFill, nodes: [worker-1], disk: imagefs, bytes: {growth: 60Mi/min}, for: 5m}']),
    ).toEqual(['fill imagefs 1048576 worker-1', 'heal fill imagefs 1048576 worker-1']);
  });

  it('ClockDrift and back', () => {
    expect(levers(['{at: 1m, kind: ClockDrift, nodes: [worker-1], offset: -10m, for: 5m}'])).toEqual([
      'clock -600000000 worker-1',
      'clock 0 worker-1',
    ]);
  });

  it('ContainerExit of one container of one pod', () => {
    expect(levers(['{at: 1m, kind: ContainerExit, pods: [web-0], container: d, code: 137}'])).toEqual([
      'exit default/web-0 d 137',
    ]);
  });

  it('ProbeFailure of every container of the pods of a selector', () => {
    expect(
      levers(['{at: 1m, kind: ProbeFailure, selector: {app: web}, container: c, probe: readiness, for: 30s}']),
    ).toEqual([
      'fail readiness default/web-0 c',
      'fail readiness default/web-1 c',
      'heal fail readiness default/web-0 c',
      'heal fail readiness default/web-1 c',
    ]);
  });

  it('MemoryLeak on the pods of a node', () => {
    // 60 Mi a minute is 1 Mi, 1048576 bytes, a second.
    expect(levers(['{at: 1m, kind: MemoryLeak, nodes: [worker-1], container: c, memory: {growth: 60Mi/min}}'])).toEqual(
      ['leak default/db-0 c 1048576', 'leak default/web-1 c 1048576'],
    );
  });

  it('so many of them, drawn by the seed and the same each time', () => {
    const drawn = (seed: number): string => levers(['{at: 1m, kind: NodeCrash, count: 1}'], seed).join();
    expect(drawn(5)).toBe(drawn(5));
    expect(new Set(Array.from({ length: 20 }, (_, seed) => drawn(seed)))).toEqual(
      new Set(['power off worker-0', 'power off worker-1', 'power off worker-2']),
    );
  });
});

it('NetworkPartition cuts the nodes from the control plane, both ways, until it heals', () => {
  const spec = '  faults: [{at: 1m, kind: NetworkPartition, nodes: [worker-0], for: 1m}]\n';
  const run = new Run(load({ 's.yaml': aScenario(spec) }), {
    model: apiOnlyModel(),
    sink: (now) => new MemorySink(now),
  });
  const reaches = (node: string): boolean => run.cluster.network.reaches(`node/${node}`, 'control-plane');
  run.runUntil(61_000_000);
  expect([reaches('worker-0'), reaches('worker-1')]).toEqual([false, true]);
  run.runUntil(121_000_000);
  expect(reaches('worker-0')).toBe(true);
});
