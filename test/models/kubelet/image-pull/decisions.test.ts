import { seconds } from '../../../../engine/index.js';
import {
  ImageBackOff,
  type ImagePullSettings,
  imageDecision,
} from '../../../../models/kubelet/image-pull/decisions.js';

describe('what becomes of a wish for an image', () => {
  it.each([
    ['Always', true, 'pull'],
    ['Always', false, 'pull'],
    ['IfNotPresent', true, 'use'],
    ['IfNotPresent', false, 'pull'],
    ['Never', true, 'use'],
    ['Never', false, 'refuse'],
  ] as const)('%s, there: %s → %s', (policy, isPresent, expected) => {
    expect(imageDecision(policy, isPresent)).toBe(expected);
  });
});

describe('the back-off of pulls', () => {
  const settings: ImagePullSettings = {
    registryPullQPS: 5,
    registryBurst: 10,
    serializeImagePulls: true,
    maxParallelImagePulls: undefined,
    imageBackOffPeriod: seconds(10),
    maxImageBackOff: seconds(300),
    pulledEventTellsSize: true,
    waitingMessageTellsPullError: true,
    KubeletEnsureSecretPulledImages: true,
  };

  it('is 10, 20, 40, 80, 160 and 300 s from each failure', () => {
    const backOff = new ImageBackOff(settings);
    let at = 0;
    for (const step of [10, 20, 40, 80, 160, 300, 300]) {
      backOff.recordFailure('pod_image', 'ErrImagePull: no', seconds(at));
      expect(backOff.refusal('pod_image', seconds(at + step) - 1)).toBe('ErrImagePull: no');
      expect(backOff.refusal('pod_image', seconds(at + step))).toBeUndefined();
      at += step;
    }
  });

  it('begins anew more than 600 s after the last failure', () => {
    const backOff = new ImageBackOff(settings);
    backOff.recordFailure('pod_image', 'first', 0);
    backOff.recordFailure('pod_image', 'second', seconds(10));
    backOff.recordFailure('pod_image', 'third', seconds(611));
    expect(backOff.refusal('pod_image', seconds(620))).toBe('third');
    expect(backOff.refusal('pod_image', seconds(621))).toBeUndefined();
  });

  it('knows pods and images apart', () => {
    const backOff = new ImageBackOff(settings);
    backOff.recordFailure('a_image', 'no', 0);
    expect(backOff.refusal('b_image', 0)).toBeUndefined();
  });
});
