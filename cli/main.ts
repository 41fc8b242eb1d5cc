#!/usr/bin/env node
import yargs, { type Argv } from 'yargs';
import type { Surroundings } from './commands/run.js';
import { keepYoungObjectsYoung } from './heap.js';

const EXIT_MISTAKE = 2;
const EXIT_OUR_FAULT = 70;
const EXIT_INTERRUPTED = 130;

let isCancelled: boolean | undefined;

/**
 * Whether the user has pressed Ctrl-C. Until a command asks for the first time, Ctrl-C ends the process at once, as it should
 * while files are read; from then on the command ends itself and cleans up, unless it is pressed again.
 */
function wasInterrupted(): boolean {
  if (isCancelled === undefined) {
    isCancelled = false;
    process.on('SIGINT', () => {
      if (isCancelled) {
        process.exit(EXIT_INTERRUPTED);
      }
      isCancelled = true;
    });
  }
  return isCancelled;
}

// Whoever reads our output has seen enough, as `head` has: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') {
    process.exit(0);
  }
  throw error;
});

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** Everything behind a command is loaded when it runs, so that --help answers at once. */
async function surroundings(): Promise<Surroundings> {
  keepYoungObjectsYoung();
  const { MODEL } = await import('./model.js');
  return {
    model: MODEL,
    print,
    isCancelled: wasInterrupted,
  };
}

const pluginOption = {
  type: 'string',
  array: true,
  nargs: 1,
  requiresArg: true,
  describe: 'A module that is a scheduler plugin, TypeScript or JavaScript',
} as const;

const scenarioArgument = (parser: Argv) =>
  parser
    .positional('scenario', { type: 'string', demandOption: true, describe: 'A scenario file' })
    .option('set', {
      type: 'string',
      array: true,
      nargs: 1,
      requiresArg: true,
      describe:
        'PATH=VALUE puts a value into the scenario; a PATH may be a flag: --set --node-monitor-grace-period=20s',
    })
    .option('seed', { type: 'string', requiresArg: true, describe: 'In place of spec.seed' })
    .option('until', {
      type: 'string',
      requiresArg: true,
      describe: 'Run to this virtual time, in place of spec.runFor',
    })
    .option('scheduler-plugin', pluginOption);

const parser = yargs()
  .scriptName('kubewhen')
  .usage('Answers when and what if about Kubernetes, without a cluster.\n\nUsage: $0 <command>')
  .command(
    'run <scenario>',
    'Run a scenario: CSV timelines, a summary, verdicts',
    (command) =>
      scenarioArgument(command)
        .option('out', { type: 'string', requiresArg: true, describe: 'Folder of the results [out/NAME]' })
        .option('junit', { type: 'string', requiresArg: true, describe: 'Write the expectations as a JUnit report' })
        .option('event-queue', {
          choices: ['plain', 'fast'] as const,
          default: 'fast' as const,
          describe: 'Pending events',
        })
        .example('$0 run crash.yaml', 'run it into out/NAME')
        .example('$0 run crash.yaml --seed 7 --out out/seven', 'another seed, another folder')
        .example('$0 run crash.yaml --set spec.faults[0].at=5m', 'change the scenario on the way'),
    async (args) => exitWith(await (await import('./commands/run.js')).run(args, await surroundings())),
  )
  .command(
    'sweep <sweep>',
    'Run every combination of axes and seeds over all cores',
    (command) =>
      command
        .positional('sweep', { type: 'string', demandOption: true, describe: 'A file of kind Sweep' })
        .option('out', { type: 'string', requiresArg: true, describe: 'Folder of the results [out/NAME]' })
        .option('workers', { type: 'number', requiresArg: true, describe: 'Worker threads [one per core]' })
        .option('scheduler-plugin', pluginOption)
        .example('$0 sweep grace-period.yaml --workers 4', 'killed and started again, it goes on where it stopped'),
    async (args) => {
      const [{ sweep }, { MODEL_SOURCE }] = await Promise.all([import('./commands/sweep.js'), import('./model.js')]);
      exitWith(
        await sweep(args, {
          ...(await surroundings()),
          modelSource: MODEL_SOURCE,
          isTerminal: process.stderr.isTTY === true,
        }),
      );
    },
  )
  .command(
    'report <folder>',
    'Draw the results of a run or a sweep as one HTML file',
    (command) =>
      command
        .positional('folder', { type: 'string', demandOption: true, describe: 'What run or sweep wrote' })
        .option('out', { type: 'string', requiresArg: true, describe: 'The file [FOLDER/report.html]' })
        .example('$0 report out/crash', 'opens in any browser, needs no network'),
    async (args) => exitWith((await import('./commands/report.js')).report(args, print)),
  )
  .command(
    'explain <folder> <pod>',
    'Tell why a pod was placed where it is, or not at all',
    (command) =>
      command
        .positional('folder', { type: 'string', demandOption: true, describe: 'What run wrote' })
        .positional('pod', { type: 'string', demandOption: true, describe: 'NAMESPACE/NAME, or a NAME in default' })
        .option('at', { type: 'string', requiresArg: true, describe: 'Only the last attempt that had ended by then' })
        .example('$0 explain out/packing web-1', 'every attempt: nodes refused, and scores if they were recorded')
        .example('$0 explain out/packing shop/web-1 --at 90s', 'why it was pending then'),
    async (args) => exitWith((await import('./commands/explain.js')).explain(args, print)),
  )
  .command(
    'validate <scenario>',
    'Check a scenario and everything it names, run nothing',
    (command) => scenarioArgument(command).example('$0 validate crash.yaml', 'all mistakes at once, exit code 2'),
    async (args) => exitWith(await (await import('./commands/validate.js')).validate(args, await surroundings())),
  )
  .command('auth', 'Ask what roles and bindings allow', (auth) =>
    auth
      .command(
        'can-i <verb> <resource>',
        'Tell whether roles and bindings allow something, as kubectl auth can-i',
        (command) =>
          command
            .positional('verb', { type: 'string', demandOption: true, describe: 'As in get, list, create, delete' })
            .positional('resource', {
              type: 'string',
              demandOption: true,
              describe: 'TYPE, TYPE.GROUP, TYPE/NAME, or a path that begins with /',
            })
            .option('file', {
              alias: 'f',
              type: 'string',
              array: true,
              nargs: 1,
              requiresArg: true,
              default: [] as string[],
              describe: 'Scenarios, or manifest files, folders and globs',
            })
            .option('as', { type: 'string', requiresArg: true, describe: 'User [the administrator]' })
            .option('as-group', {
              type: 'string',
              array: true,
              nargs: 1,
              requiresArg: true,
              describe: 'Groups of the user',
            })
            .option('subresource', { type: 'string', requiresArg: true, describe: 'As in log, exec, scale' })
            .option('namespace', { alias: 'n', type: 'string', requiresArg: true, describe: 'Namespace [default]' })
            .option('all-namespaces', { alias: 'A', type: 'boolean', describe: 'In every namespace' })
            .example('$0 auth can-i list secrets --as jane -n shop -f rbac.yaml', 'yes, or no with exit code 1'),
        async (args) => exitWith((await import('./commands/can-i.js')).canI(args, await surroundings())),
      )
      .demandCommand(1, 'Which command? There is can-i'),
  )
  .example('$0 run crash.yaml --out out/crash', 'what happens when a node dies, second by second')
  .demandCommand(1, 'Which command?')
  .strict()
  .recommendCommands()
  .version(false)
  .option('version', { type: 'boolean', describe: 'Show version number' })
  .help()
  .alias('help', 'h')
  .wrap(Math.min(110, process.stdout.columns ?? 110))
  .epilogue('Exit codes: 0 as expected, 1 an expectation failed, 2 a mistake in the input, 130 interrupted.')
  .exitProcess(false)
  .fail((message, error) => {
    throw error === undefined || error.name === 'YError' ? new UsageError(message ?? error?.message) : error;
  });

