import {
  type ContainerGCPolicy,
  containersToRemove,
  type DeadContainer,
} from '../../../../models/kubelet/housekeeping/decisions.js';

const DEFAULT: ContainerGCPolicy = { minimumGCAge: 0, maxPerPodContainerCount: 1, maxContainerCount: -1 };

/** "pod/container@created". */
const dead = (text: string): DeadContainer => {
  const [, podUid = '', name = '', createdAt] = /^(.+)\/(.+)@(\d+)$/.exec(text) ?? [];
  return { podUid, id: text, name, createdAt: Number(createdAt) };
};

const TABLE: readonly [string, Partial<ContainerGCPolicy>, readonly string[], readonly string[]][] = [
  ['the newest of each container stays', {}, ['a/c@1', 'a/c@3', 'a/c@2', 'a/d@1'], ['a/c@2', 'a/c@1']],
  ['as many as the policy says', { maxPerPodContainerCount: 2 }, ['a/c@1', 'a/c@3', 'a/c@2'], ['a/c@1']],
  ['below 0: all', { maxPerPodContainerCount: -1 }, ['a/c@1', 'a/c@2'], []],
  ['none younger than the age', { minimumGCAge: 8 }, ['a/c@1', 'a/c@2', 'a/c@3'], ['a/c@1']],
  ['all of a pod that is gone', {}, ['gone/c@2', 'gone/c@1'], ['gone/c@2', 'gone/c@1']],
  ['a share for each, at least one, then the newest', { maxContainerCount: 2 }, ['a/c@1', 'b/c@2', 'c/c@3'], ['a/c@1']],
];

it.each(TABLE)('%s', (_, policy, containers, removed) => {
  const found = containersToRemove(containers.map(dead), { ...DEFAULT, ...policy }, 10, (uid) => uid === 'gone');
  expect(found.map(({ id }) => id)).toEqual(removed);
});
