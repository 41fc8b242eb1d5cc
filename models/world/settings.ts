import { constant, type Distribution } from '../../engine/random/distribution.js';
import { type Micros, milliseconds, seconds } from '../../engine/time/micros.js';

/** Latencies of the world: what the components' own defaults do not say. A scenario may set each of them. */
export interface WorldSettings {
  /** From sending a request to its answer; the server acts at half of it. Leaves out the wait for the client's token bucket. */
  readonly apiCall: Distribution;
  /** From a write to its watch event at a client. */
  readonly watchDelivery: Distribution;
  /** One call of the container runtime that is not named below. */
  readonly runtimeCall: Distribution;
  readonly sandboxStart: Distribution;
  readonly containerStart: Distribution;
  /** From SIGTERM to exit for a container whose behaviour does not say. */
  readonly containerStop: Distribution;
  /** How long an init container runs, and then ends well, when its behaviour does not say. */
  readonly initContainerRun: Distribution;
  /** One write of kube-proxy's rules into the kernel. */
  readonly proxySync: Distribution;
  /** Asking a registry for an image, before any transfer. */
  readonly registryCall: Distribution;
  /** After which a request to a registry that nobody answers is given up. */
  readonly registryTimeout: Micros;
  /** Bytes per second of an image pull, and the size of an image nobody described. */
  readonly pullBandwidth: number;
  readonly imageBytes: number;
  /** One call of the cloud that makes, changes or deletes a load balancer. Left out: there is no cloud. */
  readonly loadBalancer?: Distribution;
  /** What a storage system takes to make, delete, attach and detach a volume, as its CSI driver sees it. */
  readonly volumeCreate: Distribution;
  readonly volumeDelete: Distribution;
  readonly volumeAttach: Distribution;
  readonly volumeDetach: Distribution;
  /** Label of nodes within whose value a new volume can be used; '' for anywhere. A CSINode that names keys for its driver wins. */
  readonly volumeTopologyKey: string;
  /** How often an ingress controller writes its address into Ingresses. Left out: there is none. */
  readonly ingressStatusInterval?: Micros;
  /** From asking the cloud for another machine to its power on. */
  readonly machineProvisioning: Distribution;
  /** From power on to the kubelet's first line. */
  readonly machineBoot: Micros;
}

/** Orders of magnitude of an idle cluster on ordinary machines; see docs/fidelity.md for what they were chosen from. */
export const DEFAULT_WORLD_SETTINGS: WorldSettings = {
  apiCall: constant(milliseconds(4)),
  watchDelivery: constant(milliseconds(3)),
  runtimeCall: constant(milliseconds(10)),
  sandboxStart: constant(milliseconds(150)),
  containerStart: constant(milliseconds(100)),
  containerStop: constant(milliseconds(100)),
  initContainerRun: constant(seconds(1)),
  proxySync: constant(milliseconds(20)),
  registryCall: constant(milliseconds(500)),
  // containerd core/remotes/docker/config/hosts.go ConfigureHosts, net.Dialer
  registryTimeout: seconds(30),
  pullBandwidth: 50 * 1024 * 1024,
  imageBytes: 200 * 1024 * 1024,
  volumeCreate: constant(seconds(2)),
  volumeDelete: constant(seconds(1)),
  volumeAttach: constant(seconds(2)),
  volumeDetach: constant(seconds(2)),
  volumeTopologyKey: '',
  machineProvisioning: constant(seconds(40)),
  machineBoot: seconds(20),
};
