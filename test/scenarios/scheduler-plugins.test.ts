import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { overridesOf } from '../../cli/commands/options.js';
import { MemorySink } from '../../engine/index.js';
import { kubernetes } from '../../models/cluster.js';
import { readScenario } from '../../scenarios/index.js';
import { loadScenario } from '../../scenarios/load.js';
import { Run } from '../../scenarios/run/run.js';

const SCORE_BY_NAME = `
import { likes } from './likes';
interface Arguments { readonly liked?: string }
export default {
  name: 'Liking',
  extensionPoints: ['score'],
  create: (args?: Arguments) => ({ score: (_pod: unknown, node: { name: string }) => likes(node.name, args?.liked ?? 'n-0') }),
};
`;

const HELPER = `export const likes = (name: string, liked: string): number => (name === liked ? 100 : 0);`;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubewhen-'));
  writeFileSync(join(folder, 'liking.ts'), SCORE_BY_NAME);
  writeFileSync(join(folder, 'likes.ts'), HELPER);
});
afterAll(() => rmSync(folder, { recursive: true }));

const scenarioText = (configuration: object) => ({
  apiVersion: 'kubewhen/v1',
  kind: 'Scenario',
  metadata: { name: 'plugins' },
  spec: {
    runFor: '1m',
    cluster: { pools: [{ name: 'n', count: 3 }] },
    configuration,
    actions: [
      {
        at: '30s',
        create: [
          {
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name: 'web' },
            spec: { containers: [{ name: 'c', image: 'web' }] },
          },
        ],
      },
    ],
    record: ['scheduling'],
  },
});

/** The node of the pod when a module, or the configuration's own, decides. */
function placed(configuration: object, plugins: readonly string[] = []): string | undefined {
  const file = join(folder, 'scenario.yaml');
  writeFileSync(file, JSON.stringify(scenarioText(configuration)));
  const overrides = overridesOf({ schedulerPlugin: plugins.map((name) => join(folder, name)) });
  const run = new Run(loadScenario(file, kubernetes, overrides), {
    model: kubernetes,
    sink: (now) => new MemorySink(now),
  });
  run.finish();
  return run.cluster.get('Pod', 'default/web')?.spec.nodeName;
}

function module(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

describe('a scheduler plugin of a user', () => {
  it('takes part in every profile that does not name it, with what it imports', () => {
    expect(placed({ schedulerPlugins: ['liking.ts'] })).toBe('n-0');
  });

  it('is added by --scheduler-plugin to what the scenario names', () => {
    const other = module(
      'other.js',
      "export default {name: 'Other', extensionPoints: ['filter'], create: () => ({filter() {}})}",
    );
    expect(placed({ schedulerPlugins: [other] }, ['liking.ts'])).toBe('n-0');
  });

  it('has the arguments, the weight and the place that a configuration gives it', () => {
    const kubeScheduler = (enabled: readonly object[]) => ({
      profiles: [
        {
          schedulerName: 'default-scheduler',
          plugins: { score: { enabled, disabled: [{ name: '*' }] } },
          pluginConfig: [{ name: 'Liking', args: { liked: 'n-2' } }],
        },
      ],
    });
    const schedulerPlugins = ['liking.ts'];
    expect(placed({ schedulerPlugins, kubeScheduler: kubeScheduler([{ name: 'Liking', weight: 3 }]) })).toBe('n-2');
  });

  it.each([
    ['no-plugin.js', 'export const a = 1', 'its default export has no name'],
    ['no-name.js', 'export default {}', 'its default export has no name'],
    ['no-point.js', "export default {name: 'X'}", 'plugin "X" has no extensionPoints: a list of preEnqueue, queueSort'],
    [
      'bad-point.js',
      "export default {name: 'X', extensionPoints: ['scor']}",
      'names the extension point "scor"; there are',
    ],
    ['no-create.js', "export default {name: 'X', extensionPoints: ['score']}", 'has no function create(args, handle)'],
    ['syntax.ts', 'export default {\n  name: "X" y\n}', 'syntax.ts:2:13: Expected "}" but found "y"'],
    ['throws.ts', 'null.x; export default 1', 'it throws when it is loaded: Cannot read properties of null'],
    ['no-import.ts', "import './nowhere'; export default 1", 'Could not resolve "./nowhere"'],
  ])('%s is told where it was named, before anything runs', (name, text, message) => {
    module(name, text);
    expect(() => placed({ schedulerPlugins: [name] })).toThrow(message);
    expect(() => placed({ schedulerPlugins: [name] })).toThrow('spec.configuration.schedulerPlugins[0]');
    expect(() => placed({ schedulerPlugins: [name] })).toThrow('(BAD_PLUGIN)');
  });

  it('is missed where it is not, and refused twice', () => {
    expect(() => placed({ schedulerPlugins: ['nowhere.ts'] })).toThrow('there is no file');
    expect(() => placed({ schedulerPlugins: ['liking.ts', 'liking.ts'] })).toThrow(
      'there is a plugin "Liking" already',
    );
  });

  it('must have the methods of its extension points', () => {
    const name = module('empty.js', "export default {name: 'X', extensionPoints: ['score'], create: () => ({})}");
    expect(() => placed({ schedulerPlugins: [name] })).toThrow('takes part in score and has no method score');
  });

  it('ends the run with its name when it throws', () => {
    const text = "export default {name: 'X', extensionPoints: ['score'], create: () => ({score() { null.x }})}";
    expect(() => placed({ schedulerPlugins: [module('null.js', text)] })).toThrow(
      /scheduler plugin X: score threw TypeError/,
    );
  });

  it.each(['101', '-1', '0.5', 'NaN'])('fails pods when it gives a node %s, as kube-scheduler does', (score) => {
    const text = `export default {name: 'X', extensionPoints: ['score'], create: () => ({isLocal: true, score: () => ${score}})}`;
    expect(placed({ schedulerPlugins: [module(`score${score}.js`, text)] })).toBeUndefined();
  });

  it('cannot be loaded where there is no disk', () => {
    const text = JSON.stringify(scenarioText({ schedulerPlugins: ['x.js'] }));
    expect(() => readScenario(text, { 'x.js': '1' })).toThrow('no code can be loaded here');
  });
});
