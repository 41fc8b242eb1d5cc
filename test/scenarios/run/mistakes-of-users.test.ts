import type { CronJob, Deployment, HorizontalPodAutoscaler } from '../../../models/api/index.js';
import { startRun } from '../../../scenarios/index.js';

// What the API answers, or the real controller says, of what cannot work.

const deployment = (name: string, labels: object, ofPods: object = labels): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: 2,
    selector: { matchLabels: labels },
    template: { metadata: { labels: ofPods }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  },
});
const WEB = deployment('web', { app: 'web' });

const budget = (name: string, spec: object): object => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name },
  spec,
});

const cronJob = (name: string, spec: object): object => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name },
  spec: {
    ...spec,
    jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } } },
  },
});

const autoscaler = (name: string, target: string): object => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name },
  spec: {
    maxReplicas: 5,
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: target },
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
  },
});

function play(manifests: readonly object[], actions: readonly object[] = []) {
  const run = startRun(
    JSON.stringify({
      apiVersion: 'kubewhen/v1',
      kind: 'Scenario',
      metadata: { name: 'mistakes' },
      spec: {
        seed: 1,
        runFor: '20m',
        cluster: { pools: [{ name: 'n', count: 2 }] },
        behaviours: [{ start: '1s' }],
        manifests,
        actions: actions.map((action, i) => ({ at: `${i + 1}m`, expectError: true, ...action })),
        record: ['events'],
      },
    }),
  );
  const lines = run.finish().actions.map(({ line }) => line);
  const events = (kind: string): readonly string[] => [
    ...new Set(
      [...run.cluster.list('Event')]
        .filter(({ involvedObject }) => involvedObject.kind === kind)
        .map(({ type, reason, involvedObject, message }) => `${type} ${reason} ${involvedObject.name}: ${message}`),
    ),
  ];
  return { run, lines, events };
}

describe('a selector', () => {
  it('that its own template does not match, or that is empty, is refused', () => {
    expect(
      play(
        [],
        [{ create: [deployment('a', { app: 'a' }, { app: 'b' })] }, { create: [deployment('b', {}, { app: 'b' })] }],
      ).lines,
    ).toEqual([
      'The Deployment "a" is invalid: spec.template.metadata.labels: Invalid value: {"app":"b"}: `selector` does not match template `labels`',
      'The Deployment "b" is invalid: spec.selector: Invalid value: {"matchLabels":{}}: empty selector is invalid for deployment',
    ]);
  });

  it('of a Service that matches nothing gives a slice without endpoints', () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's' },
      spec: { selector: { app: 'no' }, ports: [{ port: 80 }] },
    };
    expect([...play([service]).run.cluster.list('EndpointSlice')].map(({ endpoints }) => endpoints)).toEqual([[]]);
  });

  it('that two Deployments share divides nothing: each owns the pods it made', () => {
    const { run } = play([WEB, deployment('twin', { app: 'web' })]);
    expect([...run.cluster.list('Pod')]).toHaveLength(4);
    expect([...run.cluster.list('Deployment')].map(({ status }: Deployment) => status?.readyReplicas)).toEqual([2, 2]);
  });

  it('that two HorizontalPodAutoscalers share stops both', () => {
    const { run } = play([WEB, autoscaler('a', 'web'), autoscaler('b', 'web')]);
    const conditions = [...run.cluster.list('HorizontalPodAutoscaler')].map(({ status }) =>
      status?.conditions?.find(({ type }) => type === 'ScalingActive'),
    );
    for (const condition of conditions) {
      expect(condition).toMatchObject({
        status: 'False',
        reason: 'AmbiguousSelector',
        message: 'pods by selector app=web are controlled by multiple HPAs: [{a default} {b default}]',
      });
    }
  });

  it('that two budgets share keeps a pod from being evicted at all', () => {
    const selector = { matchLabels: { app: 'web' } };
    const { lines } = play(
      [WEB, budget('a', { maxUnavailable: 1, selector }), budget('b', { maxUnavailable: 1, selector })],
      [{ kubectl: 'drain n-0' }],
    );
    expect(lines.at(-1)).toMatch(
      /: This pod has more than one PodDisruptionBudget, which the eviction subresource does not support\., continuing command\.\.\.$/,
    );
  });
});

