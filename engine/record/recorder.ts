import type { Timeline, TimelineSink, TimelineSpec } from './timeline.js';

/** Opens the timelines a scenario asked for; the others are undefined, so `timeline?.append(…)` costs nothing. */
export class Recorder {
  readonly #sink: TimelineSink;
  readonly #wanted: ReadonlySet<string>;
  readonly #declared = new Map<string, TimelineSpec<never>>();

  constructor(sink: TimelineSink, wanted: Iterable<string>) {
    this.#sink = sink;
    this.#wanted = new Set(wanted);
  }

  isWanted(name: string): boolean {
    return this.#wanted.has(name);
  }

  open<Row>(spec: TimelineSpec<Row>): Timeline<Row> | undefined {
    this.#declared.set(spec.name, spec as unknown as TimelineSpec<never>);
    return this.#wanted.has(spec.name) ? this.#sink.open(spec) : undefined;
  }
}
