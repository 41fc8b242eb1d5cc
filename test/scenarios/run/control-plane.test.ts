import { MemorySink, seconds, toSeconds } from '../../../engine/index.js';
import type { Candidate } from '../../../models/cluster.js';
import { kubernetes } from '../../../models/cluster.js';
import { Run } from '../../../scenarios/run/run.js';
import { assemble } from '../../../scenarios/sources/document.js';
import { memoryFiles } from '../../../scenarios/sources/files.js';
import { resolveScenario } from '../../../scenarios/sources/resolve.js';
import { A_DEPLOYMENT, complaints } from '../../helpers/scenario-text.js';

function aRun(controlPlanes: number, spec: string): Run {
  const text = `apiVersion: kubewhen/v1
kind: Scenario
metadata: {name: shop}
spec:
  runFor: 10m
  cluster: {controlPlanes: ${controlPlanes}, pools: [{name: worker, count: 3}]}
  manifests: [shop.yaml]
${spec}`;
  const files = memoryFiles({ 's.yaml': text, 'shop.yaml': A_DEPLOYMENT });
  const scenario = resolveScenario(assemble(files, 's.yaml'), files, kubernetes);
  return new Run(scenario, { model: kubernetes, sink: (now) => new MemorySink(now) });
}

const boundPods = ({ cluster }: Run): number => [...cluster.list('Pod')].filter(({ spec }) => spec.nodeName).length;

/** The first whole tenth of a second at which it is so. */
function when(run: Run, isSo: () => boolean, until = 600): number | undefined {
  for (let tenth = Math.floor(toSeconds(run.simulation.now) * 10) + 1; tenth <= until * 10; tenth++) {
    run.runUntil(seconds(tenth / 10));
    if (isSo()) {
      return tenth / 10;
    }
  }
  return undefined;
}

const leaders = (candidates: readonly Candidate[]): readonly string[] =>
  candidates.filter(({ isLeading }) => isLeading).map(({ instance }) => instance);

describe('a lone scheduler', () => {
  it('that dies waits for its own old Lease when it is back', () => {
    const run = aRun(
      1,
      `  actions: [{at: 61s, scale: deployment/cart, replicas: 5}]
  faults: [{at: 60s, for: 30s, kind: ControlPlaneCrash, component: kube-scheduler}]`,
    );
    run.runUntil(seconds(60));
    expect(boundPods(run)).toBe(3);
    // Back at 90 s, it sees the Lease for the first time then: 15 s, and a try every 2 to 4.4 s.
    const bound = when(run, () => boundPods(run) === 5);
    expect(bound).toBeGreaterThan(105);
    expect(bound).toBeLessThan(109.6);
  });
});

describe('one scheduler of three', () => {
  it('takes over when the Lease of the leader that died has run out', () => {
    const run = aRun(
      3,
      `  actions: [{at: 61s, scale: deployment/cart, replicas: 5}]
  faults: [{at: 60s, kind: ControlPlaneCrash, component: kube-scheduler}]`,
    );
    run.runUntil(seconds(59));
    const candidates = run.cluster.candidates('kube-scheduler');
    expect(leaders(candidates)).toEqual(['control-plane-0']);
    // Renewed last at 58 to 60 s, and seen up to 4.4 s after that; 15 s later the next try takes it.
    const bound = when(run, () => boundPods(run) === 5);
    expect(bound).toBeGreaterThan(60 + 13);
    expect(bound).toBeLessThan(60 + 15 + 4.4 + 4.5);
    expect(leaders(candidates)).not.toContain('control-plane-0');
    expect(run.cluster.get('Lease', 'kube-system/kube-scheduler')?.spec.leaseTransitions).toBe(1);
  });
});

describe('an instance of the control plane that is cut off', () => {
  it('gives up before another takes over, and does not lead again when it is back', () => {
    const run = aRun(2, '  faults: [{at: 60s, for: 2m, kind: ControlPlanePartition, instance: 0}]');
    const candidates = run.cluster.candidates('kube-controller-manager');
    run.runUntil(seconds(60));
    expect(leaders(candidates)).toEqual(['control-plane-0']);
    // The first renewal that fails begins within 2 s; its deadline is 10 s later.
    const gaveUp = when(run, () => leaders(candidates).length === 0) as number;
    expect(gaveUp).toBeGreaterThan(69.9);
    expect(gaveUp).toBeLessThan(72.2);
    const tookOver = when(run, () => leaders(candidates).length > 0) as number;
    expect(tookOver).toBeGreaterThan(60 + 13);
    expect(tookOver).toBeLessThan(60 + 15 + 4.4 + 4.5);
    expect(leaders(candidates)).toEqual(['control-plane-1']);
    run.runUntil(seconds(400));
    expect(leaders(candidates)).toEqual(['control-plane-1']);
  });
});

describe('the API server', () => {
  it('that nobody reaches for a minute costs the control plane its Leases, and all goes on after it', () => {
    const run = aRun(1, '  faults: [{at: 60s, for: 1m, kind: ControlPlaneCrash, component: kube-apiserver}]');
    const candidates = run.cluster.candidates('kube-scheduler');
    run.runUntil(seconds(73));
    expect(leaders(candidates)).toEqual([]);
    run.runUntil(seconds(121));
    run.cluster.user.patch(
      'Deployment',
      'default/cart',
      (it) => ({ ...it, spec: { ...it.spec, replicas: 5 } }),
      () => {},
    );
    // Both lead again once their old Leases were seen unchanged for 15 s; caches are filled after client-go's back-off.
    expect(when(run, () => boundPods(run) === 5, 300)).toBeDefined();
    expect(leaders(candidates)).toEqual(['control-plane-0']);
  });
});

it.each([
  [
    '{at: 1m, kind: ControlPlaneCrash, component: kube-scheduler, instance: 1}',
    's.yaml:8:83 spec.faults[0].instance: the control plane has no instance 1: 0 alone (BAD_VALUE)',
  ],
  [
    '{at: 1m, kind: ControlPlanePartition, instance: 0}',
    's.yaml:8:12 spec.faults[0]: a lone instance of the control plane cannot lose itself (BAD_VALUE). Give spec.cluster.controlPlanes, or crash kube-apiserver',
  ],
])('refuses %s', (fault, complaint) => {
  const head = 'apiVersion: kubewhen/v1\nkind: Scenario\nmetadata: {name: shop}\nspec:\n  runFor: 30m\n';
  const text = `${head}  cluster: {pools: [{name: worker, count: 3, zones: [a, b]}]}\n  manifests: [shop.yaml]\n  faults: [${fault}]`;
  expect(complaints({ 's.yaml': text })).toEqual([complaint]);
});
