import { nodeAllocatableReservation, podsMemoryLimit } from '../../../../models/kubelet/allocatable/index.js';
import { hardEvictionReservation } from '../../../../models/kubelet/eviction/index.js';
import { defaultsFor } from '../../../../models/versions/index.js';

const GIB = 2 ** 30;
const CAPACITY = { cpu: '4', memory: '16Gi', 'ephemeral-storage': '100Gi', pods: '110' };

it('keeps 100 Mi of memory and a tenth of the disk from pods by default', () => {
  const { evictionHard } = defaultsFor('1.37')!.kubelet.eviction;
  const hardEviction = hardEvictionReservation(evictionHard, { memory: 16 * GIB, 'ephemeral-storage': 100 * GIB });
  // 10 % as a float32 is 0.10000000149…: 160 bytes more than a tenth.
  expect(hardEviction).toEqual({ memory: 100 * 2 ** 20, 'ephemeral-storage': 10 * GIB + 160 });
  expect(nodeAllocatableReservation(CAPACITY, { hardEviction })).toEqual({
    memory: '104857600',
    'ephemeral-storage': String(10 * GIB + 160),
  });
});

it('adds reservations and huge pages, but not to the limit of the cgroup of pods what eviction keeps free', () => {
  const reservations = {
    kubeReserved: { cpu: '200m', memory: '1Gi' },
    systemReserved: { memory: '512Mi', 'example.com/gpu': '1' },
    hardEviction: { memory: 100 * 2 ** 20 },
  };
  const withHugePages = { ...CAPACITY, 'hugepages-2Mi': '1Gi' };
  expect(nodeAllocatableReservation(withHugePages, reservations)).toEqual({ cpu: '200m', memory: '2660Mi' });
  expect(podsMemoryLimit(CAPACITY, reservations)).toBe('14848Mi');
});
