import { pluginMistake, type SchedulerPlugin } from '../../models/scheduler/index.js';
import { problemAt } from '../schema/problems.js';
import { readText } from './files.js';
import type { Reading } from './resolve.js';

/** Loads the modules of spec.configuration.schedulerPlugins; what does not fit is told where it was named. */
export function readSchedulerPlugins(reading: Reading, names: readonly string[]): readonly SchedulerPlugin[] {
  const { files, problems } = reading;
  const plugins = new Map<string, SchedulerPlugin>();
  names.forEach((name, i) => {
    const mention = reading.at(['spec', 'configuration', 'schedulerPlugins', i]);
    const refuse = (message: string, hint?: string): void =>
      problems.add(problemAt(mention.origin, mention.path, { code: 'BAD_PLUGIN', message, hint }));
    const path = reading.pathOf(name, mention);
    const isThere = problems.catch(() => readText(files, path, mention)) !== undefined;
    if (!isThere) {
      return;
    }
    if (files.load === undefined) {
      refuse(`${path}: no code can be loaded here`, 'Give plugins in code: startRun(scenario, {scheduler: {plugins}})');
      return;
    }
    try {
      const exported = files.load(path);
      const mistake = pluginMistake(exported);
      const plugin = exported as SchedulerPlugin;
      if (mistake !== undefined) {
        refuse(`${path}: ${mistake}`);
      } else if (plugins.has(plugin.name)) {
        refuse(`${path}: there is a plugin "${plugin.name}" already`);
      } else {
        plugins.set(plugin.name, plugin);
      }
    } catch (error) {
      refuse(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  return [...plugins.values()];
}
