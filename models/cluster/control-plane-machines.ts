import type { Micros, Simulation } from '../../engine/index.js';
import type { Machine, Network } from '../world/index.js';
import type { ElectedProcess } from './elected-process.js';

export interface ControlPlaneMachinesOptions {
  readonly simulation: Simulation;
  readonly network: Network;
  /** From power on to the start of the kubelet, which starts the control plane's static pods. */
  readonly machineBoot: Micros;
  /** What each machine runs an instance of: the first machine the first one. */
  readonly elected: readonly ElectedProcess[];
}

/**
 * The machines that the control plane's static pods run on. Their processes die and come back with them; who leads is settled by
 * their Leases. etcd needs most of its members: without them nobody reaches the API server.
 */
export class ControlPlaneMachines {
  readonly #options: ControlPlaneMachinesOptions;
  readonly #machines: Machine[] = [];
  readonly #up = new Set<Machine>();
  #healServer: (() => void) | undefined;

  constructor(options: ControlPlaneMachinesOptions) {
    this.#options = options;
  }

  add(machine: Machine): void {
    const ordinal = this.#machines.push(machine) - 1;
    this.#up.add(machine);
    machine.onPower((isOn) => (isOn ? this.#onPowerOn(machine, ordinal) : this.#onPowerOff(machine, ordinal)));
  }

  #onPowerOff(machine: Machine, ordinal: number): void {
    const { elected, network } = this.#options;
    this.#up.delete(machine);
    for (const { candidates } of elected) {
      candidates[ordinal]?.election.stop();
    }
    if (this.#up.size <= this.#machines.length / 2) {
      this.#healServer ??= network.fail('control-plane');
    }
  }

  #onPowerOn(machine: Machine, ordinal: number): void {
    const { elected, machineBoot, simulation } = this.#options;
    const { bootId } = machine;
    simulation.after(machineBoot, () => {
      if (!machine.isOn || machine.bootId !== bootId) {
        return;
      }
      this.#up.add(machine);
      if (this.#up.size > this.#machines.length / 2) {
        this.#healServer?.();
        this.#healServer = undefined;
      }
      for (const { candidates } of elected) {
        candidates[ordinal]?.election.start();
      }
    });
  }
}
