import type { Kinds, Pod } from '../../models/api/index.js';
import type { Tables } from '../vectors/runner/scheduler-cluster.js';
import type { Dice } from './dice.js';

type Volume = NonNullable<Pod['spec']['volumes']>[number];

const CLAIMS = ['bound', 'single', 'waiting', 'missing'] as const;

/** Claims of all sorts: bound to a volume that only one rack reaches, for one pod alone, and to be bound by the scheduler. */
export function randomVolumes(dice: Dice, tables: Tables): void {
  const racks = [dice.one(['r1', 'r2']), 'r3'];
  const nodeAffinity = {
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'rack', operator: 'In', values: racks }] }] },
  };
  const volume = (name: string, storageClassName: string, claim?: string): void =>
    tables.put('PersistentVolume', {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name, labels: {} },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        storageClassName,
        nodeAffinity,
        ...(claim && { claimRef: { namespace: 'default', name: claim, uid: claim } }),
      },
      status: { phase: claim ? 'Bound' : 'Available' },
    } as unknown as Kinds['PersistentVolume']);
  const claim = (name: string, storageClassName: string, accessMode: string, volumeName?: string): void =>
    tables.put('PersistentVolumeClaim', {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name,
        namespace: 'default',
        uid: name,
        ...(volumeName && { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } }),
      },
      spec: {
        accessModes: [accessMode],
        storageClassName,
        resources: { requests: { storage: '1Gi' } },
        ...(volumeName && { volumeName }),
      },
      status: { phase: volumeName ? 'Bound' : 'Pending' },
    } as unknown as Kinds['PersistentVolumeClaim']);
  tables.put('StorageClass', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'local' },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  } as unknown as Kinds['StorageClass']);
  volume('v-bound', 'local', 'bound');
  volume('v-single', 'local', 'single');
  volume('v-free', 'local');
  claim('bound', 'local', 'ReadWriteOnce', 'v-bound');
  claim('single', 'local', 'ReadWriteOncePod', 'v-single');
  claim('waiting', 'local', 'ReadWriteOnce');
}

/** One of these claims, or a volume that comes from nowhere. */
export const someVolume = (dice: Dice): Volume =>
  dice.chance(0.3)
    ? ({ name: 'v', emptyDir: {} } as Volume)
    : ({ name: 'v', persistentVolumeClaim: { claimName: dice.one(CLAIMS) } } as Volume);
