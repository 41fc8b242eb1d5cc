import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadScenario } from '../../../scenarios/load.js';
import { assemble } from '../../../scenarios/sources/document.js';
import { memoryFiles } from '../../../scenarios/sources/files.js';
import { resolveScenario } from '../../../scenarios/sources/resolve.js';
import { A_CATALOGUE, A_DEPLOYMENT, aScenario, complaints, load } from '../../helpers/scenario-text.js';

const shop = (text: string): readonly string[] => complaints({ 's.yaml': aScenario(), 'shop.yaml': text });

describe('a pool that cluster-autoscaler keeps', () => {
  const text = (pool: string): string => `apiVersion: kubewhen/v1
kind: Scenario
metadata: {name: s}
spec:
  runFor: 1h
  cluster:
    pools:
    - ${pool}
  actions:
  - {at: 1m, addNodes: w}
`;

  it('takes no machines from actions', () => {
    expect(complaints({ 's.yaml': text('{name: w, count: 1, autoscaling: {min: 1, max: 3}}') })).toEqual([
      's.yaml:10:24 spec.actions[0].addNodes: cluster-autoscaler decides how many machines "w" has (BAD_VALUE). Take `autoscaling` off the pool, or this action',
    ]);
  });

  it('begins within its bounds', () => {
    expect(complaints({ 's.yaml': text('{name: w, count: 4, autoscaling: {min: 1, max: 3}}') })[0]).toBe(
      's.yaml:8:24 spec.cluster.pools[0].count: 4 machines are not within 1 and 3 (BAD_VALUE)',
    );
  });
});

describe('a pool that Karpenter claims machines of', () => {
  const text = (pool: string, action: string): string => `apiVersion: kubewhen/v1
kind: Scenario
metadata: {name: s}
spec:
  kubernetesVersion: "1.37"
  runFor: 5m
  cluster: {pools: [${pool}]}
  actions:
  - {at: 1m, ${action}}
`;
  const priced = '{name: w, count: 0, price: 0.1, autoscaling: karpenter}';

  it('needs a price, and takes no other machines', () => {
    const unpriced = '{name: w, count: 0, autoscaling: karpenter}';
    expect(complaints({ 's.yaml': text(unpriced, 'cordon: w-0') })[0]).toContain(
      'Karpenter chooses machines by their price',
    );
    expect(complaints({ 's.yaml': text(priced, 'addNodes: w') })[0]).toContain(
      'Karpenter decides how many machines "w" has (BAD_VALUE)',
    );
  });

  it('has nodes that actions may name before they are there', () => {
    expect(complaints({ 's.yaml': text(priced, 'cordon: w-3') })).toEqual([]);
    expect(complaints({ 's.yaml': text(priced, 'cordon: x-3') })[0]).toContain('UNKNOWN_NODE');
  });
});

describe('a name that YAML takes for something else', () => {
  const scenario = (name: string): string => `apiVersion: kubewhen/v1
kind: Scenario
metadata: {name: s}
spec:
  runFor: 1h
  cluster: {pools: [{name: ${name}, count: 1}]}
`;
  const hint = 'Write it in quotes: YAML reads y, n, yes, no, on and off as true or false, and digits as a number';

  it('is said to need quotes', () => {
    expect(complaints({ 's.yaml': scenario('n') })).toEqual([
      `s.yaml:6:28 spec.cluster.pools[0].name: expected a text, found false (WRONG_TYPE). ${hint}`,
    ]);
    expect(complaints({ 's.yaml': scenario('7') })).toEqual([
      `s.yaml:6:28 spec.cluster.pools[0].name: expected a text, found 7 (WRONG_TYPE). ${hint}`,
    ]);
  });
});

