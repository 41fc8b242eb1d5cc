import type { Micros } from '../../engine/index.js';
import { type AnyObject, isKind, type Node, type Pod } from '../../models/api/index.js';
import { SYSTEM_NAMESPACES } from '../../models/apiserver/index.js';
import type { ClusterCatalogue, ClusterModel, NodeTemplate } from '../../models/cluster.js';
import { DEFAULT_KUBERNETES_VERSION, defaultsFor, KUBERNETES_VERSIONS } from '../../models/versions/index.js';
import { fullImageName, type ImageDescription, parseImageName, type WorldSettings } from '../../models/world/index.js';
import type { NearbyFiles } from '../actions/action.js';
import { type ActionText, actionKindOf, withVerb } from '../actions/registry.js';
import type { FaultSpec } from '../faults/fault.js';
import { FAULT_KINDS } from '../faults/registry.js';
import { ACTIONS } from '../run/action-log.js';
import type { Pool, Scenario, ScheduledAction, ScheduledFault } from '../run/scenario.js';
import { type DistributionText, toDistribution } from '../schema/distribution.js';
import type { ErrorCode, Path } from '../schema/errors.js';
import { Problems } from '../schema/errors.js';
import { toMetric } from '../schema/metric.js';
import { check, problemAt } from '../schema/problems.js';
import {
  type PoolText,
  type ScenarioText,
  type SoundParts,
  scenario as scenarioType,
  soundParts,
  type WorldText,
} from '../schema/scenario.js';
import { isRecord } from '../schema/shapes.js';
import { closest, didYouMean } from '../schema/suggest.js';
import type { TraceNodesText } from '../schema/trace.js';
import { amount, micros, type QuantityText } from '../schema/values.js';
import type { Workload } from '../workloads/workload.js';
import { type Placed, placeOf } from './assembly.js';
import { looksAround, readBehaviours } from './behaviours.js';
import { readConfiguration } from './configuration.js';
import { readColumn } from './csv-column.js';
import { readExpectations } from './expectations.js';
import { type Files, folderOf, type Mention, readBytes, resolvePath } from './files.js';
import { countKinds, type LoadedObject, loadManifests, type ManifestSource } from './manifests.js';
import { toPool, toTemplate } from './nodes.js';
import { checkReferences } from './references.js';
import { readTraceNodes } from './trace-nodes.js';
import { readWorkloads, withWorkloads } from './workloads.js';

/** What the parts of a scenario are read with. */
export interface Reading {
  readonly files: Files;
  readonly catalogue: ClusterCatalogue;
  readonly problems: Problems;
  /** Names of objects that stand in manifests and cannot be read, or ANYTHING: whoever refers to them makes no mistake. */
  readonly unread: Set<string>;
  readonly kubernetesVersion: string;
  readonly startTime: number;
  /** Where a part of the document was written. */
  at(path: Path): Mention;
  /** A path as it is meant in the file that it was written in. */
  pathOf(name: string, mention: Mention): string;
  tell(path: Path, code: ErrorCode, message: string, hint?: string): void;
}

/** A guess: a webhook in the same cluster. */
const DEFAULT_EXTENDER_CALL = '5ms';
const DEFAULT_START_TIME = '2026-01-01T00:00:00Z';

/** Checks an assembled scenario, reads what it names, and answers what a run starts from. All mistakes are told at once. */
export function resolveScenario(document: Placed, files: Files, model: Pick<ClusterModel, 'catalogue'>): Scenario {
  const problems = new Problems();
  const at = (path: Path): Mention => placeOf(document.place, path);
  const text = check(scenarioType, document.value, problems, at);
  const sound = text?.spec ?? soundParts(document.value);
  const kubernetesVersion = sound.kubernetesVersion ?? DEFAULT_KUBERNETES_VERSION;
  const tell: Reading['tell'] = (path, code, message, hint) => {
    const mention = at(path);
    problems.add(problemAt(mention.origin, mention.path, { code, message, hint }));
  };
  if (defaultsFor(kubernetesVersion) === undefined) {
    const hint = `Known: ${KUBERNETES_VERSIONS.join(', ')}`;
    tell(['spec', 'kubernetesVersion'], 'UNKNOWN_VERSION', `no profile for Kubernetes ${kubernetesVersion}`, hint);
    problems.throwIfAny();
  }
  const reading: Reading = {
    files,
    problems,
    unread: new Set(),
    at,
    tell,
    kubernetesVersion,
    catalogue: model.catalogue(kubernetesVersion),
    startTime: Date.parse(sound.startTime ?? DEFAULT_START_TIME) / 1000,
    pathOf: (name, mention) => resolvePath(folderOf(mention.origin.file ?? '.'), name),
  };
  if (text === undefined) {
    readSoundParts(reading, sound);
    return problems.throwAll();
  }
  const scenario = readParts(reading, text, text.metadata.name, kubernetesVersion);
  problems.throwIfAny();
  return scenario;
}

