import { parseRfc3339, seconds } from '../../../engine/index.js';
import type { Node, NodeClaim, NodePool, NodePoolBudget, Pod, PodDisruptionBudget } from '../../../models/api/index.js';
import type { InstanceType } from '../../../models/karpenter/cloud.js';
import {
  type Candidate,
  consolidate,
  isConfirmed,
  mostTogether,
  withoutSameType,
} from '../../../models/karpenter/consolidation.js';
import {
  disruptionCost,
  disruptionObstacle,
  drainGroup,
  evictionCost,
  inOrderOfPacking,
  isEvictable,
  isProvisionable,
  isReschedulable,
} from '../../../models/karpenter/decisions.js';
import { driftOf, templateHash } from '../../../models/karpenter/drift.js';
import {
  allowedDisruptions,
  byWeight,
  disruptionRules,
  isBudgetActive,
  withRequirements,
} from '../../../models/karpenter/node-pools.js';
import { type Offering, offeringsOfPool } from '../../../models/karpenter/offerings.js';
import type { NewNode, Packing } from '../../../models/karpenter/packing.js';

const aPod = (name: string, change: Partial<Pod['metadata']> = {}, spec: Partial<Pod['spec']> = {}): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: name, labels: { app: 'web' }, ...change },
    spec: { containers: [{ name: 'c', image: 'app', resources: { requests: { cpu: '1' } } }], ...spec },
    status: { phase: 'Running', conditions: [] },
  }) as unknown as Pod;

const owned = (kind: string): Partial<Pod['metadata']> => ({
  ownerReferences: [{ apiVersion: 'apps/v1', kind, name: 'x', uid: 'x', controller: true }],
});

const waiting = (pod: Pod): Pod => ({
  ...pod,
  status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] },
});

const aPool = (spec: Partial<NodePool['spec']> = {}, name = 'default'): NodePool => ({
  apiVersion: 'karpenter.sh/v1',
  kind: 'NodePool',
  metadata: { name },
  spec: {
    template: { spec: { requirements: [], nodeClassRef: { group: 'g', kind: 'K', name: 'n' } } },
    ...spec,
  },
});

const aType = (name: string, price: number, zones: readonly string[] = ['a']): InstanceType => ({
  name,
  price,
  zones,
  node: { apiVersion: 'v1', kind: 'Node', metadata: { name: '', labels: { 'kubernetes.io/arch': 'amd64' } }, spec: {} },
  launch: () => '',
  has: () => true,
  terminate: () => {},
});
const [small, medium, large] = [aType('small', 0.1), aType('medium', 0.2), aType('large', 0.4)];

const aClaim = (change: Partial<NodeClaim> = {}): NodeClaim => ({
  apiVersion: 'karpenter.sh/v1',
  kind: 'NodeClaim',
  metadata: { name: 'c', creationTimestamp: 0 },
  spec: { requirements: [], nodeClassRef: { group: 'g', kind: 'K', name: 'n' } },
  ...change,
});

