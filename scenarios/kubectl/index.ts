import { didYouMean } from '../schema/suggest.js';
import { CERTIFICATE_COMMANDS } from './certificate-commands.js';
import { CHANGE_COMMANDS } from './change-commands.js';
import { type ActionFields, type Command, given } from './command.js';
import { CREATE_COMMANDS } from './create-commands.js';
import { CREATE_POLICY_COMMANDS } from './create-policy-commands.js';
import { DEBUG_COMMAND } from './debug-command.js';
import { COMMON_FLAGS, parseFlags } from './flags.js';
import { NODE_COMMANDS } from './node-commands.js';
import { ROLLOUT_COMMANDS } from './rollout-commands.js';
import { SET_COMMANDS } from './set-commands.js';
import { WAIT_COMMAND } from './wait-command.js';
import { UsageError, wordsOf } from './words.js';

export type { ActionFields } from './command.js';
export { UsageError } from './words.js';

/** Every command that is understood. */
export const COMMANDS: readonly Command[] = [
  ...CHANGE_COMMANDS,
  ...SET_COMMANDS,
  ...CREATE_COMMANDS,
  ...CREATE_POLICY_COMMANDS,
  ...ROLLOUT_COMMANDS,
  ...NODE_COMMANDS,
  ...CERTIFICATE_COMMANDS,
  DEBUG_COMMAND,
  WAIT_COMMAND,
];

const BY_NAME: ReadonlyMap<string, Command> = new Map(
  [...COMMANDS, ...aliases()].map((command) => [command.name, command]),
);

/** Other names of the same commands: cobra's Aliases. */
function aliases(): readonly Command[] {
  const names = {
    deploy: 'deployment',
    dep: 'deployment',
    cj: 'cronjob',
    cm: 'configmap',
    ns: 'namespace',
    sa: 'serviceaccount',
    pdb: 'poddisruptionbudget',
    pc: 'priorityclass',
    resourcequota: 'quota',
    ing: 'ingress',
  };
  const sets = COMMANDS.filter(({ name }) => name === 'set serviceaccount').map((command) => ({
    ...command,
    name: 'set sa',
  }));
  const creates = Object.entries(names).flatMap(([short, long]) =>
    COMMANDS.filter(({ name }) => name === `create ${long}`).map((command) => ({
      ...command,
      name: `create ${short}`,
    })),
  );
  return [...creates, ...sets];
}

/** Commands that only print, or that talk with a running container. */
const READING = new Set(
  'get describe logs top exec cp attach port-forward proxy explain events auth config version cluster-info api-resources api-versions diff completion kustomize options plugin'.split(
    ' ',
  ),
);

/** Commands that change something in a way that cannot be told here, and what to do instead. */
const REFUSED: Readonly<Record<string, string>> = {
  edit: 'nobody is there to edit: use kubectl patch',
};

const LONGEST_NAME = 3;

/**
 * What a command line of kubectl does, as the fields of an action; "kubectl" itself may stand first.
 * @throws UsageError with kubectl's own message, where it has one.
 */
export function actionOf(text: string): ActionFields {
  const [first, ...others] = wordsOf(text);
  const { before, words } = withoutLeadingFlags(
    first === 'kubectl' ? others : first === undefined ? [] : [first, ...others],
  );
  for (let length = LONGEST_NAME; length > 0; length--) {
    const command = BY_NAME.get(words.slice(0, length).join(' '));
    if (command !== undefined) {
      const line = parseFlags([...before, ...words.slice(length)], { ...COMMON_FLAGS, ...command.flags });
      return { ...command.toAction(line), ...given({ fieldManager: line.text('field-manager') }) };
    }
  }
  const [verb = ''] = words;
  if (READING.has(verb)) {
    throw new UsageError(
      `kubectl ${verb} changes nothing in a cluster`,
      'What is to be seen stands in the timelines (record) and in expectations (expect)',
    );
  }
  const instead = REFUSED[verb];
  if (instead !== undefined) {
    throw new UsageError(`kubectl ${verb} cannot be used here: ${instead}`);
  }
  const group = COMMANDS.filter(({ name }) => name.startsWith(`${verb} `)).map(({ name }) => name);
  const hint = group.length > 0 ? `Known: ${group.join(', ')}` : didYouMean(verb, BY_NAME.keys());
  throw new UsageError(
    `unknown command ${JSON.stringify(words.slice(0, group.length > 0 ? 2 : 1).join(' '))} for "kubectl"`,
    hint,
  );
}

/** Flags of all commands may stand before the command's name: `kubectl -n shop scale …`. */
function withoutLeadingFlags(words: readonly string[]): { before: readonly string[]; words: readonly string[] } {
  let at = 0;
  while (words[at]?.startsWith('-')) {
    at += /^(-n|--namespace)$/.test(words[at] as string) ? 2 : 1;
  }
  return { before: words.slice(0, at), words: words.slice(at) };
}
