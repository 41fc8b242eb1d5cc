import { formatPath, type Path, type Position, Problems, ScenarioError, throwProblem } from '../schema/errors.js';
import { type Origin, problemAt } from '../schema/problems.js';
import { API_VERSION } from '../schema/scenario.js';
import { isRecord } from '../schema/shapes.js';
import { didYouMean } from '../schema/suggest.js';
import { join, type Place, type Placed, parsePath, placeOf, withValue } from './assembly.js';
import { type Files, folderOf, type Mention, readText, resolvePath } from './files.js';
import { parseYaml } from './yaml.js';

/** "spec.runFor=1h" as it was given, its value still text in YAML. */
export interface Override {
  readonly path: string;
  readonly value: unknown;
  /** The file that it stands in, from whose folder paths in it start; none: given on the command line. */
  readonly file?: string;
  /** Where in that file. Plain data: overrides travel to worker threads. */
  readonly at?: { readonly path: Path; readonly position: Position };
}

/** An override that adds a module to spec.configuration.schedulerPlugins. */
export const SCHEDULER_PLUGIN = '--scheduler-plugin';

const KINDS = ['Scenario', 'Sweep'] as const;
export type DocumentKind = (typeof KINDS)[number];

/** Reads one file of ours, without what it includes. */
export function readDocument(files: Files, file: string, kind: DocumentKind, mention?: Mention): Placed {
  const documents = parseYaml(readText(files, file, mention), file);
  const [document, second] = documents;
  if (document === undefined) {
    return throwProblem({ code: 'FILE_EMPTY', file, message: 'this file holds nothing' });
  }
  const origin: Origin = { file, document };
  if (second !== undefined) {
    const message = `one ${kind} a file, this one has ${documents.length} documents`;
    throwProblem({ code: 'BAD_VALUE', file, position: second.locate([]), message });
  }
  refuseOtherKind(document.value, kind, origin);
  return { value: document.value, place: { origin, path: [] } };
}

function refuseOtherKind(value: unknown, kind: DocumentKind, origin: Origin): void {
  const isOurs = isRecord(value) && String(value.apiVersion).startsWith('kubewhen/');
  if (isOurs && value.kind === kind) {
    return;
  }
  if (isOurs && (KINDS as readonly unknown[]).includes(value.kind)) {
    const command = value.kind === 'Sweep' ? 'kubewhen sweep' : 'kubewhen run';
    const message = `this is a ${String(value.kind)}, not a ${kind}`;
    throwProblem(
      problemAt(origin, ['kind'], { code: 'UNKNOWN_KIND', message, hint: `Try: ${command} ${origin.file}` }),
    );
  }
  if (isRecord(value) && value.kind === undefined) {
    throwProblem(
      problemAt(origin, [], {
        code: 'MISSING_FIELD',
        message: `a ${kind} begins with apiVersion: ${API_VERSION}, kind: ${kind}`,
      }),
    );
  }
  if (isRecord(value) && value.kind !== kind) {
    const hint = isOurs
      ? didYouMean(String(value.kind), KINDS)
      : 'Kubernetes objects go into spec.manifests of a Scenario';
    const message = `expected a ${kind}, found a ${JSON.stringify(value.kind)}`;
    throwProblem(problemAt(origin, ['kind'], { code: 'UNKNOWN_KIND', message, hint }));
  }
}

/** A scenario with what it includes: lists joined, the including file wins elsewhere. */
export function assemble(files: Files, file: string): Placed {
  return withIncludes(files, readDocument(files, file, 'Scenario'), [file]);
}

