import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Presets, SingleBar } from 'cli-progress';
import Table from 'cli-table3';
import { REPORT_FILE, writeReport } from '../../reports/index.js';
import { readSweep } from '../../scenarios/experiment/expand.js';
import type { VariantSummary } from '../../scenarios/experiment/results.js';
import { runSweep } from '../../scenarios/experiment/sweep.js';
import type { ModelSource } from '../../scenarios/experiment/worker.js';
import { nodeFiles } from '../../scenarios/sources/node-files.js';
import { pluginOverrides } from './options.js';
import { EXIT_INTERRUPTED, type Surroundings } from './run.js';

export interface SweepArguments {
  readonly sweep: string;
  readonly out?: string | undefined;
  readonly workers?: number | undefined;
  readonly schedulerPlugin?: readonly string[] | undefined;
}

export interface SweepSurroundings extends Surroundings {
  readonly modelSource: ModelSource;
  /** Whether there is a terminal to draw a progress bar on. */
  readonly isTerminal: boolean;
}

/** kubewhen sweep. Answers the exit code. */
export async function sweep(options: SweepArguments, around: SweepSurroundings): Promise<number> {
  const found = readSweep(nodeFiles, options.sweep, pluginOverrides(options.schedulerPlugin));
  const out = options.out ?? `out/${found.name}`;
  const bar = around.isTerminal
    ? new SingleBar(
        { format: '{bar} {value}/{total} runs, {eta_formatted} left', clearOnComplete: true },
        Presets.shades_classic,
      )
    : undefined;
  let isStarted = false;
  const isComplete = await runSweep(found, {
    model: around.model,
    modelSource: around.modelSource,
    out,
    workers: options.workers,
    isCancelled: around.isCancelled,
    complete: (folder) => writeReport(folder),
    onProgress: (done, total) => {
      if (!isStarted) {
        isStarted = true;
        bar?.start(total, done);
      }
      bar?.update(done);
    },
  }).finally(() => bar?.stop());
  if (!isComplete) {
    around.print('stopped; the same command goes on from here');
    return EXIT_INTERRUPTED;
  }
  around.print(renderSweep(out));
  around.print(`results      ${out}\nreport       ${join(out, REPORT_FILE)}`);
  return 0;
}

const SHOWN_VARIANTS = 40;
const SHOWN_MEASURES = 6;

/** Means with their intervals, a row a variant; of the figures the first that differ between variants. */
function renderSweep(out: string): string {
  const { variants } = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as {
    variants: readonly VariantSummary[];
  };
  const axes = Object.keys(variants[0]?.axes ?? {});
  const all = [...new Set(variants.flatMap((variant) => Object.keys(variant.measures)))];
  const varying = all.filter((name) => new Set(variants.map(({ measures }) => measures[name]?.mean)).size > 1);
  const shown = (varying.length > 0 ? varying : all).slice(0, SHOWN_MEASURES);
  const table = new Table({ head: [...axes, ...shown], style: { head: [], border: [] } });
  for (const variant of variants.slice(0, SHOWN_VARIANTS)) {
    const cells = shown.map((name) => estimateText(variant.measures[name]));
    table.push([...axes.map((axis) => variant.axes[axis] as string), ...cells]);
  }
  const rest = variants.length - SHOWN_VARIANTS;
  const left = [
    ...(rest > 0 ? [`${rest} more variants`] : []),
    ...(all.length > shown.length ? [`${all.length - shown.length} more figures`] : []),
  ];
  return [table.toString(), ...(left.length > 0 ? [`… ${left.join(' and ')} in summary.csv`] : [])].join('\n');
}

function estimateText(estimate: VariantSummary['measures'][string] | undefined): string {
  if (estimate === undefined) {
    return '';
  }
  const { mean, ci95High } = estimate;
  const short = (value: number): string => String(Number(value.toPrecision(4)));
  return ci95High === undefined ? short(mean) : `${short(mean)} ± ${short(ci95High - mean)}`;
}
