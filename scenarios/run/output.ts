import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type ErrorCode, throwProblem } from '../schema/errors.js';

const SUMMARY = 'summary.json';

/**
 * A folder of results that appears whole or not at all: everything is written into a folder beside it, which takes its name at the
 * end. Results that stand there already are replaced; anything else is not touched.
 */
export class OutputFolder {
  readonly path: string;
  /** Where to write until publish. */
  readonly workPath: string;
  #isPending = true;

  constructor(path: string) {
    this.path = resolve(path);
    this.workPath = join(dirname(this.path), `.${basename(this.path)}.partial`);
    guarded(path, () => {
      if (existsSync(this.path) && !isResults(this.path)) {
        throwProblem({
          code: 'OUTPUT',
          message: `${path} holds something else than results of kubewhen`,
          hint: 'Name another folder with --out',
        });
      }
      rmSync(this.workPath, { recursive: true, force: true });
      mkdirSync(this.workPath, { recursive: true });
    });
  }

  /** Writes the summary, lets `complete` add what is made from all results, and gives the folder its name. */
  publish(summary: Readonly<Record<string, unknown>>, complete?: (folder: string) => void): void {
    guarded(this.path, () => {
      writeFileSync(join(this.workPath, SUMMARY), `${JSON.stringify(summary, null, 2)}\n`);
      complete?.(this.workPath);
      const old = `${this.workPath}.old`;
      rmSync(old, { recursive: true, force: true });
      if (existsSync(this.path)) {
        renameSync(this.path, old);
      }
      renameSync(this.workPath, this.path);
      rmSync(old, { recursive: true, force: true });
    });
    this.#isPending = false;
  }

  /** Leaves nothing behind; does nothing after publish. */
  discard(): void {
    if (this.#isPending) {
      rmSync(this.workPath, { recursive: true, force: true });
    }
  }
}

const isResults = (path: string): boolean => {
  const names = readdirSync(path);
  return names.length === 0 || names.includes(SUMMARY);
};

const CODES: Readonly<Record<string, { readonly code: ErrorCode; readonly message: string }>> = {
  ENOSPC: { code: 'DISK_FULL', message: 'no space is left on the disk' },
  EDQUOT: { code: 'DISK_FULL', message: 'the disk quota is used up' },
  EACCES: { code: 'OUTPUT', message: 'it must not be written there' },
  EPERM: { code: 'OUTPUT', message: 'it must not be written there' },
  EROFS: { code: 'OUTPUT', message: 'the disk cannot be written to' },
  ENOENT: { code: 'OUTPUT', message: 'its folder does not exist' },
  EISDIR: { code: 'OUTPUT', message: 'a folder stands where a file should be' },
  ENOTDIR: { code: 'OUTPUT', message: 'a file stands where a folder should be' },
  EEXIST: { code: 'OUTPUT', message: 'a file stands where a folder should be' },
};

/** Does something with files; what the disk refuses is told as a problem with the results. */
export function guarded<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const known = CODES[(error as NodeJS.ErrnoException).code ?? ''];
    if (known === undefined) {
      throw error;
    }
    return throwProblem({ code: known.code, message: `cannot write ${path}: ${known.message}` });
  }
}