/** The files and conditions of a scenario that has mistakes elsewhere: theirs are told with the others. */
function readSoundParts(reading: Reading, { configuration, expect = [], manifests = [] }: SoundParts): void {
  loadObjects(reading, manifests as readonly (string | AnyObject)[], ['spec', 'manifests']);
  readConfiguration(reading, { configuration, cluster: {} });
  readExpectations(reading, expect, 0);
}

function readParts(reading: Reading, text: ScenarioText, name: string, kubernetesVersion: string): Scenario {
  const { spec } = text;
  const runFor = micros(spec.runFor);
  const pools = readPools(reading, text);
  const nodes = readNodes(reading, text, pools);
  const loaded = loadObjects(reading, (spec.manifests ?? []) as readonly (string | AnyObject)[], ['spec', 'manifests']);
  const { configuration, schedulerPlugins, unsupported } = readConfiguration(reading, spec);
  const actions = readActions(reading, spec.actions ?? []);
  const faults = readFaults(spec.faults ?? []);
  checkReferences(reading, text, {
    nodes,
    pools,
    objects: [...loaded, ...actions.flatMap(({ loaded: more }) => more)],
    brought: actions.flatMap(({ kind, spec }) => kind.brings?.(spec) ?? []),
  });
  const record = readRecord(reading, spec.record);
  const workloads = readWorkloads(reading, spec.workloads ?? []);
  const expectations = readExpectations(reading, spec.expect ?? [], runFor);
  const isActed = (entry: LoadedObject): boolean => !entry.isInert && isActing(reading.catalogue, entry.object.kind);
  return {
    name,
    text,
    kubernetesVersion,
    runFor,
    nodes,
    pools,
    controlPlanes: spec.cluster.controlPlanes,
    configuration,
    extenderCall: micros(spec.world?.extenderCall ?? DEFAULT_EXTENDER_CALL),
    schedulerPlugins,
    unsupported,
    faults,
    seed: spec.seed ?? 0,
    startTime: reading.startTime,
    world: readWorld(reading, spec.world ?? {}),
    imageOf: readImages(reading, spec.world?.images ?? {}),
    workloads,
    objects: [...namespacesOf(workloads, loaded), ...loaded.filter(({ isInert }) => !isInert)],
    inert: countKinds([...loaded, ...actions.flatMap((action) => action.loaded)].filter((entry) => !isActed(entry))),
    looksAtTraffic:
      expectations.some(({ condition }) => condition.looksAround) ||
      looksAround(spec.behaviours ?? [], [...loaded, ...actions.flatMap((action) => action.loaded)]),
    metricSeries: (spec.metrics ?? []).map(toMetric),
    behaviourOf: withWorkloads(readBehaviours(reading, spec.behaviours ?? [], loaded), workloads),
    actions: actions.map(({ loaded: _, ...action }) => action),
    record,
    keepsEvents: record.includes('events') || expectations.some(({ condition }) => condition.reads.has('Event')),
    keepsEndpoints:
      [...loaded, ...actions.flatMap((action) => action.loaded)].some(({ object }) => object.kind === 'Endpoints') ||
      expectations.some(({ condition }) => condition.reads.has('Endpoints')),
    expectations,
  };
}

/** Namespaces that workloads live in and no manifest makes. */
function namespacesOf(workloads: readonly Workload[], loaded: readonly LoadedObject[]): readonly LoadedObject[] {
  const given = new Set(
    loaded.filter(({ object }) => object.kind === 'Namespace').map(({ object }) => object.metadata.name),
  );
  const isMissing = (name: string): boolean => !given.has(name) && !SYSTEM_NAMESPACES.includes(name);
  const missing = new Set(workloads.flatMap(({ namespaces }) => namespaces).filter(isMissing));
  return [...missing].sort().map((name) => ({
    object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    isInert: false,
    origin: {},
    path: [],
  }));
}

