import type { KubeObject, Node, Pod } from '../../../models/api/index.js';
import { type ClusterEvent, matchesEvent } from '../../../models/scheduler/framework/events.js';
import { podInfoOf } from '../../../models/scheduler/framework/pod-info.js';
import { nodeChanges, podChanges } from '../../../models/scheduler/queue/changes.js';
import { defaultProfile, Tables } from '../../vectors/runner/scheduler-cluster.js';

const profile = defaultProfile(new Tables(), () => ({
  nodes: [],
  podsWithRequiredAntiAffinity: 0,
  get: () => undefined,
}));

/** What a plugin says of an event to a pod that it refused. */
function hint(
  plugin: string,
  pod: Pod,
  event: ClusterEvent,
  before: object | undefined,
  after: object | undefined,
): string {
  const found = profile.plugins
    .find(({ name }) => name === plugin)
    ?.eventsToRegister?.()
    .filter((registered) => matchesEvent(registered, event));
  if (found === undefined || found.length === 0) {
    return 'not awaited';
  }
  const says = found.map((it) => it.hint?.(podInfoOf(pod), before as KubeObject, after as KubeObject) ?? 'Queue');
  return says.includes('Queue') ? 'Queue' : 'Skip';
}

const pod = (spec: Partial<Pod['spec']> = {}, name = 'waiting'): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: name },
  spec: { containers: [{ name: 'c' }], ...spec },
});

const withClaim = pod({ volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] });
const withEphemeral = pod({ volumes: [{ name: 'v', ephemeral: {} }] });
const claim = (name: string): object => ({ metadata: { name, namespace: 'default' } });
const volume = (zone: string): object => ({
  metadata: { name: 'pv', labels: { 'topology.kubernetes.io/zone': zone } },
});
const capacity = (amount: string, largest?: string): object => ({ capacity: amount, maximumVolumeSize: largest });

const term = { topologyKey: 'rack', labelSelector: { matchLabels: { app: 'a' } } };
const near = pod({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } });
const apart = pod({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } });
const rack = (name?: string): object => ({ metadata: { name: 'n', labels: name === undefined ? {} : { rack: name } } });

const NODE_ADD = { resource: 'Node', action: 'Add' } as const;
const NODE_LABEL = { resource: 'Node', action: 'UpdateNodeLabel' } as const;
const VOLUME_UPDATE = { resource: 'PersistentVolume', action: 'Update' } as const;
const CLAIM_ADD = { resource: 'PersistentVolumeClaim', action: 'Add' } as const;
const CAPACITY_UPDATE = { resource: 'CSIStorageCapacity', action: 'Update' } as const;
const DETACHED = { resource: 'VolumeAttachment', action: 'Delete' } as const;

