import { type Micros, parseDuration } from '../../../engine/index.js';
import type { Pod } from '../../api/index.js';
import type { ExtenderDocument } from '../configuration/document.js';
import { type Candidate, candidateOf } from '../preemption/victims.js';
import type { NodeInfo } from './node-info.js';
import type { PodInfo } from './pod-info.js';

/** A POST of JSON, answered within the call: the world stands still, and `took` is how long it took in virtual time. */
export type ExtenderCall = (request: {
  readonly url: string;
  readonly body: unknown;
  readonly timeout: Micros;
}) => ExtenderReply;

export type ExtenderReply =
  | { readonly ok: true; readonly body: unknown; readonly took: Micros }
  | { readonly ok: false; readonly error: string; readonly took: Micros };

/** What an extender lets pass, and why not the others. */
export interface ExtenderVerdict {
  readonly nodes: readonly NodeInfo[];
  /** Preemption may help. */
  readonly failed: Readonly<Record<string, string>>;
  /** It may not. */
  readonly failedAndUnresolvable: Readonly<Record<string, string>>;
}

/** An extender that did not answer as it should. */
export class ExtenderError extends Error {}

/** The rejector that extenders have in common: any event wakes a pod again that one of them refused. */
export const EXTENDER_PLUGIN = 'Extender';

/** MaxNodeScore over MaxExtenderPriority. */
const SCORE_SCALE = 10;

/**
 * A webhook that takes part in scheduling. As HTTPExtender (pkg/scheduler/extender.go): keys are Go's own, capitalised.
 */
export class Extender {
  readonly isIgnorable: boolean;
  readonly #document: ExtenderDocument;
  readonly #call: ExtenderCall;
  readonly #url: string;
  readonly #timeout: Micros;
  readonly #managed: ReadonlySet<string>;
  /** Time spent waiting since it was asked last. */
  #took: Micros = 0;

  constructor(document: ExtenderDocument, call: ExtenderCall) {
    this.#document = document;
    this.#call = call;
    this.isIgnorable = document.ignorable ?? false;
    this.#url = (document.urlPrefix ?? '').replace(/\/+$/, '');
    this.#timeout = parseDuration(document.httpTimeout ?? '5s');
    this.#managed = new Set((document.managedResources ?? []).map(({ name }) => name));
  }

