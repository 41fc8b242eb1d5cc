import type { Kinds, Node, Pod } from '../../../../models/api/index.js';
import { Cache } from '../../../../models/scheduler/framework/cache.js';
import { Cycle } from '../../../../models/scheduler/framework/cycle.js';
import { fitErrorMessage } from '../../../../models/scheduler/framework/diagnosis.js';
import type { ListedKind } from '../../../../models/scheduler/framework/listers.js';
import { type PodInfo, podInfoOf } from '../../../../models/scheduler/framework/pod-info.js';
import type { Profile } from '../../../../models/scheduler/framework/profile.js';
import type { Snapshot } from '../../../../models/scheduler/framework/snapshot.js';
import { IncrementalCycle } from '../../../../models/scheduler/incremental/incremental-cycle.js';
import type { Adapter } from '../adapter.js';
import { compare } from '../compare.js';
import { defaultProfile, Tables } from '../scheduler-cluster.js';

interface NodeChange {
  readonly before: number;
  readonly op: 'add' | 'delete' | 'update';
  readonly node: number;
  readonly template: number;
}

interface Recorded {
  readonly nodeTemplates: readonly Node[];
  readonly nodes: readonly (readonly [number, number])[];
  readonly objects: readonly { readonly kind: ListedKind }[] | null;
  readonly podTemplates: readonly Pod[];
  readonly pods: readonly number[];
  readonly percentageOfNodesToScore: number;
  readonly allQueuedFirst?: boolean;
  readonly nodeChanges?: readonly NodeChange[];
  readonly result: {
    readonly messages?: readonly unknown[];
    readonly [column: string]: readonly unknown[] | undefined;
  };
}

/** Whole placement sequences, by both engines: pod, node, feasible, evaluated and start index of every cycle, and the texts of failures. */
export const adapter: Adapter = function* (file) {
  for (const { id, ...fields } of file.cases) {
    const recorded = fields as unknown as Recorded;
    const { messages, ...columns } = recorded.result;
    const expected = { ...columns, messages: messages ?? [] };
    yield compare(
      id,
      { plain: expected, incremental: expected },
      { plain: new Sequence(recorded, 'plain').run(), incremental: new Sequence(recorded, 'incremental').run() },
    );
  }
};

class Sequence {
  readonly #recorded: Recorded;
  readonly #cache = new Cache();
  readonly #tables = new Tables();
  readonly #profile: Profile;
  readonly #cycle: Pick<Cycle, 'schedule' | 'nextStartNodeIndex'>;
  #snapshot: Snapshot;
  readonly #found = {
    pod: [] as number[],
    node: [] as number[],
    feasible: [] as number[],
    evaluated: [] as number[],
    start: [] as number[],
    messages: [] as [number, string][],
  };

  constructor(recorded: Recorded, engine: 'plain' | 'incremental') {
    this.#recorded = recorded;
    for (const object of recorded.objects ?? []) {
      this.#tables.put(object.kind, object as Kinds[ListedKind]);
    }
    let count = 0;
    for (const [template, times] of recorded.nodes) {
      for (let i = 0; i < times; i++) {
        this.#cache.addNode(nodeFrom(recorded.nodeTemplates[template] as Node, count++));
      }
    }
    this.#snapshot = this.#cache.snapshot();
    this.#profile = defaultProfile(this.#tables, () => this.#snapshot);
    const options = {
      percentageOfNodesToScore: recorded.percentageOfNodesToScore,
      tieRule: 'heap',
      nominatedNodeResetsStart: false,
    } as const;
    const nobody = { isEmpty: true, nominatedPods: () => [] };
    this.#cycle = engine === 'plain' ? new Cycle(options) : new IncrementalCycle(options, this.#cache, nobody);
  }

  run(): unknown {
    const { pods, podTemplates, allQueuedFirst, nodeChanges } = this.#recorded;
    const numbered = pods.map((template, i) => ({ i, info: podFrom(podTemplates[template] as Pod, i) }));
    if (allQueuedFirst) {
      numbered.sort((a, b) => b.info.priority - a.info.priority || a.i - b.i);
    }
    numbered.forEach(({ i, info }, nth) => {
      for (const change of nodeChanges ?? []) {
        if (change.before === nth) {
          this.#change(change);
        }
      }
      this.#place(i, info);
    });
    return this.#found;
  }

  #change({ op, node, template }: NodeChange): void {
    if (op === 'delete') {
      this.#cache.removeNode(`n${node}`);
    } else if (op !== 'add' && op !== 'update') {
      throw new RangeError(`unknown change of a node: ${op satisfies never}`);
    } else {
      this.#cache.addNode(nodeFrom(this.#recorded.nodeTemplates[template] as Node, node));
    }
  }

  #place(i: number, info: PodInfo): void {
    const found = this.#found;
    this.#snapshot = this.#cache.snapshot();
    const result = this.#cycle.schedule(this.#profile, info, this.#snapshot);
    if (result.outcome === 'placed') {
      const { pod } = info;
      this.#cache.addPod({ ...pod, spec: { ...pod.spec, nodeName: result.node.name } });
      found.node.push(Number(result.node.name.slice(1)));
      found.feasible.push(result.feasible);
      found.evaluated.push(result.evaluated);
    } else {
      const isUnfit = result.outcome === 'unfit';
      found.messages.push([
        found.pod.length,
        isUnfit ? fitErrorMessage(result.nodeCount, result.diagnosis) : result.message,
      ]);
      found.node.push(-1);
      found.feasible.push(0);
      found.evaluated.push(isUnfit ? result.diagnosis.statuses.size : 0);
    }
    found.pod.push(i);
    found.start.push(this.#cycle.nextStartNodeIndex);
  }
}

function nodeFrom(template: Node, i: number): Node {
  const name = `n${i}`;
  const labels = { ...template.metadata.labels, 'kubernetes.io/hostname': name };
  return { ...template, metadata: { ...template.metadata, name, labels } };
}

function podFrom(template: Pod, i: number): PodInfo {
  const metadata = { ...template.metadata, name: `p${i}`, namespace: 'default', uid: `uid-p${i}` };
  return podInfoOf({ ...template, metadata });
}