describe('a field that cannot change', () => {
  it.each<[object, object, string]>([
    [
      WEB,
      {
        patch: 'deployment/web',
        with: {
          spec: {
            selector: { matchLabels: { app: 'web', tier: 'x' } },
            template: { metadata: { labels: { tier: 'x' } } },
          },
        },
      },
      'The Deployment "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"web","tier":"x"}}: field is immutable',
    ],
    [
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { ports: [{ port: 80 }] } },
      { patch: 'service/web', with: { spec: { clusterIP: '10.96.0.77', clusterIPs: ['10.96.0.77'] } } },
      'The Service "web" is invalid: spec.clusterIPs[0]: Invalid value: ["10.96.0.77"]: may not change once set',
    ],
    [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, immutable: true, data: { a: '1' } },
      { patch: 'configmap/c', with: { data: { a: '2' } } },
      'The ConfigMap "c" is invalid: data: Forbidden: field is immutable when `immutable` is set',
    ],
    [
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      { patch: 'pod/p', with: { metadata: { name: 'q' } } },
      'The Pod "q" is invalid: metadata.name: Invalid value: "q": field is immutable',
    ],
    [
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      { patch: 'pod/p', with: { metadata: { namespace: 'shop' } } },
      'Error from server (BadRequest): the namespace of the provided object does not match the namespace sent on the request',
    ],
  ])('%j', (object, action, line) => {
    expect(play([object], [action]).lines).toEqual([line]);
  });
});

describe('a PodDisruptionBudget', () => {
  it('that allows nothing says so, and holds a drain until its time-out', () => {
    const { run, lines } = play(
      [WEB, budget('web', { maxUnavailable: 0, selector: { matchLabels: { app: 'web' } } })],
      [{ kubectl: 'drain n-0 --timeout=12s' }],
    );
    expect(lines).toContainEqual(
      expect.stringMatching(
        /\(will retry after 5s\): Cannot evict pod as it would violate the pod's disruption budget\.$/,
      ),
    );
    expect(lines.at(-1)).toMatch(/global timeout reached: 12s, continuing command\.\.\.$/);
    expect(run.cluster.get('PodDisruptionBudget', 'default/web')?.status).toMatchObject({
      disruptionsAllowed: 0,
      conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods' }],
    });
  });

  it('that matches nothing says so in an event', () => {
    const { events } = play([budget('none', { minAvailable: 1, selector: { matchLabels: { app: 'no' } } })]);
    expect(events('PodDisruptionBudget')).toEqual(['Normal NoPods none: No matching pods found']);
  });
});

describe('a CronJob', () => {
  it('whose schedule is none is refused', () => {
    expect(
      play(
        [],
        [
          { kubectl: "create cronjob a --image=i --schedule='61 * * * *'" },
          { kubectl: "create cronjob b --image=i --schedule='TZ=UTC * * * * *'" },
        ],
      ).lines,
    ).toEqual([
      'The CronJob "a" is invalid: spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61',
      'The CronJob "b" is invalid: spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
    ]);
  });

  it('that never fires: the controller says so once, and leaves it', () => {
    const { run, events } = play([cronJob('feb30', { schedule: '0 0 30 2 *' })]);
    expect(events('CronJob')).toEqual([
      'Warning InvalidSchedule feb30: invalid schedule: 0 0 30 2 * : time difference between two schedules is less than 1 second',
    ]);
    expect((run.cluster.get('CronJob', 'default/feb30') as CronJob).status).toEqual({});
  });

  it('that is suspended is silent', () => {
    const { run, events } = play([cronJob('later', { schedule: '* * * * *', suspend: true })]);
    expect(events('CronJob')).toEqual([]);
    expect([...run.cluster.list('Job')]).toEqual([]);
  });
});

describe('a HorizontalPodAutoscaler without metrics', () => {
  const conditionsOf = (hpa: HorizontalPodAutoscaler | undefined): readonly string[] =>
    (hpa?.status?.conditions ?? []).map(
      ({ type, status, reason, message }) => `${type}=${status} ${reason}: ${message}`,
    );

  it('names the container that has no request', () => {
    const { run } = play([WEB, autoscaler('web', 'web')]);
    expect(conditionsOf(run.cluster.get('HorizontalPodAutoscaler', 'default/web')).at(-1)).toMatch(
      /^ScalingActive=False FailedGetResourceMetric: the HPA was unable to compute the replica count: failed to get cpu utilization: missing request for cpu in container c of Pod web-/,
    );
  });

  it('and without a target says that it cannot get its scale', () => {
    const { run, events } = play([autoscaler('web', 'nothing')]);
    const why = 'deployments/scale.apps "nothing" not found';
    expect(conditionsOf(run.cluster.get('HorizontalPodAutoscaler', 'default/web'))).toEqual([
      `AbleToScale=False FailedGetScale: the HPA controller was unable to get the target's current scale: ${why}`,
    ]);
    expect(events('HorizontalPodAutoscaler')).toEqual([`Warning FailedGetScale web: ${why}`]);
  });
});
