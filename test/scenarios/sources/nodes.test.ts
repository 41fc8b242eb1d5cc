import { complaints, load } from '../../helpers/scenario-text.js';

/** As `kubectl get nodes -o yaml` prints it. */
const EXPORT = `apiVersion: v1
kind: List
metadata: {resourceVersion: ""}
items:
- apiVersion: v1
  kind: Node
  metadata:
    annotations: {node.alpha.kubernetes.io/ttl: "0"}
    creationTimestamp: "2025-06-01T10:00:00Z"
    labels: {kubernetes.io/hostname: ip-10-0-1-7, topology.kubernetes.io/zone: eu-1a, eks.amazonaws.com/nodegroup: blue}
    name: ip-10-0-1-7
    resourceVersion: "123"
    uid: 5c1d
  spec:
    podCIDR: 10.244.1.0/24
    taints:
    - {effect: NoSchedule, key: dedicated, value: gpu}
    - {effect: NoExecute, key: node.kubernetes.io/unreachable, timeAdded: "2025-06-01T11:00:00Z"}
  status:
    addresses: [{address: 10.0.1.7, type: InternalIP}]
    allocatable: {cpu: 3920m, memory: 15Gi, pods: "58"}
    capacity: {cpu: "4", memory: 16Gi, pods: "58"}
    conditions: [{type: Ready, status: "True", lastHeartbeatTime: "2025-06-01T11:00:00Z", lastTransitionTime: null}]
`;

const scenario = (cluster: string, spec = ''): string =>
  `apiVersion: kubewhen/v1\nkind: Scenario\nmetadata: {name: x}\nspec:\n  runFor: 1m\n  cluster: ${cluster}\n${spec}`;

describe('a cluster', () => {
  it('from kubectl get nodes -o yaml has those machines, without what components had put on them', () => {
    const { nodes } = load({ 's.yaml': scenario('{nodes: nodes.yaml}'), 'nodes.yaml': EXPORT });
    expect(nodes).toEqual([
      {
        name: 'ip-10-0-1-7',
        pool: 'blue',
        labels: {
          'kubernetes.io/hostname': 'ip-10-0-1-7',
          'topology.kubernetes.io/zone': 'eu-1a',
          'eks.amazonaws.com/nodegroup': 'blue',
        },
        taints: [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }],
        capacity: { cpu: '4', memory: '16Gi', pods: '58', 'ephemeral-storage': '100Gi' },
      },
    ]);
  });

  it('from pools deals its zones in turn, after the labels that the pool gives', () => {
    const pools =
      '{pools: [{name: w, count: 3, zones: [a, b], taints: ["x=z:NoExecute"], labels: {disk: ssd}, capacity: {cpu: 2}}]}';
    const { nodes } = load({ 's.yaml': scenario(pools) });
    expect(
      nodes.map(({ name, labels }) => `${name} ${labels['topology.kubernetes.io/zone']} ${labels['disk']}`),
    ).toEqual(['w-0 a ssd', 'w-1 b ssd', 'w-2 a ssd']);
    expect(nodes[0]?.taints).toEqual([{ key: 'x', value: 'z', effect: 'NoExecute' }]);
    expect(nodes[0]?.capacity).toEqual({ cpu: '2', memory: '16Gi', pods: '110', 'ephemeral-storage': '100Gi' });
  });

  it('needs machines, and Nodes where Nodes are expected', () => {
    expect(complaints({ 's.yaml': scenario('{}') })).toEqual([
      's.yaml:6:12 spec.cluster: a cluster needs pools, or nodes from a file (MISSING_FIELD)',
    ]);
    expect(complaints({ 's.yaml': scenario('{nodes: shop.yaml}') })).toEqual([
      'shop.yaml:2:7 kind: expected Nodes here, found a Deployment (UNKNOWN_KIND)',
    ]);
  });

  it('has no two nodes of one name', () => {
    const both = scenario('{pools: [{name: ip-10-0-1, count: 8}], nodes: nodes.yaml}');
    expect(complaints({ 's.yaml': both, 'nodes.yaml': EXPORT })).toEqual([
      's.yaml:6:12 spec.cluster: two nodes are called ip-10-0-1-7 (DUPLICATE_NAME)',
    ]);
  });
});

describe('behaviours', () => {
  const at = (spec: string, annotations: Readonly<Record<string, string>> = {}) =>
    load({ 's.yaml': scenario('{pools: [{name: w, count: 1}]}', `  manifests: [shop.yaml]\n${spec}`) }).behaviourOf({
      key: 'default/cart-1',
      labels: { app: 'cart' },
      annotations,
      container: 'server',
    });

  it('add up: later entries replace the fields they have', () => {
    const spec =
      '  behaviours: [{ready: 3s, start: 1s}, {selector: {app: cart}, ready: 5s}, {selector: {app: other}, ready: 9s}]\n';
    expect(at(spec)).toEqual({
      start: { kind: 'constant', value: 1_000_000 },
      ready: { kind: 'constant', value: 5_000_000 },
    });
  });

  it('follow a workload by its selector', () => {
    expect(at('  behaviours: [{workload: deployment/cart, cpu: 250m}]\n')).toEqual({ cpu: { base: 0.25 } });
    expect(at('  behaviours: [{workload: pod/cart-2, cpu: 250m}]\n')).toEqual({});
  });

  it('may stand in annotations, by container too; the scenario goes first', () => {
    const annotations = {
      'kubewhen/ready': '7s',
      'kubewhen/start': '2s',
      'kubewhen/start.server': '3s',
      'kubewhen/start.x': '4s',
    };
    expect(at('  behaviours: [{ready: 5s}]\n', annotations)).toEqual({
      start: { kind: 'constant', value: 3_000_000 },
      ready: { kind: 'constant', value: 5_000_000 },
    });
  });

  it('draw from a column of a CSV file', () => {
    const spec = '  behaviours: [{ready: {empirical: {csv: data/t.csv, column: "ready, s"}}}]\n';
    const files = {
      's.yaml': scenario('{pools: [{name: w, count: 1}]}', spec),
      'data/t.csv': 'pod,"ready, s"\na,1s\n"b ""x""",2.5s\r\n',
    };
    const behaviour = load(files).behaviourOf({ key: 'a/b', labels: {}, annotations: {}, container: 'c' });
    expect(behaviour.ready).toEqual({ kind: 'empirical', values: [1_000_000, 2_500_000] });
  });

  it('that are misspelt in an annotation are told at the manifest', () => {
    const bad = (key: string, text: string): readonly string[] =>
      complaints({
        's.yaml': scenario('{pools: [{name: w, count: 1}]}', '  manifests: [p.yaml]\n'),
        'p.yaml':
          `{apiVersion: v1, kind: Pod, metadata: {name: p, annotations: {${key}: ${text}}}, ` +
          'spec: {containers: [{name: c, image: i}]}}',
      });
    expect(bad('kubewhen/redy', '5s')).toEqual([
      'p.yaml:1:63 metadata.annotations["kubewhen/redy"]: no behaviour is called "redy" (UNKNOWN_FIELD). Did you mean "ready"?',
    ]);
    expect(bad('kubewhen/ready', '5d')[0]).toMatch(
      /^p\.yaml:1:79 .*unknown unit "d" in duration "5d" \(BAD_DURATION\)/,
    );
  });
});