/** What kubectl may hold that no component ever acts on; not worth a word in the summary. */
const PASSIVE_KINDS = new Set([
  'ConfigMap',
  'Endpoints',
  'Event',
  'Lease',
  'Namespace',
  'PriorityClass',
  'Secret',
  'ServiceAccount',
]);

const isActing = (catalogue: ClusterCatalogue, kind: string): boolean =>
  PASSIVE_KINDS.has(kind) || (isKind(kind) && catalogue.actingKinds.includes(kind));

function loadObjects(
  reading: Reading,
  manifests: readonly (string | AnyObject)[],
  path: Path,
  namespace?: string,
): readonly LoadedObject[] {
  const sources = manifests.map((manifest, i): ManifestSource => ({ manifest, mention: reading.at([...path, i]) }));
  return loadManifests(reading.files, sources, { ...reading, namespace }, reading.problems);
}

function readPools(reading: Reading, { spec }: ScenarioText): ReadonlyMap<string, Pool> {
  const pools = new Map<string, Pool>();
  for (const [i, text] of (spec.cluster.pools ?? []).entries()) {
    if (pools.has(text.name)) {
      reading.tell(['spec', 'cluster', 'pools', i, 'name'], 'DUPLICATE_NAME', `there is a pool ${text.name} already`);
    }
    pools.set(text.name, toPool(text, readStaticPods(reading, text, i), reading.kubernetesVersion));
  }
  return pools;
}

function readStaticPods(reading: Reading, { staticPods = [] }: PoolText, pool: number): readonly Pod[] {
  const path: Path = ['spec', 'cluster', 'pools', pool, 'staticPods'];
  return loadObjects(reading, staticPods as readonly (string | AnyObject)[], path).flatMap(
    ({ object, origin, path: place }) => {
      if (object.kind === 'Pod') {
        return [object as unknown as Pod];
      }
      reading.problems.add(
        problemAt(origin, [...place, 'kind'], {
          code: 'UNKNOWN_KIND',
          message: `expected Pods here, found a ${object.kind}`,
        }),
      );
      return [];
    },
  );
}

function readNodes(
  reading: Reading,
  { spec }: ScenarioText,
  pools: ReadonlyMap<string, Pool>,
): readonly NodeTemplate[] {
  const made = [...pools.values()].flatMap((pool) => Array.from({ length: pool.count }, (_, i) => pool.template(i)));
  const source = spec.cluster.nodes;
  const path: Path = ['spec', 'cluster', 'nodes'];
  const manifests =
    typeof source === 'string' ? [source] : Array.isArray(source) ? (source as unknown as readonly AnyObject[]) : [];
  const sources = manifests.map(
    (manifest, i): ManifestSource => ({
      manifest,
      mention: reading.at(typeof source === 'string' ? path : [...path, i]),
    }),
  );
  const traced = isTrace(source) ? readTraceNodes(reading, source, path) : undefined;
  const given =
    traced ??
    loadManifests(reading.files, sources, reading, reading.problems).flatMap(({ object, origin, path: place }) => {
      if (object.kind === 'Node') {
        return [toTemplate(object as unknown as Node)];
      }
      reading.problems.add(
        problemAt(origin, [...place, 'kind'], {
          code: 'UNKNOWN_KIND',
          message: `expected Nodes here, found a ${object.kind}`,
        }),
      );
      return [];
    });
  const names = new Set<string>();
  for (const { name } of [...made, ...given]) {
    if (names.has(name)) {
      reading.tell(['spec', 'cluster'], 'DUPLICATE_NAME', `two nodes are called ${name}`);
    }
    names.add(name);
  }
  return [...made, ...given];
}

const isTrace = (source: unknown): source is TraceNodesText => isRecord(source);

function readWorld(reading: Reading, text: WorldText): Partial<WorldSettings> {
  const settings: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(text)) {
    if (value === undefined || name === 'images' || name === 'extenderCall') {
      continue;
    }
    const mention = reading.at(['spec', 'world', name]);
    if (name === 'pullBandwidth' || name === 'imageBytes') {
      settings[name] = amount(value as string);
    } else if (name === 'volumeTopologyKey') {
      settings[name] = value;
    } else if (name === 'machineBoot' || name === 'registryTimeout' || name === 'ingressStatusInterval') {
      settings[name] = micros(value as string);
    } else {
      settings[name] = reading.problems.catch(() =>
        toDistribution(value as DistributionText, micros, (csv, column) =>
          readColumn(reading.files, reading.pathOf(csv, mention), column, mention),
        ),
      );
    }
  }
  return settings;
}

