import type { PersistentVolume, Pod } from '../../api/index.js';
import type { ObjectCache } from '../objects/object-cache.js';

/** What the kubelet knows of the volume behind a claim. */
export type Claimed =
  | { readonly state: 'unknown' }
  | { readonly state: 'refused'; readonly error: string }
  /** `attachable`: its unique name where a controller has to attach it to the node first. */
  | { readonly state: 'found'; readonly attachable: string | undefined };

const UNKNOWN: Claimed = { state: 'unknown' };

/**
 * The volume behind a claim, its objects watched on the way. As createVolumeSpec (k8s 1.37
 * pkg/kubelet/volumemanager/populator), which reads them from the server instead.
 */
export function claimed(pod: Pod, claimName: string, objects: ObjectCache): Claimed {
  const { namespace } = pod.metadata;
  const refused = (why: string): Claimed => ({
    state: 'refused',
    error: `error processing PVC ${namespace}/${claimName}: ${why}`,
  });
  objects.watch('PersistentVolumeClaim', claimName);
  if (!objects.hasSynced('PersistentVolumeClaim', claimName)) {
    return UNKNOWN;
  }
  const claim = objects.get('PersistentVolumeClaim', namespace, claimName);
  if (claim === undefined) {
    return refused(`failed to fetch PVC from API server: persistentvolumeclaims "${claimName}" not found`);
  }
  if (claim.metadata.deletionTimestamp !== undefined) {
    return refused('PVC is being deleted');
  }
  const volumeName = claim.spec?.volumeName;
  if (claim.status?.phase !== 'Bound' || !volumeName) {
    return refused('PVC is not bound');
  }
  objects.watch('PersistentVolume', volumeName);
  if (!objects.hasSynced('PersistentVolume', volumeName)) {
    return UNKNOWN;
  }
  const volume = objects.get('PersistentVolume', undefined, volumeName);
  if (volume === undefined) {
    const text = `persistentvolumes "${volumeName}" not found`;
    return refused(`failed to fetch PV ${volumeName} from API server: ${text}`);
  }
  return attachment(volume, objects);
}

/** A driver nobody described wants its volumes attached (k8s 1.37 pkg/volume/csi skipAttach). */
function attachment({ spec }: PersistentVolume, objects: ObjectCache): Claimed {
  const csi = spec?.csi;
  if (csi === undefined) {
    return { state: 'found', attachable: undefined };
  }
  objects.watch('CSIDriver', csi.driver);
  if (!objects.hasSynced('CSIDriver', csi.driver)) {
    return UNKNOWN;
  }
  const isAttached = objects.get('CSIDriver', undefined, csi.driver)?.spec.attachRequired !== false;
  const uniqueName = `kubernetes.io/csi/${csi.driver}^${csi.volumeHandle}`;
  return { state: 'found', attachable: isAttached ? uniqueName : undefined };
}
