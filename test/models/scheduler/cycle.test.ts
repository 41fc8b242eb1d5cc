import type { Node, Pod } from '../../../models/api/index.js';
import type { ExtenderDocument, ProfileDocument } from '../../../models/scheduler/configuration/document.js';
import { Cache } from '../../../models/scheduler/framework/cache.js';
import { Cycle, type CycleOptions } from '../../../models/scheduler/framework/cycle.js';
import { fitErrorMessage } from '../../../models/scheduler/framework/diagnosis.js';
import { Extender } from '../../../models/scheduler/framework/extender.js';
import { type PodInfo, podInfoOf } from '../../../models/scheduler/framework/pod-info.js';
import type { Profile } from '../../../models/scheduler/framework/profile.js';
import type { Snapshot } from '../../../models/scheduler/framework/snapshot.js';
import { candidateOf } from '../../../models/scheduler/preemption/victims.js';
import { defaultProfile, Tables } from '../../vectors/runner/scheduler-cluster.js';
import { aNode, aPod } from './a-scheduler.js';

const OPTIONS: CycleOptions = { percentageOfNodesToScore: 0, tieRule: 'heap', nominatedNodeResetsStart: false };

/** Answers each verb with what the function makes of the names that were sent. */
function extender(document: ExtenderDocument, answer: (names: readonly string[]) => unknown): Extender {
  return new Extender({ nodeCacheCapable: true, ...document }, ({ body }) => ({
    ok: true,
    took: 0,
    body: answer((body as { NodeNames: readonly string[] }).NodeNames),
  }));
}

/** Lets every node pass but those named. */
const refusing = (...refused: readonly string[]): Extender =>
  extender({ urlPrefix: 'http://x', filterVerb: 'filter' }, (names) => ({
    NodeNames: names.filter((name) => !refused.includes(name)),
    FailedNodes: Object.fromEntries(names.filter((name) => refused.includes(name)).map((name) => [name, 'not here'])),
  }));

class ACluster {
  readonly #cache = new Cache();
  readonly #profile: Profile;
  readonly #cycle: Cycle;
  #snapshot: Snapshot;

  constructor(nodes: number, options: Partial<CycleOptions> = {}, profile?: ProfileDocument) {
    for (let i = 0; i < nodes; i++) {
      this.#cache.addNode({ ...aNode(`n${i}`), metadata: { name: `n${i}` } } as Node);
    }
    this.#snapshot = this.#cache.snapshot();
    this.#profile = defaultProfile(
      new Tables(),
      () => this.#snapshot,
      () => [],
      () => 0,
      profile,
    );
    this.#cycle = new Cycle({ ...OPTIONS, ...options });
  }

  get start(): number {
    return this.#cycle.nextStartNodeIndex;
  }

  schedule(nominatedNodeName?: string, spec = {}) {
    const draft = aPod('web', '500m', spec);
    const pod = podInfoOf({
      ...draft,
      metadata: { ...draft.metadata, uid: 'web' },
      status: { nominatedNodeName },
    } as never);
    const result = this.#cycle.schedule(this.#profile, pod, this.#snapshot);
    switch (result.outcome) {
      case 'placed':
        return { node: result.node.name, evaluated: result.evaluated, feasible: result.feasible };
      case 'unfit':
        return {
          message: fitErrorMessage(result.nodeCount, result.diagnosis),
          rejectors: [...result.diagnosis.unschedulablePlugins],
        };
      default:
        return { message: result.message };
    }
  }
}

describe('a pod with a nominated node', () => {
  it('goes there without a look at the others', () => {
    const cluster = new ACluster(150);
    expect(cluster.schedule('n7')).toEqual({ node: 'n7', evaluated: 1, feasible: 1 });
    expect(cluster.start).toBe(0);
  });

  it('gets another when an extender lets it not go there, and the refused node counts twice', () => {
    const cluster = new ACluster(10, { extenders: [refusing('n0')] });
    // Ten feasible nodes and the status of n0: the start moves by eleven of ten. Nine are left after the extender.
    expect(cluster.schedule('n0')).toMatchObject({ node: 'n1', feasible: 9 });
    expect(cluster.start).toBe(1);
  });

  it('gets another when the extender does not answer for that node alone', () => {
    const failing = extender({ urlPrefix: 'http://x', filterVerb: 'filter' }, (names) =>
      names.length === 1 ? { Error: 'busy' } : { NodeNames: names },
    );
    expect(new ACluster(3, { extenders: [failing] }).schedule('n2')).toMatchObject({ node: 'n0', feasible: 3 });
  });

  it('moves the start to the first node in 1.23, where the index was taken modulo a list of one', () => {
    const cluster = new ACluster(150, { nominatedNodeResetsStart: true });
    cluster.schedule();
    expect(cluster.start).toBe(100);
    expect(cluster.schedule('n7')).toMatchObject({ node: 'n7' });
    expect(cluster.start).toBe(0);
    cluster.schedule();
    expect(cluster.start).toBe(100);
    // n7 does not match, nor does any other: all are refused, beginning at the first.
    cluster.schedule('n7', { nodeSelector: { 'kubernetes.io/hostname': 'n8' } });
    expect(cluster.start).toBe(0);
  });
});

