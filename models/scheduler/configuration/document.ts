import type { ExtensionPoint } from '../framework/plugin.js';

/** Points of pod groups, which are not simulated: their plugins are listed and that is all. */
export type GroupPoint = 'placementGenerate' | 'placementScore' | 'podGroupPostFilter';

export interface PluginEntry {
  readonly name: string;
  readonly weight?: number;
}

/** Plugins enabled and disabled at one extension point. */
export interface PluginSet {
  readonly enabled?: readonly PluginEntry[];
  readonly disabled?: readonly PluginEntry[];
}

/** `plugins` of a profile. */
export type PluginSets = { readonly [point in ExtensionPoint | GroupPoint | 'multiPoint']?: PluginSet };

export interface ProfileDocument {
  readonly schedulerName?: string;
  readonly percentageOfNodesToScore?: number;
  readonly plugins?: PluginSets;
  readonly pluginConfig?: readonly { readonly name: string; readonly args?: unknown }[];
}

/** An extender as configured: https://kubernetes.io/docs/reference/config-api/kube-scheduler-config.v1/#kubescheduler-config-k8s-io-v1-Extender */
export interface ExtenderDocument {
  readonly urlPrefix?: string;
  readonly filterVerb?: string;
  readonly preemptVerb?: string;
  readonly prioritizeVerb?: string;
  readonly weight?: number;
  readonly bindVerb?: string;
  readonly enableHTTPS?: boolean;
  readonly tlsConfig?: Readonly<Record<string, unknown>>;
  readonly httpTimeout?: string;
  readonly nodeCacheCapable?: boolean;
  readonly managedResources?: readonly { readonly name: string; readonly ignoredByScheduler?: boolean }[];
  readonly ignorable?: boolean;
}

/** KubeSchedulerConfiguration v1 with its defaults filled in. */
export interface ConfigurationDocument {
  readonly parallelism: number;
  readonly leaderElection: {
    readonly leaderElect: boolean;
    readonly leaseDuration: string;
    readonly renewDeadline: string;
    readonly retryPeriod: string;
    readonly resourceLock: string;
    readonly resourceName: string;
    readonly resourceNamespace: string;
  };
  readonly clientConnection: {
    readonly kubeconfig: string;
    readonly acceptContentTypes: string;
    readonly contentType: string;
    readonly qps: number;
    readonly burst: number;
  };
  readonly enableProfiling: boolean;
  readonly enableContentionProfiling: boolean;
  readonly percentageOfNodesToScore: number;
  readonly podInitialBackoffSeconds: number;
  readonly podMaxBackoffSeconds: number;
  readonly delayCacheUntilActive?: boolean;
  readonly profiles: readonly ProfileDocument[];
  readonly extenders?: readonly ExtenderDocument[];
}
