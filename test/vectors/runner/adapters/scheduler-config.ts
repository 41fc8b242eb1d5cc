import { load, YAMLException } from 'js-yaml';
import type { Pod } from '../../../../models/api/index.js';
import { decodeDocument } from '../../../../models/scheduler/configuration/decode.js';
import { withDefaults } from '../../../../models/scheduler/configuration/defaults.js';
import type { ConfigurationDocument, ProfileDocument } from '../../../../models/scheduler/configuration/document.js';
import { ConfigurationError } from '../../../../models/scheduler/configuration/plugin-sets.js';
import { type ResolvedProfile, resolveProfiles } from '../../../../models/scheduler/configuration/resolve.js';
import { pathText } from '../../../../models/scheduler/configuration/strict-reader.js';
import { validateDocument } from '../../../../models/scheduler/configuration/validate.js';
import { podInfoOf } from '../../../../models/scheduler/framework/pod-info.js';
import type { PluginScores } from '../../../../models/scheduler/framework/profile.js';
import { DEFAULT_ARGUMENTS, type PluginArguments } from '../../../../models/scheduler/plugins/arguments.js';
import { PLUGINS } from '../../../../models/scheduler/plugins/registry.js';
import { type Defaults, defaultsFor } from '../../../../models/versions/index.js';
import type { Adapter, VectorCase } from '../adapter.js';
import { compare } from '../compare.js';
import { type RecordedCluster, RestingCluster } from '../scheduler-cluster.js';
import { asObject } from '../times.js';

const { kubeScheduler } = defaultsFor('1.37') as Defaults;
const VERSION = 'v1';

/** Documents and what becomes of them, and scores under other strategies. */
export const adapter: Adapter = function* (file) {
  // What a case leaves out is as in the first one, the empty document.
  const base = file.cases.find(({ kind }) => kind === 'document')?.result as Record<string, unknown>;
  for (const recorded of file.cases) {
    yield recorded.kind === 'score'
      ? compare(recorded.id, recorded.result, scores(recorded))
      : compare(recorded.id, expectation(recorded, base), outcome(recorded));
  }
};

function expectation({ result }: VectorCase, base: Record<string, unknown>): unknown {
  const recorded = result as Record<string, unknown>;
  const profiles = Object.keys((recorded.plugins as object | undefined) ?? {});
  const [args] = Object.values(base.args as Record<string, unknown>);
  const isSettled = recorded.plugins !== undefined;
  return {
    ...recorded,
    ...(isSettled && recorded.args === undefined && { args: Object.fromEntries(profiles.map((name) => [name, args])) }),
  };
}

/** YAML as kube-scheduler's reader takes it, or its complaint. */
function parse(text: string): { readonly value: unknown } | { readonly loadError: string } {
  try {
    return { value: load(text) };
  } catch (error) {
    if (error instanceof YAMLException && error.reason.startsWith('duplicated mapping key')) {
      const { line, column } = error.mark as { line: number; column: number };
      const row = text.split('\n')[line] ?? '';
      const key = /^[^:]*/.exec(row.slice(column))?.[0].trim() ?? '';
      const detail = `yaml: unmarshal errors:\n  line ${line + 1}: key ${JSON.stringify(key)} already set in map`;
      return { loadError: `strict decoding error: ${detail}` };
    }
    throw error;
  }
}

function outcome({ document }: VectorCase): unknown {
  const source = document as string;
  const parsed = parse(source);
  if ('loadError' in parsed) {
    return parsed;
  }
  const decoded = decodeDocument(parsed.value, { versions: [VERSION], source });
  if (!decoded.ok) {
    return { loadError: decoded.text };
  }
  const complete = withDefaults(decoded.document, kubeScheduler);
  const invalid = validateDocument(complete, VERSION).map(({ detail, path, text, type }) => ({
    detail,
    field: pathText(path),
    text,
    type,
  }));
  const failed = invalid.length > 0 ? { invalid } : {};
  const percentages = complete.profiles.flatMap(({ schedulerName, percentageOfNodesToScore }) =>
    percentageOfNodesToScore === undefined ? [] : [[schedulerName, percentageOfNodesToScore]],
  );
  try {
    const profiles = resolveProfiles(complete, kubeScheduler.multiPoint, PLUGINS);
    if (invalid.length > 0) {
      return failed;
    }
    return {
      config: configOf(complete),
      ...(percentages.length > 0 && { percentageOfNodesToScore: Object.fromEntries(percentages) }),
      plugins: byName(profiles, pluginsOf),
      args: byName(profiles, argsOf),
    };
  } catch (error) {
    if (error instanceof ConfigurationError) {
      return { ...failed, newError: error.message };
    }
    throw error;
  }
}

const byName = (profiles: readonly ResolvedProfile[], show: (profile: ResolvedProfile) => unknown): unknown =>
  Object.fromEntries(profiles.map((profile) => [profile.schedulerName, show(profile)]));

function configOf(document: ConfigurationDocument): unknown {
  const { profiles: _, leaderElection: __, extenders, ...rest } = document;
  return { ...rest, ...(extenders?.length && { extenders }) };
}

function pluginsOf({ points, scoreWeights, placementWeights }: ResolvedProfile): unknown {
  const listed = Object.entries(points).filter(([, names]) => names.length > 0);
  return Object.fromEntries(
    listed.map(([point, names]) => {
      const weights = point === 'score' ? scoreWeights : point === 'placementScore' ? placementWeights : undefined;
      return [point, weights ? names.map((name) => [name, weights.get(name) ?? 1]) : names];
    }),
  );
}

function argsOf({ plugins, args, rawArgs }: ResolvedProfile): unknown {
  const typed = plugins.filter((name): name is keyof PluginArguments => name in DEFAULT_ARGUMENTS);
  return { ...Object.fromEntries(typed.map((name) => [name, args[name]])), ...rawArgs };
}

function scores(recorded: VectorCase): unknown {
  const { nodes, pods, newPods } = recorded as unknown as Required<RecordedCluster> & { newPods: readonly unknown[] };
  const decoded = decodeDocument(load(recorded.document as string), { versions: [VERSION] });
  if (!decoded.ok) {
    return decoded.text;
  }
  const [profile] = withDefaults(decoded.document, kubeScheduler).profiles;
  const cluster = new RestingCluster({ id: 0, nodes, pods }, [], profile as ProfileDocument);
  const { snapshot } = cluster;
  return newPods.map((newPod) => {
    const pod = podInfoOf(asObject<Pod>(newPod));
    const rows: PluginScores[] = [];
    const state = cluster.profile.newState();
    const total = cluster.profile.runScore(state, pod, snapshot.nodes, snapshot, (row) => rows.push(row));
    return {
      nodes: snapshot.nodes.map(({ name }) => name),
      raw: Object.fromEntries(rows.map(({ plugin, raw }) => [plugin, raw])),
      total,
    };
  });
}
