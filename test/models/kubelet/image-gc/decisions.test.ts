import {
  bytesToFree,
  type ImageGCSettings,
  imagesToFree,
  oldImages,
  type UnusedImage,
} from '../../../../models/kubelet/image-gc/decisions.js';

const SETTINGS: ImageGCSettings = {
  imageGCHighThresholdPercent: 85,
  imageGCLowThresholdPercent: 80,
  imageMinimumGCAge: 120,
  imageMaximumGCAge: 1000,
  imageGCPeriod: 300,
  imageDetectionPeriod: 300,
  failureTellsEligible: true,
};

const image = (name: string, lastUsed: number, firstDetected = 0): UnusedImage => ({
  name,
  bytes: 10,
  firstDetected,
  lastUsed,
});

it.each([
  // Whole percents: with 160 of 1000 left 84 % are in use, with 159 it is 85 %; then down to 80 %.
  [160, 0],
  [159, 41],
  [150, 50],
  [0, 200],
])('with %s bytes left of 1000 it frees %s', (available, freed) => {
  expect(bytesToFree(available, 1000, SETTINGS)).toBe(freed);
});

const NAMES: readonly [string, readonly UnusedImage[], number, readonly string[]][] = [
  ['least recently used first', [image('b', 200), image('a', 100)], 5, ['a']],
  ['as many as it takes', [image('b', 200), image('a', 100), image('c', 300)], 15, ['a', 'b']],
  ['of two used at the same time the one found first', [image('a', 100, 50), image('b', 100, 20)], 5, ['b']],
  ['never used before all others', [image('a', 100), image('b', Number.NEGATIVE_INFINITY)], 5, ['b']],
  ['none found less than 2 minutes ago', [image('a', 100, 881), image('b', 200, 880)], 15, ['b']],
];

it.each(NAMES)('frees %s', (_, images, bytes, names) => {
  expect(imagesToFree(images, bytes, 1000, SETTINGS).map(({ name }) => name)).toEqual(names);
});

it('removes what is unused for longer than the maximum age, once the collector is that old itself', () => {
  const images = [image('old', 100), image('new', 900)];
  expect(oldImages(images, 1101, 0, SETTINGS).map(({ name }) => name)).toEqual(['old']);
  expect(oldImages(images, 1101, 200, SETTINGS)).toEqual([]);
  expect(oldImages(images, 1101, 0, { ...SETTINGS, imageMaximumGCAge: 0 })).toEqual([]);
});
