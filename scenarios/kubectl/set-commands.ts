import { type Command, given } from './command.js';
import { amountsOf, CHOICE_FLAGS, choiceOf, resourcesOf, selectorOf, splitPairs } from './resources.js';
import { UsageError } from './words.js';

const setImage: Command = {
  name: 'set image',
  example: 'set image deployment/web web=nginx:1.27',
  flags: CHOICE_FLAGS,
  toAction(line) {
    const { resources, pairs } = splitPairs(line.words, 'image');
    if (pairs.size === 0) {
      throw new UsageError('at least one image update is required', `As in: kubectl ${setImage.example}`);
    }
    return {
      setImage: resourcesOf(resources, setImage.example),
      images: Object.fromEntries(pairs),
      ...choiceOf(line),
    };
  },
};

const setResources: Command = {
  name: 'set resources',
  example: 'set resources deployment/web -c=web --limits=cpu=200m,memory=512Mi',
  flags: {
    ...CHOICE_FLAGS,
    containers: { type: 'text', short: 'c' },
    requests: { type: 'text' },
    limits: { type: 'text' },
  },
  toAction(line) {
    const [requests, limits] = [amountsOf(line.text('requests')), amountsOf(line.text('limits'))];
    if (requests === undefined && limits === undefined) {
      throw new UsageError('you must specify an update to requests or limits (in the form of --requests/--limits)');
    }
    return {
      setResources: resourcesOf(line.words, setResources.example),
      ...given({ container: line.text('containers'), requests, limits }),
      ...choiceOf(line),
    };
  },
};

const setEnv: Command = {
  name: 'set env',
  example: 'set env deployment/web MODE=fast OLD-',
  flags: {
    ...CHOICE_FLAGS,
    containers: { type: 'text', short: 'c' },
    env: { type: 'words', short: 'e' },
    overwrite: { type: 'boolean', isIgnored: true },
    from: { type: 'text' },
    prefix: { type: 'text' },
    keys: { type: 'texts' },
    resolve: { type: 'boolean', refusal: 'it changes nothing' },
    list: { type: 'boolean', refusal: 'it changes nothing' },
  },
  toAction(line) {
    const { resources, pairs } = splitPairs([...line.words, ...line.texts('env')], 'environment');
    const from = line.text('from');
    if (pairs.size === 0 && from === undefined) {
      throw new UsageError('at least one environment variable must be provided', `As in: kubectl ${setEnv.example}`);
    }
    return {
      setEnv: resourcesOf(resources, setEnv.example),
      ...given({
        container: line.text('containers'),
        env: pairs.size > 0 ? Object.fromEntries(pairs) : undefined,
        from,
        prefix: line.text('prefix'),
        keys: line.has('keys') ? line.texts('keys') : undefined,
      }),
      ...choiceOf(line),
    };
  },
};

const setServiceAccount: Command = {
  name: 'set serviceaccount',
  example: 'set serviceaccount deployment/web builder',
  flags: CHOICE_FLAGS,
  toAction(line) {
    const serviceAccount = line.words.at(-1);
    const resources = line.words.slice(0, -1);
    if (serviceAccount === undefined || resources.length === 0) {
      throw new UsageError('serviceaccount is required', `As in: kubectl ${setServiceAccount.example}`);
    }
    return {
      setServiceAccount: resourcesOf(resources, setServiceAccount.example),
      serviceAccount,
      ...choiceOf(line),
    };
  },
};

const setSelector: Command = {
  name: 'set selector',
  example: 'set selector service/web app=web,tier=front',
  flags: { ...CHOICE_FLAGS, 'resource-version': { type: 'text', isIgnored: true } },
  toAction(line) {
    const text = line.words.at(-1);
    if (text === undefined || !text.includes('=')) {
      throw new UsageError('one selector is required', `As in: kubectl ${setSelector.example}`);
    }
    const to = selectorOf(text);
    if (Object.hasOwn(to, 'matchExpressions')) {
      throw new UsageError(`invalid label selector: ${text}: only key=value fits a Service`);
    }
    return { setSelector: resourcesOf(line.words.slice(0, -1), setSelector.example), to, ...choiceOf(line) };
  },
};

const setSubject: Command = {
  name: 'set subject',
  example: 'set subject rolebinding/admin --user=alice --serviceaccount=shop:builder',
  flags: {
    ...CHOICE_FLAGS,
    user: { type: 'texts' },
    group: { type: 'texts' },
    serviceaccount: { type: 'texts' },
  },
  toAction: (line) => ({
    setSubject: resourcesOf(line.words, setSubject.example),
    ...given(
      Object.fromEntries(
        [
          ['user', 'users'],
          ['group', 'groups'],
          ['serviceaccount', 'serviceAccounts'],
        ].map(([flag, field]) => [field, line.has(flag as string) ? line.texts(flag as string) : undefined]),
      ),
    ),
    ...choiceOf(line),
  }),
};

export const SET_COMMANDS: readonly Command[] = [
  setImage,
  setResources,
  setEnv,
  setServiceAccount,
  setSelector,
  setSubject,
];