describe('a manifest', () => {
  it('with a typo in a field', () => {
    expect(shop(A_DEPLOYMENT.replace('replicas', 'replica'))).toEqual([
      expect.stringMatching(/^shop\.yaml:5:3 spec\.replica: .*\(UNKNOWN_FIELD\)\. Did you mean "replicas"\?$/),
    ]);
  });

  it('with a wrong type', () => {
    expect(shop(A_DEPLOYMENT.replace('replicas: 3', 'replicas: three'))).toEqual([
      expect.stringMatching(/^shop\.yaml:5:13 spec\.replicas: .*"three".*\(WRONG_TYPE\)$/),
    ]);
  });

  it('with a bad quantity', () => {
    const bad = A_DEPLOYMENT.replace('image: "shop/cart:1"', 'image: i, resources: {requests: {cpu: 5x}}');
    expect(shop(bad)).toEqual([
      expect.stringMatching(
        /^shop\.yaml:11:62 spec\.template\.spec\.containers\[0\]\.resources\.requests\.cpu: .*\(BAD_QUANTITY\)/,
      ),
    ]);
  });

  it('with several mistakes, all told at once and in order', () => {
    const bad = A_DEPLOYMENT.replace('replicas: 3', 'replicas: three').replace('image:', 'imag:');
    expect(shop(bad).map((line) => line.split(' ')[0])).toEqual(['shop.yaml:5:13', 'shop.yaml:11:24']);
  });

  it('with a kind that does not exist in its version', () => {
    expect(shop(A_DEPLOYMENT.replace('apps/v1', 'apps/v2'))[0]).toMatch(
      /^shop\.yaml:1:13 apiVersion: .*\(UNKNOWN_KIND\)/,
    );
  });

  it('with the name of another object', () => {
    expect(shop(`${A_DEPLOYMENT}---\n${A_DEPLOYMENT}`)).toEqual([
      'shop.yaml:15:18 metadata.name: there is a Deployment default/cart already (shop.yaml:3:18) (DUPLICATE_NAME)',
    ]);
  });

  it('that is a list of words', () => {
    expect(shop('[a, b]')[0]).toMatch(/^shop\.yaml:1:1.*\(NOT_AN_OBJECT\)/);
  });

  it('with a kind that is mistyped', () => {
    expect(shop(A_DEPLOYMENT.replace('kind: Deployment', 'kind: Deploymnet'))).toEqual([
      'shop.yaml:2:7 kind: there is no kind "Deploymnet" in "apps/v1" (UNKNOWN_KIND). Did you mean "Deployment"?',
    ]);
  });

  it.each([
    ['cannot be read', A_DEPLOYMENT.replace('replicas: 3', 'replicas: three'), ['shop.yaml:5:13']],
    ['stands in a file that cannot be read', `${A_DEPLOYMENT}\t- tab`, ['shop.yaml:12:1:']],
  ])('that %s is still there for those who name it', (_, text, places) => {
    const scale = '  actions:\n  - {at: 1m, scale: deployment/cart, replicas: 5}\n';
    const found = complaints({ 's.yaml': aScenario(scale), 'shop.yaml': text });
    expect(found.map((line) => line.split(' ')[0])).toEqual(places);
  });

  it('of a kind that is not simulated is no mistake', () => {
    expect(shop('{apiVersion: example.com/v1, kind: Widget, metadata: {name: w}, spec: {any: thing}}')).toEqual([]);
  });
});

describe('mistakes in a scenario', () => {
  it('are told together with those of the files that it names', () => {
    const files = {
      's.yaml': aScenario(`  faults:
  - {at: 1m, kind: NodeCrsh}
  configuration: {kubelet: kubelet.yaml}
  expect:
  - {at: 2m, that: "deployments['default/cart'].status.availableReplicaz == 3"}
`),
      'shop.yaml': A_DEPLOYMENT.replace('replicas: 3', 'replicas: three'),
      'kubelet.yaml': 'nodeStatusUpdateFrequency: 10',
    };
    expect(complaints(files).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      's.yaml:9:20 spec.faults[0].kind:',
      's.yaml:12:20 spec.expect[0].that:',
      'shop.yaml:5:13 spec.replicas:',
      'kubelet.yaml:1:28 nodeStatusUpdateFrequency:',
    ]);
  });
});

