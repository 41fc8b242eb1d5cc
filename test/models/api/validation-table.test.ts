import { decode } from '../../../models/api/decode/decode.js';
import { defaultingWith, preparationWith } from '../../../models/api/defaults/index.js';
import type { AnyObject, Kind } from '../../../models/api/index.js';
import { validationWith } from '../../../models/api/validation/index.js';
import { defaultsFor } from '../../../models/versions/index.js';

// Messages are those of k8s 1.37 pkg/apis/*/validation/validation.go, one field of a valid manifest changed at a time.

const { features } = defaultsFor('1.37') as NonNullable<ReturnType<typeof defaultsFor>>;
const metadata = { name: 'a', namespace: 'default' };
const labels = { app: 'a' };
const podSpec = { containers: [{ name: 'c', image: 'nginx' }] };
const workload = { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec } };
const jobTemplate = { spec: { ...podSpec, restartPolicy: 'Never' } };

const MANIFESTS: Readonly<Record<string, object>> = {
  CronJob: {
    apiVersion: 'batch/v1',
    metadata,
    spec: { schedule: '@daily', jobTemplate: { spec: { template: jobTemplate } } },
  },
  Deployment: { apiVersion: 'apps/v1', metadata, spec: workload },
  HorizontalPodAutoscaler: {
    apiVersion: 'autoscaling/v2',
    metadata,
    spec: { maxReplicas: 2, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' } },
  },
  Job: { apiVersion: 'batch/v1', metadata: { ...metadata, uid: 'u' }, spec: { template: jobTemplate } },
  Node: { apiVersion: 'v1', metadata: { name: 'a' } },
  PersistentVolumeClaim: {
    apiVersion: 'v1',
    metadata,
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      volumeAttributesClassName: 'a',
    },
  },
  Pod: { apiVersion: 'v1', metadata, spec: podSpec },
  PriorityClass: { apiVersion: 'scheduling.k8s.io/v1', metadata: { name: 'a' }, value: 1 },
  ReplicaSet: { apiVersion: 'apps/v1', metadata, spec: workload },
  Secret: { apiVersion: 'v1', metadata, type: 'kubernetes.io/ssh-auth', data: { 'ssh-privatekey': 'YQ==' } },
  Service: { apiVersion: 'v1', metadata, spec: { ports: [{ port: 80 }] } },
  StatefulSet: { apiVersion: 'apps/v1', metadata, spec: { ...workload, serviceName: 'a' } },
};

/** The object with a field of its manifest set ("spec.replicas"), or left out where the value is undefined. */
function withField(object: object, path: string, value: unknown): object {
  const [field, rest] = path.split(/\.(.*)/s) as [string, string?];
  const old = (object as Readonly<Record<string, unknown>>)[field];
  return { ...object, [field]: rest === undefined ? value : withField((old ?? {}) as object, rest, value) };
}

function read(kind: string, changes: Readonly<Record<string, unknown>>): AnyObject {
  const manifest = Object.entries(changes).reduce<object>((object, [path, value]) => withField(object, path, value), {
    kind,
    ...MANIFESTS[kind],
  });
  const decoded = decode(JSON.parse(JSON.stringify(manifest)), { kubernetesVersion: '1.37', startTime: 0 });
  if (!decoded.ok || decoded.isInert) {
    throw new Error(JSON.stringify(decoded));
  }
  return [defaultingWith(features), preparationWith(features)].reduce<AnyObject>((object, changesOf) => {
    const change = changesOf[kind as Kind] as ((object: AnyObject) => AnyObject) | undefined;
    return change?.(object) ?? object;
  }, decoded.object);
}

const { create, update } = validationWith(features);
const lines = (causes: readonly { readonly field: string; readonly message: string }[]): string[] =>
  causes.map(({ field, message }) => `${field}: ${message}`);

const NO_CONTEXT = {
  Capabilities: null,
  Privileged: null,
  SELinuxOptions: null,
  WindowsOptions: null,
  RunAsUser: null,
  RunAsGroup: null,
  RunAsNonRoot: null,
  ReadOnlyRootFilesystem: null,
  AllowPrivilegeEscalation: false,
  ProcMount: null,
  SeccompProfile: null,
  AppArmorProfile: null,
};
const container = (fields: object): object[] => [{ name: 'c', image: 'nginx', ...fields }];
const sysctls = (name: string): object => ({ sysctls: [{ name, value: '1' }] });
const owner = { apiVersion: 'v1', kind: 'Event', name: 'e', uid: 'u' };
const REPLICA_SET = 'ReplicaSet';