describe('pods', () => {
  it('that no node takes make one, others not', () => {
    expect(isProvisionable(waiting(aPod('a')))).toBe(true);
    expect(isProvisionable(waiting(aPod('a', owned('DaemonSet'))))).toBe(false);
    expect(isProvisionable(aPod('a'))).toBe(false);
    const preempting = waiting(aPod('a'));
    expect(isProvisionable({ ...preempting, status: { ...preempting.status, nominatedNodeName: 'n' } })).toBe(false);
  });

  it('need another place when their node goes, but for daemons; those of a StatefulSet also while they leave', () => {
    const leaving = { deletionTimestamp: seconds(1) };
    expect(isReschedulable(aPod('a'))).toBe(true);
    expect(isReschedulable(aPod('a', owned('DaemonSet')))).toBe(false);
    expect(isReschedulable(aPod('a', leaving))).toBe(false);
    expect(isReschedulable(aPod('a', { ...leaving, ...owned('StatefulSet') }))).toBe(true);
  });

  it('are packed by CPU, then memory, then age', () => {
    const pod = (name: string, cpu: string, memory: string, creationTimestamp: number): Pod =>
      aPod(name, { creationTimestamp }, {
        containers: [{ name: 'c', image: 'app', resources: { requests: { cpu, memory } } }],
      } as Partial<Pod['spec']>);
    const pods = [pod('d', '1', '1Gi', 5), pod('c', '1', '1Gi', 4), pod('b', '1', '2Gi', 9), pod('a', '2', '1Gi', 9)];
    expect(inOrderOfPacking(pods).map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('go daemons after the others, critical ones last', () => {
    const [plain, daemon] = [aPod('a'), aPod('b', owned('DaemonSet'))];
    const critical = aPod('c', {}, { priorityClassName: 'system-cluster-critical' });
    const names = (pods: readonly Pod[]) => drainGroup(pods).map(({ metadata }) => metadata.name);
    expect([names([critical, daemon, plain]), names([critical, daemon]), names([critical])]).toEqual([
      ['a'],
      ['b'],
      ['c'],
    ]);
  });

  it('stay to the end if they tolerate it or are not to be disrupted', () => {
    expect(isEvictable(aPod('a'))).toBe(true);
    expect(isEvictable(aPod('a', {}, { tolerations: [{ operator: 'Exists' }] }))).toBe(false);
    expect(isEvictable(aPod('a', { annotations: { 'karpenter.sh/do-not-disrupt': 'true' } }))).toBe(false);
  });
});

describe('what stands in the way of disrupting a node', () => {
  const budget = (name: string, disruptionsAllowed: number): PodDisruptionBudget =>
    ({
      metadata: { name, namespace: 'default' },
      spec: { selector: { matchLabels: { app: 'web' } } },
      status: { disruptionsAllowed },
    }) as unknown as PodDisruptionBudget;
  const guarded = aPod('a', { annotations: { 'karpenter.sh/do-not-disrupt': 'true' } });

  it.each<readonly [string, readonly Pod[], readonly PodDisruptionBudget[], string | undefined]>([
    ['nothing', [aPod('a')], [budget('b', 1)], undefined],
    ['a pod that says so', [guarded], [], 'pod has "karpenter.sh/do-not-disrupt" annotation'],
    ['one that has ended does not', [{ ...guarded, status: { phase: 'Succeeded' } }], [], undefined],
    ['a budget', [aPod('a')], [budget('b', 0)], 'pdb prevents pod evictions (PodDisruptionBudget=[default/b])'],
    ['two budgets', [aPod('a')], [budget('b', 1), budget('c', 1)], 'eviction does not support multiple PDBs'],
  ])('%s', (_, pods, budgets, obstacle) => {
    expect(disruptionObstacle(pods, budgets)).toBe(obstacle);
  });
});

describe('the cost of disruption', () => {
  it('is one for each pod, more or less by priority and deletion cost, within ten', () => {
    const cost = (value: string) => ({ annotations: { 'controller.kubernetes.io/pod-deletion-cost': value } });
    expect(evictionCost(aPod('a'))).toBe(1);
    expect(evictionCost(aPod('a', cost(String(2 ** 27))))).toBe(2);
    expect(evictionCost(aPod('a', {}, { priority: 2 ** 25 }))).toBe(2);
    expect(evictionCost(aPod('a', cost('2147483647'), { priority: 2_000_000_000 }))).toBe(10);
  });

  it('falls as the node comes to its end', () => {
    const claim = aClaim({ spec: { ...aClaim().spec, expireAfter: '100s' } });
    const at = (second: number) => disruptionCost(claim, [aPod('a'), aPod('b')], seconds(second));
    expect([at(0), at(25), at(100)]).toEqual([2, 1.5, 0]);
    const forEver = aClaim({ spec: { ...aClaim().spec, expireAfter: 'Never' } });
    expect(disruptionCost(forEver, [aPod('a')], seconds(1e6))).toBe(1);
  });
});

describe('a NodePool', () => {
  const at = (text: string): number => parseRfc3339(text) as number;
  // A Wednesday.
  const noon = at('2026-01-07T12:00:00Z');

  it('consolidates at once and lets one node in ten go, unless it says otherwise', () => {
    expect(disruptionRules(aPool())).toEqual({
      consolidatesUnderutilized: true,
      consolidateAfter: 0,
      budgets: [{ nodes: '10%' }],
    });
    const rules = disruptionRules(
      aPool({ disruption: { consolidationPolicy: 'WhenEmpty', consolidateAfter: 'Never' } }),
    );
    expect(rules).toMatchObject({ consolidatesUnderutilized: false, consolidateAfter: undefined });
  });

  it('comes by weight, then by name', () => {
    const pools = [aPool({}, 'b'), aPool({ weight: 10 }, 'c'), aPool({}, 'a')];
    expect(byWeight(pools).map(({ metadata }) => metadata.name)).toEqual(['c', 'a', 'b']);
  });

  it.each<readonly [NodePoolBudget, string, boolean]>([
    [{ nodes: '1' }, '2026-01-07T12:00:00Z', true],
    [{ nodes: '1', schedule: '0 9 * * mon-fri', duration: '8h' }, '2026-01-07T08:59:59Z', false],
    [{ nodes: '1', schedule: '0 9 * * mon-fri', duration: '8h' }, '2026-01-07T09:00:00Z', true],
    [{ nodes: '1', schedule: '0 9 * * mon-fri', duration: '8h' }, '2026-01-07T16:59:59Z', true],
    [{ nodes: '1', schedule: '0 9 * * mon-fri', duration: '8h' }, '2026-01-07T17:00:00Z', false],
    // A Saturday.
    [{ nodes: '1', schedule: '0 9 * * mon-fri', duration: '8h' }, '2026-01-10T12:00:00Z', false],
    // Over midnight, and over the end of a month.
    [{ nodes: '1', schedule: '@daily', duration: '10m' }, '2026-02-01T00:09:59Z', true],
    [{ nodes: '1', schedule: '0 23 31 * *', duration: '2h' }, '2026-02-01T00:30:00Z', true],
  ])('has budget %j open at %s: %s', (budget, text, isActive) => {
    expect(isBudgetActive(budget, at(text))).toBe(isActive);
  });

  it.each<readonly [readonly NodePoolBudget[], number, number]>([
    [[{ nodes: '10%' }], 1, 1],
    [[{ nodes: '10%' }], 10, 1],
    [[{ nodes: '10%' }], 11, 2],
    [[{ nodes: '10%' }], 0, 0],
    [[{ nodes: '20%' }, { nodes: '5' }], 100, 5],
    [[{ nodes: '0', reasons: ['Drifted'] }], 10, Number.MAX_SAFE_INTEGER],
    [[{ nodes: '0', reasons: ['Empty', 'Drifted'] }, { nodes: '3' }], 10, 3],
    [[{ nodes: '0', schedule: '0 11 * * *', duration: '2h' }, { nodes: '3' }], 10, 0],
  ])('with budgets %j of %i nodes lets %i underutilized ones go', (budgets, count, allowed) => {
    const rules = disruptionRules(aPool({ disruption: { budgets } }));
    expect(allowedDisruptions(rules, count, 'Underutilized', noon)).toBe(allowed);
  });

  it.each<readonly [object, boolean]>([
    [{ key: 'kubernetes.io/arch', operator: 'In', values: ['amd64', 'arm64'] }, true],
    [{ key: 'kubernetes.io/arch', operator: 'NotIn', values: ['amd64'] }, false],
    [{ key: 'cpus', operator: 'Gt', values: ['3'] }, true],
    [{ key: 'cpus', operator: 'Lt', values: ['4'] }, false],
    [{ key: 'team', operator: 'In', values: ['red'] }, true],
    [{ key: 'team', operator: 'Exists' }, true],
    [{ key: 'cpus', operator: 'DoesNotExist' }, false],
  ])('with requirement %j has machines: %s', (requirement, fits) => {
    const labels = { 'kubernetes.io/arch': 'amd64', cpus: '4' };
    expect(withRequirements(labels, [requirement as never]) !== undefined).toBe(fits);
  });

  it('offers what its requirements leave, the cheapest first, with labels of its own', () => {
    const requirements = [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['b'] }];
    const { template } = aPool().spec;
    const pool = aPool({ template: { ...template, spec: { ...template.spec, requirements } } });
    const types = [aType('dear', 2, ['a', 'b']), aType('cheap', 1, ['b']), aType('elsewhere', 0.5, ['a'])];
    const offers = offeringsOfPool(pool, types);
    expect(offers.map(({ type, zone }) => `${type.name} ${zone}`)).toEqual(['cheap b', 'dear b']);
    expect(offers[0]?.labels).toMatchObject({
      'karpenter.sh/nodepool': 'default',
      'node.kubernetes.io/instance-type': 'cheap',
      'karpenter.sh/capacity-type': 'on-demand',
    });
  });

  it('lets nodes drift when its template changes, or requirements that they do not meet', () => {
    const pool = aPool();
    const labels = { 'node.kubernetes.io/instance-type': 'small', 'kubernetes.io/arch': 'amd64' };
    const annotations = { 'karpenter.sh/nodepool-hash': templateHash(pool) };
    const claim = aClaim({ metadata: { name: 'c', labels, annotations } });
    expect(driftOf(claim, pool)).toBeUndefined();
    const { template } = pool.spec;
    const labelled = aPool({ template: { ...template, metadata: { labels: { team: 'red' } } } });
    expect(driftOf(claim, labelled)).toBe('NodePoolDrifted');
    const requirements = [{ key: 'kubernetes.io/arch', operator: 'In', values: ['arm64'] }];
    const narrowed = aPool({ template: { ...template, spec: { ...template.spec, requirements } } });
    expect(driftOf(claim, narrowed)).toBe('RequirementsDrifted');
  });
});

describe('consolidation', () => {
  const candidate = (name: string, type: InstanceType): Candidate => ({
    name,
    claim: aClaim(),
    node: {} as Node,
    isInitialized: true,
    isLeaving: false,
    pool: aPool(),
    type,
    pods: [],
    cost: 1,
  });
  const node = (...types: readonly InstanceType[]): NewNode => ({
    pool: aPool(),
    pods: [],
    offerings: types.map((type): Offering => ({ type, zone: 'a', labels: {}, taints: [] })),
  });
  const packing = (newNodes: readonly NewNode[], errors: readonly Pod[] = []): Packing => ({
    newNodes,
    placed: new Map(),
    errors: new Map(errors.map((pod) => [pod, 'no place'])),
  });
  const names = (nodes: readonly NewNode[]): readonly string[] =>
    nodes.flatMap(({ offerings }) => offerings.map(({ type }) => type.name));

  it('deletes what is not needed, and replaces by what is cheaper alone', () => {
    expect(consolidate([candidate('a', medium)], packing([]))).toEqual({ isPossible: true, replacements: [] });
    const verdict = consolidate([candidate('a', medium)], packing([node(small, medium, large)]));
    expect(verdict.isPossible && names(verdict.replacements)).toEqual(['small']);
  });

  it.each<readonly [string, Packing, string]>([
    ['nothing cheaper fits', packing([node(medium, large)]), "Can't replace with a cheaper node"],
    ['it takes two', packing([node(small), node(small)]), "Can't remove without creating 2 candidates"],
    ['a pod would lose its place', packing([], [aPod('p')]), 'not all pods would schedule, default/p => no place'],
  ])('does neither where %s', (_, found, obstacle) => {
    expect(consolidate([candidate('a', medium)], found)).toEqual({ isPossible: false, obstacle });
  });

  it('does not mind pods that wait anyway', () => {
    expect(consolidate([candidate('a', medium)], packing([], [waiting(aPod('p'))])).isPossible).toBe(true);
  });

  it('does not replace several by one of them', () => {
    const several = [candidate('a', large), candidate('b', large), candidate('c', small)];
    expect(withoutSameType(node(small, medium, large), several)).toBeUndefined();
    const found = withoutSameType(node(aType('nano', 0.05), small, large), several);
    expect(found && names([found])).toEqual(['nano']);
  });

  it('finds the most that can go together by halving', () => {
    const candidates = Array.from({ length: 8 }, (_, i) => candidate(`n${i}`, large));
    const asked: number[] = [];
    const found = mostTogether(candidates, 100, (some) => {
      asked.push(some.length);
      return some.length <= 5 ? packing([]) : packing([node(small), node(small)]);
    });
    // Of 1 to 7 further ones: 4 can, 6 cannot, 5 cannot.
    expect([found?.candidates.length, asked]).toEqual([5, [5, 7, 6]]);
    expect(mostTogether(candidates.slice(0, 1), 100, () => packing([]))).toBeUndefined();
  });

  it('holds if a second look finds the same', () => {
    const command = { replacements: [node(small)] };
    expect(isConfirmed(command, packing([node(small, medium)]))).toBe(true);
    expect(isConfirmed(command, packing([node(medium)]))).toBe(false);
    expect(isConfirmed(command, packing([]))).toBe(false);
    expect(isConfirmed({ replacements: [] }, packing([]))).toBe(true);
    expect(isConfirmed({ replacements: [] }, packing([node(small)]))).toBe(false);
    expect(isConfirmed({ replacements: [] }, packing([], [aPod('p')]))).toBe(false);
  });
});
