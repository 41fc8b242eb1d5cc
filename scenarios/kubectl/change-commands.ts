import { load } from 'js-yaml';
import { type Command, given } from './command.js';
import type { CommandLine, FlagTable } from './flags.js';
import {
  CHOICE_FLAGS,
  choiceOf,
  namespaceOf,
  resourceOf,
  resourcesOf,
  splitPairs,
  WIDE_CHOICE_FLAGS,
} from './resources.js';
import { UsageError } from './words.js';

const FILE_FLAGS: FlagTable = {
  filename: { type: 'texts', short: 'f' },
  recursive: { type: 'boolean', short: 'R', isIgnored: true },
  validate: { type: 'text', bare: 'strict', isIgnored: true },
};

/** Files of -f; standard input and addresses cannot be read. */
export function filesOf(line: CommandLine, example: string): readonly string[] {
  const files = line.texts('filename');
  if (files.length === 0) {
    throw new UsageError('must specify one of -f and -k', `As in: kubectl ${example}`);
  }
  const unread = files.find((file) => file === '-' || /^https?:/.test(file));
  if (unread !== undefined) {
    throw new UsageError(`-f ${unread} cannot be read here: name a file beside the scenario`);
  }
  return files;
}

const apply: Command = {
  name: 'apply',
  example: 'apply -f web.yaml',
  flags: {
    ...FILE_FLAGS,
    ...CHOICE_FLAGS,
    'server-side': { type: 'boolean' },
    prune: { type: 'boolean' },
    'prune-allowlist': { type: 'words' },
    applyset: { type: 'text', refusal: 'choose what may be pruned with -l or --all' },
    force: { type: 'boolean' },
    overwrite: { type: 'boolean', isIgnored: true },
    'force-conflicts': { type: 'boolean' },
  },
  toAction: (line) => ({
    ...given({
      apply: filesOf(line, apply.example),
      serverSide: line.boolean('server-side'),
      forceConflicts: line.boolean('force-conflicts'),
      force: line.boolean('force'),
      prune: line.boolean('prune'),
      pruneAllowlist: line.has('prune-allowlist') ? line.texts('prune-allowlist') : undefined,
    }),
    ...choiceOf(line),
  }),
};

const createFromFiles: Command = {
  name: 'create',
  example: 'create -f web.yaml',
  flags: { ...FILE_FLAGS, selector: { type: 'text', short: 'l' }, 'save-config': { type: 'boolean' } },
  toAction: (line) => ({
    ...given({ create: filesOf(line, createFromFiles.example), saveConfig: line.boolean('save-config') }),
    ...choiceOf(line),
  }),
};

const replace: Command = {
  name: 'replace',
  example: 'replace -f web.yaml',
  flags: { ...FILE_FLAGS, force: { type: 'boolean' }, 'save-config': { type: 'boolean' } },
  toAction: (line) => ({
    ...given({
      replace: filesOf(line, replace.example),
      force: line.boolean('force'),
      saveConfig: line.boolean('save-config'),
    }),
    ...namespaceOf(line),
  }),
};

const remove: Command = {
  name: 'delete',
  example: 'delete pod/web-0 --grace-period=0 --force',
  flags: {
    ...WIDE_CHOICE_FLAGS,
    ...FILE_FLAGS,
    'grace-period': { type: 'integer' },
    force: { type: 'boolean' },
    now: { type: 'boolean' },
    cascade: { type: 'text', bare: 'background' },
    'ignore-not-found': { type: 'boolean' },
    wait: { type: 'boolean' },
    timeout: { type: 'text', isIgnored: true },
  },
  toAction(line) {
    const asked = line.integer('grace-period');
    if (line.boolean('now') && asked !== undefined && asked !== -1) {
      throw new UsageError('--now and --grace-period cannot be specified together');
    }
    const grace = line.boolean('now') ? 1 : asked;
    if (line.boolean('force') && grace !== undefined && grace > 0) {
      throw new UsageError('--force and --grace-period greater than 0 cannot be specified together');
    }
    const how = given({
      gracePeriod: grace === undefined || grace < 0 ? undefined : `${grace}s`,
      force: line.boolean('force'),
      cascade: cascadeOf(line.text('cascade')),
      ignoreNotFound: line.boolean('ignore-not-found'),
      wait: line.boolean('wait'),
    });
    return line.has('filename')
      ? { deleteManifests: filesOf(line, remove.example), ...how, ...choiceOf(line) }
      : { delete: resourcesOf(line.words, remove.example), ...how, ...choiceOf(line) };
  },
};

