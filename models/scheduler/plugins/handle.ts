import type { Defaults } from '../../versions/index.js';
import type { Extender } from '../framework/extender.js';
import type { Listers } from '../framework/listers.js';
import type { Nominator } from '../framework/profile.js';
import type { Snapshot } from '../framework/snapshot.js';
import type { WaitingPods } from '../framework/waiting-pods.js';
import type { PreemptionClient } from '../preemption/executor.js';
import type { PostBinding } from './default-binder.js';
import type { VolumeClient } from './volume-binding/volume-binder.js';

/** What the scheduler lends to its plugins. As fwk.Handle. */
export interface Handle {
  readonly listers: Listers;
  /** The cluster as the running cycle sees it. */
  readonly snapshot: () => Snapshot;
  readonly nominator: Nominator;
  readonly defaults: Defaults['kubeScheduler'];
  readonly postBinding: PostBinding;
  readonly volumeClient: VolumeClient;
  readonly preemptionClient: PreemptionClient;
  /** A draw from [0, 1) where kube-scheduler leaves it to chance. */
  readonly uniform: (uid: string) => number;
  readonly extenders: readonly Extender[];
  /** Pods that Permit plugins hold. */
  readonly waitingPods: Pick<WaitingPods, 'get' | 'list'>;
}
