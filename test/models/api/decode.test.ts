import { seconds } from '../../../engine/time/micros.js';
import { type Decoded, decode, listItems } from '../../../models/api/decode/decode.js';
import { encode } from '../../../models/api/decode/encode.js';

/** 2026-01-01T00:00:00Z */
const START = 1_767_225_600;

const read = (value: unknown, kubernetesVersion = '1.37'): Decoded =>
  decode(value, { kubernetesVersion, startTime: START });

function mistakesOf(value: unknown, kubernetesVersion?: string): readonly [string, string][] {
  const decoded = read(value, kubernetesVersion);
  return decoded.ok ? [] : decoded.mistakes.map((mistake) => [mistake.path.join('.'), mistake.message]);
}

function objectOf(value: unknown, kubernetesVersion?: string): Record<string, unknown> {
  const decoded = read(value, kubernetesVersion);
  if (!decoded.ok) {
    throw new Error(JSON.stringify(decoded.mistakes));
  }
  return decoded.object as unknown as Record<string, unknown>;
}

const pod = (spec: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', ...metadata },
  spec,
});

describe('decoding an object', () => {
  it('tells every mistake at once, with its path', () => {
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', labels: { release: 7 } },
      spec: {
        replica: 3,
        minReadySeconds: '5s',
        template: { spec: { containers: [{ name: 'c', resources: { limits: { memory: '1 Gi' } } }, 'nginx'] } },
      },
    };
    expect(mistakesOf(deployment)).toEqual([
      ['metadata.labels.release', 'found the number 7, expected a string'],
      ['spec.replica', 'there is no field "replica" here'],
      ['spec.minReadySeconds', 'found the string "5s", expected a whole number'],
      [
        'spec.template.spec.containers.0.resources.limits.memory',
        expect.stringContaining(
          'found the string "1 Gi", expected a quantity such as "500m" or "1Gi": quantities must',
        ),
      ],
      ['spec.template.spec.containers.1', 'found the string "nginx", expected a mapping'],
    ]);
  });

  it('names the fields that would fit', () => {
    const decoded = read(pod({ containers: [], nodename: 'n' }));
    expect(decoded.ok ? [] : decoded.mistakes[0]?.known).toContain('nodeName');
  });

  it.each([
    [{ containers: 'c' }, 'spec.containers', 'found the string "c", expected a list'],
    [{ containers: [], hostNetwork: 'yes' }, 'spec.hostNetwork', 'found the string "yes", expected true or false'],
    [{ containers: [], priority: 2 ** 31 }, 'spec.priority', expect.stringContaining('from -2147483648 to 2147483647')],
    [{ containers: [], priority: 1.5 }, 'spec.priority', 'found the number 1.5, expected a whole number'],
  ])('refuses %j', (spec, path, message) => {
    expect(mistakesOf(pod(spec))).toEqual([[path, message]]);
  });

  it('takes null for absent, as the Go decoder does, and for nothing inside a map', () => {
    const object = objectOf(
      pod(
        { containers: [{ name: 'c', command: null }], nodeName: null },
        { creationTimestamp: null, labels: { a: null } },
      ),
    );
    expect(object).toEqual(pod({ containers: [{ name: 'c', resources: {} }] }, { labels: { a: '' } }));
  });

  it('writes quantities canonically', () => {
    const resources = { requests: { cpu: '1000m', memory: 1073741824 }, limits: { memory: '1024Mi' } };
    expect(objectOf(pod({ containers: [{ name: 'c', resources }] }))).toMatchObject({
      spec: {
        containers: [{ resources: { requests: { cpu: '1', memory: '1073741824' }, limits: { memory: '1Gi' } } }],
      },
    });
  });

  it('counts time from the start of the run: whole seconds, but microseconds in a lease', () => {
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'node-1', creationTimestamp: '2025-12-31T23:59:58.9Z' },
      spec: { renewTime: '2026-01-01T00:00:01.500000Z' },
    };
    expect(objectOf(lease)).toMatchObject({
      metadata: { creationTimestamp: seconds(-2) },
      spec: { renewTime: seconds(1.5) },
    });
    expect(encode(objectOf(lease) as never, START)).toEqual({
      ...lease,
      metadata: { name: 'node-1', creationTimestamp: '2025-12-31T23:59:58Z' },
    });
  });

  it('keeps custom resources as they are', () => {
    const route = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'r' },
      spec: { x: [null] },
    };
    expect(read(route)).toEqual({ ok: true, isInert: true, object: route });
    expect(mistakesOf({ ...route, metadata: {} })).toEqual([['metadata.name', 'an object needs a name']]);
  });

  it('knows which version serves what', () => {
    const budget = {
      apiVersion: 'policy/v1beta1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'b' },
      spec: { selector: {} },
    };
    expect(mistakesOf(budget)).toEqual([
      [
        'apiVersion',
        'this version of Kubernetes has no PodDisruptionBudget in "policy/v1beta1", it has one in "policy/v1"',
      ],
    ]);
    // An empty selector chose no pods in v1beta1; in v1 it would choose all.
    expect(objectOf(budget, '1.23')).toMatchObject({
      apiVersion: 'policy/v1',
      spec: {
        selector: {
          matchExpressions: [{ key: 'pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match', operator: 'Exists' }],
        },
      },
    });
    expect(mistakesOf(pod({ containers: [{ name: 'c', restartPolicy: 'Always' }] }), '1.23')).toEqual([
      ['spec.containers.0.restartPolicy', 'there is no field "restartPolicy" here'],
    ]);
  });

  it('turns an autoscaling/v1 autoscaler into metrics', () => {
    const autoscaler = {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h' },
      spec: { maxReplicas: 5, scaleTargetRef: { kind: 'Deployment', name: 'web' }, targetCPUUtilizationPercentage: 60 },
    };
    expect(objectOf(autoscaler)).toMatchObject({
      apiVersion: 'autoscaling/v2',
      spec: {
        maxReplicas: 5,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } },
        ],
      },
    });
  });

  it.each([
    [5, '', 'found the number 5, expected a Kubernetes object with apiVersion and kind'],
    [{ kind: 'Pod' }, '', 'an object needs the field "apiVersion"'],
    [{ apiVersion: 'v1', kind: 'Pods' }, 'kind', 'there is no kind "Pods" in "v1"'],
  ])('refuses %j', (value, path, message) => {
    expect(mistakesOf(value)).toEqual([[path, message]]);
  });

  it('opens lists, typed or not', () => {
    const item = { metadata: { name: 'p' } };
    expect(listItems({ apiVersion: 'v1', kind: 'PodList', items: [item] })).toEqual([
      { value: { apiVersion: 'v1', kind: 'Pod', ...item }, path: ['items', 0] },
    ]);
    expect(listItems({ apiVersion: 'v1', kind: 'List', items: [item] })).toEqual([{ value: item, path: ['items', 0] }]);
    expect(listItems(pod({}))).toBeUndefined();
  });
});