/** Once a boolean; still understood as one. */
function cascadeOf(text: string | undefined): string | undefined {
  const fits = ['true', 'false', 'background', 'foreground', 'orphan'];
  if (text !== undefined && !fits.includes(text)) {
    throw new UsageError(`invalid cascade value (${text}). Must be "background", "foreground", or "orphan"`);
  }
  return text === 'true' ? 'background' : text === 'false' ? 'orphan' : text;
}

const scale: Command = {
  name: 'scale',
  example: 'scale deployment/web --replicas=3',
  flags: {
    ...CHOICE_FLAGS,
    replicas: { type: 'integer' },
    'current-replicas': { type: 'integer' },
    timeout: { type: 'text', isIgnored: true },
  },
  toAction(line) {
    const replicas = line.integer('replicas');
    if (replicas === undefined) {
      throw new UsageError('required flag(s) "replicas" not set');
    }
    if (replicas < 0) {
      throw new UsageError('The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0');
    }
    const current = line.integer('current-replicas');
    return {
      scale: resourcesOf(line.words, scale.example),
      replicas,
      ...given({ currentReplicas: current !== undefined && current >= 0 ? current : undefined }),
      ...choiceOf(line),
    };
  },
};

const OVERWRITE: FlagTable = { ...WIDE_CHOICE_FLAGS, overwrite: { type: 'boolean' } };

const label: Command = {
  name: 'label',
  example: 'label node/worker-0 disk=ssd old-',
  flags: OVERWRITE,
  toAction: (line) => metadataAction(line, 'label', 'labels', label.example),
};

const annotate: Command = {
  name: 'annotate',
  example: 'annotate deployment/web kubernetes.io/change-cause="image 1.27"',
  flags: OVERWRITE,
  toAction: (line) => metadataAction(line, 'annotate', 'annotations', annotate.example),
};

function metadataAction(
  line: CommandLine,
  verb: string,
  field: string,
  example: string,
): Readonly<Record<string, unknown>> {
  const { resources, pairs } = splitPairs(line.words, verb === 'label' ? 'label' : 'annotation');
  if (pairs.size === 0) {
    throw new UsageError(
      `at least one ${verb === 'label' ? 'label' : 'annotation'} update is required`,
      `As in: kubectl ${example}`,
    );
  }
  return {
    [verb]: resourcesOf(resources, example),
    [field]: Object.fromEntries(pairs),
    overwrite: line.boolean('overwrite') ?? false,
    ...choiceOf(line),
  };
}

const patch: Command = {
  name: 'patch',
  example: `patch deployment/web -p '{"spec": {"replicas": 3}}'`,
  flags: {
    patch: { type: 'text', short: 'p' },
    'patch-file': { type: 'text', refusal: 'write the patch out with -p' },
    type: { type: 'text' },
    subresource: { type: 'text', refusal: 'only the object itself can be patched' },
  },
  toAction(line) {
    const text = line.text('patch');
    const type = line.text('type');
    if (text === undefined) {
      throw new UsageError('must specify --patch or --patch-file containing the contents of the patch');
    }
    if (type !== undefined && !['json', 'merge', 'strategic'].includes(type)) {
      throw new UsageError(`--type must be one of [json merge strategic], not ${JSON.stringify(type)}`);
    }
    return {
      patch: resourceOf(line.words, patch.example),
      with: readPatch(text),
      ...given({ type }),
      ...namespaceOf(line),
    };
  },
};

function readPatch(text: string): unknown {
  try {
    return load(text);
  } catch {
    throw new UsageError(`unable to parse ${JSON.stringify(text)}: neither JSON nor YAML`);
  }
}

export const CHANGE_COMMANDS: readonly Command[] = [
  apply,
  createFromFiles,
  replace,
  remove,
  scale,
  label,
  annotate,
  patch,
];
