import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { Files } from './files.js';

/** The disk of the machine that kubewhen runs on. */
export const nodeFiles: Files = {
  kindOf(path) {
    const found = statSync(path, { throwIfNoEntry: false });
    return found === undefined ? 'missing' : found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
  },
  sizeOf: (path) => statSync(path).size,
  read: (path) => readFileSync(path),
  list: (folder) => readdirSync(folder),
};
