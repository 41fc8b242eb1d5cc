import type { NodeInfo } from './node-info.js';

/** The cluster as one scheduling cycle sees it. */
export interface Snapshot {
  /** In the order in which they are tried. */
  readonly nodes: readonly NodeInfo[];
  /** Of all pods on nodes. */
  readonly podsWithRequiredAntiAffinity: number;
  get(name: string): NodeInfo | undefined;
}
