import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Adapter, Outcome, VectorFile } from './adapter.js';

/** What one file came to. */
export interface FileResult {
  readonly path: string;
  readonly total: number;
  readonly equal: number;
  readonly unequal: readonly Outcome[];
  /** Set when the file could not be run at all. */
  readonly problem?: string;
}

/** Recordings under the paths given: the files themselves, or every vector file and trace below a folder, in order of name. */
export function vectorFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (!statSync(path).isDirectory()) {
      return path.endsWith('.json') || path.endsWith('.jsonl') ? [path] : [];
    }
    return vectorFiles(
      readdirSync(path)
        .sort()
        .map((name) => join(path, name)),
    );
  });
}

export async function runFile(path: string): Promise<FileResult> {
  if (path.endsWith('.jsonl')) {
    const { runTrace } = await import('./traces/run-trace.js');
    return resultOf(path, runTrace(path));
  }
  const file = JSON.parse(readFileSync(path, 'utf8')) as VectorFile;
  const name = file.header.name.replace(/-\d+$/, '');
  const adapterPath = fileURLToPath(new URL(`./adapters/${name}.js`, import.meta.url));
  if (!existsSync(adapterPath)) {
    return { path, total: file.cases.length, equal: 0, unequal: [], problem: `no adapter is called ${name}` };
  }
  const { adapter } = (await import(adapterPath)) as { adapter: Adapter };
  return resultOf(path, [...adapter(file)]);
}

function resultOf(path: string, outcomes: readonly Outcome[]): FileResult {
  return {
    path,
    total: outcomes.length,
    equal: outcomes.filter((outcome) => outcome.equal).length,
    unequal: outcomes.filter((outcome) => !outcome.equal),
  };
}

function report(result: FileResult): void {
  const worst = Math.max(0, ...result.unequal.map((outcome) => outcome.distance ?? 0));
  const tail = result.problem ?? (result.unequal.length > 0 ? `worst difference ${worst || 'not a number'}` : '');
  console.log(`${result.path}: ${result.equal}/${result.total} equal${tail && `, ${tail}`}`);
  for (const outcome of result.unequal.slice(0, 3)) {
    console.log(`    case ${outcome.id}: ${outcome.difference ?? 'differs'}`);
  }
}

/**
 * Without an option every case must be equal. `--write FILE` writes what was found down; `--documented FILE` asks only that
 * no recording falls short of what is written there.
 */
async function main(args: readonly string[]): Promise<void> {
  const [option = '', file = ''] = args;
  const hasOption = option === '--write' || option === '--documented';
  const results: FileResult[] = [];
  for (const path of vectorFiles(hasOption ? args.slice(2) : args)) {
    const result = await runFile(path);
    report(result);
    results.push(result);
  }
  const { documentedEqual, renderFidelity, shortfall } = await import('./fidelity.js');
  if (option === '--write') {
    writeFileSync(file, renderFidelity(results));
  }
  const documented = option === '--documented' ? documentedEqual(readFileSync(file, 'utf8')) : new Map();
  const passed = results.reduce((sum, { equal }) => sum + equal, 0);
  const failed = results.reduce((sum, result) => sum + shortfall(result, documented), 0);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(process.argv.slice(2));
}
