import { EXTENSION_POINTS, type ExtensionPoint } from '../framework/plugin.js';
import type { PluginFactory } from '../plugins/registry.js';
import type { GroupPoint, PluginEntry, PluginSet, PluginSets } from './document.js';

/** What a profile runs: names in order at every point, and the weight of each at score. */
export interface ResolvedPlugins {
  readonly points: Readonly<Record<ExtensionPoint | GroupPoint, readonly string[]>>;
  readonly scoreWeights: ReadonlyMap<string, number>;
  /** The same at placementScore. */
  readonly placementWeights: ReadonlyMap<string, number>;
}

export const GROUP_POINTS: readonly GroupPoint[] = ['placementGenerate', 'placementScore', 'podGroupPostFilter'];

/** A configuration that cannot be run; the text is kube-scheduler's. */
export class ConfigurationError extends Error {}

/** The order in which the framework fills its points, which decides the first error told. As getExtensionPoints. */
const EXPANSION_ORDER: readonly (ExtensionPoint | GroupPoint)[] = [
  'preFilter',
  'filter',
  'postFilter',
  'reserve',
  'preScore',
  'score',
  'preBind',
  'bind',
  'postBind',
  'permit',
  'preEnqueue',
  'queueSort',
  ...GROUP_POINTS,
];

const interfaceOf = (point: ExtensionPoint | GroupPoint): string => `${point[0]?.toUpperCase()}${point.slice(1)}Plugin`;

/** The default list of a version, "NAME:WEIGHT NAME …", as a set. */
export const defaultPluginSets = (multiPoint: string): PluginSets => ({
  multiPoint: {
    enabled: multiPoint.split(' ').map((entry) => {
      const [name = '', weight] = entry.split(':');
      return weight === undefined ? { name } : { name, weight: Number(weight) };
    }),
  },
});

/** As mergePlugins (pkg/scheduler/apis/config/v1/default_plugins.go). */
export function mergePluginSets(defaults: PluginSets, custom: PluginSets | undefined): PluginSets {
  if (custom === undefined) {
    return defaults;
  }
  const merged: { -readonly [point in keyof PluginSets]: PluginSets[point] } = {};
  for (const point of ['multiPoint', ...EXTENSION_POINTS, ...GROUP_POINTS] as const) {
    merged[point] = mergePluginSet(defaults[point] ?? {}, custom[point] ?? {});
  }
  return merged;
}

/** Custom entries take the place of default ones of the same name; others go to the end. */
function mergePluginSet(defaults: PluginSet, custom: PluginSet): PluginSet {
  const disabled = [...(custom.disabled ?? []), ...(defaults.disabled ?? [])];
  const isDisabled = new Set(disabled.map(({ name }) => name));
  const byName = new Map((custom.enabled ?? []).map((entry, i) => [entry.name, { entry, i }]));
  const replaced = new Set<number>();
  const enabled: PluginEntry[] = [];
  for (const entry of isDisabled.has('*') ? [] : (defaults.enabled ?? [])) {
    if (isDisabled.has(entry.name)) {
      continue;
    }
    const own = byName.get(entry.name);
    if (own !== undefined) {
      replaced.add(own.i);
    }
    enabled.push(own?.entry ?? entry);
  }
  enabled.push(...(custom.enabled ?? []).filter((_, i) => !replaced.has(i)));
  return { enabled, disabled };
}

/**
 * Lays out the plugins of a profile. As NewFramework with expandMultiPointPlugins (pkg/scheduler/framework/runtime/framework.go).
 * @throws ConfigurationError in kube-scheduler's words
 */
export function resolvePlugins(sets: PluginSets, registry: Readonly<Record<string, PluginFactory>>): ResolvedPlugins {
  const points = {} as Record<ExtensionPoint | GroupPoint, readonly string[]>;
  for (const point of EXPANSION_ORDER) {
    points[point] = enabledAt(point, sets[point]?.enabled ?? [], registry);
  }
  for (const point of EXPANSION_ORDER) {
    points[point] = expandMultiPoint(point, points[point], sets, registry);
  }
  return { points, scoreWeights: scoreWeightsOf(sets, registry), placementWeights: weightsAt('placementScore', sets) };
}

/** As updatePluginList: plugins named at the point itself. */
function enabledAt(
  point: ExtensionPoint | GroupPoint,
  enabled: readonly PluginEntry[],
  registry: Readonly<Record<string, PluginFactory>>,
): readonly string[] {
  const names: string[] = [];
  for (const { name } of enabled) {
    const factory = registry[name];
    if (factory === undefined) {
      throw new ConfigurationError(`${interfaceOf(point)} "${name}" does not exist`);
    }
    if (!factory.points.includes(point)) {
      throw new ConfigurationError(`plugin "${name}" does not extend ${interfaceOf(point)} plugin`);
    }
    if (names.includes(name)) {
      throw new ConfigurationError(`plugin "${name}" already registered as "${interfaceOf(point)}"`);
    }
    names.push(name);
  }
  return names;
}

/** First those of multiPoint that are named at the point too, in the point's order; then multiPoint; then the rest. */
function expandMultiPoint(
  point: ExtensionPoint | GroupPoint,
  named: readonly string[],
  sets: PluginSets,
  registry: Readonly<Record<string, PluginFactory>>,
): readonly string[] {
  const disabled = new Set((sets[point]?.disabled ?? []).map(({ name }) => name));
  if (disabled.has('*')) {
    return named;
  }
  const overriding = new Set<string>();
  const expanded: string[] = [];
  for (const { name } of sets.multiPoint?.enabled ?? []) {
    const factory = registry[name];
    if (factory === undefined) {
      throw new ConfigurationError(`${interfaceOf(point)} "${name}" does not exist`);
    }
    if (!factory.points.includes(point) || disabled.has(name)) {
      continue;
    }
    if (named.includes(name)) {
      overriding.add(name);
    } else if (expanded.includes(name)) {
      throw new ConfigurationError(`plugin "${name}" already registered as "${interfaceOf(point)}"`);
    } else {
      expanded.push(name);
    }
  }
  return [
    ...named.filter((name) => overriding.has(name)),
    ...expanded,
    ...named.filter((name) => !overriding.has(name)),
  ];
}

/** pkg/scheduler/framework MaxNodeScore, MaxTotalScore. */
const MAX_NODE_SCORE = 100n;
const MAX_TOTAL_SCORE = 2n ** 63n - 1n;

/**
 * A weight at the point beats that of multiPoint; none, or 0, means 1. As getScoreWeights, whose check for overflow overflows
 * itself after a negative weight.
 */
function scoreWeightsOf(
  sets: PluginSets,
  registry: Readonly<Record<string, PluginFactory>>,
): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  let total = 0n;
  for (const { name, weight } of [...(sets.score?.enabled ?? []), ...(sets.multiPoint?.enabled ?? [])]) {
    if (weights.has(name) || !registry[name]?.points.includes('score')) {
      continue;
    }
    weights.set(name, weight || 1);
    const added = BigInt(weight || 1) * MAX_NODE_SCORE;
    if (added > BigInt.asIntN(64, MAX_TOTAL_SCORE - total)) {
      throw new ConfigurationError('score plugins: total score of Score plugins could overflow');
    }
    total += added;
  }
  return weights;
}

const weightsAt = (point: GroupPoint, sets: PluginSets): ReadonlyMap<string, number> =>
  new Map(
    [...(sets.multiPoint?.enabled ?? []), ...(sets[point]?.enabled ?? [])].map(({ name, weight }) => [
      name,
      weight || 1,
    ]),
  );
