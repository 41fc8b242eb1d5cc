import { type Problem, ScenarioError } from '../../scenarios/schema/errors.js';
import { type Override, SCHEDULER_PLUGIN } from '../../scenarios/sources/document.js';
import { parseYaml } from '../../scenarios/sources/yaml.js';

/** Options that change the scenario before it is checked. */
export interface ScenarioOptions {
  readonly set?: readonly string[] | undefined;
  readonly seed?: string | undefined;
  readonly until?: string | undefined;
  readonly schedulerPlugin?: readonly string[] | undefined;
}

/** Modules of scheduler plugins, by paths from where the command runs. */
export const pluginOverrides = (files: readonly string[] = []): readonly Override[] =>
  files.map((value) => ({ path: SCHEDULER_PLUGIN, value }));

/** What --set, --seed, --until and --scheduler-plugin put into the scenario, in that order. */
export function overridesOf({ set = [], seed, until, schedulerPlugin }: ScenarioOptions): readonly Override[] {
  const problems: Problem[] = [];
  const overrides = set.flatMap((text): Override[] => {
    const equals = text.indexOf('=');
    if (equals <= 0) {
      problems.push({
        code: 'BAD_OPTION',
        message: `--set ${text} is no assignment`,
        hint: 'Written like --set spec.runFor=1h',
      });
      return [];
    }
    const [path, value] = [text.slice(0, equals), text.slice(equals + 1)];
    return [{ path, value: isVersion(path) ? value : (parseYaml(value, '--set')[0]?.value ?? value) }];
  });
  if (seed !== undefined && !/^\d+$/.test(seed)) {
    problems.push({
      code: 'BAD_SEED',
      message: `--seed ${seed}: a seed is a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`,
    });
  }
  if (problems.length > 0) {
    throw new ScenarioError(problems);
  }
  return [
    ...overrides,
    ...(seed === undefined ? [] : [{ path: 'spec.seed', value: Number(seed) }]),
    ...(until === undefined ? [] : [{ path: 'spec.runFor', value: until }]),
    ...pluginOverrides(schedulerPlugin),
  ];
}

/** A version looks like a number, but is text: 1.30 is not 1.3. */
const isVersion = (path: string): boolean => /^(spec\.)?kubernetesVersion$/.test(path);
