import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64', 'wasm32'];
const SPELLINGS: Readonly<Record<string, string>> = {
  gnueabihf: 'glibc',
  gnu: 'glibc',
  musleabihf: 'musl',
  musl: 'musl',
};

/** Optional dependencies that some entry of the lock names and no entry provides: "path of the entry" → exact version. */
export function missingOptionals(lock: Lock): Map<string, { readonly version: string; readonly dev: boolean }> {
  const missing = new Map<string, { version: string; dev: boolean }>();
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const isThere = [`${path}/node_modules/${name}`, `node_modules/${name}`].some((at) => at in lock.packages);
      if (!isThere && /^\d/.test(version)) {
        missing.set(`node_modules/${name}`, { version, dev: entry.dev === true });
      }
    }
  }
  return missing;
}

/**
 * The lock with an entry for every platform's binary package. npm leaves out those that the registry at hand does not offer,
 * and `npm ci` then refuses the lock (npm/cli#9342).
 */
export function completeLock(root: string): string {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  const packages: Record<string, LockedPackage> = { ...lock.packages };
  for (const [path, { version, dev }] of missingOptionals(lock)) {
    packages[path] = { version, ...platformOf(path), ...(dev ? { dev: true } : {}), optional: true };
  }
  const sorted = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  return `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`;
}

function platformOf(path: string): LockedPackage {
  const words = path.slice(path.lastIndexOf('/') + 1).split(/[-.]/);
  const os = words.filter((word) => SYSTEMS.includes(word));
  const cpu = words.filter((word) => PROCESSORS.includes(word));
  const libc = words.flatMap((word) => SPELLINGS[word] ?? []);
  return {
    ...(libc.length > 0 && os.includes('linux') ? { libc } : {}),
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(os.length > 0 ? { os } : {}),
  };
}
