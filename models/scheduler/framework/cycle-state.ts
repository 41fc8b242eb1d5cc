import type { Plugin } from './plugin.js';

/** What plugins worked out for one pod in one cycle, by the plugin's number in its profile. */
export class CycleState {
  /** PreFilter results; undefined also for plugins without PreFilter. */
  readonly filterStates: unknown[];
  readonly scoreStates: unknown[];
  readonly skipsFilter: boolean[];
  readonly skipsScore: boolean[];
  /** How many plugins' PreFilter ran to its end. */
  preFiltered: ReadonlySet<string>;
  /** Numbers of the Filter plugins that take part in this cycle. */
  activeFilters: readonly number[] | undefined;

  constructor(pluginCount: number) {
    this.filterStates = new Array(pluginCount).fill(undefined);
    this.scoreStates = new Array(pluginCount).fill(undefined);
    this.skipsFilter = new Array(pluginCount).fill(false);
    this.skipsScore = new Array(pluginCount).fill(false);
    this.preFiltered = new Set();
  }

  /** A copy whose filter states may be changed while pods are tried out on a node. */
  cloneFor(plugins: readonly Plugin[]): CycleState {
    const copy = new CycleState(plugins.length);
    copy.preFiltered = this.preFiltered;
    for (let i = 0; i < plugins.length; i++) {
      const state = this.filterStates[i];
      const plugin = plugins[i] as Plugin;
      copy.skipsFilter[i] = this.skipsFilter[i] as boolean;
      copy.filterStates[i] = state !== undefined && plugin.cloneState ? plugin.cloneState(state) : state;
    }
    return copy;
  }
}
