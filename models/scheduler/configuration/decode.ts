import { DEFAULT_ARGUMENTS, type PluginArguments } from '../plugins/arguments.js';
import { type DecodingProblem, isMapping, type Json, jsonKind, type Path, readStruct } from './strict-reader.js';

const GROUP = 'kubescheduler.config.k8s.io';
const KIND = 'KubeSchedulerConfiguration';
const SCHEME = 'in scheme "pkg/runtime/scheme.go:111"';
const HEADER_TYPE =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** A document read, or why it cannot be: `text` is what kube-scheduler says, `problems` the places. */
export type DecodedDocument =
  | { readonly ok: true; readonly document: Json }
  | { readonly ok: false; readonly text: string; readonly problems: readonly DecodingProblem[] };

export interface DecodeOptions {
  /** Versions of the group that are read: 'v1'. */
  readonly versions: readonly string[];
  /** The document as written, for the texts that repeat it. */
  readonly source?: string;
}

/** Reads KubeSchedulerConfiguration strictly. As LoadConfigFromFile (cmd/kube-scheduler/app/options) with its codecs. */
export function decodeDocument(value: unknown, { versions, source }: DecodeOptions): DecodedDocument {
  const headerProblem = checkHeader(value ?? {}, versions, KIND, source ?? JSON.stringify(value ?? null));
  if (headerProblem !== undefined) {
    return failed([{ path: [], text: headerProblem, isStrict: false }]);
  }
  const problems: DecodingProblem[] = [];
  const { apiVersion: _, kind: __, ...document } = readStruct(KIND, value, [], problems);
  if (problems.some(({ isStrict }) => !isStrict)) {
    return failed(problems);
  }
  const profiles = (document.profiles ?? []) as readonly Json[];
  const decoded = profiles.map((profile, i) => ({
    ...profile,
    ...(profile.pluginConfig !== undefined && {
      pluginConfig: (profile.pluginConfig as readonly Json[]).map((entry, j) =>
        decodeArguments(entry, ['profiles', i, 'pluginConfig', j], versions, problems),
      ),
    }),
  }));
  return problems.length > 0 ? failed(problems) : { ok: true, document: { ...document, profiles: decoded } };
}

/** A hard problem is told alone; those of strictness together. */
function failed(problems: readonly DecodingProblem[]): DecodedDocument {
  const hard = problems.find(({ isStrict }) => !isStrict);
  const text = hard?.text ?? `strict decoding error: ${problems.map((problem) => problem.text).join(', ')}`;
  return { ok: false, text, problems };
}

/** What is wrong with apiVersion and kind. As meta.Interpret and the scheme. */
function checkHeader(value: unknown, versions: readonly string[], kind: string, source: string): string | undefined {
  if (!isMapping(value)) {
    const found = jsonKind(value);
    return `couldn't get version/kind; json parse error: json: cannot unmarshal ${found} into Go value of type ${HEADER_TYPE}`;
  }
  if (!value.kind) {
    return `Object 'Kind' is missing in '${source}'`;
  }
  if (!value.apiVersion) {
    return `Object 'apiVersion' is missing in '${source}'`;
  }
  const isVersion = versions.some((version) => value.apiVersion === `${GROUP}/${version}`);
  if (isVersion && kind === KIND && isArgumentsKind(value.kind)) {
    return `couldn't decode as KubeSchedulerConfiguration, got ${value.apiVersion}, Kind=${value.kind}: `;
  }
  return isVersion && value.kind === kind
    ? undefined
    : `no kind "${value.kind}" is registered for version "${value.apiVersion}" ${SCHEME}`;
}

/** A kind of the group that holds the args of one plugin. */
const isArgumentsKind = (kind: unknown): kind is string =>
  typeof kind === 'string' && kind.endsWith('Args') && hasArguments(kind.slice(0, -'Args'.length));

const hasArguments = (name: string): name is keyof PluginArguments => name in DEFAULT_ARGUMENTS;

/** As PluginConfig.decodeNestedObjects: args of plugins without a type of their own stay as they are. */
function decodeArguments(entry: Json, path: Path, versions: readonly string[], problems: DecodingProblem[]): Json {
  const name = String(entry.name ?? '');
  if (!hasArguments(name)) {
    return entry;
  }
  const prefix = `decoding .profiles[${path[1]}].pluginConfig[${path[3]}]: `;
  const own: DecodingProblem[] = [];
  const args = readArguments(name, entry.args ?? {}, [...path, 'args'], versions, own);
  const hard = own.find(({ isStrict }) => !isStrict);
  if (hard !== undefined) {
    problems.push({ ...hard, text: prefix + hard.text });
  } else if (own.length > 0) {
    const texts = own.map(({ text }) => text).join(', ');
    const text = `${prefix}strict decoding error: decoding args for plugin ${name}: strict decoding error: ${texts}`;
    problems.push({ path: own[0]?.path ?? path, text, isStrict: true });
  }
  return { ...entry, args };
}

function readArguments(
  name: string,
  value: unknown,
  path: Path,
  versions: readonly string[],
  problems: DecodingProblem[],
): Json {
  const kind = `${name}Args`;
  const note = (text: string): Json => {
    problems.push({ path, text, isStrict: false });
    return {};
  };
  if (!isMapping(value)) {
    return note(`decoding args for plugin ${name}: ${checkHeader(value, versions, kind, '')}`);
  }
  const apiVersion = value.apiVersion ?? `${GROUP}/${versions[0]}`;
  const found = value.kind ?? kind;
  if (found !== kind || !versions.some((version) => apiVersion === `${GROUP}/${version}`)) {
    return note(
      isArgumentsKind(found) && found !== kind
        ? `args for plugin ${name} were not of type ${kind}.${GROUP}, got ${found}.${GROUP}`
        : `decoding args for plugin ${name}: no kind "${found}" is registered for version "${apiVersion}" ${SCHEME}`,
    );
  }
  const before = problems.length;
  const args = readStruct(kind, value, path, problems);
  for (let i = before; i < problems.length; i++) {
    const problem = problems[i] as DecodingProblem;
    if (!problem.isStrict) {
      problems[i] = { ...problem, text: `decoding args for plugin ${name}: ${problem.text}` };
    }
  }
  const { apiVersion: _, kind: __, ...rest } = args;
  return rest;
}
