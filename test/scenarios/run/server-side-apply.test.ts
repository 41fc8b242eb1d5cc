import { MemorySink, toSeconds } from '../../../engine/index.js';
import { startRun } from '../../../scenarios/index.js';
import { Run } from '../../../scenarios/run/run.js';
import { apiOnlyModel } from '../../helpers/api-only-model.js';
import { A_DEPLOYMENT, aScenario, load } from '../../helpers/scenario-text.js';

const CONFIG = (data: string): string => `{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: ${data}}`;

/** After a conflict kubectl prints what one can do. */
const withoutAdvice = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => !/^([\d.]+ )?(Please review|are the ways|\* | {2}|See https)/.test(line));

function play(actions: readonly string[], files: Readonly<Record<string, string>> = {}) {
  const spec = `  actions:\n${actions.map((action) => `  - ${action}\n`).join('')}`;
  const scenario = load({ 's.yaml': aScenario(spec), ...files });
  const run = new Run(scenario, { model: apiOnlyModel(), sink: (now) => new MemorySink(now) });
  const said = run.finish().actions.map(({ at, line, failed }) => `${toSeconds(at)}${failed ? '!' : ''} ${line}`);
  const lines = withoutAdvice(said);
  const managers = run.cluster.get('ConfigMap', 'default/c')?.metadata.managedFields ?? [];
  return { said, lines, run, managers: managers.map(({ manager, operation }) => `${manager} ${operation}`) };
}