describe('a KubeletConfiguration whose values fit one by one', () => {
  it('is refused in the words of the kubelet, each part where it is written', () => {
    const files = {
      's.yaml': aScenario('  configuration: {kubelet: kubelet.yaml}\n'),
      'shop.yaml': A_DEPLOYMENT,
      'kubelet.yaml': [
        'evictionSoft: {memory.available: 200Mi}',
        'imageGCHighThresholdPercent: 80',
        'imageGCLowThresholdPercent: 90',
        'shutdownGracePeriod: 10s',
        'shutdownGracePeriodCriticalPods: 20s',
      ].join('\n'),
    };
    const supported = [
      'evictionSoft',
      'imageGCHighThresholdPercent',
      'imageGCLowThresholdPercent',
      'shutdownGracePeriod',
      'shutdownGracePeriodCriticalPods',
    ];
    const model = { catalogue: () => ({ ...A_CATALOGUE, kubeletFields: supported }) };
    const memory = memoryFiles(files);
    expect(() => resolveScenario(assemble(memory, 's.yaml'), memory, model)).toThrow(
      [
        'kubelet.yaml:1:15 evictionSoft: grace period must be specified for the soft eviction threshold memory.available (BAD_VALUE)',
        'kubelet.yaml:3:29 imageGCLowThresholdPercent: invalid configuration: imageGCLowThresholdPercent 90 must be less than imageGCHighThresholdPercent 80 (BAD_VALUE)',
        'kubelet.yaml:5:34 shutdownGracePeriodCriticalPods: invalid configuration: shutdownGracePeriodCriticalPods must be <= shutdownGracePeriod (BAD_VALUE)',
      ].join('\n'),
    );
  });
});

describe('the fields that a condition reads', () => {
  const told = (that: string): readonly string[] =>
    complaints({ 's.yaml': aScenario(`  expect:\n  - {at: 2m, that: "${that}"}\n`), 'shop.yaml': A_DEPLOYMENT });

  it.each([
    ["deployments['default/cart'].status.availableReplicaz == 3", 'DeploymentStatus', 'availableReplicaz', 36],
    // Behind a "?" it would be 0 for ever.
    ["deployments['default/cart'].?status.?replica.orValue(0) == 3", 'DeploymentStatus', 'replica', 38],
    ["pods.all(p, pods[p].stats.phase == 'Running')", 'Pod', 'stats', 21],
    ["nodes.all(n, nodes[n].status.conditions.exists(c, c.typ == 'Ready'))", 'NodeCondition', 'typ', 53],
    ['services.exists(s, services[s].spec.?selectr.hasValue())', 'ServiceSpec', 'selectr', 38],
  ])('exist: %s', (that, type, field, letter) => {
    expect(told(that)).toEqual([
      expect.stringContaining(`a ${type} has no field "${field}" (at letter ${letter}) (UNKNOWN_FIELD)`),
    ]);
  });

  it.each([
    "pods.filter(p, pods[p].metadata.labels['app'] == 'cart').all(p, pods[p].spec.?nodeName.orValue('') != '')",
    "pods.all(p, pods[p].metadata.labels.app == 'cart')",
    "nodes.map(n, nodes[n].status.conditions.filter(c, c.type == 'Ready')[0]).all(c, c.status == 'True')",
    'deployments.all(d, deployments[d].metadata.creationTimestamp.getFullYear() == 2026)',
    // Only 1.23 has it.
    "pods.all(p, pods[p].metadata.?clusterName.orValue('') == '')",
  ])('may be all that the API has: %s', (that) => {
    expect(told(that)).toEqual([]);
  });
});

