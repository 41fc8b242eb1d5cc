import { type Micros, type Simulation, toSeconds } from '../../engine/index.js';
import { type AnyObject, type Kind, keyOf, SERVED_KINDS } from '../../models/api/index.js';
import type { Cluster } from '../../models/cluster.js';
import type { ExpectationText } from '../schema/expectation.js';
import { micros } from '../schema/values.js';
import { type Condition, celView, type Look, parseCondition } from './condition.js';

export type ExpectationMode = 'always' | 'at' | 'eventually' | 'within';

/** An expectation, checked: its condition must be so between two instants. */
export interface Expectation {
  readonly name: string;
  readonly mode: ExpectationMode;
  readonly condition: Condition;
  readonly from: Micros;
  readonly until: Micros;
}

/** What became of an expectation. */
export interface Verdict {
  readonly name: string;
  readonly that: string;
  readonly mode: ExpectationMode;
  readonly ok: boolean;
  /** When it held first (eventually, within), or was first broken. */
  readonly at?: Micros;
  /** Why it failed, for people. */
  readonly reason?: string;
  /** The objects it reads, as they were when it failed: "Deployment default/cart". */
  readonly objects?: readonly string[];
}

/** @throws RangeError when the condition does not parse. */
export function toExpectation(text: ExpectationText, runFor: Micros): Expectation {
  const condition = parseCondition(text.that);
  const after = text.after === undefined ? 0 : micros(text.after);
  const name = text.name ?? text.that;
  if (text.at !== undefined) {
    return { name, condition, mode: 'at', from: micros(text.at), until: micros(text.at) };
  }
  if (text.within !== undefined) {
    return { name, condition, mode: 'within', from: after, until: after + micros(text.within) };
  }
  const until = text.until === undefined ? runFor : micros(text.until);
  return { name, condition, mode: text.always ? 'always' : 'eventually', from: after, until };
}

const SHOWN_OBJECTS = 10;

/** Watches expectations while the run goes; a condition is looked at only when an object that it reads has changed. */
export class ExpectationWatch {
  readonly #simulation: Simulation;
  readonly #cluster: Cluster;
  readonly #view: (object: unknown) => unknown;
  readonly #open = new Map<Expectation, (verdict: Verdict) => void>();
  readonly #objects: Record<string, Map<string, unknown>> = {};
  readonly #verdicts: (Verdict | undefined)[];
  readonly #expectations: readonly Expectation[];
  readonly #lookFrom: Look;

