import { type ErrorCode, type Path, throwProblem } from '../schema/errors.js';
import { type Origin, problemAt } from '../schema/problems.js';

/** Where files come from: a disk, or memory. Paths are written with "/". */
export interface Files {
  kindOf(path: string): 'file' | 'folder' | 'missing' | 'other';
  /** Bytes, without reading them. */
  sizeOf(path: string): number;
  read(path: string): Uint8Array;
  /** The same bytes piece by piece, for files that may be larger than memory. */
  pieces(path: string): Iterable<Uint8Array>;
  /** Names in a folder, in any order. */
  list(folder: string): readonly string[];
  /** What a module exports as default; absent where no code can be loaded. @throws Error that says what is wrong with it. */
  load?(path: string): unknown;
}

/** What names a file: the place in a document where its name stands. */
export interface Mention {
  readonly origin: Origin;
  readonly path: Path;
}

/** Larger files are refused: parsing holds some ten times their size in memory. */
export const MAX_FILE_BYTES = 32 * 1024 * 1024;

/** Files given as texts, by path. */
export function memoryFiles(texts: Readonly<Record<string, string>>): Files {
  const encoder = new TextEncoder();
  const isFolder = (path: string): boolean =>
    Object.keys(texts).some((name) => path === '.' || name.startsWith(`${path}/`));
  return {
    kindOf: (path) => (Object.hasOwn(texts, path) ? 'file' : isFolder(path) ? 'folder' : 'missing'),
    sizeOf: (path) => encoder.encode(texts[path]).length,
    read: (path) => encoder.encode(texts[path]),
    pieces: (path) => [encoder.encode(texts[path])],
    list: (folder) => [
      ...new Set(
        Object.keys(texts)
          .filter((name) => folder === '.' || name.startsWith(`${folder}/`))
          .map((name) => (folder === '.' ? name : name.slice(folder.length + 1)).split('/')[0] as string),
      ),
    ],
  };
}

/** Answers a problem with a file by throwing it. */
type Refuse = (code: ErrorCode, message: string) => never;

const refusal =
  (at: Mention | undefined): Refuse =>
  (code, message) =>
    throwProblem(at ? problemAt(at.origin, at.path, { code, message }) : { code, message });

function refuseOther(files: Files, path: string, refuse: Refuse): void {
  const kind = guarded(path, refuse, () => files.kindOf(path));
  if (kind === 'missing') {
    refuse('FILE_MISSING', `there is no file ${path}`);
  }
  if (kind !== 'file') {
    refuse(
      'FILE_UNREADABLE',
      kind === 'folder' ? `${path} is a folder, not a file` : `${path} is not an ordinary file`,
    );
  }
}

/** Bytes of a file, or a problem that says what is wrong with it. `at` is where the file was named; none: on the command line. */
export function readBytes(files: Files, path: string, at?: Mention): Uint8Array {
  const refuse = refusal(at);
  refuseOther(files, path, refuse);
  const size = guarded(path, refuse, () => files.sizeOf(path));
  if (size > MAX_FILE_BYTES) {
    const limit = `${MAX_FILE_BYTES / 1024 / 1024} MiB are read in one piece: split it, a folder of files is read as one`;
    refuse('FILE_TOO_LARGE', `${path} has ${(size / 1024 / 1024).toFixed(1)} MiB; at most ${limit}`);
  }
  return guarded(path, refuse, () => files.read(path));
}

/** Text of a file, or a problem as with readBytes. */
export function readText(files: Files, path: string, at?: Mention): string {
  const refuse = refusal(at);
  const bytes = readBytes(files, path, at);
  if (bytes.length === 0) {
    refuse('FILE_EMPTY', `${path} is empty`);
  }
  return decodeText(bytes) ?? refuse('FILE_BINARY', `${path} is not a text in UTF-8`);
}

/** The text of a file of any size, piece by piece; what is wrong with the file is thrown as with readText. */
export function* readPieces(files: Files, path: string, at: Mention): Generator<string, undefined> {
  const refuse = refusal(at);
  refuseOther(files, path, refuse);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const pieces = guarded(path, refuse, () => files.pieces(path))[Symbol.iterator]();
  let isEmpty = true;
  while (true) {
    const { done, value } = guarded(path, refuse, () => pieces.next());
    if (value?.includes(0)) {
      refuse('FILE_BINARY', `${path} is not a text in UTF-8`);
    }
    try {
      const text = decoder.decode(value, { stream: !done });
      isEmpty &&= text === '';
      yield text;
    } catch {
      refuse('FILE_BINARY', `${path} is not a text in UTF-8`);
    }
    if (done) {
      break;
    }
  }
  if (isEmpty) {
    refuse('FILE_EMPTY', `${path} is empty`);
  }
}