describe('an extender that is asked about victims', () => {
  const preempting = (answer: unknown): Extender =>
    extender({ urlPrefix: 'http://x/', preemptVerb: 'preempt' }, () => ({ NodeNameToMetaVictims: answer }));

  const cache = new Cache();
  cache.addNode({ ...aNode('n1'), metadata: { name: 'n1' } } as Node);
  for (const uid of ['low', 'other']) {
    const draft = aPod(uid, '1', { nodeName: 'n1' });
    cache.addPod({ ...draft, metadata: { ...draft.metadata, uid } } as Pod);
  }
  const { get } = cache.snapshot();
  const incoming = podInfoOf({ ...aPod('high'), metadata: { name: 'high', uid: 'high' } } as Pod);
  const candidates = [candidateOf('n1', [get('n1')?.pods[0] as PodInfo], 0)];

  it('may name others of that node', () => {
    const asked = preempting({ n1: { Pods: [{ UID: 'other' }], NumPDBViolations: 1 } });
    const [found] = asked.processPreemption(incoming, candidates, get);
    expect([found?.victims.map(({ uid }) => uid), found?.budgetViolations]).toEqual([['other'], 1]);
  });

  it('may name nobody that is not there', () => {
    expect(() => preempting({ n1: { Pods: [{ UID: 'gone' }] } }).processPreemption(incoming, candidates, get)).toThrow(
      'extender: http://x claims to preempt pod (UID: gone) on node: n1, but the pod is not found on that node',
    );
    expect(() => preempting({ n2: { Pods: [{ UID: 'low' }] } }).processPreemption(incoming, candidates, get)).toThrow(
      'nodeinfo not found for node name "n2"',
    );
  });

  it('may not leave a node without victims, unless it can be ignored', () => {
    const answer = { n1: { Pods: [] } };
    expect(() => preempting(answer).processPreemption(incoming, candidates, get)).toThrow(
      'expected at least one victim pod on node "n1"',
    );
  });
});

describe('how many feasible nodes are looked for', () => {
  const unscored = {
    schedulerName: 'default-scheduler',
    plugins: { preScore: { disabled: [{ name: '*' }] }, score: { disabled: [{ name: '*' }] } },
  };

  it('is one where nothing compares them', () => {
    expect(new ACluster(20, {}, unscored).schedule()).toEqual({ node: 'n0', evaluated: 1, feasible: 1 });
  });

  it('is as many as ever where an extender scores or filters', () => {
    const prefersLast = extender({ urlPrefix: 'http://x', prioritizeVerb: 'prioritize', weight: 1 }, (names) => [
      { Host: names.at(-1), Score: 10 },
    ]);
    expect(new ACluster(20, { extenders: [prefersLast] }, unscored).schedule()).toMatchObject({ node: 'n19' });
    expect(new ACluster(20, { extenders: [refusing('n0')] }, unscored).schedule()).toMatchObject({ feasible: 19 });
  });

  it('was as many as ever in 1.23', () => {
    const cluster = new ACluster(20, { oneIsEnoughWithoutScores: false }, unscored);
    expect(cluster.schedule()).toMatchObject({ feasible: 20 });
  });
});

describe('a refusal by PreFilter', () => {
  const terms = (...names: readonly string[]) => ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchFields: names.map((name) => ({ key: 'metadata.name', operator: 'In', values: [name] })) },
          ],
        },
      },
    },
  });

  it('is told once, and in 1.23 as that of so many nodes', () => {
    const now = new ACluster(3).schedule(undefined, terms('n0', 'n1'));
    expect(now).toMatchObject({ message: '0/3 nodes are available: pod affinity terms conflict.' });
    const then = new ACluster(3, { tellsPreFilterOnce: false }).schedule(undefined, terms('n0', 'n1'));
    expect(then).toMatchObject({ message: '0/3 nodes are available: 3 pod affinity terms conflict.' });
  });

  it('is not what required affinity without any term meets: no node matches it', () => {
    const none = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } };
    expect(new ACluster(2).schedule(undefined, { affinity: none })).toEqual({
      message: "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.",
      rejectors: ['NodeAffinity'],
    });
  });
});
