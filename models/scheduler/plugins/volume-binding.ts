import { seconds } from '../../../engine/index.js';
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
} from '../../api/index.js';
import { isFullyBound, storageClassOf } from '../../api/index.js';
import type { RegisteredEvent } from '../framework/events.js';
import type { Listers } from '../framework/listers.js';
import { type Plugin, type PreFilterResult, SKIP } from '../framework/plugin.js';
import type { PodInfo } from '../framework/pod-info.js';
import { failure, type Status, unresolvable } from '../framework/status.js';
import type { ShapePoint } from './shape.js';
import { AssumedVolumes } from './volume-binding/assumed-volumes.js';
import { volumeLimit } from './volume-binding/decisions.js';
import { type NodeVolumes, type PodClaims, VolumeFinder } from './volume-binding/find-volumes.js';
import { volumeScorer } from './volume-binding/score.js';
import { VolumeBinder, type VolumeClient } from './volume-binding/volume-binder.js';
import { claimNotFound, claimsOf, notOwnedBy } from './volume-claims.js';

const NAME = 'VolumeBinding';

export interface VolumeBindingOptions {
  readonly bindTimeoutSeconds: number;
  /** Undefined: nodes are not scored by their storage. */
  readonly shape: readonly ShapePoint[] | undefined;
  readonly listers: Listers;
  readonly client: VolumeClient;
}

interface VolumeState {
  readonly claims: PodClaims;
  readonly volumes: ReadonlyMap<string, readonly PersistentVolume[]>;
  readonly byNode: Map<string, NodeVolumes>;
}

/** Places pods where their volumes are, or can be. As pkg/scheduler/framework/plugins/volumebinding. */
export function volumeBinding(options: VolumeBindingOptions): Plugin<VolumeState, VolumeState | undefined> {
  const { listers, shape } = options;
  const assumed = new AssumedVolumes(listers);
  const finder = new VolumeFinder(listers, assumed);
  const binder = new VolumeBinder(listers, assumed, options.client, seconds(options.bindTimeoutSeconds));
  const scorer = shape && volumeScorer(shape);

  return {
    name: NAME,
    isLocal: true,
    isStatic: true,
    eventsToRegister: () => EVENTS,
    preFilter(pod): PreFilterResult<VolumeState> {
      if (claimsOf(pod).length === 0) {
        return SKIP;
      }
      const claims = sortClaims(pod, assumed, listers);
      if ('complaint' in claims) {
        return { status: unresolvable(NAME, claims.complaint) };
      }
      return { state: { claims, volumes: finder.volumesByClass(claims.delayed), byNode: new Map() } };
    },
    filter(_pod, { node }, { claims, volumes, byNode }): Status | undefined {
      const found = finder.find(claims, volumes, node);
      if (found.reasons.length > 0) {
        return unresolvable(NAME, ...found.reasons);
      }
      byNode.set(node.metadata.name, found.volumes);
      return undefined;
    },
    preScore: (_pod, _feasible, _snapshot, filterState) => (scorer === undefined ? undefined : filterState),
    score(_pod, { node }, state): number {
      const volumes = state?.byNode.get(node.metadata.name);
      return volumes === undefined || scorer === undefined ? 0 : scorer(volumes);
    },
    reserve(pod, { node }, filterState) {
      const volumes = filterState?.byNode.get(node.metadata.name);
      if (volumes !== undefined) {
        binder.reserve(pod.uid, volumes, node);
      }
      return undefined;
    },
    unreserve: (pod) => binder.unreserve(pod.uid),
    needsPreBind: (pod) => binder.hasWork(pod.uid),
    preBind: (pod, { node }, done) =>
      binder.bind(pod.uid, node, (error) => done(error === undefined ? undefined : failure(NAME, error))),
  };
}

