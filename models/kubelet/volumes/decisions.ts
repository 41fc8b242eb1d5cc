import { type AnyObject, allContainers, type ConfigMap, type Pod, semanticallyEqual } from '../../api/index.js';
import type { Mount } from './mount.js';

/**
 * Volumes of the spec, or the token that admission would add (k8s 1.37 plugin/pkg/admission/serviceaccount) and that is not
 * in the simulated spec.
 */
export const hasVolumes = ({ spec }: Pod): boolean =>
  (spec.volumes?.length ?? 0) > 0 || spec.automountServiceAccountToken !== false;

/** Names of the volumes that some container uses: others are left alone (k8s 1.37 pkg/volume/util GetPodVolumeNames). */
export function usedVolumes(pod: Pod): ReadonlySet<string> {
  return new Set(
    allContainers(pod).flatMap(({ volumeDevices = [], volumeMounts = [] }) =>
      [...volumeMounts, ...volumeDevices].map(({ name }) => name),
    ),
  );
}

/** Whether files made of these objects would be the same. */
export const haveSameContent = (
  now: readonly (AnyObject | undefined)[],
  before: readonly (AnyObject | undefined)[],
): boolean => now.every((object, i) => semanticallyEqual(contentOf(object), contentOf(before[i])));

/** What becomes files; of a service account that is a token of which nobody sees when it changes. */
function contentOf(source: AnyObject | undefined): unknown {
  const { binaryData, data } = (source ?? {}) as Partial<ConfigMap>;
  return { binaryData, data };
}

/** Why a sync gave up waiting for its volumes. As WaitForAttachAndMount (k8s 1.37 and 1.23 pkg/kubelet/volumemanager). */
export function waitError(
  { mounts, pod }: { readonly mounts: readonly Mount[]; readonly pod: Pod },
  cause: string,
  knowsUnattached: boolean,
): string {
  const names = (some: readonly Mount[]): string => `[${some.map(({ volume }) => volume.name).join(' ')}]`;
  const unmounted = names(mounts.filter(({ isMounted }) => !isMounted));
  if (!knowsUnattached) {
    // 1.23 looks for the pod's names of volumes among unique names, and finds none.
    return `unmounted volumes=${unmounted}, unattached volumes=[${[...usedVolumes(pod)].join(' ')}]: ${cause}`;
  }
  const unattached = names(mounts.filter(({ attachable, isAttached }) => attachable !== undefined && !isAttached));
  const unprocessed = names(mounts.filter(({ claimError }) => claimError !== undefined));
  return `unmounted volumes=${unmounted}, unattached volumes=${unattached}, failed to process volumes=${unprocessed}: ${cause}`;
}
