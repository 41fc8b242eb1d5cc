import { type Command, given } from './command.js';
import { CHOICE_FLAGS, choiceOf, resourcesOf } from './resources.js';

const undo: Command = {
  name: 'rollout undo',
  example: 'rollout undo deployment/web --to-revision=2',
  flags: { ...CHOICE_FLAGS, 'to-revision': { type: 'integer' } },
  toAction: (line) => ({
    rolloutUndo: resourcesOf(line.words, undo.example),
    ...given({ toRevision: line.integer('to-revision') }),
    ...choiceOf(line),
  }),
};

const status: Command = {
  name: 'rollout status',
  example: 'rollout status deployment/web --timeout=2m',
  flags: {
    ...CHOICE_FLAGS,
    watch: { type: 'boolean', short: 'w' },
    revision: { type: 'integer' },
    timeout: { type: 'text' },
  },
  toAction: (line) => ({
    rolloutStatus: resourcesOf(line.words, status.example),
    ...given({ watch: line.boolean('watch'), revision: line.integer('revision'), timeout: line.text('timeout') }),
    ...choiceOf(line),
  }),
};

const history: Command = {
  name: 'rollout history',
  example: 'rollout history deployment/web',
  flags: { ...CHOICE_FLAGS, revision: { type: 'integer', refusal: 'the list is printed, not the templates' } },
  toAction: (line) => ({ rolloutHistory: resourcesOf(line.words, history.example), ...choiceOf(line) }),
};

const simple = (word: string, field: string): Command => {
  const example = `rollout ${word} deployment/web`;
  return {
    name: `rollout ${word}`,
    example,
    flags: CHOICE_FLAGS,
    toAction: (line) => ({ [field]: resourcesOf(line.words, example), ...choiceOf(line) }),
  };
};

export const ROLLOUT_COMMANDS: readonly Command[] = [
  status,
  history,
  undo,
  simple('restart', 'rolloutRestart'),
  simple('pause', 'rolloutPause'),
  simple('resume', 'rolloutResume'),
];
