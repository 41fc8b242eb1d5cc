import { type Command, given } from './command.js';
import { choiceOf, resourcesOf, WIDE_CHOICE_FLAGS } from './resources.js';
import { UsageError } from './words.js';

export const WAIT_COMMAND: Command = {
  name: 'wait',
  example: 'wait --for=condition=Ready pod/web-0 --timeout=60s',
  flags: {
    ...WIDE_CHOICE_FLAGS,
    for: { type: 'text' },
    timeout: { type: 'text' },
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
