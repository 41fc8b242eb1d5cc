import { startRun, toSeconds } from '../../../scenarios/index.js';
import { A_DEPLOYMENT, aScenario } from '../../helpers/scenario-text.js';

const SERVICE =
  '---\n{apiVersion: v1, kind: Service, metadata: {name: cart}, spec: {selector: {app: cart}, ports: [{port: 80}]}}\n';

const stories = (spec: string) =>
  startRun(aScenario(`  behaviours: [{ready: 3s}]\n${spec}`), {
    files: { 'shop.yaml': A_DEPLOYMENT + SERVICE },
  }).finish().faults;

describe('what a fault did', () => {
  it('crash: noticed, left after 300 s of toleration, replaced, whole', () => {
    const [fault] = stories('  faults: [{at: 5m, kind: NodeCrash, nodes: [worker-0]}]\n');
    const [node] = fault?.nodes ?? [];
    const [pod] = fault?.pods ?? [];
    const [service] = fault?.services ?? [];
    // The lease was renewed at most 10.4 s before (10 s and 4 % jitter); 50 s of grace from then, and at most one 5 s pass more.
    const noticed = toSeconds((node?.noticedAt ?? 0) - (fault?.at ?? 0));
    expect(noticed).toBeGreaterThan(39);
    expect(noticed).toBeLessThan(56);
    expect(toSeconds((pod?.leftAt ?? 0) - (node?.taintedAt ?? 0))).toBeCloseTo(300, 0);
    expect(pod?.replacedBy).toMatch(/^default\/cart-/);
    expect(service).toMatchObject({ service: 'default/cart', before: 3, lowest: 2, brokenAt: fault?.at });
    expect(service?.wholeAt).toBeGreaterThanOrEqual(pod?.replacementReadyAt ?? Number.POSITIVE_INFINITY);
    const sum = fault?.segments.reduce((total, { seconds }) => total + seconds, 0) ?? 0;
    expect(sum).toBeCloseTo(toSeconds((pod?.replacementReadyAt ?? 0) - (fault?.at ?? 0)), 6);
  });

  it("exit: the container comes back by itself, and a rollout later is not the fault's doing", () => {
    const [fault] = stories(`  faults: [{at: 5m, kind: ContainerExit, workload: deployment/cart, count: 1}]
  actions: [{at: 10m, rolloutRestart: deployment/cart}]\n`);
    const [pod] = fault?.pods ?? [];
    expect(fault?.pods).toHaveLength(1);
    expect(pod?.leftAt).toBeUndefined();
    expect(toSeconds((pod?.recoveredAt ?? 0) - (fault?.at ?? 0))).toBeLessThan(15);
    expect(fault?.services[0]).toMatchObject({ before: 3, lowest: 2 });
    expect(fault?.services[0]?.wholeAt).toBeLessThan(600_000_000);
  });

  it('a reboot that nobody notices: the pods come back on their node', () => {
    const [fault] = stories('  faults: [{at: 5m, kind: NodeReboot, nodes: [worker-0]}]\n');
    expect(fault?.nodes[0]?.noticedAt).toBeUndefined();
    expect(fault?.pods[0]?.recoveredAt).toBeDefined();
    expect(fault?.segments[0]?.setting).toBe('machineBoot, kubelet');
  });
});
