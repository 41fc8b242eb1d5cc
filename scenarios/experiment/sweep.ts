import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Piscina } from 'piscina';
import type { ClusterModel } from '../../models/cluster.js';
import { loadScenario } from '../load.js';
import { guarded } from '../run/output.js';
import { Problems } from '../schema/errors.js';
import type { Files } from '../sources/files.js';
import { nodeFiles } from '../sources/node-files.js';
import { VERSION } from '../version.js';
import { expandRuns, expandVariants, type Sweep, type SweepRun } from './expand.js';
import { publishSweep } from './results.js';
import type { RunRecord } from './run-one.js';
import type { ModelSource, WorkerTask } from './worker.js';

export interface SweepOptions {
  readonly model: ClusterModel;
  readonly modelSource: ModelSource;
  readonly out: string;
  /** Left out: one per core. */
  readonly workers?: number | undefined;
  /** Told after each run. */
  onProgress(done: number, total: number): void;
  isCancelled(): boolean;
  /** Adds to the folder of all results before it takes its name: a report. */
  readonly complete?: (folder: string) => void;
}

/**
 * Runs every combination of axes and seeds over worker threads. Each finished run is a file in a folder beside the results, so a
 * sweep that was killed goes on where it stopped, and ends with the same bytes. False when it was cancelled.
 */
export async function runSweep(sweep: Sweep, options: SweepOptions): Promise<boolean> {
  const identity = checkVariants(sweep, options.model);
  const out = resolve(options.out);
  const folder = join(dirname(out), `.${basename(out)}.runs-${identity}`);
  guarded(options.out, () => {
    removeOthers(folder, out);
    mkdirSync(folder, { recursive: true });
  });
  const runs = expandRuns(sweep);
  const missing = runs.filter(({ key }) => !existsSync(fileOf(folder, key)));
  const isComplete = await runMissing(sweep, missing, runs.length, folder, options);
  if (!isComplete) {
    return false;
  }
  const records = new Map(
    runs.map(({ key }) => [key, JSON.parse(readFileSync(fileOf(folder, key), 'utf8')) as RunRecord]),
  );
  publishSweep(sweep, runs, records, options.out, options.complete);
  guarded(options.out, () => rmSync(folder, { recursive: true, force: true }));
  return true;
}

const fileOf = (folder: string, key: string): string => join(folder, `${key}.json`);

/** Checks every variant before anything runs. Answers what the runs depend on: a sweep whose files have changed begins anew. */
function checkVariants(sweep: Sweep, model: ClusterModel): string {
  const read = new Map<string, Uint8Array>();
  const digests = new Map<string, string>();
  const files: Files = {
    ...nodeFiles,
    read: (path) => {
      const bytes = read.get(path) ?? nodeFiles.read(path);
      read.set(path, bytes);
      return bytes;
    },
    *pieces(path) {
      const digest = createHash('sha256');
      for (const piece of nodeFiles.pieces(path)) {
        digest.update(piece);
        yield piece;
      }
      digests.set(path, digest.digest('hex'));
    },
  };
  const problems = new Problems();
  for (const { overrides } of expandVariants(sweep)) {
    problems.catch(() => loadScenario(sweep.scenario, model, overrides, files));
  }
  problems.throwIfAny();
  const axes = sweep.axes.map(({ name, path, values }) => ({ name, path, values }));
  const hash = createHash('sha256').update(JSON.stringify([VERSION, axes, sweep.overrides]));
  for (const [path, bytes] of [...read].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  }
  hash.update(JSON.stringify([...digests].sort(([a], [b]) => (a < b ? -1 : 1))));
  return hash.digest('hex').slice(0, 16);
}

/** Runs of the same name that belong to another state of the files. */
function removeOthers(folder: string, out: string): void {
  const parent = dirname(out);
  const prefix = `.${basename(out)}.runs-`;
  for (const name of existsSync(parent) ? readdirSync(parent) : []) {
    if (name.startsWith(prefix) && join(parent, name) !== folder) {
      rmSync(join(parent, name), { recursive: true, force: true });
    }
  }
}

async function runMissing(
  sweep: Sweep,
  missing: readonly SweepRun[],
  total: number,
  folder: string,
  options: SweepOptions,
): Promise<boolean> {
  let done = total - missing.length;
  options.onProgress(done, total);
  if (missing.length === 0) {
    return true;
  }
  const threads = Math.min(missing.length, options.workers ?? availableParallelism());
  const pool = new Piscina<WorkerTask, void>({
    filename: new URL('./worker.js', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
  });
  const stop = new AbortController();
  const watch = setInterval(() => {
    if (options.isCancelled()) {
      stop.abort();
    }
  }, CANCEL_POLL_MILLISECONDS);
  const queue = missing.values();
  const runNext = async (): Promise<void> => {
    for (const { key, variant, seed } of queue) {
      const { scenario } = sweep;
      const file = fileOf(folder, key);
      await pool.run(
        { scenario, seed, overrides: variant.overrides, file, model: options.modelSource },
        { signal: stop.signal },
      );
      done++;
      options.onProgress(done, total);
    }
  };
  try {
    await Promise.all(Array.from({ length: threads }, runNext));
    return true;
  } catch (error) {
    if (stop.signal.aborted) {
      return false;
    }
    throw error;
  } finally {
    clearInterval(watch);
    await pool.destroy();
  }
}

const CANCEL_POLL_MILLISECONDS = 50;
