import { MemorySink, toSeconds } from '../../../engine/index.js';
import { startRun } from '../../../scenarios/index.js';
import { Run } from '../../../scenarios/run/run.js';
import { apiOnlyModel } from '../../helpers/api-only-model.js';
import { aScenario, complaints, load } from '../../helpers/scenario-text.js';

/** On an API server alone: nothing happens by itself. */
function play(actions: readonly string[], files: Readonly<Record<string, string>> = {}) {
  const spec = `  actions:\n${actions.map((action) => `  - ${action}\n`).join('')}`;
  const run = new Run(load({ 's.yaml': aScenario(spec), ...files }), {
    model: apiOnlyModel(),
    sink: (now) => new MemorySink(now),
  });
  const lines = run.finish().actions.map(({ at, line, failed }) => `${toSeconds(at)}${failed ? '!' : ''} ${line}`);
  return { run, lines };
}

const CONFIG = '{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: "1"}}';

describe('kubectl wait', () => {
  it('for a condition of pods that start: each as it becomes Ready', () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    };
    const run = startRun(
      JSON.stringify({
        apiVersion: 'kubewhen/v1',
        kind: 'Scenario',
        metadata: { name: 'wait' },
        spec: {
          runFor: '5m',
          cluster: { pools: [{ name: 'n', count: 1 }] },
          behaviours: [{ start: '1s' }],
          actions: [
            { at: '1m', create: [pod] },
            { at: '61s', kubectl: 'wait --for=condition=ready pod/p' },
            { at: '2m', kubectl: "wait --for=jsonpath='{.status.phase}'=Running pod/p" },
          ],
        },
      }),
    );
    const lines = run.finish().actions;
    const ready = run.cluster.get('Pod', 'default/p')?.status?.conditions?.find(({ type }) => type === 'Ready');
    expect(lines[1]?.line).toBe('pod/p condition met');
    expect(toSeconds(lines[1]?.at ?? 0)).toBeGreaterThanOrEqual(toSeconds(ready?.lastTransitionTime ?? 0));
    expect(lines[2]).toMatchObject({ at: 120_004_000, line: 'pod/p condition met' });
  });

  it('gives up after 30 s, or as told, and names the object', () => {
    expect(
      play([
        '{at: 1m, kubectl: wait --for=condition=Available deployment/cart, expectError: timed out}',
        '{at: 2m, kubectl: wait --for=condition=Available deployment/cart --timeout=5s, expectError: timed out}',
      ]).lines,
    ).toEqual([
      '90.004! error: timed out waiting for the condition on deployments/cart',
      '125.004! error: timed out waiting for the condition on deployments/cart',
    ]);
  });

  it('for delete and for create', () => {
    const { lines } = play(
      [
        '{at: 1s, kubectl: wait --for=delete configmap/c}',
        '{at: 2s, kubectl: wait --for=create configmap/c}',
        '{at: 3s, kubectl: create configmap c --from-literal=a=1}',
        '{at: 4s, kubectl: wait --for=delete configmap/c}',
        '{at: 5s, kubectl: delete configmap c}',
      ],
      { 'c.yaml': CONFIG },
    );
    expect(lines).toEqual([
      '3.002 configmap/c condition met',
      '3.004 configmap/c created',
      '5.002 configmap/c condition met',
      '5.004 configmap "c" deleted from default namespace',
    ]);
  });

  it('of what is not there', () => {
    expect(
      play([
        '{at: 1s, kubectl: wait --for=condition=Ready pod/p, expectError: NotFound}',
        '{at: 2s, kubectl: wait --for=condition=Ready pods -l a=b, expectError: true}',
      ]).lines,
    ).toEqual(['1.004! Error from server (NotFound): pods "p" not found', '2.004! error: no matching resources found']);
  });

  it('refuses what is no condition', () => {
    expect(
      complaints({ 's.yaml': aScenario('  actions:\n  - {at: 1s, wait: pod/p, for: ready, expectError: true}\n') })[0],
    ).toMatch(/unrecognized condition: "ready"/);
  });
});

describe('kubectl create job --from', () => {
  it('makes a Job of the template of a CronJob', () => {
    const { lines, run } = play([
      '{at: 1s, kubectl: create cronjob report --image=busybox --schedule="0 0 * * *" -- date}',
      '{at: 2s, kubectl: create job now --from=cronjob/report}',
    ]);
    expect(lines.map((line) => line.replace(/^\S+ /, ''))).toEqual([
      'cronjob.batch/report created',
      'job.batch/now created',
    ]);
    expect(run.cluster.get('Job', 'default/now')?.metadata).toMatchObject({
      annotations: { 'cronjob.kubernetes.io/instantiate': 'manual' },
      ownerReferences: [{ kind: 'CronJob', name: 'report', controller: true }],
    });
  });
});

describe('kubectl set', () => {
  const pod = '{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: i}]}}';

  it('image of a pod, variables from a ConfigMap, the account', () => {
    const { lines, run } = play(
      [
        '{at: 1s, apply: [pod.yaml, c.yaml]}',
        '{at: 2s, kubectl: set image pod/p c=j}',
        '{at: 3s, kubectl: set env deployment/cart --from=configmap/c --prefix=C_}',
        '{at: 4s, kubectl: set serviceaccount deployment/cart default}',
        '{at: 5s, kubectl: create service clusterip web --tcp=80}',
        '{at: 6s, kubectl: "set selector service/web app=cart"}',
        '{at: 7s, kubectl: create rolebinding b --clusterrole=view --user=x}',
        '{at: 8s, kubectl: set subject rolebinding/b --user=x --group=g}',
        '{at: 9s, kubectl: set subject rolebinding/b --user=x}',
      ],
      { 'pod.yaml': pod, 'c.yaml': CONFIG },
    );
    expect(lines.slice(2).map((line) => line.replace(/^\S+ /, ''))).toEqual([
      'pod/p image updated',
      'deployment.apps/cart env updated',
      'deployment.apps/cart serviceaccount updated',
      'service/web created',
      'service/web selector updated',
      'rolebinding.rbac.authorization.k8s.io/b created',
      'rolebinding.rbac.authorization.k8s.io/b subjects updated',
      'rolebinding.rbac.authorization.k8s.io/b not changed',
    ]);
    const template = run.cluster.get('Deployment', 'default/cart')?.spec.template.spec;
    expect(template?.serviceAccountName).toBe('default');
    expect(template?.containers[0]?.env).toEqual([
      { name: 'C_A', valueFrom: { configMapKeyRef: { name: 'c', key: 'a' } } },
    ]);
    expect(run.cluster.get('Service', 'default/web')?.spec?.selector).toEqual({ app: 'cart' });
  });
});
