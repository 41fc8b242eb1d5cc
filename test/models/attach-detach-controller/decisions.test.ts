import { createHash } from 'node:crypto';
import { seconds } from '../../../engine/index.js';
import type { Node, Pod } from '../../../models/api/index.js';
import {
  type DetachVerdict,
  decideDetach,
  multiAttachMessage,
} from '../../../models/attach-detach-controller/decisions.js';
import { sha256 } from '../../../models/attach-detach-controller/sha256.js';

const RULES = {
  reconcilerMaxWaitForUnmountDuration: seconds(360),
  disableForceDetachOnTimeout: false,
  sparesHealthyNodes: true,
  honorsOutOfService: true,
};

const node = (ready: string, taint?: string): Node =>
  ({
    spec: taint === undefined ? {} : { taints: [{ key: taint, effect: 'NoExecute' }] },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  }) as unknown as Node;

const OUT = 'node.kubernetes.io/out-of-service';
const safely: DetachVerdict = { do: 'detach', verifies: true };
const byForce: DetachVerdict = { do: 'detach', verifies: false };

it.each([
  ['unmounted: at once', { isMounted: false, node: node('True') }, 0, {}, safely],
  [
    'mounted: when six minutes have passed',
    { node: node('Unknown') },
    360,
    {},
    { do: 'wait', until: seconds(360) + 1 },
  ],
  ['mounted, six minutes over, node not ready', { node: node('Unknown') }, 360.1, {}, byForce],
  ['the same, node False', { node: node('False') }, 360.1, {}, byForce],
  ['the same, node gone', { node: undefined }, 360.1, {}, byForce],
  ['the same, node ready', { node: node('True') }, 360.1, {}, { do: 'wait', until: undefined }],
  ['the same before 1.26', { node: node('True') }, 360.1, { sparesHealthyNodes: false }, byForce],
  [
    'force disabled',
    { node: node('False') },
    999,
    { disableForceDetachOnTimeout: true },
    { do: 'wait', until: undefined },
  ],
  ['out of service: at once', { node: node('Unknown', OUT) }, 0, {}, byForce],
  ['out of service, force disabled', { node: node('Unknown', OUT) }, 0, { disableForceDetachOnTimeout: true }, byForce],
  [
    'out of service before 1.26',
    { node: node('Unknown', OUT) },
    1,
    { honorsOutOfService: false },
    { do: 'wait', until: seconds(360) + 1 },
  ],
] as const)('%s', (_, seen, at, rules, verdict) => {
  const unwanted = { isMounted: true, requestedAt: 0, ...seen };
  expect(decideDetach(unwanted, { ...RULES, ...rules }, seconds(at))).toEqual(verdict);
});

const pod = (name: string, namespace = 'a'): Pod => ({ metadata: { name, namespace } }) as unknown as Pod;

it.each([
  [[], "Volume is already exclusively attached to one node and can't be attached to another"],
  [[pod('x'), pod('y')], 'Volume is already used by pod(s) x, y'],
  [[pod('x'), pod('y', 'b')], 'Volume is already used by pod(s) x and 1 pod(s) in different namespaces'],
  [[pod('y', 'b')], 'Volume is already used by 1 pod(s) in different namespaces'],
])('names who has the volume, but nobody of another namespace: %#', (users, why) => {
  expect(multiAttachMessage('v', pod('p'), users)).toBe(`Multi-Attach error for volume "v" ${why}`);
});

it('hashes as SHA-256 does', () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 200]) {
    const text = 'kubernetes'.repeat(20).slice(0, length);
    expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'));
  }
});
