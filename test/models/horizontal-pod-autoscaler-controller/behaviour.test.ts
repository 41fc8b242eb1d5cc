import { seconds } from '../../../engine/index.js';
import type {
  Deployment,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  Pod,
} from '../../../models/api/index.js';
import type { ControllerContext, Draft, MetricsReply, MetricValue } from '../../../models/client-go/index.js';
import {
  createDeploymentController,
  deploymentControllerConfiguration,
} from '../../../models/deployment-controller/index.js';
import {
  createHorizontalPodAutoscalerController,
  horizontalPodAutoscalerConfiguration,
} from '../../../models/horizontal-pod-autoscaler-controller/index.js';
import {
  createReplicaSetController,
  replicaSetControllerConfiguration,
} from '../../../models/replicaset-controller/index.js';
import type { Defaults } from '../../../models/versions/index.js';
import { aControlPlane } from '../../helpers/a-control-plane.js';
import type { AnApiServer } from '../../helpers/an-api-server.js';
import { GivenMetrics } from '../../helpers/given-metrics.js';

interface Scene {
  readonly cluster: AnApiServer;
  readonly metrics: GivenMetrics;
  readonly autoscaler: () => HorizontalPodAutoscaler;
  readonly replicas: () => number | undefined;
  readonly runUntil: (second: number) => void;
  /** "AbleToScale=True/ReadyForNewScale", … */
  readonly conditions: () => readonly string[];
  /** "Normal SuccessfulRescale New size: 4; reason: …" of the autoscaler, in order. */
  readonly events: () => readonly string[];
}

const CPU_AT_HALF: HorizontalPodAutoscalerSpec['metrics'] = [
  { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
];

/** A Deployment of `replicas` pods that are ready one second after they are bound, and an autoscaler created 60 s later. */
function scene(
  spec: Partial<HorizontalPodAutoscalerSpec> = {},
  { replicas = 2, kubernetesVersion = '1.37', createAt = 60 } = {},
): Scene {
  let metrics: GivenMetrics | undefined;
  const cluster = aControlPlane({
    kubernetesVersion,
    nodes: ['n1', 'n2'],
    controllers: [
      (context: ControllerContext, defaults: Defaults) =>
        createDeploymentController(context, deploymentControllerConfiguration(defaults)),
      (context: ControllerContext, defaults: Defaults) =>
        createReplicaSetController(context, replicaSetControllerConfiguration(defaults)),
      (context: ControllerContext, defaults: Defaults) => {
        metrics = new GivenMetrics(context.simulation);
        return createHorizontalPodAutoscalerController(
          context,
          horizontalPodAutoscalerConfiguration(defaults),
          metrics,
        );
      },
    ],
  });
  const runUntil = (second: number): void => cluster.simulation.runUntil(seconds(second));
  cluster.user.create('Deployment', deployment(replicas), () => {});
  runUntil(createAt);
  cluster.user.create(
    'HorizontalPodAutoscaler',
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 1,
        maxReplicas: 10,
        metrics: CPU_AT_HALF,
        ...spec,
      },
    },
    () => {},
  );
  const autoscaler = (): HorizontalPodAutoscaler =>
    cluster.server.get('HorizontalPodAutoscaler', 'default/web') as HorizontalPodAutoscaler;
  return {
    cluster,
    metrics: metrics as GivenMetrics,
    autoscaler,
    runUntil,
    replicas: () => cluster.server.get('Deployment', 'default/web')?.spec.replicas,
    conditions: () =>
      (autoscaler().status?.conditions ?? []).map(({ type, status, reason }) => `${type}=${status}/${reason}`),
    events: () =>
      [...cluster.server.list('Event')]
        .filter(({ involvedObject }) => involvedObject.kind === 'HorizontalPodAutoscaler')
        .map(({ type, reason, message }) => `${type} ${reason} ${message}`),
  };
}