it.each<[string, string, Readonly<Record<string, unknown>>, string[]]>([
  [
    'a host and a shared process namespace',
    'Pod',
    { 'spec.shareProcessNamespace': true, 'spec.hostPID': true },
    [
      'spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled',
    ],
  ],
  [
    'sysctls of the network with the host network',
    'Pod',
    { 'spec.hostNetwork': true, 'spec.securityContext': sysctls('net/core/somaxconn') },
    [
      `spec.securityContext.sysctls[0].name: Invalid value: "net/core/somaxconn": may not be specified when 'hostNetwork' is true`,
    ],
  ],
  [
    'sysctls of IPC with the host IPC',
    'Pod',
    { 'spec.hostIPC': true, 'spec.securityContext': sysctls('kernel.shmmax') },
    [
      `spec.securityContext.sysctls[0].name: Invalid value: "kernel.shmmax": may not be specified when 'hostIPC' is true`,
    ],
  ],
  [
    'a privileged container that may not gain privileges',
    'Pod',
    {
      'spec.containers': container({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }),
    },
    [
      `spec.containers[0].securityContext: Invalid value: ${JSON.stringify({ ...NO_CONTEXT, Privileged: true })}: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
    ],
  ],
  [
    'CAP_SYS_ADMIN without privileges',
    'Pod',
    {
      'spec.containers': container({
        securityContext: { capabilities: { add: ['CAP_SYS_ADMIN'] }, allowPrivilegeEscalation: false },
      }),
    },
    [
      `spec.containers[0].securityContext: Invalid value: ${JSON.stringify({ ...NO_CONTEXT, Capabilities: { Add: ['CAP_SYS_ADMIN'], Drop: null } })}: cannot set \`allowPrivilegeEscalation\` to false and \`capabilities.Add\` CAP_SYS_ADMIN`,
    ],
  ],
  ['an operating system without a name', 'Pod', { 'spec.os': { name: '' } }, ['spec.os.name: Required value']],
  [
    'claims without a name, unknown or twice',
    'Pod',
    {
      'spec.resourceClaims': [{ name: 'x', resourceClaimName: 'x' }],
      'spec.containers': container({
        resources: { claims: [{ name: '' }, { name: 'y' }, { name: 'x', request: 'r' }, { name: 'x' }] },
      }),
    },
    [
      'spec.containers[0].resources.claims[0]: Required value',
      'spec.containers[0].resources.claims[1]: Not found: "y": must be one of the names in pod.spec.resourceClaims: x',
      'spec.containers[0].resources.claims[3]: Duplicate value: "x"',
    ],
  ],
  [
    'an image volume of no image',
    'Pod',
    { 'spec.volumes': [{ name: 'v', image: {} }] },
    ['spec.volumes[0].image.reference: Required value'],
  ],
  [
    'an owner of a version too long, and one that may not be',
    'Pod',
    {
      'metadata.ownerReferences': [{ ...owner, apiVersion: 'a/b/c' }, owner],
    },
    [
      'metadata.ownerReferences.apiVersion: Invalid value: "a/b/c": version must not be empty',
      `metadata.ownerReferences: Invalid value: ${JSON.stringify(owner)}: /v1, Kind=Event is disallowed from being an owner`,
    ],
  ],
  [
    'percentages without a sign',
    'Deployment',
    { 'spec.strategy': { rollingUpdate: { maxSurge: '5', maxUnavailable: 0 } } },
    [
      "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"5\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ],
  ],
  [
    'a template left out',
    REPLICA_SET,
    { 'spec.template': undefined },
    [
      'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`',
      'spec.template.spec.containers: Required value',
    ],
  ],
  [
    'claims that ask for nothing, and negative revisions',
    'StatefulSet',
    {
      'spec.revisionHistoryLimit': -1,
      'spec.volumeClaimTemplates': [{ metadata: { name: 'data' }, spec: {} }],
    },
    [
      'spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required',
      'spec.volumeClaimTemplates[0].spec.resources[storage]: Required value',
      'spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'a zone and no schedule',
    'CronJob',
    { 'spec.schedule': 'TZ=UTC' },
    [
      'spec.schedule: Invalid value: "TZ=UTC": invalid schedule format: runtime error: slice bounds out of range [:-1]',
      'spec.schedule: Invalid value: "TZ=UTC": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
    ],
  ],
  [
    'a selector that is none',
    'Job',
    { 'spec.selector': { matchExpressions: [{ key: 'a', operator: 'Like' }] } },
    ['spec.selector.matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator'],
  ],
  [
    'an unknown distribution of traffic',
    'Service',
    { 'spec.trafficDistribution': 'Far' },
    [
      'spec.trafficDistribution: Unsupported value: "Far": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
    ],
  ],
  [
    'two modes of topology',
    'Service',
    {
      'metadata.annotations': {
        'service.kubernetes.io/topology-mode': 'Auto',
        'service.kubernetes.io/topology-aware-hints': 'Disabled',
      },
    },
    [
      'metadata.annotations[service.kubernetes.io/topology-mode]: Invalid value: "Auto": must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified',
    ],
  ],
  ['nothing where Go keeps a pointer', 'PriorityClass', { preemptionPolicy: '' }, ['preemptionPolicy: Required value']],
  [
    'an empty select policy',
    'HorizontalPodAutoscaler',
    { 'spec.behavior': { scaleUp: { selectPolicy: '' } } },
    ['spec.behavior.scaleUp.selectPolicy: Unsupported value: "": supported values: "Disabled", "Max", "Min"'],
  ],
  ['an empty key', 'Secret', { data: { 'ssh-privatekey': '' } }, ['data[ssh-privatekey]: Required value']],
  [
    'networks of one kind',
    'Node',
    { 'spec.podCIDRs': ['10.0.0.0/24', '10.0.0.0/24'] },
    [
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.0.0/24"]: may specify no more than one CIDR for each IP family',
    ],
  ],
])('refuses %s (%s)', (_what, kind, changes, expected) => {
  expect(lines(create(kind as Kind, read(kind, changes)))).toEqual(expected);
});

const dual = {
  type: 'LoadBalancer',
  ports: [{ port: 80, nodePort: 30_000 }],
  clusterIP: '10.0.0.1',
  clusterIPs: ['10.0.0.1', 'fd00::1'],
  ipFamilies: ['IPv4', 'IPv6'],
  ipFamilyPolicy: 'PreferDualStack',
  externalTrafficPolicy: 'Local',
  healthCheckNodePort: 30_001,
};
const single = { ...dual, clusterIPs: ['10.0.0.1'], ipFamilies: ['IPv4'] };
const address = { type: 'InternalIP', address: '10.0.0.1' };

it.each<[string, string, Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>, string[]]>([
  [
    'an address given up unsaid',
    'Service',
    { spec: dual },
    { spec: single },
    [
      'spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be set to \'SingleStack\' when releasing the secondary clusterIP',
      'spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be set to \'SingleStack\' when releasing the secondary ipFamily',
    ],
  ],
  ['an address given up', 'Service', { spec: dual }, { spec: { ...single, ipFamilyPolicy: 'SingleStack' } }, []],
  ['an address more', 'Service', { spec: single }, { spec: dual }, []],
  [
    'another second address',
    'Service',
    { spec: dual },
    { spec: { ...dual, clusterIPs: ['10.0.0.1', 'fd00::2'] } },
    ['spec.clusterIPs[1]: Invalid value: ["10.0.0.1","fd00::2"]: may not change once set'],
  ],
  [
    'another health check',
    'Service',
    { spec: dual },
    { spec: { ...dual, healthCheckNodePort: 30_002 } },
    ['spec.healthCheckNodePort: Forbidden: field is immutable'],
  ],
  [
    'an address twice',
    'Node',
    {},
    { status: { addresses: [address, address] } },
    ['status.addresses[1]: Duplicate value: {"Type":"InternalIP","Address":"10.0.0.1"}'],
  ],
  [
    'a class taken away',
    'PersistentVolumeClaim',
    {},
    { 'spec.volumeAttributesClassName': undefined },
    [
      'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
      'spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden',
    ],
  ],
])('answers %s (%s)', (_what, kind, before, after, expected) => {
  expect(lines(update(kind as Kind, read(kind, after), read(kind, before)))).toEqual(expected);
});

it.each([
  [{ podCIDR: '10.0.0.0/24' }, ['10.0.0.0/24']],
  [{ podCIDRs: ['10.0.0.0/24', 'fd00::/64'] }, ['10.0.0.0/24', 'fd00::/64']],
  [{ podCIDR: '10.0.1.0/24', podCIDRs: ['10.0.0.0/24', 'fd00::/64'] }, ['10.0.1.0/24']],
])('a node with %j has the networks %j', (spec, podCIDRs) => {
  expect(read('Node', { spec })).toMatchObject({ spec: { podCIDR: podCIDRs[0], podCIDRs } });
});
