import { MemorySink, toSeconds } from '../../../engine/index.js';
import { renderJunit } from '../../../scenarios/run/junit.js';
import { Run } from '../../../scenarios/run/run.js';
import { apiOnlyModel } from '../../helpers/api-only-model.js';
import { A_DEPLOYMENT, aScenario, load } from '../../helpers/scenario-text.js';

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

// A request takes 4 ms: 2 ms to the server and 2 ms back. Most commands GET and then PATCH: 8 ms.
describe('actions print what kubectl prints', () => {
  it('scale', () => {
    const { lines, run } = play(['{at: 5m, scale: deployment/cart, replicas: 6}']);
    expect(lines).toEqual(['300.008 deployment.apps/cart scaled']);
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

  it('patch: what is unknown is left out with a warning, what is of the wrong type is refused', () => {
    const { lines } = play([
      '{at: 1s, patch: deployment/cart, with: {spec: {replica: 9}}}',
      '{at: 2s, patch: deployment/cart, with: {spec: {replicas: many}}}',
      '{at: 3s, patch: deployment/cart, with: {spec: {template: {spec: {containers: [{image: x}]}}}}}',
    ]);
    expect(lines).toEqual([
      '1.004 Warning: unknown field "spec.replica"',
      '1.008 deployment.apps/cart patched (no change)',
      '2.008! The request is invalid: patch: Invalid value: "map[spec:map[replicas:many]]": ' +
        'spec.replicas: found the string "many", expected a whole number',
      '3.008! Error from server: map: map[image:x] does not contain declared merge key: name',
    ]);
  });

  it('set image', () => {
    const { lines, run } = play([
      '{at: 1s, setImage: deployment/cart, images: {server: "shop/cart:2"}}',
      '{at: 2s, setImage: deployment/cart, images: {srver: i}}',
    ]);
    expect(lines).toEqual([
      '1.008 deployment.apps/cart image updated',
      '2.004! error: unable to find container named "srver"',
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
      '1.008! error: no rollout history found for deployment "cart"',
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
      '1.008 deployment.apps/cart paused',
      '2.004! error: deployments.apps "cart" can\'t restart paused deployment (run rollout resume first)',
      '3.008 deployment.apps/cart resumed',
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

  it('node condition, as node-problem-detector sets it', () => {
    const { lines, run } = play([
      '{at: 1s, nodeCondition: worker-1, type: KernelDeadlock, reason: DockerHung, message: task blocked}',
    ]);
    expect(lines).toEqual(['1.004 node/worker-1 condition KernelDeadlock=True']);
    expect(run.cluster.get('Node', 'worker-1')?.status?.conditions).toContainEqual({
      type: 'KernelDeadlock',
      status: 'True',
      reason: 'DockerHung',
      message: 'task blocked',
      lastHeartbeatTime: 1_000_000,
      lastTransitionTime: 1_000_000,
    });
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
      '2.004! error: node worker-1 already has a taint(s) with same effect(s) and --overwrite is false',
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
        'cannot delete Pods that declare no controller (use --force to override): default/p, continuing command...',
    ]);
    expect(run.cluster.get('Node', 'worker-1')?.spec.unschedulable).toBe(true);
  });

  it('drain with force evicts and waits, a second at a time, until its time-out', () => {
    // Nobody ends the pod here: GETs at 2.016, 3.020, 4.024, 5.028 …; the next would be after 2 s + 5 s.
    const { lines } = play(['{at: 1s, create: pod.yaml}', '{at: 2s, drain: worker-1, force: true, timeout: 5s}']);
    expect(lines.slice(-3, -1)).toEqual([
      '2.012 Warning: deleting Pods that declare no controller: default/p',
      '2.012 evicting pod default/p',
    ]);
    expect(lines.at(-1)).toMatch(
      /^6\.\d+! error: unable to drain node "worker-1" due to error: error when waiting for pod "p" in namespace "default" to terminate: global timeout reached: 5s, continuing command\.\.\.$/,
    );
  });

  it('patch in three ways', () => {
    const { lines, run } = play([
      '{at: 1s, patch: deployment/cart, with: {spec: {template: {spec: {containers: [{name: server, env: [{name: A, value: b}]}]}}}}}',
      '{at: 2s, patch: deployment/cart, type: merge, with: {metadata: {labels: {x: z}}}}',
      '{at: 3s, patch: deployment/cart, type: json, with: [{op: replace, path: /spec/replicas, value: 9}]}',
      '{at: 4s, patch: deployment/cart, type: json, with: [{op: replace, path: /spec/nothing, value: 9}]}',
    ]);
    expect(lines.at(-1)).toBe(
      '4.008! The request is invalid: the server rejected our request due to an error in our request',
    );
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
    // Nobody ends the pod here: kubectl waits for it for ever.
    expect(lines.slice(1)).toEqual([
      '2.004 deployment.apps "cart" deleted from default namespace',
      '3.008 pod "p" deleted from default namespace',
      '1800 not ended: pod/p is not gone',
    ]);
  });

  it('an object that is not there', () => {
    expect(play(['{at: 1s, label: pod/ghost, labels: {a: b}}']).lines).toEqual([
      '1.004! Error from server (NotFound): pods "ghost" not found',
    ]);
  });

  it('scale only from so many replicas, and several at once', () => {
    expect(
      play([
        '{at: 1s, scale: deployment/cart, replicas: 5, currentReplicas: 2}',
        '{at: 2s, scale: deployments, all: true, replicas: 5}',
        '{at: 3s, scale: deployments, selector: {app: nothing}, replicas: 5}',
      ]).lines,
    ).toEqual([
      '1.004! error: Expected replicas to be 2, was 3',
      '2.012 deployment.apps/cart scaled',
      '3.004! error: no objects passed to scale',
    ]);
  });

  it('set env and set resources; nothing is said of what is so already', () => {
    const { lines, run } = play([
      '{at: 1s, setEnv: deployment/cart, env: {MODE: fast, OLD: x}}',
      '{at: 2s, setEnv: deployment/cart, env: {OLD: null}, container: "ser*"}',
      '{at: 3s, setResources: deployment/cart, requests: {cpu: 100m}, limits: {memory: 1Gi}}',
      '{at: 4s, setResources: deployment/cart, requests: {cpu: 100m}}',
      '{at: 5s, setEnv: deployment/cart, env: {A: b}, container: other}',
    ]);
    expect(lines).toEqual([
      '1.008 deployment.apps/cart env updated',
      '2.008 deployment.apps/cart env updated',
      '3.008 deployment.apps/cart resource requirements updated',
      '5.004! error: unable to find container named other',
    ]);
    expect(run.cluster.get('Deployment', 'default/cart')?.spec.template.spec?.containers[0]).toMatchObject({
      env: [{ name: 'MODE', value: 'fast' }],
      resources: { requests: { cpu: '100m' }, limits: { memory: '1Gi' } },
    });
  });

  it('apply after create --save-config has something to go by', () => {
    const { lines } = play(['{at: 1s, kubectl: create --save-config -f pod.yaml}', '{at: 2s, apply: pod.yaml}']);
    expect(lines).toEqual(['1.004 pod/p created', '2.004 pod/p unchanged']);
  });

  it('apply after create has nothing to go by, and says so', () => {
    const { lines } = play(['{at: 1s, create: pod.yaml}', '{at: 2s, apply: pod.yaml}', '{at: 3s, apply: pod.yaml}']);
    expect(lines[1]).toMatch(
      /^2.004 Warning: resource pods\/p is missing the kubectl.kubernetes.io\/last-applied-conf/,
    );
    expect(lines.slice(2)).toEqual(['2.008 pod/p configured', '3.004 pod/p unchanged']);
  });

  it('replace puts the whole object in place of what is there; what may not change is refused by the API', () => {
    const { lines, run } = play(['{at: 1s, replace: more.yaml}', '{at: 2s, replace: other.yaml}'], {
      'more.yaml': A_DEPLOYMENT.replace('replicas: 3', 'replicas: 7'),
      'other.yaml': A_DEPLOYMENT.replaceAll('app: cart', 'app: other'),
    });
    expect(lines[0]).toBe('1.008 deployment.apps/cart replaced');
    expect(lines[1]).toMatch(
      /^2.008! The Deployment "cart" is invalid: spec.selector: Invalid value: .*: field is immutable$/,
    );
    expect(run.cluster.get('Deployment', 'default/cart')?.spec.replicas).toBe(7);
  });

  it('delete by force is at once; no grace without force is a second', () => {
    const { lines, run } = play([
      '{at: 1s, create: pod.yaml}',
      '{at: 2s, delete: pod/p, gracePeriod: 0}',
      '{at: 3s, delete: pod/p, force: true}',
      '{at: 4s, delete: pod/p, ignoreNotFound: true}',
    ]);
    expect(lines[1]).toBe('2.004 pod "p" deleted from default namespace');
    expect(lines[2]).toMatch(/^3 Warning: Immediate deletion does not wait for confirmation/);
    expect(lines.slice(3)).toEqual(['3.004 pod "p" force deleted from default namespace']);
    expect(run.cluster.get('Pod', 'default/p')).toBeUndefined();
  });

  it('label keeps another value when told to, and says when nothing changes', () => {
    expect(
      play([
        '{at: 1s, label: deployment/cart, labels: {a: b}}',
        '{at: 2s, label: deployment/cart, labels: {a: c}, overwrite: false}',
        '{at: 3s, label: deployment/cart, labels: {a: b}}',
        '{at: 4s, label: deployment/cart, labels: {a: null}}',
      ]).lines,
    ).toEqual([
      '1.008 deployment.apps/cart labeled',
      "2.004! error: 'a' already has a value (b), and --overwrite is false",
      '3.004 deployment.apps/cart not labeled',
      '4.008 deployment.apps/cart unlabeled',
    ]);
  });

  it('expose takes selector and ports from the object', () => {
    const { lines, run } = play([
      '{at: 1s, expose: deployment/cart}',
      '{at: 2s, expose: deployment/cart, port: 80, targetPort: http, name: shop}',
    ]);
    expect(lines).toEqual([
      "1.004! error: couldn't find port via --port flag or introspection",
      '2.008 service/shop exposed',
    ]);
    expect(run.cluster.get('Service', 'default/shop')?.spec).toMatchObject({
      selector: { app: 'cart' },
      ports: [{ port: 80, targetPort: 'http', protocol: 'TCP' }],
    });
  });

  it('cordon by labels: every node that has them', () => {
    const { lines } = play(['{at: 1s, label: node/worker-1, labels: {old: "yes"}}', '{at: 2s, cordon: {old: "yes"}}']);
    expect(lines.slice(1)).toEqual(['2.012 node/worker-1 cordoned']);
  });
});

describe('what an action must be', () => {
  const outcome = (action: string): readonly [failed: number, lines: readonly string[]] => {
    const { run, lines } = play([action]);
    return [run.finish().failedActions, lines];
  };

  it('an error that nobody expects makes the run fail, and names the line of the scenario', () => {
    const { run } = play(['{at: 1s, delete: pod/ghost}']);
    expect(run.finish()).toMatchObject({
      failedActions: 1,
      // aScenario has eight lines before its actions.
      actions: [{ failed: true, where: 's.yaml:9:5', line: 'Error from server (NotFound): pods "ghost" not found' }],
    });
  });

  it('an error that nobody expects is an error of the JUnit report too', () => {
    const { run } = play(['{at: 1s, delete: pod/ghost}', '{at: 2s, delete: pod/ghost, expectError: true}']);
    const report = renderJunit(run.finish());
    expect(report).toContain('tests="1" failures="0" errors="1"');
    expect(report).toContain('name="s.yaml:9:5" time="1.004"');
  });

  it('an expected error is none', () => {
    expect(outcome('{at: 1s, delete: pod/ghost, expectError: NotFound}')[0]).toBe(0);
    expect(outcome('{at: 1s, delete: pod/ghost, expectError: true}')[0]).toBe(0);
    expect(outcome('{at: 1s, delete: pod/ghost, expectError: Conflict}')[0]).toBe(1);
  });

  it('an expected error that does not come is one', () => {
    expect(outcome('{at: 1s, scale: deployment/cart, replicas: 2, expectError: Invalid}')).toEqual([
      1,
      ['1.008 deployment.apps/cart scaled', '1800! error: an error with "Invalid" was expected, and there was none'],
    ]);
  });

  it('a command line does as its verb does', () => {
    const { lines, run } = play([
      '{at: 1s, kubectl: "scale deploy cart --replicas=6"}',
      '{at: 2s, kubectl: "create deployment web --image=nginx:1.27 --replicas=2"}',
      '{at: 3s, kubectl: "kubectl -n default set image deploy/web nginx=nginx:1.28"}',
      `{at: 4s, kubectl: "patch deploy/web -p 'spec: {replicas: 3}'"}`,
    ]);
    expect(lines).toEqual([
      '1.008 deployment.apps/cart scaled',
      '2.004 deployment.apps/web created',
      '3.008 deployment.apps/web image updated',
      '4.008 deployment.apps/web patched',
    ]);
    expect(run.cluster.get('Deployment', 'default/web')?.spec).toMatchObject({
      replicas: 3,
      template: { spec: { containers: [{ name: 'nginx', image: 'nginx:1.28' }] } },
    });
  });
});
