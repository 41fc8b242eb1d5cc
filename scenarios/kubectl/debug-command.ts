import { type Command, given } from './command.js';
import { namespaceOf } from './resources.js';
import { UsageError } from './words.js';

const ATTACHING = { type: 'boolean', isIgnored: true } as const;

/** Nobody is attached: -i, -t and --attach change nothing here, nor does what a profile lets a container do. */
export const DEBUG_COMMAND: Command = {
  name: 'debug',
  example: 'debug pod/web-0 --image=busybox --target=web',
  flags: {
    image: { type: 'text' },
    container: { type: 'text', short: 'c' },
    target: { type: 'text' },
    'copy-to': { type: 'text' },
    'set-image': { type: 'texts' },
    'same-node': { type: 'boolean' },
    replace: { type: 'boolean' },
    'share-processes': { type: 'boolean', isIgnored: true },
    profile: { type: 'text', isIgnored: true },
    quiet: { type: 'boolean', short: 'q', isIgnored: true },
    stdin: { ...ATTACHING, short: 'i' },
    tty: { ...ATTACHING, short: 't' },
    attach: ATTACHING,
  },
  toAction(line) {
    const [name, ...more] = line.words;
    if (name === undefined) {
      throw new UsageError('NAME or filename is required for debug', `As in: kubectl ${DEBUG_COMMAND.example}`);
    }
    if (more.length > 0) {
      throw new UsageError('one pod or node must be named', `As in: kubectl ${DEBUG_COMMAND.example}`);
    }
    const setImages = line.texts('set-image').map((pair) => pair.split('='));
    return {
      debug: name.includes('/') ? name : `pod/${name}`,
      ...given({
        image: line.text('image'),
        container: line.text('container'),
        target: line.text('target'),
        copyTo: line.text('copy-to'),
        setImages: setImages.length > 0 ? Object.fromEntries(setImages) : undefined,
        sameNode: line.boolean('same-node'),
        replace: line.boolean('replace'),
        command: line.afterDashes,
      }),
      ...namespaceOf(line),
    };
  },
};
