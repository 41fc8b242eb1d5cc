import type { Micros } from '../../../engine/index.js';
import type { ClusterView } from '../incremental/cluster-view.js';
import type { IncrementalPlugin } from '../incremental/incremental-plugin.js';
import type { RegisteredEvent } from './events.js';
import type { NodeInfo } from './node-info.js';
import type { PodInfo } from './pod-info.js';
import type { PostFilterContext, PostFilterResult } from './post-filter.js';
import type { Snapshot } from './snapshot.js';
import type { Status } from './status.js';

/** Where a plugin may have a say, by the names of KubeSchedulerConfiguration. */
export const EXTENSION_POINTS = [
  'preEnqueue',
  'queueSort',
  'preFilter',
  'filter',
  'postFilter',
  'preScore',
  'score',
  'reserve',
  'permit',
  'preBind',
  'bind',
  'postBind',
] as const;

export type ExtensionPoint = (typeof EXTENSION_POINTS)[number];

/** What PreFilter says: the plugin has nothing to filter, the pod fits nowhere, or go on (on these nodes only). */
export type PreFilterResult<F> =
  | { readonly skip: true }
  | { readonly status: Status }
  | { readonly state: F; readonly nodeNames?: ReadonlySet<string> };

/** Permit holds the pod on its node, at most so long; then it is refused. */
export interface PermitWait {
  readonly wait: Micros;
}

export const SKIP = { skip: true } as const;

/** A pod in the queue, as QueueSort compares it. */
export interface QueuedPod {
  readonly pod: PodInfo;
  /** When it was added, or failed last. */
  readonly timestamp: Micros;
  /** Counts insertions: breaks ties of equal timestamps. */
  readonly sequence: number;
}

/**
 * One plugin of one profile. F is what its PreFilter works out for a cycle and its Filter reads, S the same of PreScore and
 * Score. A plugin takes part in the extension points whose methods it has. As the interfaces of k8s.io/kube-scheduler framework.
 */
export interface Plugin<F = unknown, S = unknown> {
  readonly name: string;
  /**
   * For pods without volumes and claims, verdicts and raw scores depend on the pod's spec and on the node with its pods alone, and
   * normalisation on the raw scores alone: they may be kept until the node changes.
   */
  readonly isLocal?: boolean;
  /** Besides, they do not depend on the node's pods. */
  readonly isStatic?: boolean;
  /** It may read anything of a node's object: conditions, annotations, … */
  readonly readsWholeNode?: boolean;
  /** Raw scores, which need no normalisation, depend on the pod's spec and on the images that the node shows alone. */
  readonly isByImages?: boolean;
  /** The same plugin from running counts, for what `parts` it has in its profile. */
  incremental?(view: ClusterView, parts: { readonly filters: boolean; readonly scores: boolean }): IncrementalPlugin;
  /** Events after which a pod that this plugin rejected may fit. */
  eventsToRegister?(): readonly RegisteredEvent[];
  preEnqueue?(pod: PodInfo): Status | undefined;
  isBefore?(a: QueuedPod, b: QueuedPod): boolean;
  preFilter?(pod: PodInfo, snapshot: Snapshot): PreFilterResult<F>;
  filter?(pod: PodInfo, node: NodeInfo, state: F): Status | undefined;
  /** Keep the state right while pods are tried out on a node; the copy is the plugin's own to change. */
  cloneState?(state: F): F;
  addPod?(pod: PodInfo, added: PodInfo, node: NodeInfo, state: F): void;
  removePod?(pod: PodInfo, removed: PodInfo, node: NodeInfo, state: F): void;
  postFilter?(context: PostFilterContext): PostFilterResult;
  /** 'skip': the plugin does not score this pod. */
  preScore?(pod: PodInfo, feasible: readonly NodeInfo[], snapshot: Snapshot, filterState: F | undefined): S | 'skip';
  score?(pod: PodInfo, node: NodeInfo, state: S): number;
  /** Brings raw scores, aligned with the feasible nodes, into 0 to 100, in place. */
  normalizeScores?(scores: number[], nodes: readonly NodeInfo[], state: S): void;
  /** Takes what the chosen node has to give; undone by `unreserve` when the pod does not get there. */
  reserve?(pod: PodInfo, node: NodeInfo, filterState: F | undefined): Status | undefined;
  unreserve?(pod: PodInfo, node: NodeInfo): void;
  /** The last word before binding begins: let it go, refuse, or hold it until Handle.waitingPods is told. */
  permit?(pod: PodInfo, node: NodeInfo): Status | PermitWait | undefined;
  /** False when preBind would do nothing. */
  needsPreBind?(pod: PodInfo, node: NodeInfo): boolean;
  preBind?(pod: PodInfo, node: NodeInfo, done: (status: Status | undefined) => void): void;
  /** Answers false to leave the pod to the next Bind plugin. */
  bind?(pod: PodInfo, nodeName: string, done: (status: Status | undefined) => void): boolean;
  postBind?(pod: PodInfo, nodeName: string): void;
}

export const MAX_NODE_SCORE = 100;
