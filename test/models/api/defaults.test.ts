import { type Decoded, decode } from '../../../models/api/decode/decode.js';
import { defaultPullPolicy, imageTag } from '../../../models/api/defaults/image.js';
import { defaultingWith, preparationWith } from '../../../models/api/defaults/index.js';
import type { Job, Kinds, Pod, PodSpec, StatefulSet } from '../../../models/api/index.js';
import type { Kind } from '../../../models/api/object.js';
import { defaultsFor } from '../../../models/versions/index.js';

const featuresOf = (version: string) => (defaultsFor(version) as NonNullable<ReturnType<typeof defaultsFor>>).features;

function defaulted<K extends Kind>(kind: K, manifest: object, version = '1.37'): Kinds[K] {
  const decoded: Decoded = decode(
    { kind, metadata: { name: 'x' }, ...manifest },
    { kubernetesVersion: version, startTime: 0 },
  );
  if (!decoded.ok || decoded.isInert) {
    throw new Error(JSON.stringify(decoded));
  }
  const change = defaultingWith(featuresOf(version))[kind] as unknown as (object: unknown) => Kinds[K];
  return change(decoded.object);
}

const podOf = (spec: object, metadata: object = {}): Pod =>
  defaulted('Pod', { apiVersion: 'v1', metadata: { name: 'p', ...metadata }, spec });

const prepare = (pod: Pod): Pod => preparationWith(featuresOf('1.37')).Pod?.(pod) as Pod;

describe('an image', () => {
  it.each([
    ['nginx', 'latest', 'Always'],
    ['nginx:1.27', '1.27', 'IfNotPresent'],
    ['registry:5000/team/app', 'latest', 'Always'],
    ['registry:5000/team/app:v2', 'v2', 'IfNotPresent'],
    [`nginx@sha256:${'a'.repeat(64)}`, undefined, 'IfNotPresent'],
    [`nginx:latest@sha256:${'a'.repeat(64)}`, 'latest', 'Always'],
    // No reference at all: docker's names are lower case.
    ['Nginx', undefined, 'IfNotPresent'],
    ['', undefined, 'IfNotPresent'],
  ])('%s has the tag %s and is pulled %s', (image, tag, policy) => {
    expect(imageTag(image)).toBe(tag);
    expect(defaultPullPolicy(image)).toBe(policy);
  });
});

describe('a pod', () => {
  it('requests what it limits, but a template does not', () => {
    const spec = {
      containers: [{ name: 'c', image: 'i', resources: { limits: { cpu: '1' }, requests: { memory: '1Gi' } } }],
    };
    expect(podOf(spec).spec.containers[0]?.resources?.requests).toEqual({ cpu: '1', memory: '1Gi' });
    const deployment = defaulted('Deployment', { apiVersion: 'apps/v1', spec: { selector: {}, template: { spec } } });
    expect(deployment.spec.template.spec?.containers[0]?.resources?.requests).toEqual({ memory: '1Gi' });
  });

  it('shares its filled spec with the other pods of its template', () => {
    const template: PodSpec = { containers: [{ name: 'c', image: 'i:1' }] };
    const change = defaultingWith(featuresOf('1.37')).Pod as (pod: Pod) => Pod;
    const [a, b] = ['a', 'b'].map((name) =>
      change({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: template }),
    ) as [Pod, Pod];
    expect(a.spec).toBe(b.spec);
    expect(change(a)).toBe(a);
    // A pod that differs in another field still shares the containers.
    const named = change({ ...a, spec: { ...template, hostname: 'a' } });
    expect(named.spec.containers).toBe(a.spec.containers);
  });

  it('listens on the ports of its node with hostNetwork', () => {
    const spec = { hostNetwork: true, containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }] };
    expect(podOf(spec).spec.containers[0]?.ports).toEqual([{ containerPort: 80, hostPort: 80, protocol: 'TCP' }]);
  });

  it('waits for its scheduling gates', () => {
    const pod = prepare(podOf({ containers: [{ name: 'c', image: 'i' }], schedulingGates: [{ name: 'g' }] }));
    expect(pod.status).toMatchObject({
      phase: 'Pending',
      qosClass: 'BestEffort',
      conditions: [{ reason: 'SchedulingGated' }],
    });
  });

  it('writes label keys of its affinity into the selectors', () => {
    const spec = {
      containers: [{ name: 'c', image: 'i' }],
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            {
              topologyKey: 'zone',
              labelSelector: {},
              matchLabelKeys: ['hash', 'absent'],
              mismatchLabelKeys: ['tenant'],
            },
            { topologyKey: 'zone', matchLabelKeys: ['hash'] },
          ],
        },
      },
    };
    const pod = prepare(podOf(spec, { labels: { hash: '1', tenant: 'a' } }));
    const terms = pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    expect(terms?.map((term) => term.labelSelector)).toEqual([
      {
        matchExpressions: [
          { key: 'hash', operator: 'In', values: ['1'] },
          { key: 'tenant', operator: 'NotIn', values: ['a'] },
        ],
      },
      undefined,
    ]);
  });

  it('rounds requests up to thousandths', () => {
    const spec = { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '0.1m' } } }] };
    expect(podOf(spec).spec.containers[0]?.resources?.requests).toEqual({ cpu: '1m' });
  });
});

describe('versions', () => {
  const statefulSet = { apiVersion: 'apps/v1', spec: { selector: {}, template: {} } };

  it('differ in what a StatefulSet is filled with', () => {
    const of = (version: string): StatefulSet => defaulted('StatefulSet', statefulSet, version);
    expect(of('1.37').spec.updateStrategy?.rollingUpdate).toEqual({ partition: 0, maxUnavailable: 1 });
    expect(of('1.37').spec.persistentVolumeClaimRetentionPolicy).toEqual({
      whenDeleted: 'Retain',
      whenScaled: 'Retain',
    });
    expect(of('1.23').spec.updateStrategy?.rollingUpdate).toEqual({ partition: 0 });
    expect(of('1.23').spec.persistentVolumeClaimRetentionPolicy).toBeUndefined();
  });

  it('differ in how a Job tells its pods', () => {
    const of = (version: string): Job => {
      const job = defaulted('Job', { apiVersion: 'batch/v1', spec: { template: {} } }, version);
      return preparationWith(featuresOf(version)).Job?.({ ...job, metadata: { name: 'j', uid: 'u' } }) as Job;
    };
    expect(of('1.37').spec.selector).toEqual({ matchLabels: { 'batch.kubernetes.io/controller-uid': 'u' } });
    expect(of('1.23').spec.selector).toEqual({ matchLabels: { 'controller-uid': 'u' } });
    expect(of('1.23').spec.template.metadata?.labels).toEqual({ 'controller-uid': 'u', 'job-name': 'j' });
  });
});
