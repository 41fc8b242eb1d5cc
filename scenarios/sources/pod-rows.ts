import type { Micros } from '../../engine/index.js';
import { type Kinds, keyFor } from '../../models/api/index.js';
import type { Draft } from '../../models/client-go/index.js';

/** What pods of a trace have in common: everything but their names. */
export interface PodForm {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec: Kinds['Pod']['spec'];
}

/** Pods as a file has them, row by row: numbers and a form that many share, so that a long trace fits into memory. */
export class PodRows {
  readonly arrivals: Micros[] = [];
  /** Infinity: until it is deleted. */
  readonly durations: Micros[] = [];
  /** Arrivals are Unix time, not counted from the trace's own zero. */
  isDated = false;
  readonly #names: string[] = [];
  readonly #formOf: number[] = [];
  readonly #forms: PodForm[] = [];
  readonly #ids = new Map<string, number>();
  /** Reads a time as the file writes them; undefined when it is none. */
  readonly timeOf: (text: string | number, unit: string | undefined) => Micros | undefined;

  constructor(timeOf: PodRows['timeOf']) {
    this.timeOf = timeOf;
  }

  /** The form of this id, made when it is new. Ids are short texts that say what differs between forms. */
  form(id: string, make: () => PodForm): number {
    let index = this.#ids.get(id);
    if (index === undefined) {
      index = this.#forms.length;
      this.#ids.set(id, index);
      this.#forms.push(make());
    }
    return index;
  }

  add(name: string, arrival: Micros, duration: Micros, form: number): void {
    this.#names.push(name);
    this.arrivals.push(arrival);
    this.durations.push(duration);
    this.#formOf.push(form);
  }

  get namespaces(): readonly string[] {
    return [...new Set(this.#forms.map(({ namespace }) => namespace))].filter((name) => name !== 'default').sort();
  }

  keyOf(row: number): string {
    return keyFor(this.#form(row).namespace, this.#names[row] as string);
  }

  podOf(row: number): Draft<Kinds['Pod']> {
    const { namespace, labels, annotations, spec } = this.#form(row);
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: this.#names[row] as string, namespace, labels, ...(annotations && { annotations }) },
      spec,
    };
  }

  #form(row: number): PodForm {
    return this.#forms[this.#formOf[row] as number] as PodForm;
  }
}
