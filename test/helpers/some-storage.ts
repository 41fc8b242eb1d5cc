import { constant, type Micros, seconds } from '../../engine/index.js';
import type {
  Event,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from '../../models/api/index.js';
import {
  attachDetachConfiguration,
  createAttachDetachController,
} from '../../models/attach-detach-controller/index.js';
import type { ControllerContext, Draft } from '../../models/client-go/index.js';
import { createCsiSidecars, csiSidecarsConfiguration } from '../../models/csi-sidecars/index.js';
import {
  createPersistentVolumeBinder,
  persistentVolumeBinderConfiguration,
} from '../../models/persistentvolume-binder-controller/index.js';
import { controllerClientLimits, type Defaults } from '../../models/versions/index.js';
import { createVolumeProtectionControllers } from '../../models/volume-protection-controllers/index.js';
import { aControlPlane } from './a-control-plane.js';
import type { AnApiServer } from './an-api-server.js';

/** A storage system that takes 2 s to make a volume, 1 s to delete one, 3 s to attach and 4 s to detach it. */
export const STORAGE = {
  volumeCreate: constant(seconds(2)),
  volumeDelete: constant(seconds(1)),
  volumeAttach: constant(seconds(3)),
  volumeDetach: constant(seconds(4)),
  volumeTopologyKey: '',
};

export interface SomeStorageOptions {
  readonly kubernetesVersion?: string;
  readonly flags?: Readonly<Record<string, string>>;
  readonly storage?: Partial<typeof STORAGE>;
}

/** An API server (4 ms a call, 3 ms to a watcher) with all that deals with volumes, and nothing else. */
export function someStorage({ kubernetesVersion = '1.37', flags, storage }: SomeStorageOptions = {}): AnApiServer {
  return aControlPlane({
    kubernetesVersion,
    controllers: [
      (context: ControllerContext, defaults: Defaults) =>
        createPersistentVolumeBinder(context, persistentVolumeBinderConfiguration(defaults, flags)),
      (context: ControllerContext, defaults: Defaults) =>
        createAttachDetachController(context, attachDetachConfiguration(defaults, flags)),
      (context: ControllerContext, defaults: Defaults) =>
        together(createVolumeProtectionControllers(context, controllerClientLimits(defaults))),
      (context: ControllerContext, defaults: Defaults) =>
        together(createCsiSidecars(context, csiSidecarsConfiguration(defaults, { ...STORAGE, ...storage }))),
    ],
  });
}

type Components = ReturnType<typeof createCsiSidecars>;

const together = (components: Components): Components[number] => ({
  name: 'several',
  start: () => components.forEach((component) => void component.start()),
  stop: () => components.forEach((component) => void component.stop()),
});

export const DRIVER = 'disk.csi.example';

export const aStorageClass = (more: Partial<StorageClass> = {}): Draft<StorageClass> => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'fast' },
  provisioner: DRIVER,
  ...more,
});

/** With the finalizer that admission gives it. */
export const aClaim = (
  name: string,
  spec: Partial<PersistentVolumeClaim['spec']> = {},
): Draft<PersistentVolumeClaim> => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default', finalizers: ['kubernetes.io/pvc-protection'] },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '4Gi' } }, storageClassName: '', ...spec },
});

/** With the finalizer that admission gives it. */
export const aVolume = (name: string, spec: Partial<PersistentVolume['spec']> = {}): Draft<PersistentVolume> => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name, finalizers: ['kubernetes.io/pv-protection'] },
  spec: {
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '10Gi' },
    csi: { driver: DRIVER, volumeHandle: `handle-of-${name}` },
    ...spec,
  },
});

/** A pod on that node with a volume of that claim, its container running. */
export const aPodWith = (name: string, claimName: string, nodeName?: string): Draft<Pod> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: {
    containers: [{ name: 'c', image: 'app:v1' }],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
    ...(nodeName && { nodeName }),
  },
});

/** A Ready node whose kubelet leaves attaching to the controller. */
export const aReadyNode = (name: string, labels: Readonly<Record<string, string>> = {}): Draft<Node> => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels, annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' } },
  spec: {},
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
});

export const setNodeStatus = (
  cluster: AnApiServer,
  name: string,
  change: (status: NonNullable<Node['status']>) => Node['status'],
): void =>
  cluster.user.patchStatus(
    'Node',
    name,
    (node) => ({ ...node, status: change(node.status ?? {}) }),
    () => {},
  );

export const claimNamed = (cluster: AnApiServer, name: string): PersistentVolumeClaim | undefined =>
  cluster.server.get('PersistentVolumeClaim', `default/${name}`);

/** "reason: message" of the Events so far, in order. */
export const told = (cluster: AnApiServer): readonly string[] =>
  ([...cluster.server.list('Event')] as Event[]).map(({ reason, message }) => `${reason}: ${message}`);

export const at = (second: number): Micros => seconds(second);