// A request takes 4 ms. What was never applied by the client takes one.
describe('kubectl apply --server-side', () => {
  it('creates, changes and leaves alone, in the same words', () => {
    const { lines, managers } = play(
      [
        '{at: 1s, kubectl: apply --server-side -f c.yaml}',
        '{at: 2s, kubectl: apply --server-side -f d.yaml}',
        '{at: 3s, apply: d.yaml, serverSide: true}',
      ],
      { 'c.yaml': CONFIG('{a: "1"}'), 'd.yaml': CONFIG('{b: "1"}') },
    );
    expect(lines).toEqual([
      '1.004 configmap/c serverside-applied',
      '2.004 configmap/c serverside-applied',
      '3.004 configmap/c serverside-applied',
    ]);
    expect(managers).toEqual(['kubectl Apply']);
  });

  it('stands back from fields that another verb set, until it is forced', () => {
    const { lines, run } = play(
      [
        '{at: 1s, kubectl: apply --server-side -f c.yaml}',
        '{at: 2s, patch: cm/c, with: {data: {a: "2"}}}',
        '{at: 3s, kubectl: apply --server-side -f c.yaml, expectError: Apply failed}',
        '{at: 4s, kubectl: apply --server-side --force-conflicts -f c.yaml}',
      ],
      { 'c.yaml': CONFIG('{a: "1"}') },
    );
    expect(lines.slice(2)).toEqual([
      '3.004! error: Apply failed with 1 conflict: conflict with "kubectl-patch" using v1: .data.a',
      '4.004 configmap/c serverside-applied',
    ]);
    expect(run.cluster.get('ConfigMap', 'default/c')?.data).toEqual({ a: '1' });
  });

  it('conflicts with kubectl scale', () => {
    const { lines, said } = play(
      [
        '{at: 1s, kubectl: scale deployment/cart --replicas=9}',
        '{at: 2s, kubectl: apply --server-side --field-manager=ci -f cart.yaml, expectError: true}',
      ],
      { 'cart.yaml': A_DEPLOYMENT },
    );
    expect(lines.at(-1)).toBe(
      '2.004! error: Apply failed with 1 conflict: ' +
        'conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas',
    );
    expect(said.at(2)).toBe('2.004 Please review the fields above--they currently have other managers. Here');
    expect(said.at(-1)).toMatch(/^2\.004 See https:.*#conflicts$/);
  });

  it('takes over what kubectl applied by the client, and removes what the manifest has no more', () => {
    const { lines, run, managers } = play(
      ['{at: 1s, kubectl: apply -f c.yaml}', '{at: 2s, kubectl: apply --server-side -f d.yaml}'],
      { 'c.yaml': CONFIG('{a: "1", b: "1"}'), 'd.yaml': CONFIG('{a: "2"}') },
    );
    // Four requests: apply, keep the annotation, hand the entry over, apply again.
    expect(lines).toEqual(['1.008 configmap/c created', '2.016 configmap/c serverside-applied']);
    expect(run.cluster.get('ConfigMap', 'default/c')?.data).toEqual({ a: '2' });
    expect(managers).toEqual(['kubectl Apply', 'kubectl-last-applied Apply']);
  });

  it('by another manager meets what kubectl applied by the client', () => {
    const { lines } = play(
      [
        '{at: 1s, kubectl: apply -f c.yaml}',
        '{at: 2s, kubectl: apply --server-side --field-manager=ci -f d.yaml, expectError: Apply failed}',
      ],
      { 'c.yaml': CONFIG('{a: "1", b: "1"}'), 'd.yaml': CONFIG('{a: "2"}') },
    );
    expect(lines.at(-1)).toBe(
      '2.004! error: Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.a',
    );
  });

  it('goes back: the client finds what the server applied last', () => {
    const { lines, run } = play(
      [
        '{at: 1s, kubectl: apply -f c.yaml}',
        '{at: 2s, kubectl: apply --server-side -f d.yaml}',
        '{at: 3s, kubectl: apply -f c.yaml}',
      ],
      { 'c.yaml': CONFIG('{a: "1", b: "1"}'), 'd.yaml': CONFIG('{d: "2"}') },
    );
    expect(lines.at(-1)).toBe('3.008 configmap/c configured');
    expect(run.cluster.get('ConfigMap', 'default/c')?.data).toEqual({ a: '1', b: '1' });
  });

  it('of what the scenario begins with is as after kubectl apply', () => {
    const { lines, run } = play(['{at: 1s, kubectl: apply --server-side -f cart.yaml}'], {
      'cart.yaml': A_DEPLOYMENT.replace('replicas: 3', 'replicas: 4'),
    });
    expect(lines).toEqual(['1.016 deployment.apps/cart serverside-applied']);
    expect(run.cluster.get('Deployment', 'default/cart')?.spec.replicas).toBe(4);
  });

  it('costs nothing where nobody uses it', () => {
    const { run } = play(['{at: 1s, kubectl: apply -f c.yaml}'], { 'c.yaml': CONFIG('{a: "1"}') });
    expect(run.cluster.get('ConfigMap', 'default/c')?.metadata.managedFields).toBeUndefined();
  });
});

describe('a manifest with replicas beside a HorizontalPodAutoscaler', () => {
  it('conflicts with its scaling, and goes in once it leaves them out', () => {
    const container = { name: 'c', image: 'i', resources: { requests: { cpu: '100m' } } };
    const web = (replicas?: number): object => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        ...(replicas !== undefined && { replicas }),
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } },
      },
    });
    const hpa = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web' },
      spec: {
        minReplicas: 3,
        maxReplicas: 5,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      },
    };
    const byServer = { serverSide: true, fieldManager: 'ci' };
    const run = startRun(
      JSON.stringify({
        apiVersion: 'kubewhen/v1',
        kind: 'Scenario',
        metadata: { name: 'owners' },
        spec: {
          runFor: '10m',
          cluster: { pools: [{ name: 'n', count: 2 }] },
          behaviours: [{ start: '1s' }],
          actions: [
            { at: '1s', apply: [web(2)], ...byServer },
            { at: '2s', create: [hpa] },
            { at: '5m', apply: [web(2)], ...byServer, expectError: 'Apply failed' },
            { at: '6m', apply: [web()], ...byServer },
          ],
        },
      }),
    );
    expect(withoutAdvice(run.finish().actions.map(({ line }) => line))).toEqual([
      'deployment.apps/web serverside-applied',
      'horizontalpodautoscaler.autoscaling/web created',
      'error: Apply failed with 1 conflict: ' +
        'conflict with "kube-controller-manager" with subresource "scale" using apps/v1: .spec.replicas',
      'deployment.apps/web serverside-applied',
    ]);
    expect(run.cluster.get('Deployment', 'default/web')?.spec.replicas).toBe(3);
  });
});
