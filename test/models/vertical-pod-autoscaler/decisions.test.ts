import { seconds } from '../../../engine/index.js';
import type { Pod, VerticalPodAutoscaler } from '../../../models/api/index.js';
import { type Defaults, defaultsFor } from '../../../models/versions/index.js';
import { withRecommendedResources } from '../../../models/vertical-pod-autoscaler/admission.js';
import { verticalPodAutoscalerConfiguration } from '../../../models/vertical-pod-autoscaler/config.js';
import { evictionsAllowed, podsToUpdate, priorityOf } from '../../../models/vertical-pod-autoscaler/decisions.js';
import { recommend } from '../../../models/vertical-pod-autoscaler/recommendation.js';

const { updater } = verticalPodAutoscalerConfiguration(defaultsFor('1.37') as Defaults);
const NOW = seconds(100_000);

interface PodText {
  readonly cpu?: string;
  readonly limits?: Readonly<Record<string, string>>;
  readonly ageHours?: number;
  readonly oomAfterSeconds?: number;
  readonly phase?: string;
}

const pod = (name: string, { cpu, limits, ageHours = 1, oomAfterSeconds, phase = 'Running' }: PodText = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: {
    containers: [
      { name: 'c', image: 'c', resources: { ...(cpu && { requests: { cpu } }), ...(limits && { limits }) } },
    ],
  },
  status: {
    phase,
    startTime: NOW - seconds(ageHours * 3600),
    containerStatuses: [
      {
        name: 'c',
        image: 'c',
        imageID: '',
        ready: true,
        restartCount: 1,
        ...(oomAfterSeconds !== undefined && {
          lastState: {
            terminated: { exitCode: 137, reason: 'OOMKilled', startedAt: 0, finishedAt: seconds(oomAfterSeconds) },
          },
        }),
      },
    ],
  },
});

const autoscaler = (spec: Partial<VerticalPodAutoscaler['spec']> = {}, target = '100m'): VerticalPodAutoscaler => ({
  apiVersion: 'autoscaling.k8s.io/v1',
  kind: 'VerticalPodAutoscaler',
  metadata: { name: 'shop', namespace: 'default' },
  spec: { targetRef: { kind: 'Deployment', name: 'shop' }, ...spec },
  status: {
    recommendation: {
      containerRecommendations: [
        { containerName: 'c', target: { cpu: target }, lowerBound: { cpu: '80m' }, upperBound: { cpu: '200m' } },
      ],
    },
  },
});

const chosen = (...pods: readonly Pod[]): readonly string[] =>
  podsToUpdate(pods, autoscaler(), updater, NOW).map(({ metadata }) => metadata.name);

describe('whether a pod is made anew', () => {
  it.each<[string, PodText, boolean]>([
    ['requests less than the lower bound', { cpu: '79m' }, true],
    ['requests the lower bound', { cpu: '80m' }, false],
    ['requests more than the upper bound', { cpu: '201m' }, true],
    ['requests nothing', {}, true],
    ['is within the bounds for less than 12 hours', { cpu: '180m', ageHours: 11.9 }, false],
    ['is within the bounds for 12 hours, and a tenth off', { cpu: '112m', ageHours: 12 }, true],
    ['is within the bounds for 12 hours, and less off', { cpu: '110m', ageHours: 12 }, false],
    ['was killed for memory within 10 minutes of its start', { cpu: '90m', oomAfterSeconds: 599 }, true],
    ['was killed for memory later', { cpu: '90m', oomAfterSeconds: 600 }, false],
    ['was killed for memory, but would get the same', { cpu: '100m', oomAfterSeconds: 5 }, false],
  ])('%s', (_, text, expected) => {
    expect(chosen(pod('p', text))).toEqual(expected ? ['p'] : []);
  });

  it('is decided for those that want more first, then by how far off they are', () => {
    const pods = [pod('a', { cpu: '1' }), pod('b', { cpu: '70m' }), pod('c', { cpu: '2' }), pod('d', { cpu: '50m' })];
    // |50 − 100| / 50 = 1, |70 − 100| / 70 = 0.43; |2000 − 100| / 2000 = 0.95, |1000 − 100| / 1000 = 0.9.
    expect(chosen(...pods)).toEqual(['d', 'b', 'c', 'a']);
    expect(priorityOf(pod('d', { cpu: '50m' }), autoscaler())).toEqual({
      isOutsideRange: true,
      scaleUp: true,
      resourceDiff: 1,
    });
  });
});