describe('a file', () => {
  it('that is missing', () => {
    expect(complaints({ 's.yaml': aScenario().replace('shop.yaml', 'shops.yaml') })).toEqual([
      's.yaml:7:15 spec.manifests[0]: there is no file shops.yaml (FILE_MISSING)',
    ]);
  });

  it('of comments alone is none, among others of a folder', () => {
    const files = {
      's.yaml': aScenario().replace('shop.yaml', 'shop'),
      'shop/a.yaml': '# Copyright',
      'shop/b.yaml': A_DEPLOYMENT,
    };
    expect(complaints(files)).toEqual([]);
  });

  it('that a glob does not find', () => {
    expect(complaints({ 's.yaml': aScenario().replace('shop.yaml', 'deploy/**/*.yml') })).toEqual([
      's.yaml:7:15 spec.manifests[0]: no file fits deploy/**/*.yml (FILE_MISSING)',
    ]);
  });

  it('that is empty, or has comments only', () => {
    expect(shop('')).toEqual(['s.yaml:7:15 spec.manifests[0]: shop.yaml is empty (FILE_EMPTY)']);
    expect(shop('# nothing\n---\n')).toEqual(['shop.yaml: this file holds no object (FILE_EMPTY)']);
  });

  it('that is binary', () => {
    expect(shop('\u0000\u0001PNG')).toEqual([
      's.yaml:7:15 spec.manifests[0]: shop.yaml is not a text in UTF-8 (FILE_BINARY)',
    ]);
  });

  it('that is no YAML, among others that are', () => {
    const files = { 's.yaml': aScenario().replace('shop.yaml', 'a.yaml, b.yaml'), 'a.yaml': 'a: [', 'b.yaml': 'b: }' };
    expect(complaints(files).map((line) => line.replace(/: .*\(/, ' ('))).toEqual([
      'a.yaml:1:5 (YAML_SYNTAX)',
      'b.yaml:1:4 (YAML_SYNTAX)',
    ]);
  });
});

describe('a file on the disk', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kubewhen-'));
    writeFileSync(join(folder, 's.yaml'), aScenario());
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const read = (): unknown => loadScenario(join(folder, 's.yaml'), { catalogue: () => A_CATALOGUE });

  it('of 50 MB is refused before it is read', () => {
    writeFileSync(join(folder, 'shop.yaml'), '');
    truncateSync(join(folder, 'shop.yaml'), 50_000_000); // a hole: costs no disk
    expect(read).toThrow(/spec\.manifests\[0\]: .*shop\.yaml has 47\.7 MiB; at most 32 MiB .*\(FILE_TOO_LARGE\)/);
  });

  it('that is a device', () => {
    writeFileSync(join(folder, 's.yaml'), aScenario().replace('shop.yaml', '/dev/zero'));
    expect(read).toThrow(/\/dev\/zero is not an ordinary file \(FILE_UNREADABLE\)/);
  });

  it('is found from the folder of the scenario', () => {
    writeFileSync(join(folder, 'shop.yaml'), A_DEPLOYMENT);
    expect(read).not.toThrow();
  });
});

const PARTIAL = `apiVersion: kubewhen/v1
kind: Scenario
spec:
  faults: [{at: 1m, kind: KubeletStop, nodes: [x]}]
`;

