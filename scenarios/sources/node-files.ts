import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import type { Files } from './files.js';
import { defaultExportOf } from './module.js';

const PIECE_BYTES = 1024 * 1024;

/** The disk of the machine that kubewhen runs on. */
export const nodeFiles: Files = {
  kindOf(path) {
    const found = statSync(path, { throwIfNoEntry: false });
    return found === undefined ? 'missing' : found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
  },
  sizeOf: (path) => statSync(path).size,
  read: (path) => readFileSync(path),
  *pieces(path) {
    const file = openSync(path, 'r');
    try {
      const piece = new Uint8Array(PIECE_BYTES);
      for (let length = readSync(file, piece); length > 0; length = readSync(file, piece)) {
        yield piece.subarray(0, length);
      }
    } finally {
      closeSync(file);
    }
  },
  list: (folder) => readdirSync(folder),
  load: defaultExportOf,
};