/** What registries know, by the full names under which they are asked. */
function readImages(reading: Reading, texts: NonNullable<WorldText['images']>): Scenario['imageOf'] {
  const described = new Map<string, ImageDescription>();
  for (const [image, { exists, layers, size }] of Object.entries(texts)) {
    const name = parseImageName(image);
    if (name === undefined) {
      reading.tell(['spec', 'world', 'images', image], 'BAD_VALUE', `${JSON.stringify(image)} is no image`);
    } else {
      const description = {
        ...(size !== undefined && { bytes: amount(size) }),
        ...(layers !== undefined && { layers: mapValues(layers) }),
        ...(exists !== undefined && { exists }),
      };
      described.set(fullImageName(name), description);
    }
  }
  return (image) => described.get(image);
}

const mapValues = (layers: Readonly<Record<string, QuantityText>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(layers).map(([layer, size]) => [layer, amount(size)]));

function readActions(
  reading: Reading,
  actions: readonly ActionText[],
): readonly (ScheduledAction & { readonly loaded: readonly LoadedObject[] })[] {
  return actions.map((text, i) => {
    const spec = withVerb(text);
    const kind = actionKindOf(spec);
    const path: Path = ['spec', 'actions', i, 'kubectl' in text ? 'kubectl' : kind.verb];
    const manifests = kind.manifests?.(spec, nearbyFiles(reading, path)) ?? [];
    const loaded = loadObjects(reading, manifests, path, 'namespace' in spec ? spec.namespace : undefined);
    const where = whereOf(reading, ['spec', 'actions', i]);
    return { at: micros(spec.at), kind, spec, loaded, objects: loaded.map(({ object }) => object), where };
  });
}

function nearbyFiles(reading: Reading, path: Path): NearbyFiles {
  const { files, problems } = reading;
  const mention = reading.at(path);
  return {
    read: (name) =>
      problems.catch(() => {
        const place = reading.pathOf(name, mention);
        const isFolder = files.kindOf(place) === 'folder';
        const names = isFolder ? [...files.list(place)].sort().map((entry) => `${place}/${entry}`) : [place];
        const found = names.filter((entry) => !isFolder || files.kindOf(entry) === 'file');
        return {
          isFolder,
          files: found.map((entry) => ({
            name: entry.split('/').at(-1) as string,
            bytes: readBytes(files, entry, mention),
          })),
        };
      }),
    refuse: (message) => reading.tell(path, 'BAD_VALUE', message),
  };
}

/** "scenario.yaml:12:5". */
function whereOf(reading: Reading, path: Path): string {
  const { origin, path: place } = reading.at(path);
  const { position } = problemAt(origin, place, { code: 'BAD_VALUE', message: '' });
  const file = (origin.file ?? 'scenario').split('/').at(-1);
  return position === undefined ? `${file}` : `${file}:${position.line}:${position.column}`;
}

function readFaults(faults: readonly FaultSpec[]): readonly ScheduledFault[] {
  return faults.map((spec) => {
    const at: Micros = micros(spec.at);
    const kind = FAULT_KINDS.get(spec.kind);
    return {
      at,
      healsAt: spec.for === undefined ? Number.POSITIVE_INFINITY : at + micros(spec.for),
      kind: kind as NonNullable<typeof kind>,
      spec,
    };
  });
}

/** Timelines with a row per heartbeat, probe, score or change of a pod's place, or that cost a process a node; kept only when asked for. */
const NOISY_TIMELINES = new Set([
  'allocation',
  'leases',
  'probes',
  'routing',
  'scheduling-scores',
  'scheduling-verdicts',
]);

function readRecord({ catalogue, tell }: Reading, record: readonly string[] | undefined): readonly string[] {
  const known = [ACTIONS.name, ...catalogue.timelines.map(({ name }) => name)];
  for (const [i, name] of (record ?? []).entries()) {
    if (!known.includes(name)) {
      tell(
        ['spec', 'record', i],
        'UNKNOWN_TIMELINE',
        `no timeline is called ${JSON.stringify(name)}`,
        closest(name, known) ? didYouMean(name, known) : `Known: ${known.join(', ')}`,
      );
    }
  }
  return record ?? known.filter((name) => !NOISY_TIMELINES.has(name));
}
