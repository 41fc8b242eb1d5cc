import type { Micros, Simulation, Timeline, TimelineSpec } from '../../engine/index.js';
import type { ScheduledAction } from './scenario.js';

/** A line that an action printed, as kubectl would have. */
export interface ActionLine {
  readonly at: Micros;
  readonly line: string;
  readonly failed: boolean;
  /** Where the scenario says what failed, or what has not ended. */
  readonly where?: string;
  /** The error was expected. */
  readonly isExpected?: true;
  /** How often the action said it, and when last, if more than once. */
  readonly count?: number;
  readonly lastAt?: Micros;
}

export interface ActionRow {
  readonly verb: string;
  readonly outcome: 'said' | 'failed' | 'expected';
  readonly line: string;
}

export const ACTIONS: TimelineSpec<ActionRow> = {
  name: 'actions',
  help: 'What actions print: a row a line, as kubectl prints it.',
  columns: {
    verb: { type: 'text', help: 'The verb of the action.' },
    outcome: { type: 'text', help: 'said; failed, when it is an error; expected, when that error was expected.' },
    line: { type: 'text', help: 'What kubectl prints.' },
  },
};

/** What the actions of a run say, and which of them fail. */
export class ActionLog {
  readonly #simulation: Simulation;
  readonly #timeline: Timeline<ActionRow> | undefined;
  readonly #lines: ActionLine[] = [];
  readonly #terminals: ActionTerminal[] = [];

  constructor(simulation: Simulation, timeline: Timeline<ActionRow> | undefined) {
    this.#simulation = simulation;
    this.#timeline = timeline;
  }

  /** Where one action prints. */
  open(action: Pick<ScheduledAction, 'kind' | 'spec' | 'where'>): ActionTerminal {
    const terminal = new ActionTerminal(action, (row, extra) => this.#add(row, extra));
    this.#terminals.push(terminal);
    return terminal;
  }

  /** A line about something else: a fault that found nothing to strike. */
  say(line: string): void {
    this.#lines.push({ at: this.#simulation.now, line, failed: true });
  }

  /** All lines in order, with those for what has not ended, or has not failed as it should. */
  conclude(): { readonly lines: readonly ActionLine[]; readonly failed: number } {
    for (const terminal of this.#terminals) {
      terminal.close();
    }
    return { lines: this.#lines, failed: this.#terminals.filter(({ isBroken }) => isBroken).length };
  }

  #add(
    row: ActionRow,
    { before, where }: { readonly before: ActionLine | undefined; readonly where?: string },
  ): ActionLine {
    const { now } = this.#simulation;
    this.#timeline?.append(row);
    const failed = row.outcome !== 'said';
    if (before !== undefined) {
      const again = { ...before, count: (before.count ?? 1) + 1, lastAt: now };
      this.#lines[this.#lines.indexOf(before)] = again;
      return again;
    }
    const line: ActionLine = {
      at: now,
      line: row.line,
      failed,
      ...(where !== undefined && { where }),
      ...(row.outcome === 'expected' && { isExpected: true }),
    };
    this.#lines.push(line);
    return line;
  }
}

type Add = (row: ActionRow, extra: { readonly before: ActionLine | undefined; readonly where?: string }) => ActionLine;

/** What one action says, and whether that was to be expected. */
export class ActionTerminal {
  readonly #verb: string;
  readonly #where: string;
  readonly #expected: true | string | undefined;
  readonly #add: Add;
  /** By text: a drain says the same every five seconds, for as long as a budget holds it. */
  readonly #said = new Map<string, ActionLine>();
  readonly #unfinished = new Set<() => readonly string[]>();
  #hasFailedAsExpected = false;
  isBroken = false;

  constructor({ kind, spec, where }: Pick<ScheduledAction, 'kind' | 'spec' | 'where'>, add: Add) {
    this.#verb = kind.verb;
    this.#where = where;
    this.#expected = spec.expectError;
    this.#add = add;
  }

  say(line: string, failed?: 'failed'): void {
    const isExpected = failed !== undefined && this.#isExpected(line);
    if (isExpected) {
      this.#hasFailedAsExpected = true;
    } else if (failed) {
      this.isBroken = true;
    }
    const outcome = failed === undefined ? 'said' : isExpected ? 'expected' : 'failed';
    const before = this.#said.get(line);
    const where = failed === undefined ? {} : { where: this.#where };
    this.#said.set(line, this.#add({ verb: this.#verb, outcome, line }, { before, ...where }));
  }

  unfinished(waitsFor: () => readonly string[]): () => void {
    this.#unfinished.add(waitsFor);
    return () => this.#unfinished.delete(waitsFor);
  }

  close(): void {
    for (const waitsFor of this.#unfinished) {
      for (const line of waitsFor()) {
        this.#add(
          { verb: this.#verb, outcome: 'said', line: `not ended: ${line}` },
          { before: undefined, where: this.#where },
        );
      }
    }
    if (this.#expected !== undefined && !this.#hasFailedAsExpected) {
      this.isBroken = true;
      const what = this.#expected === true ? 'an error' : `an error with ${JSON.stringify(this.#expected)}`;
      this.#add(
        { verb: this.#verb, outcome: 'failed', line: `error: ${what} was expected, and there was none` },
        { before: undefined, where: this.#where },
      );
    }
  }

  #isExpected(line: string): boolean {
    return this.#expected === true || (this.#expected !== undefined && line.includes(this.#expected));
  }
}