/** A command line that does not fit. */
class UsageError extends Error {}

function exitWith(code: number): void {
  process.exitCode = code;
}

async function main(words: readonly string[]): Promise<void> {
  if (words.length === 1 && words[0] === '--version') {
    const { VERSION } = await import('../scenarios/version.js');
    process.stdout.write(`${VERSION}\n`);
    return;
  }
  try {
    await parser.parseAsync(withFlagsAsValues(words));
  } catch (error) {
    await complain(error);
  }
}

/** What begins with dashes is an option to yargs; behind --set it is a flag of a component: --set=--name=value. */
function withFlagsAsValues(words: readonly string[]): string[] {
  const isFlagToSet = (i: number): boolean => words[i - 1] === '--set' && words[i]?.startsWith('--') === true;
  return words.flatMap((word, i) => (isFlagToSet(i) ? [`--set=${word}`] : isFlagToSet(i + 1) ? [] : [word]));
}

async function complain(error: unknown): Promise<void> {
  const { ScenarioError } = await import('../scenarios/schema/errors.js');
  if (error instanceof ScenarioError) {
    process.stderr.write(`${error.message}\n`);
    exitWith(EXIT_MISTAKE);
  } else if (error instanceof Error && error.name === 'SchedulerPluginError') {
    // What a user's own code threw; the stack leads into it.
    process.stderr.write(`${error.message}\n`);
    exitWith(EXIT_MISTAKE);
  } else if (error instanceof UsageError) {
    process.stderr.write(`${await usageMessage(error.message)}\n`);
    exitWith(EXIT_MISTAKE);
  } else {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    exitWith(EXIT_OUR_FAULT);
  }
}

/** yargs says what is unknown; this adds what was most likely meant. */
async function usageMessage(message: string): Promise<string> {
  const { didYouMean } = await import('../scenarios/schema/suggest.js');
  const [, list] = /^Unknown arguments?: (.+)$/.exec(message) ?? [];
  if (list === undefined) {
    return `${message}\nTry: kubewhen --help`;
  }
  const hints = list.split(', ').map((name) => {
    const isOption = OPTIONS.some((option) => didYouMean(name, [option])?.startsWith('Did'));
    const hint = isOption ? didYouMean(name, OPTIONS) : undefined;
    return `unknown option or argument: ${name} (BAD_OPTION)${hint ? `. ${hint}` : ''}`;
  });
  return `${hints.join('\n')}\nTry: kubewhen --help`;
}

const OPTIONS = [
  'set',
  'seed',
  'until',
  'scheduler-plugin',
  'out',
  'junit',
  'event-queue',
  'workers',
  'at',
  'file',
  'as',
  'as-group',
  'subresource',
  'namespace',
  'all-namespaces',
  'help',
  'version',
];

await main(process.argv.slice(2));
