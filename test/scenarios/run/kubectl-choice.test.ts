import { MemorySink, toSeconds } from '../../../engine/index.js';
import { Run } from '../../../scenarios/run/run.js';
import { apiOnlyModel } from '../../helpers/api-only-model.js';
import { complaints, load } from '../../helpers/scenario-text.js';

const configMap = (name: string, labels = '{app: web}', namespace = 'default'): string =>
  `{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}, namespace: ${namespace}, labels: ${labels}}, data: {a: "1"}}`;
const pod = (name: string, node: string): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}}, spec: {nodeName: ${node}, containers: [{name: c, image: i}]}}`;

interface Setting {
  readonly actions: readonly string[];
  readonly manifests?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
}

const scenarioOf = ({ actions, manifests = [] }: Setting): string =>
  `{apiVersion: kubewhen/v1, kind: Scenario, metadata: {name: t}, spec: {seed: 7, runFor: 10m, cluster: {pools: [{name: worker, count: 1}]},
    manifests: [${manifests.join(', ')}], actions: [${actions.join(', ')}]}}`;

const mistakes = ({ files = {}, ...setting }: Setting): string =>
  complaints({ 's.yaml': scenarioOf(setting), ...files }).join('\n');

/** An API server alone: what the commands say, and what is there in the end. */
function play({ files = {}, ...setting }: Setting) {
  const scenario = load({ 's.yaml': scenarioOf(setting), ...files });
  const run = new Run(scenario, { model: apiOnlyModel(), sink: (now) => new MemorySink(now) });
  const lines = run.finish().actions.map(({ at, line, failed }) => `${toSeconds(at)}${failed ? '!' : ''} ${line}`);
  return { lines, cluster: run.cluster };
}

const said = (setting: Setting): readonly string[] => play(setting).lines.map((line) => line.replace(/^\S+ /, ''));

describe('kubectl delete', () => {
  it('chooses by fields', () => {
    expect(
      said({
        manifests: [pod('a', 'n1'), pod('b', 'n2'), pod('c', 'n1')],
        actions: ['{at: 1s, kubectl: delete pods --field-selector spec.nodeName=n1 --force}'],
      }).filter((line) => !line.startsWith('Warning')),
    ).toEqual(['pod "a" force deleted from default namespace', 'pod "c" force deleted from default namespace']);
  });

  it('looks into every namespace with -A', () => {
    expect(
      said({
        manifests: [
          '{apiVersion: v1, kind: Namespace, metadata: {name: shop}}',
          configMap('a'),
          configMap('b', '{app: web}', 'shop'),
          configMap('c', '{app: db}', 'shop'),
        ],
        actions: ['{at: 1s, kubectl: delete cm -A -l app=web}'],
      }),
    ).toEqual(['configmap "a" deleted from default namespace', 'configmap "b" deleted from shop namespace']);
  });

  it('of all takes the types of the category one after the other', () => {
    const service = '{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {ports: [{port: 80}]}}';
    expect(
      said({
        manifests: [service, pod('a', 'n1'), configMap('a')],
        actions: ['{at: 1s, kubectl: delete all --all --wait=false}'],
      }),
    ).toEqual(['pod "a" deleted from default namespace', 'service "web" deleted from default namespace']);
  });

  it('warns of what lies outside of the namespace it was given', () => {
    expect(
      said({
        manifests: ['{apiVersion: v1, kind: Namespace, metadata: {name: shop}}'],
        actions: [
          '{at: 1s, kubectl: delete pv --all -n shop}',
          '{at: 2s, kubectl: delete ns shop -n shop --wait=false}',
        ],
      }),
    ).toEqual([
      'No resources found',
      'Warning: deleting cluster-scoped resources, not scoped to the provided namespace',
      'namespace "shop" deleted',
    ]);
  });

  it.each([
    ['delete pod web --all', 'name cannot be provided when a selector is specified'],
    ['delete pod web -A', 'a resource cannot be retrieved by name across all namespaces'],
    ['delete pods --all -l a=b', 'cannot set --all and --selector at the same time'],
    ['delete pods --field-selector status.qosClass=Burstable', 'field label not supported: status.qosClass'],
    [
      'delete cm --field-selector data.a=b',
      '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
    ],
    ['delete pods --field-selector phase', "can't understand 'phase'"],
    ['delete pods --all --now --grace-period=3', '--now and --grace-period cannot be specified together'],
    ['delete pods --all --force --grace-period=3', '--force and --grace-period greater than 0'],
  ])('%s is refused', (line, message) => {
    expect(mistakes({ actions: [`{at: 1s, kubectl: "${line}"}`] })).toContain(message);
  });
});

describe('kubectl apply --prune', () => {
  const files = {
    'both.yaml': `${configMap('a')}\n---\n${configMap('b')}\n`,
    'one.yaml': configMap('a'),
  };

  it('deletes what was applied before and is not in the files any more', () => {
    expect(
      said({
        files,
        manifests: [configMap('other', '{app: db}')],
        actions: [
          '{at: 1s, kubectl: apply -f both.yaml}',
          '{at: 2s, kubectl: create configmap mine --from-literal=a=b}',
          '{at: 3s, kubectl: label cm mine app=web}',
          '{at: 4s, kubectl: apply -f one.yaml --prune -l app=web}',
        ],
      }),
    ).toEqual([
      'configmap/a created',
      'configmap/b created',
      'configmap/mine created',
      'configmap/mine labeled',
      'configmap/a unchanged',
      'configmap/b pruned', // "mine" has the label too, but was never applied
    ]);
  });

  it('counts what stood there from the start as applied, and looks through the kinds it may', () => {
    expect(
      said({
        files,
        manifests: [configMap('old'), pod('p', 'n1')],
        actions: ['{at: 1s, kubectl: "apply -f one.yaml --prune --all --prune-allowlist=core/v1/ConfigMap"}'],
      }),
    ).toEqual(['configmap/a created', 'configmap/old pruned']);
  });

  it('deletes nothing when something could not be applied', () => {
    const bad = `${configMap('a')}\n---\n${configMap('x', '{app: web}', 'nowhere')}\n`;
    expect(
      said({
        files: { 'bad.yaml': bad },
        manifests: [configMap('old')],
        actions: ['{at: 1s, kubectl: apply -f bad.yaml --prune --all, expectError: not found}'],
      }),
    ).toEqual(['configmap/a created', 'Error from server (NotFound): namespaces "nowhere" not found']);
  });

  it.each([
    ['apply -f a.yaml --prune', 'all resources selected for prune without explicitly passing --all'],
    ['apply -f a.yaml --prune --all -l a=b', 'cannot set --all and --selector at the same time'],
    ['apply -f a.yaml --prune --all --prune-allowlist=v1/Pod', 'no kind is called "v1/Pod"'],
  ])('%s is refused', (line, message) => {
    expect(mistakes({ actions: [`{at: 1s, kubectl: "${line}"}`], files: { 'a.yaml': configMap('a') } })).toContain(
      message,
    );
  });
});

describe('files in a namespace', () => {
  const files = { 'c.yaml': '{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: "1"}}' };

  it('take the one that -n names', () => {
    const { cluster } = play({
      files,
      manifests: ['{apiVersion: v1, kind: Namespace, metadata: {name: shop}}'],
      actions: ['{at: 1s, kubectl: apply -n shop -f c.yaml}'],
    });
    expect(cluster.get('ConfigMap', 'shop/c')).toBeDefined();
    expect(cluster.get('ConfigMap', 'default/c')).toBeUndefined();
  });

  it('may not name another', () => {
    expect(
      mistakes({ actions: ['{at: 1s, kubectl: apply -n shop -f d.yaml}'], files: { 'd.yaml': configMap('d') } }),
    ).toContain('the namespace from the provided object "default" does not match the namespace "shop"');
  });
});

describe('kubectl apply --force', () => {
  it('makes anew what cannot be changed', () => {
    const job = (image: string): string =>
      '{apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {template: {spec: {restartPolicy: Never, ' +
      `containers: [{name: c, image: ${image}}]}}}}`;
    const files = { 'one.yaml': job('a'), 'two.yaml': job('b') };
    const { lines, cluster } = play({
      files,
      actions: [
        '{at: 1s, kubectl: apply -f one.yaml}',
        '{at: 2s, kubectl: apply -f two.yaml, expectError: field is immutable}',
        '{at: 3s, kubectl: apply --force -f two.yaml}',
      ],
    });
    expect(lines.at(-1)).toMatch(/^3\.\d+ job\.batch\/j configured$/);
    expect(cluster.get('Job', 'default/j')?.spec.template.spec?.containers[0]?.image).toBe('b');
  });
});
