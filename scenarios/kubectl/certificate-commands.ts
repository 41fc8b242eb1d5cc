import { type Command, given } from './command.js';
import { UsageError } from './words.js';

const certificate = (word: string, field: string): Command => {
  const example = `certificate ${word} node-csr-x7p2k`;
  return {
    name: `certificate ${word}`,
    example,
    flags: { force: { type: 'boolean' } },
    toAction(line) {
      if (line.words.length === 0) {
        throw new UsageError(
          'one or more CSRs must be specified as <name> or -f <filename>',
          `As in: kubectl ${example}`,
        );
      }
      const requests = line.words.map((name) => `certificatesigningrequest/${name.split('/').at(-1)}`);
      return { [field]: requests.length === 1 ? requests[0] : requests, ...given({ force: line.boolean('force') }) };
    },
  };
};

export const CERTIFICATE_COMMANDS: readonly Command[] = [
  certificate('approve', 'certificateApprove'),
  certificate('deny', 'certificateDeny'),
];
