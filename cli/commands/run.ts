import { join } from 'node:path';
import type { EventQueueKind } from '../../engine/index.js';
import type { ClusterModel } from '../../models/cluster.js';
import { REPORT_FILE, writeReport } from '../../reports/index.js';
import { loadScenario } from '../../scenarios/load.js';
import { runToFolder } from '../../scenarios/run/to-folder.js';
import { renderSummary } from '../summary-text.js';
import { overridesOf, type ScenarioOptions } from './options.js';

export interface RunArguments extends ScenarioOptions {
  readonly scenario: string;
  readonly out?: string | undefined;
  readonly junit?: string | undefined;
  readonly eventQueue?: EventQueueKind | undefined;
}

/** What a command needs of the process around it. */
export interface Surroundings {
  readonly model: ClusterModel;
  print(text: string): void;
  /** Whether the user has pressed Ctrl-C. */
  isCancelled(): boolean;
}

export const EXIT_EXPECTATION = 1;
export const EXIT_INTERRUPTED = 130;

/** kubewhen run. Answers the exit code. */
export async function run(options: RunArguments, { model, print, isCancelled }: Surroundings): Promise<number> {
  const scenario = loadScenario(options.scenario, model, overridesOf(options));
  const out = options.out ?? `out/${scenario.name}`;
  const result = await runToFolder(scenario, {
    model,
    out,
    isCancelled,
    eventQueue: options.eventQueue ?? 'fast',
    replay: replayOf(options),
    complete: (folder) => writeReport(folder),
    ...(options.junit !== undefined && { junit: options.junit }),
  });
  if (result === undefined) {
    return EXIT_INTERRUPTED;
  }
  print(renderSummary(result, { results: out, report: join(out, REPORT_FILE) }));
  return result.failedActions === 0 && result.expectations.every(({ ok }) => ok) ? 0 : EXIT_EXPECTATION;
}

function replayOf({ scenario, seed, set = [], until, schedulerPlugin = [] }: RunArguments): string {
  const options = [
    ...(seed === undefined ? [] : [`--seed ${seed}`]),
    ...(until === undefined ? [] : [`--until ${until}`]),
    ...set.map((text) => `--set '${text}'`),
    ...schedulerPlugin.map((file) => `--scheduler-plugin ${file}`),
  ];
  return ['kubewhen run', scenario, ...options].join(' ');
}