describe('a scenario', () => {
  it.each([
    [
      'a fault on an unknown node',
      '  faults: [{at: 1m, kind: NodeCrash, nodes: [worker-9]}]',
      's.yaml:8:46 spec.faults[0].nodes[0]: no node is called "worker-9" (UNKNOWN_NODE). Did you mean "worker-0"?',
    ],
    [
      'a fault of an unknown kind',
      '  faults: [{at: 1m, kind: NodeCrsh, nodes: [worker-0]}]',
      's.yaml:8:27 spec.faults[0].kind: no fault is called "NodeCrsh" (UNKNOWN_KIND). Did you mean "NodeCrash"?',
    ],
    [
      'a fault on nothing',
      '  faults: [{at: 1m, kind: NodeCrash}]',
      's.yaml:8:12 spec.faults[0]: which nodes? Give nodes, selector, pool, zone or count (MISSING_FIELD)',
    ],
    [
      'a bad seed',
      '  seed: -1',
      's.yaml:8:9 spec.seed: -1 is no seed: a whole number from 0 to 9007199254740991 (BAD_SEED)',
    ],
    ['a seed that is a word', '  seed: many', 's.yaml:8:9 spec.seed: expected a number, found "many" (WRONG_TYPE)'],
    [
      'a negative replica count',
      '  actions: [{at: 1m, scale: deployment/cart, replicas: -1}]',
      's.yaml:8:56 spec.actions[0].replicas: -1 is too small: at least 0 (BAD_VALUE)',
    ],
    [
      'an action on an unknown object',
      '  actions: [{at: 1m, scale: deployment/crt, replicas: 1}]',
      's.yaml:8:29 spec.actions[0].scale: no manifest has a Deployment default/crt (UNKNOWN_OBJECT). Did you mean "default/cart"?',
    ],
    [
      'an action with a mistyped verb',
      '  actions: [{at: 1m, scael: deployment/cart, replicas: 1}]',
      's.yaml:8:13 spec.actions[0]: no verb in this action (UNKNOWN_ACTION). Did you mean "scale"?',
    ],
    [
      'a duration in days',
      '  actions: [{at: 1d, cordon: worker-0}]',
      's.yaml:8:18 spec.actions[0].at: unknown unit "d" in duration "1d" (BAD_DURATION). Did you mean "24h"?',
    ],
    [
      'an unknown version',
      '  kubernetesVersion: "1.30"',
      's.yaml:8:22 spec.kubernetesVersion: no profile for Kubernetes 1.30 (UNKNOWN_VERSION). Known: 1.23, 1.37',
    ],
    [
      'a version without quotes',
      '  kubernetesVersion: 1.37',
      's.yaml:8:22 spec.kubernetesVersion: the number 1.37 is not a version: YAML drops a last 0 (WRONG_TYPE). Put it in quotes: "1.37"',
    ],
    [
      'an unknown timeline',
      '  record: [pod]',
      's.yaml:8:12 spec.record[0]: no timeline is called "pod" (UNKNOWN_TIMELINE). Did you mean "pods"?',
    ],
    [
      'an unknown flag',
      '  configuration: {kubeControllerManager: [--node-monitor-grace-perod=40s]}',
      's.yaml:8:43 spec.configuration.kubeControllerManager[0]: ' +
        'unknown flag: --node-monitor-grace-perod (BAD_FLAG). Did you mean "--node-monitor-grace-period"?',
    ],
    [
      'a flag with a bad value',
      '  configuration: {kubeControllerManager: [--node-monitor-grace-period=40]}',
      's.yaml:8:43 spec.configuration.kubeControllerManager[0]: ' +
        'invalid argument "40" for "--node-monitor-grace-period": not a duration (BAD_FLAG)',
    ],
    [
      'an unknown kubelet field',
      '  configuration: {kubelet: {nodeStatusUpdateFrequenc: 5s}}',
      's.yaml:8:29 spec.configuration.kubelet.nodeStatusUpdateFrequenc: ' +
        'KubeletConfiguration has no such field (UNKNOWN_FIELD). Did you mean "nodeStatusUpdateFrequency"?',
    ],
    [
      'a distribution without sense',
      '  behaviours: [{ready: {lognormal: {median: 20s, p95: 8s}}}]',
      's.yaml:8:55 spec.behaviours[0].ready.lognormal.p95: p95 8s is not above the median 20s (BAD_DISTRIBUTION)',
    ],
    [
      'a process that needs two things at once',
      '  behaviours: [{exit: {until: {resolves: db, reaches: "db:1"}}}]',
      's.yaml:8:31 spec.behaviours[0].exit.until: a process needs either a name that `resolves`, or a place that it `reaches` (BAD_VALUE)',
    ],
    [
      'a place to reach without a port',
      '  behaviours: [{probes: {readiness: {dependsOn: {reaches: db}}}}]',
      's.yaml:8:59 spec.behaviours[0].probes.readiness.dependsOn.reaches: "db" does not fit: a place to reach is written like db:5432 (BAD_VALUE)',
    ],
    [
      'an exit without an occasion',
      '  behaviours: [{exit: {code: 1}}]',
      's.yaml:8:23 spec.behaviours[0].exit: an exit is either `after` a time, or when the process has found what it looks for: `until` (BAD_VALUE)',
    ],
    [
      'an exit without a code',
      '  behaviours: [{exit: {after: 1s, unless: {resolves: db}}}]',
      's.yaml:8:23 spec.behaviours[0].exit.code: an exit `after` a time needs a code (MISSING_FIELD)',
    ],
    [
      'memory that goes below zero',
      '  behaviours: [{memory: {points: [{at: 1m, value: -5Mi}]}}]',
      's.yaml:8:51 spec.behaviours[0].memory.points[0].value: "-5Mi" is below zero (BAD_QUANTITY)',
    ],
    [
      'memory that shrinks to less than nothing',
      '  behaviours: [{memory: {base: 10Mi, growth: -1Mi/min, limit: -1Mi}}]',
      's.yaml:8:63 spec.behaviours[0].memory.limit: "-1Mi" is below zero (BAD_QUANTITY)',
    ],
    [
      'memory that never comes to its limit',
      '  behaviours: [{memory: {base: 100Mi, growth: 1Mi/min, limit: 50Mi}}]',
      's.yaml:8:63 spec.behaviours[0].memory.limit: "50Mi" is never reached: it begins at 100Mi and goes up (BAD_VALUE)',
    ],
    [
      'behaviour of a container that no pod has',
      '  behaviours: [{workload: deployment/cart, container: sever, memory: 1Gi}]',
      's.yaml:8:55 spec.behaviours[0].container: no pod that this takes in has a container "sever" (BAD_VALUE). Did you mean "server"?',
    ],
    [
      'a volume that grows by a word',
      '  behaviours: [{volumes: {scratch: {growth: fast}}}]',
      's.yaml:8:45 spec.behaviours[0].volumes.scratch.growth: "fast" is no rate (BAD_QUANTITY). Rates are written like 1Mi/min, 500Ki/s, 10m/h',
    ],
    [
      'a clock that is wrong by a word',
      '  faults: [{at: 1m, kind: ClockDrift, nodes: [worker-0], offset: late}]',
      's.yaml:8:66 spec.faults[0].offset: invalid duration "late" (BAD_DURATION). Offsets are written like 30s, or -10m for a clock that is late',
    ],
    [
      'a mode that kube-proxy does not have',
      '  configuration: {kubeProxy: {mode: userspace}}',
      's.yaml:8:37 spec.configuration.kubeProxy.mode: "userspace" does not fit (BAD_VALUE). Known: iptables, ipvs, nftables',
    ],
    [
      'a field that KubeProxyConfiguration does not have',
      '  configuration: {kubeProxy: {iptables: {minSyncPeriods: 1s}}}',
      's.yaml:8:42 spec.configuration.kubeProxy.iptables.minSyncPeriods: this field does not exist here (UNKNOWN_FIELD). Did you mean "minSyncPeriod"?',
    ],
    [
      'an expression that does not parse',
      '  expect: [{at: 1m, that: "pods.all(p, p"}]',
      's.yaml:8:27 spec.expect[0].that: Expected RPAREN, got EOF (at letter 14) (BAD_EXPRESSION)',
    ],
    [
      'an expectation without a time',
      '  expect: [{that: "size(pods) == 1"}]',
      's.yaml:8:12 spec.expect[0]: when must it hold? (MISSING_FIELD). Give one of at: 5m, within: 8m, eventually: true, always: true',
    ],
    [
      'an unknown field',
      '  manifest: [a.yaml]',
      's.yaml:8:3 spec.manifest: this field does not exist here (UNKNOWN_FIELD). Did you mean "manifests"?',
    ],
  ])('with %s', (_, spec, message) => {
    expect(complaints({ 's.yaml': aScenario(`${spec}\n`) })).toEqual([message]);
  });

  it('whose pools share a name, and so their nodes', () => {
    const text = aScenario().replace(
      '{name: worker, count: 3, zones: [a, b]}',
      '{name: w, count: 1}, {name: w, count: 1}',
    );
    expect(complaints({ 's.yaml': text })).toEqual([
      's.yaml:6:49 spec.cluster.pools[1].name: there is a pool w already (DUPLICATE_NAME)',
    ]);
  });

  it('that includes itself by way of another', () => {
    const files = {
      's.yaml': aScenario('  include: [more/t.yaml]\n'),
      'more/t.yaml': aScenario('  include: [../s.yaml]\n'),
    };
    expect(complaints(files)).toEqual([
      'more/t.yaml:8:13 spec.include[0]: files include one another: s.yaml → more/t.yaml → s.yaml (INCLUDE_CYCLE)',
    ]);
  });

  it('that is a Kubernetes object', () => {
    expect(complaints({ 's.yaml': A_DEPLOYMENT })).toEqual([
      's.yaml:2:7 kind: expected a Scenario, found a "Deployment" (UNKNOWN_KIND). Kubernetes objects go into spec.manifests of a Scenario',
    ]);
  });

  it('with a mistake in an included file, told there', () => {
    const files = {
      's.yaml': aScenario('  include: [t.yaml]\n'),
      't.yaml': PARTIAL,
    };
    expect(complaints(files)[0]).toMatch(/^t\.yaml:4:48 spec\.faults\[0\]\.nodes\[0\]: no node is called "x"/);
  });

  it('with a mistake in what --set puts in', () => {
    expect(complaints({ 's.yaml': aScenario() }, [{ path: 'runFor', value: '5' }])).toEqual([
      '--set runFor spec.runFor: missing unit in duration "5" (BAD_DURATION)',
    ]);
    expect(complaints({ 's.yaml': aScenario() }, [{ path: 'cluster.pools[7].count', value: 1 }])[0]).toMatch(
      /leads nowhere \(BAD_OPTION\)/,
    );
  });
});

