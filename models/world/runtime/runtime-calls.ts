import { draw, entityKey, type Micros } from '../../../engine/index.js';
import type { Machine } from '../machine.js';
import type { World } from '../world.js';

/** Calls of one machine's runtime that are under way: they take time, hang, and are lost with the power. */
export class RuntimeCalls {
  readonly #world: World;
  readonly #machine: Machine;
  #hanging: (() => void)[] = [];
  #hangsSince: Micros | undefined;
  #serial = 0;

  constructor(world: World, machine: Machine) {
    this.#world = world;
    this.#machine = machine;
  }

  /** Since when the runtime has not answered; undefined while it does. */
  get hangsSince(): Micros | undefined {
    return this.#hangsSince;
  }

  hang(): void {
    this.#hangsSince ??= this.#world.simulation.now;
  }

  /** What waited is done now, in the order in which it was asked for. */
  goOn(): void {
    this.#hangsSince = undefined;
    const calls = this.#hanging;
    this.#hanging = [];
    for (const call of calls) {
      call();
    }
  }

  /** The power is gone: nobody will be answered. */
  lose(): void {
    this.#hanging = [];
  }

  /** A call that no setting is named for. */
  callFor(podUid: string, action: () => void, atLeast: Micros = 0): void {
    const { settings, simulation } = this.#world;
    const { runtimeCall } = settings;
    const latency =
      runtimeCall.kind === 'constant'
        ? runtimeCall.value
        : draw(simulation.stream('runtime call'), entityKey(podUid), this.#serial++, runtimeCall);
    this.call(Math.max(atLeast, Math.round(latency)), action);
  }

  call(latency: Micros, action: () => void): void {
    const { bootId } = this.#machine;
    const run = (): void => {
      if (!this.#machine.isOn || this.#machine.bootId !== bootId) {
        return;
      }
      if (this.#hangsSince !== undefined) {
        this.#hanging.push(run);
      } else {
        action();
      }
    };
    this.#world.simulation.after(latency, run);
  }
}