function withIncludes(files: Files, document: Placed, chain: readonly string[]): Placed {
  const { value, place } = document;
  const spec = isRecord(value) ? value.spec : undefined;
  if (!isRecord(spec) || !Array.isArray(spec.include)) {
    return document;
  }
  const { include, ...ownSpec } = spec;
  const own: Placed = { value: { ...(value as object), spec: ownSpec }, place };
  let base: Placed | undefined;
  for (const [i, name] of (include as readonly unknown[]).entries()) {
    const mention: Mention = { origin: place.origin, path: ['spec', 'include', i] };
    if (typeof name !== 'string') {
      return document; // told by the type check
    }
    const path = resolvePath(folderOf(place.origin.file ?? '.'), name);
    if (chain.includes(path)) {
      const cycle = [...chain.slice(chain.indexOf(path)), path].join(' → ');
      throw new ScenarioError([
        problemAt(mention.origin, mention.path, {
          code: 'INCLUDE_CYCLE',
          message: `files include one another: ${cycle}`,
        }),
      ]);
    }
    const included = withIncludes(files, readDocument(files, path, 'Scenario', mention), [...chain, path]);
    base = base === undefined ? included : join(base, included);
  }
  return base === undefined ? own : join(base, own);
}

/** Puts values given on the command line, or by the axes of a sweep, in their places. */
export function override(document: Placed, overrides: readonly Override[]): Placed {
  const problems = new Problems();
  let changed = document;
  for (const one of overrides) {
    const next = overridden(changed, one);
    if (next === undefined) {
      const { path, file, at } = one;
      const place = file === undefined ? {} : { file, position: at?.position, path: at && formatPath(at.path) };
      const message = `${file === undefined ? '--set ' : ''}${path}: this path leads nowhere`;
      const hint = 'Paths are written like spec.cluster.pools[0].count';
      problems.add({ ...place, code: 'BAD_OPTION', message, hint });
    }
    changed = next ?? changed;
  }
  problems.throwIfAny();
  return changed;
}

function overridden(document: Placed, one: Override): Placed | undefined {
  if (one.path === SCHEDULER_PLUGIN) {
    return withPlugin(document, one.value);
  }
  return one.path.startsWith('--') ? withFlag(document, one) : withPath(document, one);
}

/** Where the value of an override is written; `path`: where it goes. */
const placeOfValue = ({ path: target, file, at }: Override, path: Path): Place => ({
  origin: { file: file ?? `--set ${target}`, ...(at && { document: { locate: () => at.position } }) },
  path: at?.path ?? path,
});

/** Adds to what the scenario itself names. */
const withPlugin = (document: Placed, value: unknown): Placed =>
  join(document, {
    value: { spec: { configuration: { schedulerPlugins: [value] } } },
    place: { origin: { file: SCHEDULER_PLUGIN }, path: [] },
  });

function withPath(document: Placed, one: Override): Placed | undefined {
  const steps = parsePath(one.path);
  if (steps === undefined) {
    return undefined;
  }
  const isWhole = ['spec', 'metadata', 'apiVersion', 'kind'].includes(String(steps[0]));
  const path = isWhole ? steps : ['spec', ...steps];
  return withValue(document, path, one.value, placeOfValue(one, path));
}

/** A flag of kube-controller-manager takes the place of the one of its name. */
function withFlag(document: Placed, one: Override): Placed | undefined {
  const spec = isRecord(document.value) && isRecord(document.value.spec) ? document.value.spec : {};
  const configuration = isRecord(spec.configuration) ? spec.configuration : {};
  const path = ['spec', 'configuration', 'kubeControllerManager'];
  const flags = Array.isArray(configuration.kubeControllerManager)
    ? (configuration.kubeControllerManager as unknown[])
    : [];
  const kept = [...flags.entries()].filter(([, text]) => String(text).split(/[= ]/)[0] !== one.path);
  const places = kept.map(([i]) => placeOf(document.place, [...path, i]));
  return withValue(document, path, [...kept.map(([, text]) => text), `${one.path}=${String(one.value)}`], {
    ...placeOf(document.place, path),
    parts: new Map([...places, placeOfValue(one, [...path, kept.length])].entries()),
  });
}