describe('a KubeletConfiguration', () => {
  const bad = (text: string): readonly string[] =>
    complaints({ 's.yaml': aScenario('  configuration: {kubelet: kubelet.yaml}\n'), 'kubelet.yaml': text });
  const header = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';

  it('is told by its own file, line and column', () => {
    expect(
      bad(`${header}evictionHard: {memory.avail: 100Mi, nodefs.available: lots}\nnodeStatusUpdateFrequency: 10`),
    ).toEqual([
      'kubelet.yaml:3:30 evictionHard["memory.avail"]: no eviction signal is called "memory.avail" (UNKNOWN_FIELD). ' +
        'Did you mean "memory.available"?',
      'kubelet.yaml:3:55 evictionHard["nodefs.available"]: "lots" is no threshold (BAD_QUANTITY). ' +
        'Thresholds are written like 100Mi or 10%',
      'kubelet.yaml:4:28 nodeStatusUpdateFrequency: missing unit in duration "10" (BAD_DURATION). Did you mean "10s"?',
    ]);
  });

  it('that sets what changes nothing here is read, and that is listed', () => {
    const configuration = '{hairpinMode: none, featureGates: {PodHostIPs: false, MemoryQoS: true}}';
    const { unsupported } = load({ 's.yaml': aScenario(`  configuration: {kubelet: ${configuration}}\n`) });
    expect(unsupported).toEqual(['KubeletConfiguration featureGates.MemoryQoS', 'KubeletConfiguration hairpinMode']);
  });

  it('of another kind, or of two', () => {
    expect(bad('kind: KubeProxyConfiguration\n')).toEqual([
      'kubelet.yaml:1:7 kind: expected a KubeletConfiguration, found a KubeProxyConfiguration (UNKNOWN_KIND)',
    ]);
    expect(bad(`${header}---\n${header}`)).toEqual([
      's.yaml:8:28 spec.configuration.kubelet: one configuration a file, this one has 2 (BAD_VALUE)',
    ]);
  });
});

