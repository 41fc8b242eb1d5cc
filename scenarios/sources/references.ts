import { keyFor, keyOf, SERVED_KINDS } from '../../models/api/index.js';
import type { NodeTemplate } from '../../models/cluster.js';
import type { Pool } from '../run/scenario.js';
import type { Path } from '../schema/errors.js';
import { parseReference } from '../schema/reference.js';
import type { ScenarioText } from '../schema/scenario.js';
import { closest, didYouMean } from '../schema/suggest.js';
import type { LoadedObject } from './manifests.js';
import { ZONE_LABEL } from './nodes.js';
import type { Reading } from './resolve.js';

export interface Existing {
  readonly nodes: readonly NodeTemplate[];
  readonly pools: ReadonlyMap<string, Pool>;
  readonly objects: readonly LoadedObject[];
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
const NODE_FIELDS = ['nodes', 'from', 'cordon', 'uncordon', 'drain', 'taint', 'deleteNode'] as const;
/** Fields that name an object. */
const OBJECT_FIELDS = [
  'scale',
  'setImage',
  'rolloutUndo',
  'rolloutRestart',
  'rolloutPause',
  'rolloutResume',
  'label',
  'annotate',
  'patch',
  'delete',
  'workload',
] as const;

/** Names in actions, faults and behaviours must mean something that will be there. */
export function checkReferences(reading: Reading, { spec }: ScenarioText, existing: Existing): void {
  const check = new ReferenceCheck(reading, spec, existing);
  const lists = { actions: spec.actions, faults: spec.faults, behaviours: spec.behaviours };
  for (const [list, entries] of Object.entries(lists)) {
    for (const [i, entry] of (entries ?? []).entries()) {
      check.entry(entry as unknown as Readonly<Record<string, unknown>>, ['spec', list, i]);
    }
  }
}

class ReferenceCheck {
  readonly #reading: Reading;
  readonly #nodes: ReadonlySet<string>;
  readonly #pools: ReadonlyMap<string, Pool>;
  readonly #zones: ReadonlySet<string>;
  readonly #objects: ReadonlySet<string>;

  constructor(reading: Reading, spec: ScenarioText['spec'], { nodes, pools, objects }: Existing) {
    this.#reading = reading;
    this.#pools = pools;
    this.#nodes = new Set([...nodes.map(({ name }) => name), ...addedNodes(spec, pools)]);
    this.#zones = new Set(nodes.flatMap(({ labels }) => labels[ZONE_LABEL] ?? []));
    this.#objects = new Set(objects.map(({ object }) => `${object.kind} ${keyOf(object)}`));
  }

  entry(entry: Readonly<Record<string, unknown>>, path: Path): void {
    for (const field of NODE_FIELDS) {
      this.#nodeNames(entry[field], [...path, field]);
    }
    for (const field of ['pool', 'addNodes'] as const) {
      this.#known(entry[field], this.#pools.keys(), 'pool', [...path, field]);
    }
    this.#known(entry.zone, this.#zones, 'zone', [...path, 'zone']);
    for (const field of OBJECT_FIELDS) {
      this.#object(entry[field], entry.namespace, [...path, field]);
    }
  }

  #nodeNames(names: unknown, path: Path): void {
    for (const [i, name] of ([names].flat() as unknown[]).entries()) {
      if (typeof name === 'string' && !this.#nodes.has(name) && name !== 'control-plane') {
        const place = Array.isArray(names) ? [...path, i] : path;
        this.#reading.tell(
          place,
          'UNKNOWN_NODE',
          `no node is called ${JSON.stringify(name)}`,
          suggest(name, this.#nodes),
        );
      }
    }
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
      this.#nodeNames(name, path);
      return;
    }
    const home = typeof namespace === 'string' ? namespace : 'default';
    const key = keyFor(SERVED_KINDS[kind].namespaced ? home : undefined, name);
    if (NAMED_BY_USERS.has(kind) && !this.#objects.has(`${kind} ${key}`)) {
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
  for (const action of spec.actions ?? []) {
    if ('addNodes' in action) {
      added.set(action.addNodes, (added.get(action.addNodes) ?? 0) + (action.count ?? 1));
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
