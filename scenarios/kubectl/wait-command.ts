import { type Command, given } from './command.js';
import { CHOICE_FLAGS, choiceOf, resourcesOf } from './resources.js';
import { UsageError } from './words.js';

export const WAIT_COMMAND: Command = {
  name: 'wait',
  example: 'wait --for=condition=Ready pod/web-0 --timeout=60s',
  flags: {
    ...CHOICE_FLAGS,
    for: { type: 'text' },
    timeout: { type: 'text' },
    'field-selector': { type: 'text', refusal: 'name the objects, or choose them by label' },
    'all-namespaces': { type: 'boolean', short: 'A', refusal: 'name a namespace' },
  },
  toAction(line) {
    const condition = line.text('for');
    if (condition === undefined) {
      throw new UsageError('required flag(s) "for" not set');
    }
    return {
      wait: resourcesOf(line.words, WAIT_COMMAND.example),
      for: condition,
      ...given({ timeout: line.text('timeout') }),
      ...choiceOf(line),
    };
  },
};