/** The lines of a file of any size, without their ends. */
export function* readLines(files: Files, path: string, at: Mention): Generator<string, undefined> {
  let rest = '';
  for (const piece of readPieces(files, path, at)) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) {
      yield line.endsWith('\r') ? line.slice(0, -1) : line;
    }
  }
  if (rest !== '') {
    yield rest.endsWith('\r') ? rest.slice(0, -1) : rest;
  }
}

function guarded<T>(path: string, refuse: Refuse, action: () => T): T {
  try {
    return action();
  } catch (error) {
    return refuse('FILE_UNREADABLE', `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function decodeText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) {
    return undefined;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The folder that a path stands in. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '.' : slash === 0 ? '/' : path.slice(0, slash);
}

/** A path as it is meant in a folder: "../a.yaml" in "x/y" is "x/a.yaml". */
export function resolvePath(folder: string, path: string): string {
  const isAbsolute = path.startsWith('/');
  const steps: string[] = [];
  for (const step of (isAbsolute ? path : `${folder}/${path}`).split('/')) {
    if (step === '..' && steps.length > 0 && steps.at(-1) !== '..' && steps.at(-1) !== '') {
      steps.pop();
    } else if (step !== '.' && (step !== '' || steps.length === 0)) {
      steps.push(step);
    }
  }
  return steps.join('/') || (isAbsolute ? '/' : '.');
}

const MANIFEST_NAME = /\.(ya?ml|json)$/i;
const GLOB = /[*?[{]/;

/** The manifest files that a path, folder or glob means, in order of name. Folders are not entered, as with kubectl apply -f. */
export function findFiles(files: Files, path: string, at: Mention): readonly string[] {
  const missing = (message: string): never =>
    throwProblem(problemAt(at.origin, at.path, { code: 'FILE_MISSING', message }));
  if (GLOB.test(path)) {
    const found = expandGlob(files, path);
    return found.length > 0 ? found : missing(`no file fits ${path}`);
  }
  if (files.kindOf(path) !== 'folder') {
    return [path];
  }
  const found = files
    .list(path)
    .filter((name) => MANIFEST_NAME.test(name) && files.kindOf(`${path}/${name}`) === 'file')
    .sort()
    .map((name) => resolvePath(path, name));
  return found.length > 0 ? found : missing(`the folder ${path} has no .yaml, .yml or .json file`);
}

/** "*", "?", "[a-z]", "{a,b}" within a name, "**" over folders. Hidden files fit only a pattern that begins with a dot. */
function expandGlob(files: Files, pattern: string): readonly string[] {
  const steps = pattern.split('/');
  const first = steps.findIndex((step) => GLOB.test(step));
  const root = first === 0 ? '.' : steps.slice(0, first).join('/') || '/';
  const found = new Set<string>();
  const walk = (folder: string, [step, ...rest]: readonly string[]): void => {
    if (step === undefined || files.kindOf(folder) !== 'folder') {
      return;
    }
    if (step === '**') {
      walk(folder, rest);
      for (const name of files.list(folder)) {
        if (!name.startsWith('.')) {
          walk(resolvePath(folder, name), ['**', ...rest]);
        }
      }
      return;
    }
    const fits = globStep(step);
    for (const name of files.list(folder).filter((entry) => fits.test(entry))) {
      const path = resolvePath(folder, name);
      if (rest.length > 0) {
        walk(path, rest);
      } else if (files.kindOf(path) === 'file') {
        found.add(path);
      }
    }
  };
  walk(root, steps.slice(first));
  return [...found].sort();
}

const globStep = (step: string): RegExp => new RegExp(`^${/^[*?]/.test(step) ? '(?!\\.)' : ''}${globBody(step)}$`);

const globBody = (step: string): string =>
  step.replace(/[.+^$()|\\]|\*|\?|\{[^}]*\}|\[[^\]]*\]/g, (part) => {
    if (part === '*') {
      return '[^/]*';
    }
    if (part === '?') {
      return '[^/]';
    }
    if (part.startsWith('{')) {
      return `(?:${part.slice(1, -1).split(',').map(globBody).join('|')})`;
    }
    return part.startsWith('[') ? part.replace('[!', '[^') : `\\${part}`;
  });
