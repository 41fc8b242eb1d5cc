import type { Simulation } from '../../engine/index.js';
import { Registry } from './registry/registry.js';
import type { BehaviourOf } from './runtime/levers.js';
import { ProcessTable } from './runtime/process-table.js';
import { DEFAULT_WORLD_SETTINGS, type WorldSettings } from './settings.js';

export interface WorldOptions {
  readonly simulation: Simulation;
  readonly settings?: Partial<WorldSettings>;
  /** Default: every container runs until it is stopped. */
  readonly behaviourOf?: BehaviourOf;
  readonly registry?: Registry;
}

/** What all machines have in common: the laws they run under, the registry, and one table of processes. */
export class World {
  readonly simulation: Simulation;
  readonly settings: WorldSettings;
  readonly behaviourOf: BehaviourOf;
  readonly registry: Registry;
  readonly processes: ProcessTable;

  constructor({ simulation, settings, behaviourOf, registry }: WorldOptions) {
    this.simulation = simulation;
    this.settings = { ...DEFAULT_WORLD_SETTINGS, ...settings };
    this.behaviourOf = behaviourOf ?? (() => ({}));
    this.registry = registry ?? new Registry();
    this.processes = new ProcessTable(simulation);
  }
}
