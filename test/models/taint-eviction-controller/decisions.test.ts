import { seconds } from '../../../engine/index.js';
import type { Node, Pod, Taint, Toleration } from '../../../models/api/index.js';
import {
  changesStay,
  changesTaints,
  evictionAction,
  noExecuteTaints,
  stayOf,
} from '../../../models/taint-eviction-controller/decisions.js';

const taint = (key: string, effect = 'NoExecute', value?: string): Taint => ({ key, effect, ...(value && { value }) });
const tolerates = (key: string, tolerationSeconds?: number): Toleration => ({
  key,
  operator: 'Exists',
  ...(tolerationSeconds !== undefined && { tolerationSeconds }),
});

describe('how long a pod stays', () => {
  it.each([
    ['no toleration', [], [taint('a')], { kind: 'not at all', taint: taint('a') }],
    ['one of two tolerated', [tolerates('a', 60)], [taint('a'), taint('b')], { kind: 'not at all', taint: taint('b') }],
    ['for ever', [tolerates('a')], [taint('a')], { kind: 'forever' }],
    [
      'the shorter of two',
      [tolerates('a', 60), tolerates('b', 30)],
      [taint('a'), taint('b')],
      { kind: 'until', tolerationSeconds: 30, taint: taint('b') },
    ],
    [
      'for ever and for a while',
      [tolerates('a'), tolerates('b', 30)],
      [taint('a'), taint('b')],
      { kind: 'until', tolerationSeconds: 30, taint: taint('b') },
    ],
    [
      'less than no time',
      [tolerates('a', -5)],
      [taint('a')],
      { kind: 'until', tolerationSeconds: 0, taint: taint('a') },
    ],
  ])('%s', (_, tolerations, taints, stay) => {
    expect(stayOf(tolerations, taints)).toEqual(stay);
  });
});

describe('what is done about a pod', () => {
  const until30 = { kind: 'until', tolerationSeconds: 30, taint: taint('a') } as const;

  it('starts a countdown from now', () => {
    expect(evictionAction(until30, undefined, seconds(100))).toMatchObject({ kind: 'count down', delay: seconds(30) });
  });

  it('keeps a countdown that began earlier, be the new one shorter or longer', () => {
    expect(evictionAction(until30, seconds(99), seconds(100)).kind).toBe('keep');
    expect(evictionAction({ ...until30, tolerationSeconds: 0 }, seconds(99), seconds(100)).kind).toBe('keep');
  });

  it('starts one anew that began at this very instant', () => {
    expect(evictionAction(until30, seconds(100), seconds(100)).kind).toBe('count down');
  });

  it('calls a countdown off when the pod may stay for ever, and does not wait when it may not stay at all', () => {
    expect(evictionAction({ kind: 'forever' }, seconds(99), seconds(100)).kind).toBe('cancel');
    expect(evictionAction({ kind: 'not at all', taint: taint('a') }, seconds(99), seconds(100)).kind).toBe('evict');
  });
});

describe('what counts as a change', () => {
  const node = (...taints: readonly Taint[]): Node => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n' },
    spec: { taints },
  });
  const pod = (parts: Partial<Pod['spec']>): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [], ...parts },
  });

  it('of a node: its NoExecute taints, with value and time, and no others', () => {
    expect(noExecuteTaints(node(taint('a'), taint('b', 'NoSchedule')))).toEqual([taint('a')]);
    expect(changesTaints(node(taint('a')), node(taint('a'), taint('b', 'NoSchedule')))).toBe(false);
    expect(changesTaints(node(taint('a')), node(taint('a', 'NoExecute', 'x')))).toBe(true);
    expect(changesTaints(node(taint('a')), node({ ...taint('a'), timeAdded: seconds(1) }))).toBe(true);
  });

  it('of a pod: its node and its tolerations', () => {
    expect(changesStay(pod({}), pod({ nodeName: 'n' }))).toBe(true);
    expect(changesStay(pod({ tolerations: [] }), pod({ tolerations: [tolerates('a')] }))).toBe(true);
    expect(changesStay(pod({ tolerations: [tolerates('a')] }), pod({ tolerations: [tolerates('a')] }))).toBe(false);
  });
});
