import { entityKey, type Micros, parseDuration, type RandomStream, type Simulation } from '../../engine/index.js';
import { nodeParty } from '../api/index.js';
import type { Component } from '../client-go/index.js';
import type { Defaults } from '../versions/index.js';
import type { Machine, Network } from '../world/index.js';

export interface ControlPlaneMachinesOptions {
  readonly simulation: Simulation;
  readonly network: Network;
  /** From power on to the start of the kubelet, which starts the control plane's static pods. */
  readonly machineBoot: Micros;
  readonly leaderElection: Defaults['clients']['leaderElection'];
  processes(): Iterable<Component>;
  nodeNames(): Iterable<string>;
}

// k8s.io/client-go tools/leaderelection/leaderelection.go JitterFactor
const JITTER_FACTOR = 1.2;

/**
 * The machines that the control plane's static pods run on. etcd needs most of its members: without them nobody reaches the API
 * server. The controllers and the scheduler of the first machine lead; when it dies, those of another take over once the leader's
 * lease has run out.
 */
export class ControlPlaneMachines {
  readonly #options: ControlPlaneMachinesOptions;
  readonly #draws: RandomStream;
  readonly #up = new Set<Machine>();
  #members = 0;
  #leader: Machine | undefined;
  #reconnect: (() => void) | undefined;
  #changes = 0;

  constructor(options: ControlPlaneMachinesOptions) {
    this.#options = options;
    this.#draws = options.simulation.stream('leader election');
  }

  add(machine: Machine): void {
    this.#members++;
    this.#up.add(machine);
    this.#leader ??= machine;
    machine.onPower((isOn) => (isOn ? this.#onPowerOn(machine) : this.#onPowerOff(machine)));
  }

  get #hasQuorum(): boolean {
    return this.#up.size > this.#members / 2;
  }

  #onPowerOff(machine: Machine): void {
    this.#up.delete(machine);
    this.#changes++;
    if (!this.#hasQuorum) {
      this.#leader = undefined;
      this.#stop();
      this.#disconnect();
    } else if (machine === this.#leader) {
      this.#stop();
      this.#leader = [...this.#up][0];
      this.#startAfter(this.#takeover());
    }
  }

  #onPowerOn(machine: Machine): void {
    const { machineBoot, simulation } = this.#options;
    const { bootId } = machine;
    simulation.after(machineBoot, () => {
      if (!machine.isOn || machine.bootId !== bootId) {
        return;
      }
      this.#up.add(machine);
      if (this.#hasQuorum && this.#leader === undefined) {
        this.#leader = machine;
        this.#reconnect?.();
        this.#reconnect = undefined;
        this.#startAfter(0);
      }
    });
  }

  /** What is left of the lease, which was renewed within the last retry period; and a look each period, stretched by chance. */
  #takeover(): Micros {
    const { leaseDuration, retryPeriod } = this.#options.leaderElection;
    const period = parseDuration(retryPeriod);
    const draw = (n: number): number => this.#draws.uniform(entityKey('control plane'), this.#changes * 2 + n);
    return (
      parseDuration(leaseDuration) - Math.round(draw(0) * period) + Math.round(draw(1) * period * (1 + JITTER_FACTOR))
    );
  }

  #startAfter(delay: Micros): void {
    const changes = this.#changes;
    this.#options.simulation.after(delay, () => {
      if (this.#changes === changes) {
        for (const component of this.#options.processes()) {
          component.start();
        }
      }
    });
  }

  #stop(): void {
    for (const component of this.#options.processes()) {
      component.stop();
    }
  }

  #disconnect(): void {
    const { network, nodeNames } = this.#options;
    const heals = [
      network.cut('user', 'control-plane'),
      ...[...nodeNames()].map((name) => network.cut(nodeParty(name), 'control-plane')),
    ];
    this.#reconnect ??= () => {
      for (const heal of heals) {
        heal();
      }
    };
  }
}