it.each<[string, string, Pod, ClusterEvent, object | undefined, object | undefined, string]>([
  // volumezone getPersistentVolumeClaimNameFromPod: claims of ephemeral volumes are not looked at.
  ['a claim', 'VolumeZone', withClaim, CLAIM_ADD, undefined, claim('data'), 'Queue'],
  ['an ephemeral claim', 'VolumeZone', withEphemeral, CLAIM_ADD, undefined, claim('waiting-v'), 'Skip'],
  ['an ephemeral claim', 'VolumeBinding', withEphemeral, CLAIM_ADD, undefined, claim('waiting-v'), 'Queue'],
  // volumezone getPVTopologies: zones are a set, and a list with an empty part is no list.
  ['zones in another order', 'VolumeZone', withClaim, VOLUME_UPDATE, volume('a__b'), volume('b__a'), 'Skip'],
  ['another zone', 'VolumeZone', withClaim, VOLUME_UPDATE, volume('a'), volume('b'), 'Queue'],
  ['zones that cannot be read', 'VolumeZone', withClaim, VOLUME_UPDATE, volume('a__'), volume('__b'), 'Skip'],
  // volumebinding isSchedulableAfterCSIStorageCapacityChange: the largest volume counts where it is told.
  ['more storage', 'VolumeBinding', withClaim, CAPACITY_UPDATE, capacity('1Gi'), capacity('2Gi'), 'Queue'],
  [
    'more, in no larger volumes',
    'VolumeBinding',
    withClaim,
    CAPACITY_UPDATE,
    capacity('1Gi', '1Gi'),
    capacity('2Gi', '1Gi'),
    'Skip',
  ],
  [
    'less, in larger volumes',
    'VolumeBinding',
    withClaim,
    CAPACITY_UPDATE,
    capacity('3Gi', '1Gi'),
    capacity('2Gi', '2Gi'),
    'Queue',
  ],
  [
    'less, in volumes of any size',
    'VolumeBinding',
    withClaim,
    CAPACITY_UPDATE,
    capacity('3Gi', '1Gi'),
    capacity('2Gi'),
    'Queue',
  ],
  // nodevolumelimits isSchedulableAfterVolumeAttachmentDeleted
  ['a volume detached', 'NodeVolumeLimits', withClaim, DETACHED, {}, undefined, 'Queue'],
  ['a volume detached, to an ephemeral claim', 'NodeVolumeLimits', withEphemeral, DETACHED, {}, undefined, 'Skip'],
  // interpodaffinity isSchedulableAfterNodeChange: a domain to be in must appear, one to keep out of must be left.
  ['a new node in a rack', 'InterPodAffinity', near, NODE_ADD, undefined, rack('a'), 'Queue'],
  ['a new node outside of racks', 'InterPodAffinity', near, NODE_ADD, undefined, rack(), 'Skip'],
  ['a node put into a rack', 'InterPodAffinity', near, NODE_LABEL, rack(), rack('a'), 'Queue'],
  ['a node taken out of its rack', 'InterPodAffinity', near, NODE_LABEL, rack('a'), rack(), 'Skip'],
  ['a new node anywhere', 'InterPodAffinity', apart, NODE_ADD, undefined, rack(), 'Queue'],
  ['a node put into a rack', 'InterPodAffinity', apart, NODE_LABEL, rack(), rack('a'), 'Skip'],
  ['a node taken out of its rack', 'InterPodAffinity', apart, NODE_LABEL, rack('a'), rack(), 'Queue'],
  ['a node moved to another rack', 'InterPodAffinity', apart, NODE_LABEL, rack('a'), rack('b'), 'Queue'],
])('of %s, %s', (_what, plugin, waiting, event, before, after, expected) => {
  expect(hint(plugin, waiting, event, before, after)).toBe(expected);
});

describe('what changed of an object (framework/events.go)', () => {
  const node = (allocatable: Record<string, string>, spec: Node['spec'] = {}): Node => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n' },
    spec,
    status: { allocatable },
  });
  const asking = (requests: Record<string, string>): Pod =>
    pod({ containers: [{ name: 'c', resources: { requests } }] });

  it('sees the same amounts in other words, and no taints in an empty list', () => {
    const before = node({ cpu: '1', memory: '1Gi' });
    expect(nodeChanges(before, node({ memory: '1024Mi', cpu: '1000m' }, { taints: [] }))).toEqual([]);
    expect(nodeChanges(before, node({ cpu: '1', memory: '2Gi' }))).toEqual(['UpdateNodeAllocatable']);
  });

  it.each([
    [asking({ cpu: '2' }), asking({ cpu: '1' }), ['UpdatePodScaleDown']],
    [asking({ cpu: '1' }), asking({ cpu: '2' }), ['UpdatePodScaleUp']],
    [
      asking({ cpu: '1', memory: '2Gi' }),
      asking({ cpu: '2', memory: '1Gi' }),
      ['UpdatePodScaleDown', 'UpdatePodScaleUp'],
    ],
    [asking({ cpu: '0' }), asking({}), ['UpdatePodScaleDown']],
    [asking({ cpu: '1' }), asking({ cpu: '1000m' }), ['Update']],
  ])('tells less from more, case %#', (before, after, expected) => {
    expect(podChanges(before, after)).toEqual(expected);
  });

  it('sees requests of the pod as a whole change, where its containers stay', () => {
    const before = pod({ resources: { requests: { cpu: '2' } } });
    const after: Pod = { ...before, spec: { ...before.spec, resources: { requests: { cpu: '1' } } } };
    expect(podChanges(before, after)).toEqual(['UpdatePodScaleDown']);
  });
});
