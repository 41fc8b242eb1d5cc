import type { Micros, Simulation } from '../../engine/index.js';
import type { Kind, Kinds } from '../../models/api/index.js';
import type { Draft } from '../../models/client-go/index.js';
import type { BehaviourOf } from '../../models/world/index.js';

/** An object that is created while the run goes. */
export interface Arrival {
  readonly at: Micros;
  readonly kind: Kind;
  readonly object: Draft<Kinds[Kind]>;
}

/** A generator of pods and load. */
export interface Workload {
  readonly name: string;
  /** Arrivals in order of time, made one by one: a long trace never stands in memory as objects. */
  begin(simulation: Simulation): Iterator<Arrival, undefined>;
  /** What the containers of its pods do, where the scenario says nothing else. Undefined: it says nothing of this pod. */
  readonly behaviourOf?: (pod: Parameters<BehaviourOf>[0]) => ReturnType<BehaviourOf> | undefined;
  /** Namespaces that its objects live in and that must be there before. */
  readonly namespaces: readonly string[];
}
