import { keyFor, keyOf, SERVED_KINDS } from '../../models/api/index.js';
import type { NodeTemplate } from '../../models/cluster.js';
import { withVerb } from '../actions/registry.js';
import type { Pool } from '../run/scenario.js';
import type { Path } from '../schema/errors.js';
import { parseReference, type Reference } from '../schema/reference.js';
import type { ScenarioText } from '../schema/scenario.js';
import { closest, didYouMean } from '../schema/suggest.js';
import { ANYTHING, type LoadedObject } from './manifests.js';
import { ZONE_LABEL } from './nodes.js';
import type { Reading } from './resolve.js';

export interface Existing {
  readonly nodes: readonly NodeTemplate[];
  readonly pools: ReadonlyMap<string, Pool>;
  readonly objects: readonly LoadedObject[];
  /** What actions will bring besides. */
  readonly brought: readonly (Reference & { readonly namespace?: string | undefined })[];
}

/** Kinds whose objects come from manifests; those of the others get their names while the run goes. */
const NAMED_BY_USERS = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
  'Service',
  'Namespace',
  'ConfigMap',
  'Secret',
]);

/** Fields of actions and faults that name nodes. */
const NODE_FIELDS = ['nodes', 'from', 'cordon', 'uncordon', 'drain', 'taint', 'deleteNode', 'nodeCondition'] as const;
/** Fields that name an object. */
const OBJECT_FIELDS = [
  'scale',
  'setImage',
  'setResources',
  'setEnv',
  'setServiceAccount',
  'setSelector',
  'rolloutStatus',
  'rolloutHistory',
  'rolloutUndo',
  'rolloutRestart',
  'rolloutPause',
  'rolloutResume',
  'label',
  'annotate',
  'patch',
  'delete',
  'expose',
  'autoscale',
  'workload',
] as const;

/** Names in actions, faults and behaviours must mean something that will be there. */
export function checkReferences(reading: Reading, { spec }: ScenarioText, existing: Existing): void {
  const check = new ReferenceCheck(reading, spec, existing);
  for (const [i, action] of (spec.actions ?? []).entries()) {
    // What is expected to fail may well name what is not there.
    if (action.expectError === undefined) {
      const path = ['spec', 'actions', i];
      check.entry(withVerb(action) as unknown as Entry, 'kubectl' in action ? () => [...path, 'kubectl'] : below(path));
    }
  }
  for (const [list, entries] of Object.entries({
    faults: spec.faults,
    behaviours: spec.behaviours,
    metrics: spec.metrics,
  })) {
    for (const [i, entry] of (entries ?? []).entries()) {
      check.entry(entry as unknown as Entry, below(['spec', list, i]));
    }
  }
  checkInstances(reading, spec);
}

/** Faults of the control plane name instances that there are; a lone one has nobody to be cut off from. */
function checkInstances(reading: Reading, { faults = [], cluster }: ScenarioText['spec']): void {
  const machines = (cluster?.pools ?? []).reduce((sum, { role, count }) => sum + (role ? count : 0), 0);
  const count = cluster?.controlPlanes ?? Math.max(1, machines);
  for (const [i, fault] of faults.entries()) {
    const path = ['spec', 'faults', i];
    if ('instance' in fault && fault.instance !== undefined && fault.instance >= count) {
      const range = count === 1 ? '0 alone' : `0 to ${count - 1}`;
      reading.tell([...path, 'instance'], 'BAD_VALUE', `the control plane has no instance ${fault.instance}: ${range}`);
    } else if (fault.kind === 'ControlPlanePartition' && count === 1) {
      const hint = 'Give spec.cluster.controlPlanes, or crash kube-apiserver';
      reading.tell(path, 'BAD_VALUE', 'a lone instance of the control plane cannot lose itself', hint);
    }
  }
}

type Entry = Readonly<Record<string, unknown>>;
/** Where a field of an entry is written. */
type PathOf = (...steps: readonly (string | number)[]) => Path;
const below =
  (path: Path): PathOf =>
  (...steps) => [...path, ...steps];

class ReferenceCheck {
  readonly #reading: Reading;
  readonly #nodes: ReadonlySet<string>;
  readonly #pools: ReadonlyMap<string, Pool>;
  readonly #zones: ReadonlySet<string>;
  readonly #objects: ReadonlySet<string>;