  constructor(simulation: Simulation, cluster: Cluster, startTime: number, expectations: readonly Expectation[]) {
    this.#simulation = simulation;
    this.#cluster = cluster;
    this.#view = celView(startTime);
    this.#expectations = expectations;
    this.#verdicts = expectations.map(() => undefined);
    this.#lookFrom = {
      isMet: (pod, need) => {
        const node = cluster.get('Pod', pod)?.spec.nodeName;
        return node !== undefined && cluster.surroundings.isMet({ pod, node }, need, 'unnoticed');
      },
      serves: (url) => cluster.surroundings.serves(url),
    };
    if (expectations.some(({ condition }) => condition.looksAround)) {
      cluster.surroundings.onChange(() => this.#lookAround());
    }
    for (const kind of new Set(expectations.flatMap(({ condition }) => [...condition.reads.keys()]))) {
      this.#follow(kind);
    }
    for (const [i, expectation] of expectations.entries()) {
      simulation.after(expectation.from - simulation.now, () => this.#begin(expectation, i));
    }
  }

  /** Verdicts in the order of the scenario; what is undecided at the end of the run is decided now. */
  close(): readonly Verdict[] {
    return this.#expectations.map((expectation, i) => {
      const verdict = this.#verdicts[i];
      if (verdict !== undefined) {
        return verdict;
      }
      const wasReached = this.#simulation.now >= expectation.from && this.#open.has(expectation);
      if (expectation.mode === 'always' && wasReached) {
        return this.#passed(expectation);
      }
      return wasReached
        ? this.#failed(expectation, 'it did not become true before the run ended')
        : this.#failed(expectation, `the run ended at ${toSeconds(this.#simulation.now)} s, before this counts`);
    });
  }

  /** Keeps the objects of a kind that conditions read, as CEL sees them. */
  #follow(kind: Kind): void {
    const wanted = this.#wantedKeys(kind);
    const name = SERVED_KINDS[kind].plural;
    const kept = new Map<string, unknown>();
    this.#objects[name] = kept;
    const keep = (object: AnyObject): void => {
      const key = keyOf(object);
      if (wanted === 'all' || wanted.has(key)) {
        kept.set(key, this.#view(object));
        this.#look(kind, key);
      }
    };
    for (const object of this.#cluster.list(kind)) {
      keep(object);
    }
    this.#cluster.watch(kind, {
      added: keep,
      modified: keep,
      deleted: (object) => {
        const key = keyOf(object);
        if (kept.delete(key)) {
          this.#look(kind, key);
        }
      },
    });
  }

  #wantedKeys(kind: Kind): ReadonlySet<string> | 'all' {
    const reads = this.#expectations.flatMap(({ condition }) => condition.reads.get(kind) ?? []);
    return reads.includes('all') ? 'all' : new Set(reads.flatMap((keys) => [...keys]));
  }

  #begin(expectation: Expectation, index: number): void {
    this.#open.set(expectation, (verdict) => {
      this.#open.delete(expectation);
      this.#verdicts[index] = verdict;
    });
    this.#judge(expectation);
    if (this.#open.has(expectation) && expectation.until < Number.POSITIVE_INFINITY) {
      this.#simulation.after(expectation.until - this.#simulation.now, () => this.#end(expectation));
    }
  }

  #look(kind: Kind, key: string): void {
    for (const expectation of this.#open.keys()) {
      const keys = expectation.condition.reads.get(kind);
      if (keys === 'all' || keys?.has(key)) {
        this.#judge(expectation);
      }
    }
  }

  #lookAround(): void {
    for (const expectation of this.#open.keys()) {
      if (expectation.condition.looksAround) {
        this.#judge(expectation);
      }
    }
  }

  #judge(expectation: Expectation): void {
    const value = expectation.condition.evaluate(this.#objects, this.#lookFrom);
    const conclude = this.#open.get(expectation) as (verdict: Verdict) => void;
    const holds = value === true;
    const why = typeof value === 'object' ? value.error : 'it is false';
    switch (expectation.mode) {
      case 'at':
        conclude(holds ? this.#passed(expectation) : this.#failed(expectation, why));
        break;
      case 'always':
        if (!holds) {
          conclude(this.#failed(expectation, why));
        }
        break;
      default:
        if (holds) {
          conclude(this.#passed(expectation));
        }
    }
  }

  #end(expectation: Expectation): void {
    const conclude = this.#open.get(expectation);
    if (conclude === undefined) {
      return;
    }
    if (expectation.mode === 'always') {
      conclude(this.#passed(expectation));
      return;
    }
    const value = expectation.condition.evaluate(this.#objects, this.#lookFrom);
    const why = typeof value === 'object' ? value.error : 'it is false';
    conclude(this.#failed(expectation, `it did not become true from ${toSeconds(expectation.from)} s on: ${why}`));
  }

  #passed({ name, mode, condition }: Expectation): Verdict {
    return { name, that: condition.text, mode, ok: true, at: this.#simulation.now };
  }

  #failed({ name, mode, condition }: Expectation, reason: string): Verdict {
    const objects = [...condition.reads].flatMap(([kind, keys]) =>
      (keys === 'all' ? [...(this.#objects[SERVED_KINDS[kind].plural]?.keys() ?? [])] : [...keys]).map(
        (key) => `${kind} ${key}`,
      ),
    );
    const shown = objects.slice(0, SHOWN_OBJECTS);
    const rest = objects.length - shown.length;
    return {
      name,
      that: condition.text,
      mode,
      ok: false,
      at: this.#simulation.now,
      reason,
      objects: rest > 0 ? [...shown, `… and ${rest} more`] : shown,
    };
  }
}
