import { MemorySink, toSeconds } from '../../../engine/index.js';
import { Run } from '../../../scenarios/run/run.js';
import { apiOnlyModel } from '../../helpers/api-only-model.js';
import { aScenario, load } from '../../helpers/scenario-text.js';

const POD =
  '{apiVersion: v1, kind: Pod, metadata: {name: p, labels: {app: x}}, spec: {nodeName: worker-1, containers: [{name: c, image: i}]}}';

function play(
  actions: readonly string[],
  files: Readonly<Record<string, string>> = {},
): { lines: readonly string[]; run: Run } {
  const spec = `  actions:\n${actions.map((action) => `  - ${action}\n`).join('')}`;
  const scenario = load({ 's.yaml': aScenario(spec), 'pod.yaml': POD, ...files });
  const run = new Run(scenario, { model: apiOnlyModel(), sink: (now) => new MemorySink(now) });
  const lines = run.finish().actions.map(({ at, line, failed }) => `${toSeconds(at)}${failed ? '!' : ''} ${line}`);
  return { lines, run };
}

// A request takes 4 ms: 2 ms to the server and 2 ms back. GET and then PATCH: 8 ms.
describe('actions print what kubectl prints', () => {
  it('scale', () => {
    const { lines, run } = play(['{at: 5m, scale: deployment/cart, replicas: 6}']);
    expect(lines).toEqual(['300.004 deployment.apps/cart scaled']);
    expect(run.cluster.get('Deployment', 'default/cart')?.spec.replicas).toBe(6);
  });

  it('apply: created, unchanged, configured', () => {
    const changed = POD.replace('app: x', 'app: other');
    const { lines, run } = play(
      ['{at: 1s, apply: pod.yaml}', '{at: 2s, apply: pod.yaml}', '{at: 3s, apply: more.yaml}'],
      { 'more.yaml': changed },
    );
    expect(lines).toEqual(['1.008 pod/p created', '2.004 pod/p unchanged', '3.008 pod/p configured']);
    expect(run.cluster.get('Pod', 'default/p')?.metadata.labels).toMatchObject({ app: 'other' });
  });

  it('create what is there already', () => {
    expect(play(['{at: 1s, create: pod.yaml}', '{at: 2s, create: pod.yaml}']).lines).toEqual([
      '1.004 pod/p created',
      '2.004! Error from server (AlreadyExists): pods "p" already exists',
    ]);
  });

  it('label and annotate, null takes away', () => {
    const { run } = play([
      '{at: 1s, create: pod.yaml}',
      '{at: 2s, label: pod/p, labels: {app: null, b: c}}',
      '{at: 3s, annotate: pod/p, annotations: {x/y: z}}',
    ]);
    expect(run.cluster.get('Pod', 'default/p')?.metadata).toMatchObject({
      labels: { b: 'c' },
      annotations: { 'x/y': 'z' },
    });
  });

  it('set image', () => {
    const { lines, run } = play([
      '{at: 1s, setImage: deployment/cart, images: {server: "shop/cart:2"}}',
      '{at: 2s, setImage: deployment/cart, images: {srver: i}}',
    ]);
    expect(lines).toEqual([
      '1.004 deployment.apps/cart image updated',
      '2! error: unable to find container named "srver"',
    ]);
    expect(run.cluster.get('Deployment', 'default/cart')?.spec.template.spec?.containers[0]?.image).toBe('shop/cart:2');
  });

  it('rollout restart says when, by the virtual clock', () => {
    const { run } = play(['{at: 90s, rolloutRestart: deployment/cart}']);
    expect(run.cluster.get('Deployment', 'default/cart')?.spec.template.metadata?.annotations).toEqual({
      'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:01:30Z',
    });
  });

  it('rollout undo without history', () => {
    expect(play(['{at: 1s, rolloutUndo: deployment/cart}']).lines).toEqual([
      '1.008! error: unable to find the last revision in history',
    ]);
  });

  it('rollout pause keeps others from restarting and rolling back', () => {
    expect(
      play([
        '{at: 1s, rolloutPause: deployment/cart}',
        '{at: 2s, rolloutRestart: deployment/cart}',
        '{at: 3s, rolloutResume: deployment/cart}',
      ]).lines,
    ).toEqual([
      '1.004 deployment.apps/cart paused',
      "2! error: deployment.apps/cart can't restart paused deployment (run rollout resume first)",
      '3.004 deployment.apps/cart resumed',
    ]);
  });

  it('cordon, once and again', () => {
    expect(
      play(['{at: 1s, cordon: worker-0}', '{at: 2s, cordon: worker-0}', '{at: 3s, uncordon: worker-0}']).lines,
    ).toEqual([
      '1.008 node/worker-0 cordoned',
      '2.004 node/worker-0 already cordoned',
      '3.008 node/worker-0 uncordoned',
    ]);
  });

  it('taint: add, refuse a second value, remove', () => {
    const { lines, run } = play([
      '{at: 1s, taint: worker-1, taints: ["a=b:NoSchedule"]}',
      '{at: 2s, taint: worker-1, taints: ["a=c:NoSchedule"]}',
      '{at: 3s, taint: worker-1, taints: ["a:NoSchedule-"]}',
      '{at: 4s, taint: worker-1, taints: ["a-"]}',
    ]);
    expect(lines).toEqual([
      '1.008 node/worker-1 tainted',
      '2.004! error: node worker-1 already has a taint(s) with same effect(s) and overwrite is false',
      '3.008 node/worker-1 untainted',
      '4.004! error: taint "a" not found',
    ]);
    expect(run.cluster.get('Node', 'worker-1')?.spec.taints?.filter(({ key }) => key === 'a')).toEqual([]);
  });

  it('drain refuses a pod without a controller, and leaves the node cordoned', () => {
    const { lines, run } = play(['{at: 1s, create: pod.yaml}', '{at: 2s, drain: worker-1}']);
    expect(lines.slice(1)).toEqual([
      '2.008 node/worker-1 cordoned',
      '2.012! error: unable to drain node "worker-1" due to error: ' +
        'cannot delete Pods that declare no controller (use --force to override): default/p',
    ]);
    expect(run.cluster.get('Node', 'worker-1')?.spec.unschedulable).toBe(true);
  });

  it('drain with force evicts and waits, a second at a time, until its time-out', () => {
    // Nobody ends the pod here: GETs at 2.016, 3.020, 4.024, 5.028 …; the next would be after 2 s + 5 s.
    const { lines } = play(['{at: 1s, create: pod.yaml}', '{at: 2s, drain: worker-1, force: true, timeout: 5s}']);
    expect(lines.at(-2)).toBe('2.012 evicting pod default/p');
    expect(lines.at(-1)).toMatch(/^6\.\d+! error when waiting for pod "p" terminating: global timeout reached$/);
  });

  it('patch in three ways', () => {
    const { lines, run } = play([
      '{at: 1s, patch: deployment/cart, with: {spec: {template: {spec: {containers: [{name: server, env: [{name: A, value: b}]}]}}}}}',
      '{at: 2s, patch: deployment/cart, type: merge, with: {metadata: {labels: {x: z}}}}',
      '{at: 3s, patch: deployment/cart, type: json, with: [{op: replace, path: /spec/replicas, value: 9}]}',
      '{at: 4s, patch: deployment/cart, type: json, with: [{op: replace, path: /spec/nothing, value: 9}]}',
    ]);
    expect(lines.at(-1)).toBe('4! The request is invalid: nothing stands at /spec/nothing');
    const cart = run.cluster.get('Deployment', 'default/cart');
    expect(cart?.metadata.labels).toEqual({ x: 'z' });
    expect(cart?.spec.replicas).toBe(9);
    expect(cart?.spec.template.spec?.containers).toMatchObject([
      { name: 'server', image: 'shop/cart:1', env: [{ name: 'A', value: 'b' }] },
    ]);
  });

  it('more nodes go on counting, and one is taken away', () => {
    const { lines, run } = play(['{at: 1s, addNodes: worker, count: 2}', '{at: 2s, deleteNode: worker-4}']);
    expect(lines).toEqual(['1 machine worker-3 added', '1 machine worker-4 added', '2.004 node "worker-4" deleted']);
    expect(run.cluster.node('worker-4')?.machine.isOn).toBe(false);
  });

  it('delete by name, and all of a kind', () => {
    const { lines } = play([
      '{at: 1s, create: pod.yaml}',
      '{at: 2s, delete: deploy/cart}',
      '{at: 3s, delete: pods, selector: {app: x}}',
    ]);
    expect(lines.slice(1)).toEqual(['2.004 deployment.apps "cart" deleted', '3.004 pod "p" deleted']);
  });

  it('an object that is not there', () => {
    expect(play(['{at: 1s, label: pod/ghost, labels: {a: b}}']).lines).toEqual([
      '1.004! Error from server (NotFound): pods "ghost" not found',
    ]);
  });
});
