import { EXTENSION_POINTS, type ExtensionPoint, type Plugin } from '../framework/plugin.js';
import type { Handle } from './handle.js';
import type { PluginFactory } from './registry.js';

/** A plugin that a user brings along: what its module exports as default. */
export interface SchedulerPlugin {
  /** As KubeSchedulerConfiguration names it. */
  readonly name: string;
  /** Where it takes part; it must have the method of each. */
  readonly extensionPoints: readonly ExtensionPoint[];
  /**
   * Makes the plugin for a profile.
   * @param args its `args` in pluginConfig, as given
   */
  create(args: unknown, handle: Handle): Omit<Plugin, 'name'>;
}

/** A user's plugin that does not do what it says, or that threw. */
export class SchedulerPluginError extends RangeError {
  override readonly name = 'SchedulerPluginError';
}

const METHODS: Readonly<Record<ExtensionPoint, keyof Plugin>> = {
  preEnqueue: 'preEnqueue',
  queueSort: 'isBefore',
  preFilter: 'preFilter',
  filter: 'filter',
  postFilter: 'postFilter',
  preScore: 'preScore',
  score: 'score',
  reserve: 'reserve',
  permit: 'permit',
  preBind: 'preBind',
  bind: 'bind',
  postBind: 'postBind',
};

/** What is wrong with what a module exports; undefined when it is a plugin. */
export function pluginMistake(exported: unknown): string | undefined {
  if (typeof exported !== 'object' || exported === null) {
    return 'its default export is no plugin: {name, extensionPoints, create}';
  }
  const { name, extensionPoints, create } = exported as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string' || name === '') {
    return 'its default export has no name';
  }
  if (!Array.isArray(extensionPoints) || extensionPoints.length === 0) {
    return `plugin "${name}" has no extensionPoints: a list of ${EXTENSION_POINTS.join(', ')}`;
  }
  const unknown = extensionPoints.find((point) => !(EXTENSION_POINTS as readonly unknown[]).includes(point));
  if (unknown !== undefined) {
    return `plugin "${name}" names the extension point ${JSON.stringify(unknown)}; there are ${EXTENSION_POINTS.join(', ')}`;
  }
  return typeof create === 'function' ? undefined : `plugin "${name}" has no function create(args, handle)`;
}

/** A user's plugin in the registry. What it throws names the plugin and the method. */
export const factoryOf = ({ name, extensionPoints, create }: SchedulerPlugin): PluginFactory => ({
  points: extensionPoints,
  create(_, handle, ownArguments) {
    const made = naming(`${name}: create`, () => create(ownArguments, handle)) as Plugin & Record<string, unknown>;
    for (const point of extensionPoints) {
      const method = METHODS[point];
      if (typeof made[method] !== 'function') {
        throw new SchedulerPluginError(`scheduler plugin ${name} takes part in ${point} and has no method ${method}`);
      }
    }
    return guarded(made, name);
  },
});

function guarded(made: Plugin & Record<string, unknown>, name: string): Plugin {
  const plugin: Record<string, unknown> = { isLocal: made.isLocal, readsWholeNode: true, name };
  const names = [...Object.values(METHODS), 'eventsToRegister', 'cloneState', 'addPod', 'removePod'] as const;
  for (const key of [...names, 'normalizeScores', 'unreserve', 'needsPreBind'] as const) {
    const method = made[key] as ((...given: unknown[]) => unknown) | undefined;
    if (typeof method === 'function') {
      const where = `${name}: ${key}`;
      // No method has more parameters; those of filter and score are called for each node.
      plugin[key] = (a: unknown, b: unknown, c: unknown, d: unknown) => {
        try {
          return method.call(made, a, b, c, d);
        } catch (error) {
          throw named(error, where);
        }
      };
    }
  }
  return plugin as unknown as Plugin;
}

function naming<T>(where: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw named(error, where);
  }
}

function named(error: unknown, where: string): unknown {
  return error instanceof SchedulerPluginError || !(error instanceof Error)
    ? error
    : new SchedulerPluginError(`scheduler plugin ${where} threw ${error.stack ?? error.message}`, { cause: error });
}
