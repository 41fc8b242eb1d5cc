/** A physical (or virtual) machine under a node. Power is its lever; kubelet and containers die with it. */
export class Machine {
  readonly node: string;
  #isOn = true;
  #boots = 1;
  readonly #listeners: ((isOn: boolean) => void)[] = [];

  constructor(node: string) {
    this.node = node;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** Changes with every boot, as /proc/sys/kernel/random/boot_id does. */
  get bootId(): string {
    return `${this.node}-boot-${this.#boots}`;
  }

  powerOff(): void {
    this.#turn(false);
  }

  powerOn(): void {
    if (!this.#isOn) {
      this.#boots++;
    }
    this.#turn(true);
  }

  /** Called after each change, in order of registration. */
  onPower(listener: (isOn: boolean) => void): void {
    this.#listeners.push(listener);
  }

  #turn(isOn: boolean): void {
    if (isOn === this.#isOn) {
      return;
    }
    this.#isOn = isOn;
    for (const listener of this.#listeners) {
      listener(isOn);
    }
  }
}