/** As podHasPVCs and GetPodVolumeClaims: what is wrong with a claim, or which are bound and which wait. */
function sortClaims(
  pod: PodInfo,
  assumed: AssumedVolumes,
  listers: Listers,
): PodClaims | { readonly complaint: string } {
  const bound: PersistentVolumeClaim[] = [];
  const delayed: PersistentVolumeClaim[] = [];
  let hasImmediate = false;
  for (const { name, isEphemeral } of claimsOf(pod)) {
    const claim = assumed.claim(`${pod.namespace}/${name}`);
    const complaint = claim === undefined ? missing(name, isEphemeral) : complaintOf(pod, claim, isEphemeral);
    if (claim === undefined || complaint !== undefined) {
      return { complaint: complaint ?? claimNotFound(name) };
    }
    if (isFullyBound(claim)) {
      bound.push(claim);
    } else if (!claim.spec.volumeName && waitsForConsumer(claim, listers)) {
      delayed.push(claim);
    } else {
      hasImmediate = true;
    }
  }
  return hasImmediate ? { complaint: 'pod has unbound immediate PersistentVolumeClaims' } : { bound, delayed };
}

const missing = (name: string, isEphemeral: boolean): string =>
  isEphemeral
    ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
    : claimNotFound(name);

function complaintOf({ pod }: PodInfo, claim: PersistentVolumeClaim, isEphemeral: boolean): string | undefined {
  const { name, deletionTimestamp } = claim.metadata;
  if (claim.status?.phase === 'Lost') {
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`;
  }
  if (deletionTimestamp !== undefined) {
    return `persistentvolumeclaim "${name}" is being deleted`;
  }
  return isEphemeral ? notOwnedBy(pod, claim) : undefined;
}

const waitsForConsumer = (claim: PersistentVolumeClaim, listers: Listers): boolean =>
  listers.get('StorageClass', storageClassOf(claim))?.volumeBindingMode === 'WaitForFirstConsumer';

/** Plugins that a node's drivers took over from in-tree ones. */
const MIGRATED = 'storage.alpha.kubernetes.io/migrated-plugins';

const EVENTS: readonly RegisteredEvent[] = [
  {
    resource: 'StorageClass',
    actions: ['Add', 'Update'],
    hint: (_pod, before, after) =>
      before === undefined || topologiesOf(before as StorageClass) !== topologiesOf(after as StorageClass)
        ? 'Queue'
        : 'Skip',
  },
  {
    resource: 'PersistentVolumeClaim',
    actions: ['Add', 'Update'],
    hint: (pod, _before, after) =>
      after?.metadata.namespace === pod.namespace && claimsOf(pod).some(({ name }) => name === after.metadata.name)
        ? 'Queue'
        : 'Skip',
  },
  { resource: 'PersistentVolume', actions: ['Add', 'Update'] },
  { resource: 'Node', actions: ['Add', 'UpdateNodeLabel'] },
  {
    resource: 'CSINode',
    actions: ['Add', 'Update'],
    hint: (_pod, before, after) =>
      before === undefined || migratedOf(before as CSINode) !== migratedOf(after as CSINode) ? 'Queue' : 'Skip',
  },
  {
    resource: 'CSIDriver',
    actions: ['Update'],
    hint(pod, before, after) {
      const driver = after as CSIDriver;
      const isUsed = pod.pod.spec.volumes?.some(({ csi }) => csi?.driver === driver.metadata.name);
      const isOpened = (before as CSIDriver).spec.storageCapacity && !driver.spec.storageCapacity;
      return isUsed && isOpened ? 'Queue' : 'Skip';
    },
  },
  {
    resource: 'CSIStorageCapacity',
    actions: ['Add', 'Update'],
    hint: (_pod, before, after) =>
      before === undefined || hasGrown(before as CSIStorageCapacity, after as CSIStorageCapacity) ? 'Queue' : 'Skip',
  },
];

const topologiesOf = ({ allowedTopologies }: StorageClass): string => JSON.stringify(allowedTopologies ?? []);

const migratedOf = ({ metadata }: CSINode): string => metadata.annotations?.[MIGRATED] ?? '';

const hasGrown = (before: CSIStorageCapacity, after: CSIStorageCapacity): boolean =>
  volumeLimit(after) > volumeLimit(before);