describe('a KubeSchedulerConfiguration', () => {
  const bad = (text: string): readonly string[] =>
    complaints({ 's.yaml': aScenario(`  configuration: {kubeScheduler: ${text}}\n`) });

  it("is told in kube-scheduler's own words, at its place", () => {
    expect(bad('{profils: []}')).toEqual([
      's.yaml:8:44 spec.configuration.kubeScheduler.profils: strict decoding error: unknown field "profils" (BAD_VALUE)',
    ]);
    expect(bad('{percentageOfNodesToScore: 500}')[0]).toMatch(
      /^s\.yaml:8:\d+ .*500: not in valid range \[0-100\] \(BAD_VALUE\)$/,
    );
  });

  it('reaches the cluster', () => {
    const { configuration } = load({
      's.yaml': aScenario('  configuration: {kubeScheduler: {percentageOfNodesToScore: 50}}\n'),
    });
    expect(configuration.kubeScheduler).toMatchObject({
      kind: 'KubeSchedulerConfiguration',
      percentageOfNodesToScore: 50,
    });
  });
});

it('settings that exist and change nothing here are listed, not swallowed', () => {
  const spec = '  configuration: {kubeControllerManager: [--bind-address=0.0.0.0], kubelet: {maxPods: 50}}\n';
  expect(load({ 's.yaml': aScenario(spec) }).unsupported).toEqual([
    'KubeletConfiguration maxPods',
    'kube-controller-manager --bind-address',
  ]);
});

describe('a CSV column', () => {
  const spec = '  behaviours: [{ready: {empirical: {csv: t.csv, column: ready}}}]\n';

  it('that is missing', () => {
    expect(complaints({ 's.yaml': aScenario(spec), 't.csv': 'redy,x\n1s,2\n' })).toEqual([
      't.csv: t.csv has no column "ready" (UNKNOWN_FIELD). Did you mean "redy"?',
    ]);
  });

  it('with a hundred thousand bad rows: the first twenty are shown and the rest counted', () => {
    const files = { 's.yaml': aScenario(spec), 't.csv': `ready\n${'"",\n'.repeat(100_000)}` };
    expect(() => {
      const lines = complaints(files);
      expect(lines).toHaveLength(100_000);
      expect(lines[0]).toBe('t.csv:2:1: no value for ready (MISSING_FIELD)');
    }).not.toThrow();
  });
});
