import { toSeconds } from '../../engine/index.js';
import { type MemoryRun, startRun, type Timelines } from '../../scenarios/index.js';
import { Invariants } from './invariants.js';
import { type RandomScenario, randomScenario } from './random-scenario.js';

/** What is wrong with the run of a seed, a line each; nothing when all is well. */
export function fuzzSeed(seed: number): readonly string[] {
  const scenario = randomScenario(seed);
  try {
    return [...check(scenario)];
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
}

const SHOWN = 5;

function* check({ text, isCalm }: RandomScenario): Generator<string> {
  const run = startRun(text);
  const { violations } = new Invariants(run.cluster, isCalm);
  const { fingerprint } = run.finish();
  for (const { at, rule, what } of violations.slice(0, SHOWN)) {
    yield `${toSeconds(at)} s: ${rule}: ${what}`;
  }
  const again = startRun(text, { eventQueue: 'plain' }).finish();
  if (again.fingerprint !== fingerprint) {
    yield `the plain event queue leads to the fingerprint ${again.fingerprint}, the fast one to ${fingerprint}`;
  }
  yield* differences(run, text);
}

const COMPARED: readonly (keyof Timelines)[] = [
  'nodes',
  'pods',
  'containers',
  'endpoints',
  'evictions',
  'kubelet-evictions',
];

/** First row of each timeline that is another one when no quiet event is left out. */
function* differences(run: MemoryRun, text: RandomScenario['text']): Generator<string> {
  const twin = startRun(text, { elideQuietEvents: false });
  twin.finish();
  for (const name of COMPARED) {
    const [rows, others] = [run.rows(name), twin.rows(name)].map((found) => found.map((row) => JSON.stringify(row)));
    const length = Math.max(rows?.length ?? 0, others?.length ?? 0);
    const at = Array.from({ length }, (_, i) => i).find((i) => rows?.[i] !== others?.[i]);
    if (at !== undefined) {
      yield `${name} differ when quiet events are left out: ${rows?.[at]} against ${others?.[at]}`;
    }
  }
}
