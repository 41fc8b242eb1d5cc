import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ROOT, sourceFiles } from './source-files.js';

interface Rule {
  readonly folder: string;
  readonly mayImport: readonly string[];
  readonly packages: readonly string[];
}

/** The table "Who may import whom" of docs/architecture.md. */
function readRules(): Rule[] {
  const text = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
  const table = text.slice(text.indexOf('## Who may import whom'));
  return [...table.matchAll(/^\| `([\w/-]+)` \| (.+?) \|(.*)\|$/gm)].map(([, folder, mayImport, packages]) => ({
    folder: folder as string,
    mayImport: [...(mayImport as string).matchAll(/`([\w/-]+)`/g)].map(([, name]) => name as string),
    packages: (packages as string)
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
  }));
}

const rules = readRules();

/** The rule for a file, and its own room where the rule is for any room. */
function ruleOf(path: string): { readonly rule: Rule; readonly room: string } | undefined {
  const [top, second = ''] = path.split('/') as [string, string?];
  const room = `${top}/${second.replace(/\.ts$/, '')}`;
  const named = rules.find((rule) => rule.folder === room) ?? rules.find((rule) => rule.folder === top);
  const any = top === 'models' ? rules.find((rule) => rule.folder === 'models/ROOM') : undefined;
  const rule = named ?? any;
  return rule && { rule, room };
}

const importsOf = (text: string): string[] =>
  [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\s[^'";]*?from\s+'([^']+)'|import\('([^']+)'\)|(?:^|\n)import\s+'([^']+)'/g,
    ),
  ].map((match) => (match[1] ?? match[2] ?? match[3]) as string);

const isWithin = (path: string, folder: string): boolean => path === `${folder}.ts` || path.startsWith(`${folder}/`);

function complaint(path: string, imported: string): string | undefined {
  const found = ruleOf(path);
  if (!found) {
    return `${path}: no row of the table covers it`;
  }
  const { rule, room } = found;
  if (imported.startsWith('node:')) {
    return /^(engine|models)\//.test(path) ? `${path} imports ${imported}` : undefined;
  }
  if (!imported.startsWith('.')) {
    return rule.packages.some((name) => imported === name || imported.startsWith(`${name}/`))
      ? undefined
      : `${path} imports the package ${imported}`;
  }
  const target = normalize(join(dirname(path), imported)).replace(/\.js$/, '.ts');
  const allowed = rule.folder === 'models/ROOM' ? [...rule.mayImport, room] : rule.mayImport;
  return allowed.some((folder) => isWithin(target, folder)) ? undefined : `${path} imports ${target}`;
}

describe('the import table', () => {
  it('has a row for every folder it governs', () => {
    expect(rules.map((rule) => rule.folder)).toEqual(
      expect.arrayContaining(['engine', 'models/api', 'models/ROOM', 'models/cluster', 'scenarios', 'reports', 'cli']),
    );
  });

  it('is kept by every file', () => {
    const files = sourceFiles('engine', 'models', 'scenarios', 'reports', 'cli');
    expect(files.length).toBeGreaterThan(50);
    expect(files.flatMap(({ path, text }) => importsOf(text).flatMap((name) => complaint(path, name) ?? []))).toEqual(
      [],
    );
  });

  it('lets rooms be entered through their doors only', () => {
    const shared = ['models/api/', 'models/versions/', 'models/client-go/', 'models/world/'];
    const isCluster = (path: string): boolean => path === 'models/cluster.ts' || path.startsWith('models/cluster/');
    const trespassers = sourceFiles('models', 'scenarios', 'reports', 'cli').flatMap(({ path, text }) =>
      importsOf(text)
        .filter((name) => name.startsWith('.'))
        .map((name) => normalize(join(dirname(path), name)).replace(/\.js$/, '.ts'))
        .filter((target) => /^models\/[\w-]+\/.+/.test(target) && !shared.some((folder) => target.startsWith(folder)))
        .filter((target) => {
          const [, room = ''] = target.split('/');
          return (
            !(isCluster(path) && isCluster(target)) &&
            !path.startsWith(`models/${room}/`) &&
            target !== `models/${room}/index.ts`
          );
        })
        .map((target) => `${path} imports ${target}`),
    );
    expect(trespassers).toEqual([]);
  });
});
