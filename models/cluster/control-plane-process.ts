import type { Component, InformerFactory } from '../client-go/index.js';

/** A process of the control plane: its components share caches, and live and die together. */
export class ControlPlaneProcess implements Component {
  readonly name: string;
  readonly #informers: InformerFactory;
  readonly #components: readonly Component[];
  #isRunning = false;

  constructor(name: string, informers: InformerFactory, components: readonly Component[]) {
    this.name = name;
    this.#informers = informers;
    this.#components = components;
  }

  start(): void {
    if (this.#isRunning) {
      return;
    }
    this.#isRunning = true;
    this.#informers.start();
    for (const component of this.#components) {
      component.start();
    }
  }

  stop(): void {
    if (!this.#isRunning) {
      return;
    }
    this.#isRunning = false;
    for (const component of this.#components) {
      component.stop();
    }
    this.#informers.stop();
  }
}
