import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, loadAll } from 'js-yaml';
import type { AnyObject } from '../../../../models/api/index.js';
import type { Trace } from './trace.js';

/** A pool of nodes as actions.yaml has it. */
export interface PoolText {
  readonly name: string;
  readonly count: number;
  readonly zones?: readonly string[];
  readonly capacity?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
}

/** One thing done to the cluster, by the words of actions.yaml. */
export interface Step {
  readonly at?: number;
  readonly zero?: boolean;
  readonly apply?: string;
  readonly patch?: string;
  readonly patchType?: 'strategic' | 'merge';
  readonly body?: unknown;
  readonly delete?: string;
  readonly cascade?: string;
  /** Seconds. */
  readonly grace?: number;
  readonly kubectl?: string;
  readonly kubelet?: 'stop' | 'start' | 'notready' | 'ready';
  readonly nodes?: readonly string[];
  readonly addNodes?: readonly PoolText[];
  readonly deleteNodes?: readonly string[];
  readonly evict?: string;
  /** What the nodes named beside are to carry from then on. */
  readonly taints?: PoolText['taints'];
  readonly podMetrics?: { readonly selector: string; readonly totalMilli: number; readonly every: number };
}

/** What was done in a recorded scenario: each step with its time in seconds from the zero instant. */
export interface Script {
  readonly cluster: string;
  readonly pools: readonly PoolText[];
  readonly end: number;
  readonly steps: readonly (Step & { readonly t: number })[];
  /** Seconds from zero at which the stopped nodes last renewed their Leases. */
  readonly lastRenewals: ReadonlyMap<string, number>;
}

interface ActionsFile {
  readonly cluster: string;
  readonly nodes?: readonly PoolText[];
  readonly end: number;
  readonly steps: readonly Step[];
}

type PoolsFile = Readonly<Record<string, readonly PoolText[]>>;

/**
 * Steps before the zero instant are done when the recording says they were (its marks stand in the same order); those after it
 * at their own time, counted from zero.
 */
export function readScript(folder: string, trace: Trace): Script {
  const file = load(readFileSync(join(folder, 'actions.yaml'), 'utf8')) as ActionsFile;
  const shared = load(readFileSync(join(folder, '..', 'pools.yaml'), 'utf8')) as PoolsFile;
  const marks = trace.lines.filter((line) => line.kind === 'Mark' && line.event === 'ACTION' && line.t < 0);
  const taken = new Set<number>();
  let last = Math.min(0, trace.lines[0]?.t ?? 0);
  const timeOf = (step: Step): number => {
    if (step.zero || step.at !== undefined) {
      return startedAt(step, trace) ?? step.at ?? 0;
    }
    const names = markNames(step);
    const i = marks.findIndex((mark, place) => !taken.has(place) && names.includes(String(mark.action)));
    taken.add(i);
    last = marks[i]?.t ?? last;
    return last;
  };
  for (const step of file.steps) {
    if (verbOf(step) === undefined && !Object.keys(step).some((field) => PAUSES.includes(field))) {
      throw new Error(`${folder}/actions.yaml: nothing here does ${JSON.stringify(step)}`);
    }
  }
  const acting = file.steps.filter((step) => verbOf(step) !== undefined);
  return {
    cluster: file.cluster,
    pools: file.nodes ?? shared[file.cluster] ?? [],
    end: file.end,
    steps: acting.map((step) => ({ ...step, t: timeOf(step) })),
    lastRenewals: new Map(
      trace.lines.flatMap(({ lastLeaseRenew, node }) =>
        typeof lastLeaseRenew === 'number' && typeof node === 'string' ? [[node, lastLeaseRenew] as const] : [],
      ),
    ),
  };
}

const verbOf = (step: Step): (typeof ACTS)[number] | undefined => ACTS.find((verb) => step[verb] !== undefined);

/** What marks may call a step: by its verb, one mark an object where it does several things. */
function markNames(step: Step): readonly string[] {
  const verb = verbOf(step) ?? '';
  return step.kubelet === undefined ? [verb, verb.replace(/s$/, '')] : [`kubelet-${step.kubelet}`];
}

/** kubectl takes a moment to start: its first words, or its end if it said nothing before, tell when it had done so. */
function startedAt({ kubectl, at = 0 }: Step, trace: Trace): number | undefined {
  return kubectl === undefined
    ? undefined
    : trace.lines.find((line) => String(line.action).startsWith('kubectl-') && line.t >= at)?.t;
}

const ACTS = [
  'apply',
  'patch',
  'delete',
  'kubectl',
  'kubelet',
  'addNodes',
  'deleteNodes',
  'evict',
  'podMetrics',
  'taints',
] as const;

/** Steps that wait or say something: the recording's marks tell how long they took. */
const PAUSES: readonly string[] = ['sleep', 'waitPodsReady', 'waitPodsScheduled', 'note', 'zero'];

/** Objects of a manifest file, each as often as its sim/copies annotation says. */
export function readManifest(path: string): readonly AnyObject[] {
  const objects = (loadAll(readFileSync(path, 'utf8')) as (AnyObject | null)[]).filter((object) => object !== null);
  return objects.flatMap((object) => {
    const copies = Number(object.metadata.annotations?.['sim/copies'] ?? 0);
    return copies === 0
      ? [object]
      : Array.from({ length: copies }, (_, i) => ({
          ...object,
          metadata: { ...object.metadata, name: `${object.metadata.name}-${String(i).padStart(3, '0')}` },
        }));
  });
}

/** Names and zones of a pool's nodes: NAME-ZONE-I, or NAME-I without zones, dealt round-robin. */
export function nodesOf(pool: PoolText): readonly { readonly name: string; readonly zone: string | undefined }[] {
  const { zones } = pool;
  return Array.from({ length: pool.count }, (_, i) => {
    const zone = zones?.[i % zones.length];
    const index = zones === undefined ? i : Math.floor(i / zones.length);
    return { name: zone === undefined ? `${pool.name}-${index}` : `${pool.name}-${zone}-${index}`, zone };
  });
}

/** Whether a node's name fits a pattern of actions.yaml: "cf-*", "cf-cfa-[1-9]". */
export function fits(name: string, pattern: string): boolean {
  const text = pattern.replace(/[.+^${}()|\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${text}$`).test(name);
}