  get filters(): boolean {
    return Boolean(this.#document.filterVerb);
  }

  get prioritizes(): boolean {
    return Boolean(this.#document.prioritizeVerb);
  }

  get preempts(): boolean {
    return Boolean(this.#document.preemptVerb);
  }

  get binds(): boolean {
    return Boolean(this.#document.bindVerb);
  }

  /** Virtual time spent waiting for it; counted from now on anew. */
  takeTime(): Micros {
    const took = this.#took;
    this.#took = 0;
    return took;
  }

  /** Without managed resources every pod concerns it; with, those that ask for one. As IsInterested. */
  isInterested({ pod }: PodInfo): boolean {
    if (this.#managed.size === 0) {
      return true;
    }
    return [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].some(({ resources }) =>
      [...Object.keys(resources?.requests ?? {}), ...Object.keys(resources?.limits ?? {})].some((name) =>
        this.#managed.has(name),
      ),
    );
  }

  /** @throws ExtenderError */
  filter(pod: PodInfo, nodes: readonly NodeInfo[]): ExtenderVerdict {
    const answer = this.#post(this.#document.filterVerb, this.#arguments(pod, nodes));
    if (answer.Error) {
      throw new ExtenderError(String(answer.Error));
    }
    const byName = new Map(nodes.map((node) => [node.name, node]));
    const find = (name: string): NodeInfo => {
      const node = byName.get(name);
      if (node === undefined) {
        throw new ExtenderError(
          `extender "${this.#url}" claims a filtered node "${name}" which is not found in the input node list`,
        );
      }
      return node;
    };
    const names = this.#document.nodeCacheCapable ? answer.NodeNames : undefined;
    const listed = names ?? itemsOf(answer.Nodes).map(({ metadata }) => metadata.name);
    return {
      nodes: expectStrings(listed).map(find),
      failed: expectTexts(answer.FailedNodes),
      failedAndUnresolvable: expectTexts(answer.FailedAndUnresolvableNodes),
    };
  }

  /**
   * What it adds to the total of each node it speaks of.
   * @throws ExtenderError
   */
  prioritize(pod: PodInfo, nodes: readonly NodeInfo[]): ReadonlyMap<string, number> {
    const answer = this.#post(this.#document.prioritizeVerb, this.#arguments(pod, nodes));
    if (!Array.isArray(answer)) {
      throw new ExtenderError(`extender "${this.#url}" answered no list of scores`);
    }
    const scores = new Map<string, number>();
    for (const { Host, Score } of answer as readonly { readonly Host?: unknown; readonly Score?: unknown }[]) {
      if (typeof Host !== 'string' || typeof Score !== 'number' || !Number.isInteger(Score)) {
        throw new ExtenderError(`extender "${this.#url}" answered a score that is none`);
      }
      const added = Score * (this.#document.weight ?? 0) * SCORE_SCALE;
      scores.set(Host, (scores.get(Host) ?? 0) + added);
    }
    return scores;
  }

  /**
   * Candidates that it agrees to, with the victims that it names. As ProcessPreemption with convertToVictims.
   * @throws ExtenderError
   */
  processPreemption(
    pod: PodInfo,
    candidates: readonly Candidate[],
    nodeOf: (name: string) => NodeInfo | undefined,
  ): readonly Candidate[] {
    const { nodeCacheCapable, preemptVerb } = this.#document;
    const victims = Object.fromEntries(
      candidates.map(({ node, victims: pods, budgetViolations }) => [
        node,
        {
          Pods: nodeCacheCapable ? pods.map(({ uid }) => ({ UID: uid })) : pods.map((victim) => victim.pod),
          NumPDBViolations: budgetViolations,
        },
      ]),
    );
    const key = nodeCacheCapable ? 'NodeNameToMetaVictims' : 'NodeNameToVictims';
    const answer = this.#post(preemptVerb, { Pod: pod.pod, [key]: victims });
    const agreed = (answer.NodeNameToMetaVictims ?? {}) as Record<
      string,
      { readonly Pods?: readonly { readonly UID: string }[]; readonly NumPDBViolations?: number }
    >;
    return Object.entries(agreed).flatMap(([node, { Pods = [], NumPDBViolations = 0 }]) => {
      const info = nodeOf(node);
      if (info === undefined) {
        throw new ExtenderError(`nodeinfo not found for node name "${node}"`);
      }
      const victims = Pods.map(({ UID }) => {
        const victim = info.pods.find(({ uid }) => uid === UID);
        if (victim === undefined) {
          const claim = `extender: ${this.#url} claims to preempt pod (UID: ${UID}) on node: ${node}`;
          throw new ExtenderError(`${claim}, but the pod is not found on that node`);
        }
        return victim;
      });
      if (victims.length > 0) {
        return [candidateOf(node, victims, NumPDBViolations)];
      }
      if (this.isIgnorable) {
        return [];
      }
      throw new ExtenderError(`expected at least one victim pod on node "${node}"`);
    });
  }

  /** @throws ExtenderError */
  bind({ pod, uid, namespace }: PodInfo, node: string): void {
    const binding = { PodName: pod.metadata.name, PodNamespace: namespace, PodUID: uid, Node: node };
    const answer = this.#post(this.#document.bindVerb, binding);
    if (answer.Error) {
      throw new ExtenderError(String(answer.Error));
    }
  }

  #arguments({ pod }: PodInfo, nodes: readonly NodeInfo[]): unknown {
    return this.#document.nodeCacheCapable
      ? { Pod: pod, Nodes: null, NodeNames: nodes.map(({ name }) => name) }
      : { Pod: pod, Nodes: { metadata: {}, items: nodes.map(({ node }) => node) }, NodeNames: null };
  }

  #post(verb: string | undefined, body: unknown): Record<string, unknown> {
    const reply = this.#call({ url: `${this.#url}/${verb}`, body, timeout: this.#timeout });
    this.#took += reply.took;
    if (!reply.ok) {
      throw new ExtenderError(reply.error);
    }
    if (typeof reply.body !== 'object' || reply.body === null) {
      throw new ExtenderError(`extender "${this.#url}" answered neither an object nor a list`);
    }
    return reply.body as Record<string, unknown>;
  }
}

const itemsOf = (list: unknown): readonly Pick<Pod, 'metadata'>[] =>
  ((list as { items?: readonly Pick<Pod, 'metadata'>[] } | null | undefined)?.items ?? []) as readonly Pick<
    Pod,
    'metadata'
  >[];

function expectStrings(value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'string')) {
    throw new ExtenderError('extender answered node names that are none');
  }
  return value as readonly string[];
}

function expectTexts(value: unknown): Readonly<Record<string, string>> {
  if (value === undefined || value === null) {
    return {};
  }
  if (typeof value !== 'object' || Object.values(value).some((text) => typeof text !== 'string')) {
    throw new ExtenderError('extender answered reasons that are no texts');
  }
  return value as Readonly<Record<string, string>>;
}

/** In the order in which they are asked: those whose failure may be ignored come last. As buildExtenders. */
export const extendersInOrder = (documents: readonly ExtenderDocument[], call: ExtenderCall): readonly Extender[] =>
  [...documents]
    .sort((a, b) => Number(a.ignorable ?? false) - Number(b.ignorable ?? false))
    .map((document) => new Extender(document, call));
