import {
  type PersistentVolume,
  type PersistentVolumeClaim,
  type StorageClass,
  storageClassOf,
} from '../../api/index.js';
import type { Listers } from '../framework/listers.js';
import { type Plugin, type PreFilterResult, SKIP } from '../framework/plugin.js';
import type { PodInfo } from '../framework/pod-info.js';
import { type Status, unresolvable } from '../framework/status.js';
import { claimNotFound, claimsOf } from './volume-claims.js';

const NAME = 'VolumeZone';
const REFUSED = unresolvable(NAME, 'node(s) had no available volume zone');

/** Topology labels and what stands for the old ones. */
const STABLE_LABELS: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region': 'topology.kubernetes.io/region',
};
const LABELS = Object.keys(STABLE_LABELS);

/** Where a bound volume is. */
interface VolumeTopology {
  readonly label: string;
  readonly values: ReadonlySet<string>;
}

/** Keeps pods in the zones and regions that the labels of their volumes name. */
export const volumeZone = (listers: Listers): Plugin<readonly VolumeTopology[]> => ({
  name: NAME,
  isLocal: true,
  eventsToRegister: () => [
    {
      resource: 'StorageClass',
      actions: ['Add'],
      hint: (_pod, _before, after) =>
        (after as StorageClass).volumeBindingMode === 'WaitForFirstConsumer' ? 'Queue' : 'Skip',
    },
    { resource: 'Node', actions: ['Add', 'UpdateNodeLabel'] },
    {
      resource: 'PersistentVolumeClaim',
      actions: ['Add', 'Update'],
      hint: (pod, _before, after) => (refersTo(pod, after as PersistentVolumeClaim) ? 'Queue' : 'Skip'),
    },
    {
      resource: 'PersistentVolume',
      actions: ['Add', 'Update'],
      hint: (_pod, before, after) =>
        before === undefined || topologyText(before as PersistentVolume) !== topologyText(after as PersistentVolume)
          ? 'Queue'
          : 'Skip',
    },
  ],
  preFilter(pod): PreFilterResult<readonly VolumeTopology[]> {
    const topologies: VolumeTopology[] = [];
    for (const name of claimNames(pod)) {
      const found = topologiesOf(`${pod.namespace}/${name}`, name, listers);
      if (typeof found === 'string') {
        return { status: unresolvable(NAME, found) };
      }
      topologies.push(...found);
    }
    return topologies.length === 0 ? SKIP : { state: topologies };
  },
  filter(_pod, node, topologies): Status | undefined {
    if (!LABELS.some((label) => node.label(label) !== undefined)) {
      return undefined;
    }
    const isThere = ({ label, values }: VolumeTopology): boolean => {
      const value = node.label(label) ?? node.label(STABLE_LABELS[label] as string);
      return value !== undefined && values.has(value);
    };
    return topologies.every(isThere) ? undefined : REFUSED;
  },
});

/** Claims that the pod names itself: those made for ephemeral volumes are not looked at. */
const claimNames = (pod: PodInfo): readonly string[] =>
  claimsOf(pod).flatMap(({ name, isEphemeral }) => (isEphemeral ? [] : [name]));

const refersTo = (pod: PodInfo, { metadata }: PersistentVolumeClaim): boolean =>
  metadata.namespace === pod.namespace && claimNames(pod).includes(metadata.name);

/** Topologies of a claim's volume; a text says what is wrong. As getPVbyPod. */
function topologiesOf(key: string, name: string, listers: Listers): readonly VolumeTopology[] | string {
  const claim = listers.get('PersistentVolumeClaim', key);
  if (claim === undefined) {
    return claimNotFound(name);
  }
  const { volumeName } = claim.spec;
  if (!volumeName) {
    return complaintUnbound(storageClassOf(claim), listers) ?? [];
  }
  const volume = listers.get('PersistentVolume', volumeName);
  if (volume === undefined) {
    return `persistentvolume "${volumeName}" not found`;
  }
  return topologiesIn(volume);
}

/** As getPVTopologies: a label with an empty part is passed over. */
const topologiesIn = ({ metadata }: PersistentVolume): readonly VolumeTopology[] =>
  LABELS.flatMap((label) => {
    const parts = metadata.labels?.[label]?.split('__').map((part) => part.trim());
    return parts === undefined || parts.includes('') ? [] : [{ label, values: new Set(parts) }];
  });

/** A claim without a volume is fine when it waits for its first consumer. */
function complaintUnbound(className: string, listers: Listers): string | undefined {
  if (className === '') {
    return 'PersistentVolumeClaim had no pv name and storageClass name';
  }
  const storageClass = listers.get('StorageClass', className);
  if (storageClass === undefined) {
    return `storageclass.storage.k8s.io "${className}" not found`;
  }
  if (storageClass.volumeBindingMode === undefined) {
    return `VolumeBindingMode not set for StorageClass "${className}"`;
  }
  return storageClass.volumeBindingMode === 'WaitForFirstConsumer' ? undefined : 'PersistentVolume had no name';
}

const topologyText = (volume: PersistentVolume): string =>
  JSON.stringify(topologiesIn(volume).map(({ label, values }) => [label, ...[...values].sort()]));
