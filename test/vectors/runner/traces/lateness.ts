import type { AnyObject } from '../../../../models/api/index.js';
import { fits, type Script } from './script.js';
import type { TraceLine } from './trace.js';

/** What a played kubelet had to do at an instant, and how much later the recording shows it; both in seconds. */
interface Deed {
  /** Left out, the deed tells of all nodes: of a pod that may be elsewhere in a replay. */
  readonly node?: string;
  readonly due: number;
  readonly late: number;
}

/** A watcher hears of a deed that is done in time within two requests' and deliveries' time (traces/README.md). */
const IN_TIME_SECONDS = 0.08;
/** What took longer waited for something else: for a kubelet that was stopped. */
const LONGEST_SECONDS = 2;
/** A deed measured tells of others that were due this near to it. */
const REACH_SECONDS = 0.5;

/**
 * How late the played kubelets of a recording were: they are the recorder's own, their waits are scripted, and a busy machine
 * held them up (traces/README.md: up to 0.5 s each). What the control plane made of it is recorded with that delay in it, so the
 * replayed kubelets are held up as much at the same instants. Nothing of the control plane itself is measured here.
 */
export class Lateness {
  readonly #deeds: readonly Deed[];

  constructor(lines: readonly TraceLine[], script: Script, manifests: readonly AnyObject[]) {
    const deeds = [...deedsOfPods(lines, manifests), ...deedsOfNodes(lines, script)];
    this.#deeds = deeds.map((deed) => ({ ...deed, late: Math.max(0, deed.late - IN_TIME_SECONDS) }));
  }

  /** Seconds by which what is due on a node at `t` (seconds from zero) was held up. */
  at(t: number, node: string): number {
    let nearest: Deed | undefined;
    for (const deed of this.#deeds) {
      const isMeant = deed.node === undefined || deed.node === node;
      if (isMeant && Math.abs(deed.due - t) < Math.abs((nearest?.due ?? t - REACH_SECONDS) - t)) {
        nearest = deed;
      }
    }
    return nearest?.late ?? 0;
  }
}

/** Running after the binding, Ready after Running, ended after the deletion: each by the annotations of the pod's template. */
function deedsOfPods(lines: readonly TraceLine[], manifests: readonly AnyObject[]): readonly Deed[] {
  const deeds: Deed[] = [];
  for (const story of storiesOfPods(lines)) {
    const waits = waitsOf(story[0] as TraceLine, manifests);
    const when = (happened: (line: TraceLine) => boolean): number | undefined => story.find(happened)?.t;
    const bound = when(({ node }) => node !== undefined);
    const started = when(({ phase }) => phase === 'Running');
    const ready = when(isReady);
    const deleted = when(({ deletionTimestamp }) => deletionTimestamp !== undefined);
    const ended = when(hasEnded);
    if (bound !== undefined && started !== undefined) {
      deeds.push({ due: bound + waits.run, late: started - bound - waits.run });
    }
    if (started !== undefined && ready !== undefined && waits.ready > 0) {
      deeds.push({ due: started + waits.ready, late: ready - started - waits.ready });
    }
    if (deleted !== undefined && ended !== undefined && ended > deleted) {
      deeds.push({ due: deleted + waits.end, late: ended - deleted - waits.end });
    }
  }
  return deeds.filter(({ late }) => late < LONGEST_SECONDS);
}

/**
 * Seconds from a pod's creation to its binding where the first attempt bound it: to the scheduler that is one delivery, one
 * decision and one request, so more than a few milliseconds are the machine's doing. In the recording's order.
 */
export function bindingTimes(lines: readonly TraceLine[]): readonly number[] {
  return storiesOfPods(lines).flatMap((story) => {
    const [first] = story;
    const bound = story.find(({ node }) => node !== undefined);
    const waited = story.some((line) => String(conditionsOf(line).PodScheduled).startsWith('False'));
    return first?.event === 'ADDED' && first.node === undefined && bound && !waited ? [bound.t - first.t] : [];
  });
}

function storiesOfPods(lines: readonly TraceLine[]): readonly (readonly TraceLine[])[] {
  const stories = new Map<string, TraceLine[]>();
  for (const line of lines.filter(({ kind }) => kind === 'Pod')) {
    stories.set(line.name, [...(stories.get(line.name) ?? []), line]);
  }
  return [...stories.values()];
}

/**
 * A kubelet that is started, or told that it is Ready or not, posts that at once; one that is started looks at its pods a second
 * later.
 */
function deedsOfNodes(lines: readonly TraceLine[], script: Script): readonly Deed[] {
  const nodeLines = lines.filter(({ kind }) => kind === 'Node');
  const podLines = lines.filter((line) => line.kind === 'Pod' && (hasEnded(line) || isReady(line)));
  const names = [...new Set(nodeLines.map(({ name }) => name))];
  return script.steps.flatMap(({ kubelet, nodes = [], t }) => {
    const wanted = kubelet === 'notready' ? 'False' : 'True';
    const within = (line: TraceLine, due: number): boolean => line.t >= due && line.t < due + LONGEST_SECONDS;
    return names.flatMap((node) => {
      if (kubelet === undefined || kubelet === 'stop' || !nodes.some((pattern) => fits(node, pattern))) {
        return [];
      }
      const posted = nodeLines.find((line) => line.name === node && line.ready === wanted && within(line, t));
      const looked = podLines.find((line) => line.node === node && within(line, t + 1));
      return [
        ...(posted ? [{ node, due: t, late: posted.t - t }] : []),
        ...(looked && kubelet === 'start' ? [{ node, due: t + 1, late: looked.t - t - 1 }] : []),
      ];
    });
  });
}

const conditionsOf = ({ conditions }: TraceLine): Readonly<Record<string, string>> =>
  (conditions as Readonly<Record<string, string>> | undefined) ?? {};

const isReady = (line: TraceLine): boolean => String(conditionsOf(line).Ready).startsWith('True');

const hasEnded = ({ phase }: TraceLine): boolean => phase === 'Succeeded' || phase === 'Failed';

/** Seconds that the played kubelet waits, as annotations of the pod's manifest or of its owner's template say. */
function waitsOf(pod: TraceLine, manifests: readonly AnyObject[]): { run: number; ready: number; end: number } {
  const owner = String(pod.owner ?? '').split('/')[1] ?? pod.name;
  const made = manifests
    .filter(({ metadata: { name } }) => owner === name || owner.startsWith(`${name}-`))
    .sort((a, b) => b.metadata.name.length - a.metadata.name.length)[0];
  const annotations = annotationsOf(made);
  const wait = (name: string, otherwise: number): number => Number(annotations[`sim/${name}`] ?? otherwise);
  const run = wait('run-after', 1);
  return { run, ready: wait('ready-after', run) - run, end: wait('term-after', 1) };
}

/** Of a pod, or of the innermost template of its owner. */
function annotationsOf(object: unknown): Readonly<Record<string, string>> {
  const { spec, metadata } = (object ?? {}) as {
    spec?: { template?: unknown; jobTemplate?: unknown };
    metadata?: { annotations?: Readonly<Record<string, string>> };
  };
  const inner = spec?.jobTemplate ?? spec?.template;
  return inner === undefined ? (metadata?.annotations ?? {}) : annotationsOf(inner);
}