  constructor(reading: Reading, spec: ScenarioText['spec'], { nodes, pools, objects, brought }: Existing) {
    this.#reading = reading;
    this.#pools = pools;
    this.#nodes = new Set([...nodes.map(({ name }) => name), ...addedNodes(spec, pools)]);
    const zones = [...pools.values()].flatMap((pool) => (pool.autoscaling === undefined ? [] : pool.zones));
    this.#zones = new Set([...zones, ...nodes.flatMap(({ labels }) => labels[ZONE_LABEL] ?? [])]);
    this.#objects = new Set([
      ...objects.map(({ object }) => `${object.kind} ${keyOf(object)}`),
      ...brought.map(({ kind, name, namespace }) => `${kind} ${keyFor(namespace ?? 'default', name)}`),
    ]);
  }

  entry(entry: Entry, pathOf: PathOf): void {
    // What something is made from is an object; who is cut off from whom are nodes.
    const isMadeFrom = typeof entry.from === 'string' && entry.from.includes('/');
    for (const field of NODE_FIELDS) {
      if (field !== 'from' || !isMadeFrom) {
        this.#nodeNames(entry[field], (...steps) => pathOf(field, ...steps));
      }
    }
    if (isMadeFrom) {
      this.#object(entry.from, entry.namespace, pathOf('from'));
    }
    for (const field of ['pool', 'addNodes', 'join', 'upgradeNodes'] as const) {
      this.#known(entry[field], this.#pools.keys(), 'pool', pathOf(field));
    }
    for (const field of ['addNodes', 'join', 'upgradeNodes'] as const) {
      this.#notAutoscaled(entry[field], pathOf(field));
    }
    this.#known(entry.zone, this.#zones, 'zone', pathOf('zone'));
    for (const field of OBJECT_FIELDS) {
      const value = entry[field];
      for (const [i, text] of ([value].flat() as unknown[]).entries()) {
        this.#object(text, entry.namespace, Array.isArray(value) ? pathOf(field, i) : pathOf(field));
      }
    }
    this.#service(entry.service, pathOf('service'));
    this.#service((entry.load as { readonly service?: unknown } | undefined)?.service, pathOf('load', 'service'));
  }

  /** Machines of such a pool are made by its cloud alone. */
  #notAutoscaled(pool: unknown, path: Path): void {
    const autoscaling = this.#pools.get(pool as string)?.autoscaling;
    if (autoscaling !== undefined) {
      const decider = autoscaling === 'karpenter' ? 'Karpenter' : 'cluster-autoscaler';
      const message = `${decider} decides how many machines ${JSON.stringify(pool)} has`;
      this.#reading.tell(path, 'BAD_VALUE', message, 'Take `autoscaling` off the pool, or this action');
    }
  }

  /** Whose load is shared: a Service of this name, in whatever namespace. */
  #service(name: unknown, path: Path): void {
    const prefix = 'Service ';
    const services = [...this.#objects]
      .filter((id) => id.startsWith(prefix))
      .map((id) => id.slice(id.indexOf('/') + 1));
    if (typeof name === 'string' && !services.includes(name) && !this.#mayBeUnread(name)) {
      const message = `no manifest has a Service called ${JSON.stringify(name)}`;
      this.#reading.tell(path, 'UNKNOWN_OBJECT', message, suggest(name, services));
    }
  }

  #mayBeUnread(name: string): boolean {
    const { unread } = this.#reading;
    return unread.has(name) || unread.has(ANYTHING);
  }

  #nodeNames(names: unknown, pathOf: PathOf): void {
    for (const [i, name] of ([names].flat() as unknown[]).entries()) {
      if (typeof name === 'string' && !this.#nodes.has(name) && name !== 'control-plane' && !this.#mayCome(name)) {
        this.#reading.tell(
          Array.isArray(names) ? pathOf(i) : pathOf(),
          'UNKNOWN_NODE',
          `no node is called ${JSON.stringify(name)}`,
          suggest(name, this.#nodes),
        );
      }
    }
  }

  /** Machines of such a pool are called POOL-0, POOL-1, …, as many as its autoscaler makes. */
  #mayCome(node: string): boolean {
    const pool = node.replace(/-\d+$/, '');
    return pool !== node && this.#pools.get(pool)?.autoscaling !== undefined;
  }

  #known(name: unknown, known: Iterable<string>, what: string, path: Path): void {
    const names = [...known];
    if (typeof name === 'string' && !names.includes(name)) {
      this.#reading.tell(path, 'BAD_VALUE', `no ${what} is called ${JSON.stringify(name)}`, suggest(name, names));
    }
  }

  #object(text: unknown, namespace: unknown, path: Path): void {
    const found = typeof text === 'string' ? parseReference(text) : undefined;
    if (found === undefined) {
      return;
    }
    const { kind, name } = found;
    if (kind === 'Node') {
      this.#nodeNames(name, () => path);
      return;
    }
    const home = typeof namespace === 'string' ? namespace : 'default';
    const key = keyFor(SERVED_KINDS[kind].namespaced ? home : undefined, name);
    if (NAMED_BY_USERS.has(kind) && !this.#objects.has(`${kind} ${key}`) && !this.#mayBeUnread(name)) {
      const others = [...this.#objects]
        .filter((id) => id.startsWith(`${kind} `))
        .map((id) => id.slice(kind.length + 1));
      this.#reading.tell(path, 'UNKNOWN_OBJECT', `no manifest has a ${kind} ${key}`, suggest(key, others));
    }
  }
}

/** Nodes that actions will add, by name. */
function addedNodes(spec: ScenarioText['spec'], pools: ReadonlyMap<string, Pool>): readonly string[] {
  const added = new Map<string, number>();
  const add = (pool: string, count: number): void => {
    added.set(pool, (added.get(pool) ?? 0) + count);
  };
  for (const action of spec.actions ?? []) {
    if ('addNodes' in action) {
      add(action.addNodes, action.count ?? 1);
    } else if ('join' in action) {
      add(action.join, 1);
    } else if ('upgradeNodes' in action) {
      add(action.upgradeNodes, pools.get(action.upgradeNodes)?.count ?? 0);
    }
  }
  return [...added].flatMap(([name, count]) => {
    const first = pools.get(name)?.count ?? 0;
    return Array.from({ length: count }, (_, i) => `${name}-${first + i}`);
  });
}

const SHOWN_NAMES = 12;

function suggest(name: string, known: Iterable<string>): string | undefined {
  const names = [...known];
  if (closest(name, names) !== undefined || names.length === 0) {
    return didYouMean(name, names);
  }
  const rest = names.length - SHOWN_NAMES;
  return `Known: ${names.slice(0, SHOWN_NAMES).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
