import type { PersistentVolume, PersistentVolumeClaim } from '../../../models/api/index.js';
import { bestMatch, decideVolume, reclaimOf } from '../../../models/persistentvolume-binder-controller/decisions.js';
import { aClaim, aVolume } from '../../helpers/some-storage.js';

const claim = (spec = {}): PersistentVolumeClaim => {
  const draft = aClaim('data', spec);
  return { ...draft, metadata: { ...draft.metadata, uid: 'u1' } } as PersistentVolumeClaim;
};

const volume = (name: string, spec = {}, phase = 'Available'): PersistentVolume =>
  ({ ...aVolume(name, spec), status: { phase } }) as PersistentVolume;

const size = (storage: string): object => ({ capacity: { storage } });

describe('the best match of a claim', () => {
  it.each([
    [
      'the smallest that is large enough',
      [volume('a', size('9Gi')), volume('b', size('5Gi')), volume('c', size('1Gi'))],
      'b',
    ],
    [
      'fewer access modes before a better size',
      [volume('a', { ...size('4Gi'), accessModes: ['ReadWriteOnce', 'ReadWriteMany'] }), volume('b', size('9Gi'))],
      'b',
    ],
    [
      'one reserved for it before a smaller one',
      [volume('a', size('4Gi')), volume('b', { claimRef: { name: 'data', namespace: 'default' } })],
      'b',
    ],
    [
      'none that another claim has',
      [volume('a', { claimRef: { name: 'other', namespace: 'default', uid: 'u2' } })],
      undefined,
    ],
    ['none of another class', [volume('a', { storageClassName: 'slow' })], undefined],
    ['none that is not Available', [volume('a', {}, 'Released')], undefined],
    ['none of another mode', [volume('a', { volumeMode: 'Block' })], undefined],
    ['none that lacks an access mode', [volume('a', { accessModes: ['ReadOnlyMany'] })], undefined],
  ])('is %s', (_, volumes, expected) => {
    expect(bestMatch(claim(), volumes, false)?.metadata.name).toBe(expected);
  });

  it('is only a reserved one while the claim waits for its first consumer', () => {
    expect(bestMatch(claim(), [volume('a')], true)).toBeUndefined();
    const reserved = volume('a', { claimRef: { name: 'data', namespace: 'default' } });
    expect(bestMatch(claim(), [reserved], true)).toBe(reserved);
  });
});

describe('a volume', () => {
  const ref = { claimRef: { name: 'data', namespace: 'default', uid: 'u1' } };
  it.each([
    ['without a claim', volume('a'), undefined, { do: 'set phase', phase: 'Available' }],
    [
      'reserved by a user',
      volume('a', { claimRef: { name: 'data' } }),
      undefined,
      { do: 'set phase', phase: 'Available' },
    ],
    ['whose claim is gone', volume('a', ref), undefined, { do: 'reclaim' }],
    ['whose claim does not name it yet', volume('a', ref), claim(), { do: 'wake claim' }],
    [
      'of another mode than its claim',
      volume('a', { ...ref, volumeMode: 'Block' }),
      claim(),
      { do: 'tell mode mismatch' },
    ],
    ['bound', volume('a', ref), claim({ volumeName: 'a' }), { do: 'set phase', phase: 'Bound' }],
    ['whose claim took another', volume('a', ref), claim({ volumeName: 'b' }), { do: 'unbind' }],
  ])('%s', (_, it, its, verdict) => {
    expect(decideVolume(it, its)).toEqual(verdict);
  });
});

it.each([
  [{ persistentVolumeReclaimPolicy: 'Retain' }, 'leave'],
  [{ persistentVolumeReclaimPolicy: 'Delete', csi: undefined, hostPath: { path: '/tmp/a' } }, 'delete'],
  [
    { persistentVolumeReclaimPolicy: 'Delete', csi: undefined, hostPath: { path: '/data' } },
    expect.objectContaining({ message: 'host_path deleter only supports /tmp/.+ but received provided /data' }),
  ],
  [{ persistentVolumeReclaimPolicy: 'Burn' }, expect.objectContaining({ reason: 'VolumeUnknownReclaimPolicy' })],
])('is reclaimed by its policy: %j', (spec, expected) => {
  expect(reclaimOf(volume('a', spec))).toEqual(expected);
});
