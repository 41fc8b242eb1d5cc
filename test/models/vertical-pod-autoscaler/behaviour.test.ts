import { seconds } from '../../../engine/index.js';
import type { Pod, VerticalPodAutoscaler } from '../../../models/api/index.js';
import { type MemoryRun, startRun } from '../../../scenarios/index.js';

interface Story {
  /** Of spec.updatePolicy. */
  readonly mode?: string;
  readonly replicas?: number;
  readonly behaviour?: string;
  readonly budget?: boolean;
  readonly autoscaler?: boolean;
  readonly runFor?: string;
}

const scenario = ({
  mode = 'Recreate',
  replicas = 4,
  behaviour = 'cpu: 300m',
  budget = false,
  autoscaler = true,
  runFor = '30m',
}: Story): string => `
apiVersion: kubewhen/v1
kind: Scenario
metadata: {name: vpa}
spec:
  runFor: ${runFor}
  cluster: {pools: [{name: node, count: 2}]}
  behaviours: [{selector: {app: shop}, ${behaviour}}]
  record: [recommendations, pods, events]
  manifests:
    - apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop, namespace: default}
      spec:
        replicas: ${replicas}
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers:
            - {name: server, image: "shop:v1", resources: {requests: {cpu: 100m, memory: 300Mi}, limits: {cpu: 200m, memory: 600Mi}}}
${
  autoscaler
    ? `    - apiVersion: autoscaling.k8s.io/v1
      kind: VerticalPodAutoscaler
      metadata: {name: shop, namespace: default}
      spec:
        targetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
        updatePolicy: {updateMode: "${mode}"}`
    : ''
}
${
  budget
    ? `    - apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: shop, namespace: default}
      spec: {maxUnavailable: 0, selector: {matchLabels: {app: shop}}}`
    : ''
}
`;

const autoscalerOf = (run: MemoryRun): VerticalPodAutoscaler =>
  run.cluster.get('VerticalPodAutoscaler', 'default/shop') as VerticalPodAutoscaler;

const pods = (run: MemoryRun): readonly Pod[] => [...run.cluster.list('Pod')];

const requests = (run: MemoryRun): readonly (string | number | undefined)[] =>
  [...new Set(pods(run).map(({ spec }) => spec.containers[0]?.resources?.requests?.['cpu']))].sort();

const events = (run: MemoryRun, reason: string): number =>
  [...run.cluster.list('Event')].filter((event) => event.reason === reason).length;

describe('the vertical pod autoscaler', () => {
  it('recommends what pods use, from the first minute in which it has seen them', () => {
    const run = startRun(scenario({ mode: 'Off' }));
    run.runUntil(seconds(300));
    // 200 m, since the limit throttles: bucket 14 ends at 0.2 × (1.05¹⁵ − 1) = 0.2158; 215 m and 32 m.
    expect(autoscalerOf(run).status?.recommendation?.containerRecommendations?.[0]).toMatchObject({
      containerName: 'server',
      target: { cpu: '247m', memory: '262144k' },
      uncappedTarget: { cpu: '247m', memory: '262144k' },
    });
    expect(autoscalerOf(run).status?.conditions).toMatchObject([{ type: 'RecommendationProvided', status: 'True' }]);
    run.finish();
    expect(requests(run)).toEqual(['100m']);
  });

  it('says when no pod is there', () => {
    const run = startRun(scenario({ replicas: 0, runFor: '3m' }));
    run.finish();
    expect(autoscalerOf(run).status?.conditions).toMatchObject([
      { type: 'NoPodsMatched', status: 'True', reason: 'NoPodsMatched' },
      { type: 'RecommendationProvided', status: 'False' },
    ]);
  });

  it('evicts at most half of the replicas at a time, until all request what is recommended', () => {
    const run = startRun(scenario({ runFor: '4h' }));
    run.runUntil(seconds(3600));
    const evicted = events(run, 'EvictedByVPA');
    run.finish();
    // 100 m lies below the lower bound once that is above it; limits go along: 200 / 100 of the request.
    const [one] = pods(run);
    expect(evicted).toBeGreaterThan(0);
    expect(requests(run)).not.toContain('100m');
    expect(one?.metadata.annotations?.['vpaObservedContainers']).toBe('server');
    expect(one?.spec.containers[0]?.resources?.limits?.['cpu']).not.toBe('200m');
    expect(pods(run)).toHaveLength(4);
  });

  it('goes through the Eviction API: a budget that allows nothing holds it', () => {
    const run = startRun(scenario({ budget: true, runFor: '1h' }));
    run.finish();
    expect(requests(run)).toEqual(['100m']);
    expect(events(run, 'EvictedByVPA')).toBe(0);
  });

  it('leaves a single replica alone', () => {
    const run = startRun(scenario({ replicas: 1, runFor: '1h' }));
    run.finish();
    expect(requests(run)).toEqual(['100m']);
  });

  it('changes new pods only, in mode Initial', () => {
    const run = startRun(scenario({ mode: 'Initial', runFor: '1h' }));
    run.runUntil(seconds(1800));
    expect(requests(run)).toEqual(['100m']);
    run.cluster.user.delete('Pod', `default/${pods(run)[0]?.metadata.name}`, {}, () => {});
    run.finish();
    expect(requests(run)).toEqual(['100m', '247m']);
  });

  it('raises memory after a kill for it', () => {
    // 300 MiB requested, 600 MiB the limit: killed when that is exceeded, 20 s after each start.
    const run = startRun(scenario({ mode: 'Off', behaviour: 'memory: {base: 100Mi, growth: 26Mi/s}', runFor: '20m' }));
    run.finish();
    const target = autoscalerOf(run).status?.recommendation?.containerRecommendations?.[0]?.target?.['memory'];
    expect(Number.parseInt(String(target), 10)).toBeGreaterThan(450_000_000);
  });

  it('costs nothing where there is none', () => {
    const run = startRun(scenario({ autoscaler: false, runFor: '1h' }));
    run.runUntil(seconds(1200));
    const { eventCount } = run.simulation;
    run.runUntil(seconds(3500));
    expect(run.simulation.eventCount).toBe(eventCount);
  });
});