const deployment = (replicas: number): Draft<Deployment> => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { name: '', labels: { app: 'web' } },
      spec: { containers: [{ name: 'c', image: 'app:v1', resources: { requests: { cpu: '100m' } } }] },
    },
  },
});

/** Every running pod uses so many milli-cores, measured over the last 15 s. */
const eachUses =
  ({ cluster }: Scene, milli: number): GivenMetrics['resource'] =>
  () => ({
    ok: true,
    items: [...cluster.server.list('Pod')]
      .filter((pod: Pod) => pod.status?.phase === 'Running')
      .map(({ metadata }) => ({
        name: metadata.name,
        namespace: 'default',
        timestamp: cluster.simulation.now,
        window: seconds(15),
        containers: [{ name: 'c', nanocores: milli * 1e6, memory: 0 }],
      })),
  });

const value = (milliValue: number) => (): MetricsReply<MetricValue> => ({
  ok: true,
  items: [{ name: 'x', timestamp: 0, milliValue }],
});

describe('the horizontal pod autoscaler', () => {
  it('looks at a new autoscaler at once, and doubles in one look at most', () => {
    const one = scene();
    one.metrics.resource = eachUses(one, 400);
    // 400m of 100m against 50 %: eight times as many, 16; twice 2 is below the least limit of 4.
    one.runUntil(61);
    expect(one.replicas()).toBe(4);
    expect(one.conditions()).toEqual([
      'AbleToScale=True/SucceededRescale',
      'ScalingActive=True/ValidMetricFound',
      'ScalingLimited=True/ScaleUpLimit',
      'ScaledToZero=False/NotScaledToZero',
    ]);
    expect(one.events()).toEqual([
      'Normal SuccessfulRescale New size: 4; reason: cpu resource utilization (percentage of request) above target',
    ]);
    expect(one.autoscaler().status).toMatchObject({
      observedGeneration: 1,
      currentReplicas: 2,
      desiredReplicas: 4,
      currentMetrics: [{ type: 'Resource', resource: { current: { averageUtilization: 400, averageValue: '400m' } } }],
    });
  });

  it('looks 15 s later in 1.23, and says nothing of generations or zero', () => {
    const one = scene({}, { kubernetesVersion: '1.23' });
    one.metrics.resource = eachUses(one, 400);
    one.runUntil(74.9);
    expect(one.replicas()).toBe(2);
    one.runUntil(76);
    expect(one.replicas()).toBe(4);
    expect(one.conditions()).toHaveLength(3);
    expect(one.autoscaler().status?.observedGeneration).toBeUndefined();
  });

  it('says why it cannot compute when nobody serves metrics, and leaves the target alone', () => {
    const one = scene();
    const message = 'the server could not find the requested resource (get pods.metrics.k8s.io)';
    one.metrics.resource = () => ({ ok: false, message });
    one.runUntil(62);
    const why =
      'failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: ' +
      message;
    expect(one.conditions()).toEqual([
      'AbleToScale=True/SucceededGetScale',
      'ScalingActive=False/FailedGetResourceMetric',
    ]);
    expect(one.autoscaler().status?.conditions?.[1]?.message).toBe(
      `the HPA was unable to compute the replica count: ${why}`,
    );
    expect(one.events()).toEqual([
      `Warning FailedGetResourceMetric ${why}`,
      `Warning FailedComputeMetricsReplicas invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${why}`,
    ]);
    expect(one.replicas()).toBe(2);
  });

  it('scales down only when the last high recommendation is five minutes old', () => {
    const one = scene({}, { replicas: 8 });
    one.metrics.resource = eachUses(one, 50);
    one.runUntil(100);
    one.metrics.resource = eachUses(one, 10);
    // Looks at 60, 75, 90, … each a few milliseconds later, since a look takes time. That of 90 s is the last to recommend 8; the one
    // 20 looks later finds it more than 300 s old.
    one.runUntil(389);
    expect(one.replicas()).toBe(8);
    expect(one.conditions()[0]).toBe('AbleToScale=True/ScaleDownStabilized');
    one.runUntil(391);
    // 10 of 50 wanted: a fifth of eight, rounded up.
    expect(one.replicas()).toBe(2);
    expect(one.events()).toEqual(['Normal SuccessfulRescale New size: 2; reason: All metrics below target']);
  });

  it('obeys the policies of spec.behavior: two pods a minute up', () => {
    const policies = [{ type: 'Pods', value: 2, periodSeconds: 60 }];
    const one = scene({
      behavior: {
        scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies },
        scaleDown: { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
      },
    });
    one.metrics.resource = eachUses(one, 400);
    one.runUntil(61);
    expect(one.replicas()).toBe(4);
    // The two of 60 s count until a minute later: the look of 120 s and a bit is the first that may add two more.
    one.runUntil(119);
    expect(one.replicas()).toBe(4);
    one.runUntil(121);
    expect(one.replicas()).toBe(6);
  });

  it('takes a tolerance of its own in one direction', () => {
    const rules = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };
    const one = scene({ behavior: { scaleUp: { ...rules, tolerance: '0.02' }, scaleDown: rules } }, { replicas: 4 });
    one.metrics.resource = eachUses(one, 52);
    // 52 / 50 = 1.04: within a tenth, not within a fiftieth. 1.04 × 4, rounded up.
    one.runUntil(61);
    expect(one.replicas()).toBe(5);
  });

  it('brings a target into its bounds without asking for metrics', () => {
    const one = scene({ minReplicas: 3 });
    one.runUntil(61);
    expect(one.replicas()).toBe(3);
    expect(one.events()[0]).toBe(
      'Normal SuccessfulRescale New size: 3; reason: Current number of replicas below Spec.MinReplicas',
    );
  });

  it('leaves a target alone that somebody scaled to zero', () => {
    const one = scene({}, { replicas: 0 });
    one.runUntil(61);
    expect(one.conditions()[1]).toBe('ScalingActive=False/ScalingDisabled');
    expect(one.replicas()).toBe(0);
  });

  it('scales to zero and back by an external metric, and remembers that it did', () => {
    const metric = { name: 'queue', selector: { matchLabels: { queue: 'orders' } } };
    const rules = { policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }], selectPolicy: 'Max' };
    const one = scene({
      minReplicas: 0,
      metrics: [{ type: 'External', external: { metric, target: { type: 'Value', value: '10' } } }],
      behavior: { scaleUp: rules, scaleDown: { ...rules, stabilizationWindowSeconds: 0 } },
    });
    one.metrics.external = value(0);
    one.runUntil(61);
    expect(one.replicas()).toBe(0);
    expect(one.conditions()).toContain('ScaledToZero=True/ScaledToZero');
    one.metrics.external = value(25_000);
    one.runUntil(76);
    // 25 against 10, and no pod to be ready: three.
    expect(one.replicas()).toBe(3);
    expect(one.conditions()).toContain('ScaledToZero=False/NotScaledToZero');
    expect(one.events().at(-1)).toBe(
      'Normal SuccessfulRescale New size: 3; reason: external metric queue(&LabelSelector{MatchLabels:' +
        'map[string]string{queue: orders,},MatchExpressions:[]LabelSelectorRequirement{},}) above target',
    );
  });

  it('takes the largest of several metrics, and goes up with one that fails, but not down', () => {
    const pods = { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '10' } };
    const one = scene({ metrics: [...(CPU_AT_HALF ?? []), { type: 'Pods', pods }] }, { replicas: 4 });
    one.metrics.resource = eachUses(one, 100);
    one.runUntil(61);
    // CPU asks for twice as many; the pods' metric is not served.
    expect(one.replicas()).toBe(8);
    expect(one.events()[0]).toBe(
      'Warning FailedGetPodsMetric unable to get metric rps: unable to fetch metrics from custom metrics API: not given',
    );
    one.metrics.resource = eachUses(one, 5);
    one.runUntil(500);
    expect(one.replicas()).toBe(8);
    expect(one.conditions()[1]).toBe('ScalingActive=False/FailedGetPodsMetric');
  });

  it('shares an external value among the pods that there are', () => {
    const external = { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '30' } };
    const one = scene({ metrics: [{ type: 'External', external }] }, { replicas: 2 });
    one.metrics.external = value(100_000);
    one.runUntil(61);
    // 100 / 30, rounded up; 50 each now.
    expect(one.replicas()).toBe(4);
    expect(one.autoscaler().status?.currentMetrics?.[0]?.external?.current).toEqual({ averageValue: '50' });
  });

  it('refuses two autoscalers of the same pods', () => {
    const one = scene();
    one.metrics.resource = eachUses(one, 50);
    const { spec } = one.autoscaler() ?? {};
    one.runUntil(61);
    one.cluster.user.create(
      'HorizontalPodAutoscaler',
      {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'web2', namespace: 'default' },
        spec: spec ?? one.autoscaler().spec,
      },
      () => {},
    );
    one.runUntil(80);
    expect(one.conditions()[1]).toBe('ScalingActive=False/AmbiguousSelector');
    expect(one.autoscaler().status?.conditions?.[1]?.message).toBe(
      'pods by selector app=web are controlled by multiple HPAs: [{web default} {web2 default}]',
    );
  });

  it.each([
    ['apps/v1', 'Deployment', 'gone', 'deployments/scale.apps "gone" not found'],
    ['v1', 'Deployment', 'web', 'no matches for kind "Deployment" in group ""'],
    ['apps/v1', 'DaemonSet', 'web', 'the server could not find the requested resource'],
    ['example.com/v1', 'Shop', 'web', 'no matches for kind "Shop" in group "example.com"'],
  ])('cannot scale %s %s %s: %s', (apiVersion, kind, name, error) => {
    const one = scene({ scaleTargetRef: { apiVersion, kind, name } });
    one.runUntil(61);
    expect(one.conditions()).toEqual(['AbleToScale=False/FailedGetScale']);
    expect(one.events()).toEqual([`Warning FailedGetScale ${error}`]);
  });

  it.each(['ReplicaSet', 'StatefulSet', 'ReplicationController'] as const)('scales a %s', (kind) => {
    const apiVersion = kind === 'ReplicationController' ? 'v1' : 'apps/v1';
    const one = scene({ scaleTargetRef: { apiVersion, kind, name: 'other' }, minReplicas: 3 });
    const { template } = deployment(1).spec;
    const selector = kind === 'ReplicationController' ? { app: 'web' } : { matchLabels: { app: 'web' } };
    const other = {
      apiVersion,
      kind,
      metadata: { name: 'other', namespace: 'default' },
      spec: { replicas: 1, selector, template },
    };
    one.cluster.user.create(kind, other as never, () => {});
    one.runUntil(80);
    expect(one.cluster.server.get(kind, 'default/other')?.spec?.replicas).toBe(3);
  });

  it('looks at a changed autoscaler at once, and at its own writes not at all', () => {
    const one = scene();
    one.metrics.resource = eachUses(one, 50);
    one.runUntil(65);
    one.cluster.user.patch(
      'HorizontalPodAutoscaler',
      'default/web',
      (found) => ({ ...found, spec: { ...found.spec, minReplicas: 5 } }),
      () => {},
    );
    one.runUntil(65.1);
    expect(one.replicas()).toBe(5);
  });

  it('costs nothing when there is none', () => {
    const one = scene({}, { createAt: 0 });
    one.cluster.user.delete('HorizontalPodAutoscaler', 'default/web', {}, () => {});
    // By then the rollout's deadline of 600 s has been looked after, too.
    one.runUntil(1000);
    const before = one.cluster.simulation.eventCount;
    one.runUntil(3000);
    expect(one.cluster.simulation.eventCount).toBe(before);
  });
});