describe('how many of a group may go at once', () => {
  const group = (configured: number, running: number, pending = 0): number =>
    evictionsAllowed(
      {
        configured,
        pods: [
          ...Array.from({ length: running }, (_, i) => pod(`r${i}`)),
          ...Array.from({ length: pending }, (_, i) => pod(`p${i}`, { phase: 'Pending' })),
        ],
      },
      updater,
    );

  it.each([
    // Half of the replicas, rounded down, may be missing.
    [10, 10, 0, 5],
    [10, 7, 3, 2],
    [3, 3, 0, 1],
    [3, 2, 1, 0],
    // Half of one is none: one may go when all run.
    [1, 1, 0, 1],
    [1, 0, 1, 0],
  ])('%d wanted, %d running, %d pending: %d', (configured, running, pending, expected) => {
    expect(group(configured, running, pending)).toBe(expected);
  });
});

describe('the webhook', () => {
  const resources = (text: PodText, spec: Partial<VerticalPodAutoscaler['spec']> = {}) => {
    const changed = withRecommendedResources(pod('p', text), autoscaler(spec));
    return { ...changed.spec.containers[0]?.resources, annotations: changed.metadata.annotations };
  };

  it('requests what is recommended, and keeps the proportion of the limit', () => {
    // 500m / 200m × 100m.
    expect(resources({ cpu: '200m', limits: { cpu: '500m', memory: '1Gi' } })).toEqual({
      requests: { cpu: '100m' },
      limits: { cpu: '250m', memory: '1Gi' },
      annotations: {
        vpaUpdates: 'Pod resources updated by shop: container 0: cpu request, cpu limit',
        vpaObservedContainers: 'c',
      },
    });
  });

  it('takes a limit without a request for the request', () => {
    expect(resources({ limits: { cpu: '500m' } })).toMatchObject({
      requests: { cpu: '100m' },
      limits: { cpu: '100m' },
    });
  });

  it('leaves limits alone when only requests are controlled', () => {
    const containerPolicies = [{ containerName: '*', controlledValues: 'RequestsOnly' }];
    expect(
      resources({ cpu: '200m', limits: { cpu: '500m' } }, { resourcePolicy: { containerPolicies } }),
    ).toMatchObject({
      requests: { cpu: '100m' },
      limits: { cpu: '500m' },
    });
  });

  it('does nothing in mode Off, and nothing to containers that are off', () => {
    expect(resources({ cpu: '200m' }, { updatePolicy: { updateMode: 'Off' } })).toEqual({ requests: { cpu: '200m' } });
    const containerPolicies = [{ containerName: 'c', mode: 'Off' }];
    expect(resources({ cpu: '200m' }, { resourcePolicy: { containerPolicies } })).toMatchObject({
      requests: { cpu: '200m' },
    });
  });
});

describe('the policy of a container', () => {
  const estimate = {
    target: { cpu: 126, memory: 300_000_000 },
    lowerBound: { cpu: 50, memory: 262_144_000 },
    upperBound: { cpu: 1000, memory: 1_000_000_000 },
  };

  it('bounds all but the uncapped target', () => {
    const policy = { minAllowed: { cpu: '200m' }, maxAllowed: { memory: '256Mi' } };
    expect(recommend('c', estimate, policy)).toEqual({
      containerName: 'c',
      target: { cpu: '200m', memory: '268435456' },
      lowerBound: { cpu: '200m', memory: '262144k' },
      upperBound: { cpu: '1', memory: '268435456' },
      uncappedTarget: { cpu: '126m', memory: '300M' },
    });
  });

  it('leaves out what it does not control', () => {
    expect(recommend('c', estimate, { controlledResources: ['memory'] }).target).toEqual({ memory: '300M' });
  });
});
