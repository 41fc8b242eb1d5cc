import { startRun } from '../../../scenarios/index.js';

const HPA = (metric: string, more = ''): string => `
    - apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: shop, namespace: default}
      spec:
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
        minReplicas: 1
        maxReplicas: 20
        ${more}
        metrics:
        - ${metric}`;

const scenario = (hpa: string, rest: string): string => `
apiVersion: kubewhen/v1
kind: Scenario
metadata: {name: metrics}
spec:
  runFor: 10m
  cluster: {pools: [{name: node, count: 2}]}
  manifests:
    - apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop, namespace: default}
      spec:
        replicas: 2
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers:
            - {name: server, image: "shop:v1", resources: {requests: {cpu: 100m, memory: 100Mi}, limits: {cpu: 200m}}}
    - apiVersion: v1
      kind: Service
      metadata: {name: shop, namespace: default}
      spec: {selector: {app: shop}, ports: [{port: 80}]}
${hpa}
${rest}
`;

const CPU = '{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}';

function runOf(text: string) {
  const run = startRun(text);
  run.finish();
  return {
    replicas: run.cluster.get('Deployment', 'default/shop')?.spec.replicas,
    status: run.cluster.get('HorizontalPodAutoscaler', 'default/shop')?.status,
  };
}

describe('what autoscalers see in a scenario', () => {
  it('is the CPU of containers as their behaviour has it', () => {
    const { status } = runOf(scenario(HPA(CPU), '  behaviours: [{selector: {app: shop}, cpu: 50m}]'));
    expect(status).toMatchObject({
      desiredReplicas: 2,
      currentMetrics: [{ resource: { current: { averageUtilization: 50, averageValue: '50m' } } }],
    });
  });

  it('is never above the CPU limit', () => {
    const load = '{service: shop, cpuPerRequest: 1, requestsPerSecond: 50}';
    const { replicas, status } = runOf(scenario(HPA(CPU), `  behaviours: [{selector: {app: shop}, load: ${load}}]`));
    expect(replicas).toBe(20);
    // 50 cores are wanted; each pod gets its 200m.
    expect(status?.currentMetrics?.[0]?.resource?.current).toEqual({ averageUtilization: 200, averageValue: '200m' });
  });

  it('is memory, too', () => {
    const memory = '{type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 50Mi}}}';
    const { replicas } = runOf(scenario(HPA(memory), '  behaviours: [{selector: {app: shop}, memory: 75Mi}]'));
    // Each pod uses 75Mi whatever the others do: 1.5 times as many at each look, until the limit.
    expect(replicas).toBe(20);
  });

  it('is nothing when there is no metrics-server', () => {
    const { status } = runOf(scenario(HPA(CPU), '  configuration: {metricsServer: false}'));
    expect(status?.conditions?.[1]?.message).toBe(
      'the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: ' +
        'unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)',
    );
  });

  it.each([
    [
      'external',
      '{type: External, external: {metric: {name: depth, selector: {matchLabels: {queue: a}}}, target: {type: AverageValue, averageValue: "10"}}}',
      '{external: depth, labels: {queue: a}, value: 45}',
    ],
    [
      'of pods, shared by those of a Service',
      '{type: Pods, pods: {metric: {name: rps}, target: {type: AverageValue, averageValue: "10"}}}',
      '{pods: rps, service: shop, value: 45}',
    ],
    [
      'of an object',
      '{type: Object, object: {describedObject: {kind: Service, name: shop, apiVersion: v1}, metric: {name: rps}, target: {type: AverageValue, averageValue: "10"}}}',
      '{object: service/shop, metric: rps, value: 45}',
    ],
  ])('is a metric %s', (_, metric, series) => {
    // 45 at 10 a pod, rounded up.
    expect(runOf(scenario(HPA(metric), `  metrics: [${series}]`)).replicas).toBe(5);
  });

  it('says when nobody has the metric', () => {
    const pods = '{type: Pods, pods: {metric: {name: rps}, target: {type: AverageValue, averageValue: "10"}}}';
    const { status } = runOf(scenario(HPA(pods), '  metrics: [{pods: other, service: shop, value: 1}]'));
    expect(status?.conditions?.[1]?.message).toContain('the server could not find the metric rps for pods');
  });

  it('reads autoscaling/v1', () => {
    const v1 = `
    - apiVersion: autoscaling/v1
      kind: HorizontalPodAutoscaler
      metadata: {name: shop, namespace: default}
      spec:
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
        maxReplicas: 4
        targetCPUUtilizationPercentage: 25`;
    expect(runOf(scenario(v1, '  behaviours: [{selector: {app: shop}, cpu: 50m}]')).replicas).toBe(4);
  });

  it.each([
    ['  metrics: [{external: a, pods: b, value: 1}]', 'metrics[0]', 'a metric is one of external, pods, object'],
    ['  metrics: [{pods: b, value: 1}]', 'metrics[0]', 'a metric of pods needs a selector, or a service'],
    ['  metrics: [{object: ingress/main, value: 1}]', 'metrics[0]', 'object and metric go together'],
    [
      '  metrics: [{pods: b, service: shpo, value: 1}]',
      'metrics[0].service',
      'no manifest has a Service called "shpo"',
    ],
    [
      '  behaviours: [{load: {service: shpo, cpuPerRequest: 1m, requestsPerSecond: 1}}]',
      'behaviours[0].load.service',
      'no manifest has a Service called "shpo"',
    ],
    ['  behaviours: [{load: {service: shop, requestsPerSecond: 1}}]', 'load.cpuPerRequest', 'cpuPerRequest'],
    ['  configuration: {metricsServer: ["--metric-resolution=fast"]}', 'metricsServer[0]', 'not a duration'],
    ['  configuration: {metricsServer: ["--resolution=1s"]}', 'metricsServer[0]', 'unknown flag: --resolution'],
  ])('refuses %s', (rest, path, message) => {
    let told = '';
    try {
      startRun(scenario(HPA(CPU), rest));
    } catch (error) {
      told = String(error);
    }
    expect(told).toContain(path);
    expect(told).toContain(message);
  });
});
