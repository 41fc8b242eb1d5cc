import { seconds, toSeconds } from '../../../../engine/index.js';
import { oneDisk } from '../../../../models/world/index.js';
import { type ANode, type ANodeOptions, aNode } from '../../../helpers/a-node.js';

const GI = 1024 ** 3;

/** One disk of 10 Gi with three images of 1 Gi that nothing uses, and a file that fills it to `used` bytes from 400 s on. */
function crowded(used: number, options: ANodeOptions = {}): ANode {
  const node = aNode({ disks: oneDisk(10 * GI), ...options });
  for (const name of ['one', 'two', 'three']) {
    node.registry.describe(`${name}:v1`, { bytes: GI });
    node.runtime.images.preload(`${name}:v1`);
  }
  node.runUntil('400s');
  node.runtime.fillDisk('nodefs', { base: used });
  return node;
}

const kept = ({ runtime }: ANode): number => [...runtime.images.list()].length;
const told = (node: ANode, reason: string): readonly number[] =>
  node
    .events('node-1')
    .filter(({ event }) => event.reason === reason)
    .map(({ at }) => toSeconds(at));

describe('image garbage collection', () => {
  const quiet = { configuration: { evictionHard: { 'memory.available': '100Mi' } } };

  it('looks each 5 minutes, and stops when less than 80 % of the disk are in use', () => {
    // 5.6 + 3 Gi and the 0.2 Gi of app:v1 are 88 %; without that and one more it is 76 %.
    const node = crowded(5.6 * GI, quiet);
    node.runUntil('700.1s');
    expect(kept(node)).toBe(2);
  });

  it('leaves a disk alone of which less than 85 % are in use', () => {
    const node = crowded(5 * GI, quiet);
    node.runUntil('1h');
    expect(kept(node)).toBe(4);
  });

  it('tells that there is not enough to remove, and from the second time that it fails', () => {
    const node = crowded(9.5 * GI, quiet);
    node.runUntil('1700s');
    expect(kept(node)).toBe(0);
    // The kubelet started at 0.01 s. What is there is enough at 600 s; at 900 s nothing is left.
    expect(told(node, 'FreeDiskSpaceFailed')).toEqual([900, 1200, 1500].map((at) => expect.closeTo(at, 1)));
    expect(told(node, 'ImageGCFailed')).toEqual([1200, 1500].map((at) => expect.closeTo(at, 1)));
  });

  it('comes too early at the start of the kubelet, which does not know the size of its disk yet', () => {
    // Full from the start; a restart at 1000 s begins the 5 minutes anew, and with a failure.
    const node = crowded(9.5 * GI, quiet);
    node.runUntil('590s');
    expect(kept(node)).toBe(4);
    node.kubelet.stop();
    node.runUntil('1000s');
    node.kubelet.start();
    node.runUntil('1299s');
    expect(kept(node)).toBe(4);
    node.runUntil('1301s');
    // 0.2 + 1 + 1 Gi make the 2 that are to be free.
    expect(kept(node)).toBe(1);
    expect(told(node, 'InvalidDiskCapacity')).toEqual([0, 1000].map((at) => expect.closeTo(at, 1)));
    expect(told(node, 'ImageGCFailed')).toEqual([]);
  });

  it('tells its second pass as a failure if that one cannot free enough: the first failed, too', () => {
    const node = aNode({ disks: oneDisk(10 * GI), ...quiet });
    node.runtime.fillDisk('nodefs', { base: 9.5 * GI });
    node.runUntil('310s');
    // 0.2 Gi of app:v1 are all there is.
    expect(told(node, 'FreeDiskSpaceFailed')).toEqual([expect.closeTo(300, 1)]);
    expect(told(node, 'ImageGCFailed')).toEqual([expect.closeTo(300, 1)]);
  });

  it('does nothing at a high threshold of 100', () => {
    const node = crowded(9.5 * GI, { configuration: { ...quiet.configuration, imageGCHighThresholdPercent: 100 } });
    node.runUntil('1h');
    expect(kept(node)).toBe(4);
  });

  it('removes images unused for longer than imageMaximumGCAge, however empty the disk', () => {
    const node = aNode({ configuration: { imageMaximumGCAge: '1h' } });
    node.runUntil('3500s');
    expect(kept(node)).toBe(1);
    node.runUntil('4000s');
    expect(kept(node)).toBe(0);
  });

  it('keeps what a dead container was made of, and goes by when it was last seen in use', () => {
    const node = aNode({ ...quiet, disks: oneDisk(10 * GI) });
    node.registry.describe('app:v2', { bytes: GI });
    node.runtime.images.preload('app:v2');
    node.runUntil('10s');
    node.apply({ name: 'web', spec: { containers: [{ name: 'c', image: 'app:v2' }] } });
    node.runUntil('1000s');
    node.delete('web');
    node.runUntil('1010s');
    // Both are unused now; app:v1 never was in use, so it goes first, and 85 % − 0.2 Gi are still above 80 %.
    node.runtime.fillDisk('nodefs', { base: 7.4 * GI });
    node.runUntil('1320s');
    expect(node.runtime.images.find('app:v1')).toBeUndefined();
    expect(node.runtime.disks.nodefs.bytes.usedAt(seconds(1320))).toBe(7.4 * GI);
  });
});
