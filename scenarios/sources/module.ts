import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { BuildFailure, buildSync } from 'esbuild';

/** A module that does not load: what is wrong, and where as far as it is known. */
export class ModuleError extends Error {
  override readonly name = 'ModuleError';
}

/**
 * What a module of TypeScript or JavaScript exports as default, with everything it imports by relative paths.
 * @throws ModuleError
 */
export function defaultExportOf(path: string): unknown {
  const file = resolve(path);
  const require = createRequire(file);
  const module: { exports: { readonly default?: unknown } } = { exports: {} };
  const text = bundle(file);
  try {
    new Function('module', 'exports', 'require', `${text}\n//# sourceURL=${file}`)(module, module.exports, require);
  } catch (error) {
    throw new ModuleError(`it throws when it is loaded: ${error instanceof Error ? error.message : String(error)}`);
  }
  return module.exports.default ?? module.exports;
}

function bundle(file: string): string {
  // Not needed by those who have no plugins, and large.
  const { buildSync: build } = createRequire(import.meta.url)('esbuild') as { buildSync: typeof buildSync };
  try {
    const { outputFiles = [] } = build({
      entryPoints: [file],
      bundle: true,
      write: false,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      packages: 'external',
      logLevel: 'silent',
    });
    return outputFiles[0]?.text ?? '';
  } catch (error) {
    const [first] = (error as Partial<BuildFailure>).errors ?? [];
    if (first === undefined) {
      throw error;
    }
    const { text, location } = first;
    throw new ModuleError(location ? `${location.file}:${location.line}:${location.column + 1}: ${text}` : text);
  }
}
