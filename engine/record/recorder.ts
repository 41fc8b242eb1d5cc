import type { Timeline, TimelineSink, TimelineSpec } from './timeline.js';

/** Opens the timelines a scenario asked for; the others are undefined, so `timeline?.append(…)` costs nothing. */
export class Recorder {
  readonly #sink: TimelineSink;
  readonly #wanted: ReadonlySet<string>;
  readonly #opened = new Map<string, Timeline<never>>();

  constructor(sink: TimelineSink, wanted: Iterable<string>) {
    this.#sink = sink;
    this.#wanted = new Set(wanted);
  }

  isWanted(name: string): boolean {
    return this.#wanted.has(name);
  }

  /** One timeline a name: what every kubelet records stands in one. */
  open<Row>(spec: TimelineSpec<Row>): Timeline<Row> | undefined {
    if (!this.#wanted.has(spec.name)) {
      return undefined;
    }
    let timeline = this.#opened.get(spec.name) as Timeline<Row> | undefined;
    if (timeline === undefined) {
      timeline = this.#sink.open(spec);
      this.#opened.set(spec.name, timeline as Timeline<never>);
    }
    return timeline;
  }
}
