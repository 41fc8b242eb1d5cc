import type { Simulation } from '../../engine/index.js';
import { type EndpointsOf, LoadSharing } from './load-sharing.js';
import type { PodNetwork } from './pod-network.js';
import { Registry } from './registry/registry.js';
import type { BehaviourOf } from './runtime/levers.js';
import { TaskTable } from './runtime/task-table.js';
import { DEFAULT_WORLD_SETTINGS, type WorldSettings } from './settings.js';
import type { Surroundings } from './surroundings.js';

export interface WorldOptions {
  readonly simulation: Simulation;
  readonly settings?: Partial<WorldSettings>;
  /** Default: every container runs until it is stopped. */
  readonly behaviourOf?: BehaviourOf;
  readonly registry?: Registry;
  /** Given where somebody looks at connections between pods. */
  readonly podNetwork?: PodNetwork;
  /** Default: requests reach nobody. */
  readonly endpointsOf?: EndpointsOf;
}

/** What all machines have in common: the laws they run under, the registry, and one table of processes. */
export class World {
  readonly simulation: Simulation;
  readonly settings: WorldSettings;
  readonly behaviourOf: BehaviourOf;
  readonly registry: Registry;
  readonly tasks: TaskTable;
  readonly podNetwork: PodNetwork | undefined;
  readonly loadSharing: LoadSharing;
  /** What processes find when they look around. Default: all they need. */
  surroundings: Surroundings;

  constructor({ simulation, settings, behaviourOf, registry, podNetwork, endpointsOf }: WorldOptions) {
    this.simulation = simulation;
    this.settings = { ...DEFAULT_WORLD_SETTINGS, ...settings };
    this.behaviourOf = behaviourOf ?? (() => ({}));
    this.registry = registry ?? new Registry();
    this.podNetwork = podNetwork;
    this.surroundings = friendly(simulation);
    this.loadSharing = new LoadSharing(simulation, endpointsOf ?? (() => {}));
    this.tasks = new TaskTable(simulation, this.loadSharing);
  }
}

/** Where nobody looks at the network, everything is there. */
const friendly = (simulation: Simulation): Surroundings => ({
  isMet: () => true,
  serves: () => true,
  onChange: () => () => {},
  waitFor: (_from, _need, _every, then) => {
    const look = simulation.after(0, then);
    return () => look.cancel();
  },
});
