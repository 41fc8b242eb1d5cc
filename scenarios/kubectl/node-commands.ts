import { type Command, given } from './command.js';
import { CHOICE_FLAGS, nodesOf, selectorOf } from './resources.js';
import { UsageError } from './words.js';

const NODE_FLAGS = { selector: { type: 'text', short: 'l' } } as const;

const cordon: Command = {
  name: 'cordon',
  example: 'cordon worker-0',
  flags: NODE_FLAGS,
  toAction: (line) => ({ cordon: nodesOf(line, line.words, cordon.example) }),
};

const uncordon: Command = {
  name: 'uncordon',
  example: 'uncordon worker-0',
  flags: NODE_FLAGS,
  toAction: (line) => ({ uncordon: nodesOf(line, line.words, uncordon.example) }),
};

const drain: Command = {
  name: 'drain',
  example: 'drain worker-0 --ignore-daemonsets --delete-emptydir-data',
  flags: {
    ...NODE_FLAGS,
    'ignore-daemonsets': { type: 'boolean' },
    'delete-emptydir-data': { type: 'boolean' },
    // The name of --delete-emptydir-data until 1.20, kept as deprecated.
    'delete-local-data': { type: 'boolean' },
    force: { type: 'boolean' },
    'disable-eviction': { type: 'boolean' },
    'grace-period': { type: 'integer' },
    timeout: { type: 'text' },
    'pod-selector': { type: 'text' },
    'skip-wait-for-delete-timeout': { type: 'integer' },
    'chunk-size': { type: 'integer', isIgnored: true },
  },
  toAction(line) {
    const grace = line.integer('grace-period');
    const skip = line.integer('skip-wait-for-delete-timeout');
    const podSelector = line.text('pod-selector');
    return {
      drain: nodesOf(line, line.words, drain.example),
      ...given({
        ignoreDaemonSets: line.boolean('ignore-daemonsets'),
        deleteEmptyDirData: line.boolean('delete-emptydir-data') ?? line.boolean('delete-local-data'),
        force: line.boolean('force'),
        disableEviction: line.boolean('disable-eviction'),
        gracePeriod: grace === undefined || grace < 0 ? undefined : `${grace}s`,
        timeout: line.text('timeout'),
        podSelector: podSelector === undefined ? undefined : selectorOf(podSelector),
        skipWaitForDeleteTimeout: skip ? `${skip}s` : undefined,
      }),
    };
  },
};

const taint: Command = {
  name: 'taint',
  example: 'taint nodes worker-0 dedicated=gpu:NoSchedule',
  flags: {
    ...CHOICE_FLAGS,
    overwrite: { type: 'boolean' },
    validate: { type: 'text', bare: 'strict', isIgnored: true },
  },
  toAction(line) {
    const isTaint = (word: string): boolean => /[:=]/.test(word) || word.endsWith('-');
    const taints = line.words.filter(isTaint);
    const [type, ...names] = line.words.filter((word) => !isTaint(word));
    if (taints.length === 0) {
      throw new UsageError('at least one taint update is required', `As in: kubectl ${taint.example}`);
    }
    const isByName = type?.includes('/') ?? false;
    if (!isByName && !['node', 'nodes', 'no'].includes(type ?? '')) {
      throw new UsageError(
        `invalid resource type ${type ?? ''}, only node is supported`,
        `As in: kubectl ${taint.example}`,
      );
    }
    return {
      taint: nodesOf(line, isByName ? [type as string, ...names] : names, taint.example),
      taints,
      ...given({ overwrite: line.boolean('overwrite') }),
    };
  },
};

export const NODE_COMMANDS: readonly Command[] = [cordon, uncordon, drain, taint];
