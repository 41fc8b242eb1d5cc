import { defaultingWith } from '../../../models/api/defaults/index.js';
import type { AnyObject, Deployment, Job, Kind, Pod, Service, StatefulSet } from '../../../models/api/index.js';
import { validationWith } from '../../../models/api/validation/index.js';
import { defaultsFor } from '../../../models/versions/index.js';

type Version = '1.37' | '1.23';

const featuresOf = (version: Version) => (defaultsFor(version) as NonNullable<ReturnType<typeof defaultsFor>>).features;

function filled<T extends AnyObject>(object: T, version: Version): T {
  const fill = defaultingWith(featuresOf(version))[object.kind as Kind] as ((object: unknown) => T) | undefined;
  return fill?.(object) ?? object;
}

const lines = (causes: readonly { readonly field: string; readonly message: string }[]): string[] =>
  causes.map(({ field, message }) => `${field}: ${message}`);

function create(object: AnyObject, version: Version = '1.37'): string[] {
  return lines(validationWith(featuresOf(version)).create(object.kind as Kind, filled(object, version)));
}

function update<T extends AnyObject>(before: T, change: (before: T) => T): string[] {
  const old = filled(before, '1.37');
  return lines(validationWith(featuresOf('1.37')).update(old.kind as Kind, filled(change(old), '1.37'), old));
}

const metadata = { name: 'a', namespace: 'default' };
const labels = { app: 'a' };
const podSpec = { containers: [{ name: 'c', image: 'nginx' }] };
const template = { metadata: { name: '', labels }, spec: podSpec };
const selector = { matchLabels: labels };

const pod = (spec: object = {}): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { ...podSpec, ...spec } });
const deployment = (spec: object = {}): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata,
  spec: { selector, template, ...spec },
});
const statefulSet = (spec: object = {}): StatefulSet => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata,
  spec: { selector, template, serviceName: 'a', ...spec },
});

// Messages are those of k8s 1.37 pkg/apis/core/validation/validation.go and its neighbours.

describe('pods', () => {
  it('passes what says the least', () => {
    expect(create(pod())).toEqual([]);
  });

  it('tells all mistakes at once, in the order of the specification', () => {
    const spec = {
      containers: [{ name: 'c', ports: [{ containerPort: 70_000 }] }],
      restartPolicy: 'Sometimes',
      nodeName: 'Bad_Node',
    };
    expect(create(pod(spec)).map((line) => line.split(': ')[0])).toEqual([
      'spec.containers[0].image',
      'spec.containers[0].ports[0].containerPort',
      'spec.restartPolicy',
      'spec.nodeName',
    ]);
  });

  it('wants whole numbers of extended resources, requested as they are limited', () => {
    const containers = [{ name: 'c', image: 'x', resources: { limits: { 'a.com/b': '1500m' } } }];
    expect(create(pod({ containers }))).toContain(
      'spec.containers[0].resources.limits[a.com/b]: Invalid value: "1500m": must be an integer',
    );
    const resources = { limits: { 'a.com/b': '2' }, requests: { 'a.com/b': '1' } };
    expect(create(pod({ containers: [{ name: 'c', image: 'x', resources }] }))).toEqual([
      'spec.containers[0].resources.requests: Invalid value: "1": must be equal to a.com/b limit of 2',
    ]);
  });

  it('finds names and host ports that two containers share', () => {
    const ports = [{ containerPort: 80, hostPort: 80 }];
    const containers = [
      { name: 'c', image: 'x', ports },
      { name: 'c', image: 'x', ports },
    ];
    expect(create(pod({ containers }))).toEqual([
      'spec.containers[1].name: Duplicate value: "c"',
      'spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//80"',
    ]);
  });

  it('lets sidecars have probes and other init containers none', () => {
    const probe = { exec: { command: ['true'] } };
    const sidecar = { name: 'i', image: 'x', restartPolicy: 'Always', startupProbe: probe };
    expect(create(pod({ initContainers: [sidecar] }))).toEqual([]);
    expect(create(pod({ initContainers: [{ name: 'i', image: 'x', startupProbe: probe }] }))).toEqual([
      'spec.initContainers[0].startupProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
    ]);
  });

  it('knew no restart policy of containers in 1.23', () => {
    const containers = [{ name: 'c', image: 'x', restartPolicy: 'Never' }];
    expect(create(pod({ containers }), '1.37')).toEqual([]);
    expect(create(pod({ containers }), '1.23')).toEqual([
      'spec.containers[0].restartPolicy: Forbidden: may not be set for non-init containers',
    ]);
  });

  it('judges pods of one template once, and each by its own name', () => {
    const first = filled(pod(), '1.37');
    const second = { ...first, metadata: { ...metadata, name: 'B' } };
    const { create: check } = validationWith(featuresOf('1.37'));
    expect(check('Pod', first)).toEqual([]);
    expect(check('Pod', second).map(({ field }) => field)).toEqual(['metadata.name']);
  });

  it('can be given other images, more tolerations and an earlier deadline, and nothing else', () => {
    const tolerations = [{ key: 'a', operator: 'Exists' }];
    const allowed = {
      containers: [{ ...podSpec.containers[0], image: 'other' }],
      tolerations,
      activeDeadlineSeconds: 5,
    };
    const withSpec =
      (spec: object) =>
      (before: Pod): Pod => ({ ...before, spec: { ...before.spec, ...spec } });
    expect(update(pod({ activeDeadlineSeconds: 10 }), withSpec(allowed))).toEqual([]);
    expect(update(pod({ activeDeadlineSeconds: 10 }), withSpec({ activeDeadlineSeconds: 11 }))).toEqual([
      'spec.activeDeadlineSeconds: Invalid value: 11: must be less than or equal to previous value',
    ]);
    expect(update(pod({ tolerations }), withSpec({ tolerations: [] }))).toEqual([
      'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
    ]);
    expect(update(pod(), withSpec({ hostNetwork: true }))[0]).toMatch(
      /^spec: Forbidden: pod updates may not change fields other than `spec.containers\[\*\].image`/,
    );
  });

  it('can be narrowed down to nodes while they wait for a gate', () => {
    const gated = pod({ schedulingGates: [{ name: 'g' }], nodeSelector: { a: 'b' } });
    const withSelector =
      (nodeSelector: Record<string, string>) =>
      (before: Pod): Pod => ({ ...before, spec: { ...before.spec, nodeSelector } });
    expect(update(gated, withSelector({ a: 'b', c: 'd' }))).toEqual([]);
    expect(update(gated, withSelector({ c: 'd' }))).toEqual([
      'spec.nodeSelector: Invalid value: {"c":"d"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    ]);
  });
});

describe('workloads', () => {
  it('keep the selector that they were made with', () => {
    const other = { matchLabels: { ...labels, x: 'y' } };
    const changed = (before: Deployment): Deployment => ({
      ...before,
      spec: { selector: other, template: { ...template, metadata: { name: '', labels: other.matchLabels } } },
    });
    expect(update(deployment(), changed)).toEqual([
      'spec.selector: Invalid value: {"matchLabels":{"app":"a","x":"y"}}: field is immutable',
    ]);
  });

  it('may not stand still: one of surge and unavailability is more than 0', () => {
    const strategy = { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } };
    expect(create(deployment({ strategy }))).toEqual([
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
    ]);
  });

  it('looks at the pods of a StatefulSet with its claims as volumes, since 1.34', () => {
    const containers = [{ name: 'c', image: 'x', volumeMounts: [{ name: 'data', mountPath: '/data' }] }];
    const claimSpec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    const claim = { metadata: { name: 'data' }, spec: claimSpec };
    const spec = { template: { ...template, spec: { containers } } };
    expect(create(statefulSet({ ...spec, volumeClaimTemplates: [claim] }))).toEqual([]);
    const unmounted = ['spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"'];
    expect(create(statefulSet(spec))).toEqual(unmounted);
    expect(create(statefulSet(spec), '1.23')).toEqual([]);
  });

  it('lets a StatefulSet be scaled and rolled, not renamed or restored elsewhere', () => {
    expect(update(statefulSet(), (set) => ({ ...set, spec: { ...set.spec, replicas: 5 } }) as StatefulSet)).toEqual([]);
    expect(
      update(
        statefulSet(),
        (set) => ({ ...set, spec: { ...set.spec, podManagementPolicy: 'Parallel' } }) as StatefulSet,
      ),
    ).toEqual([
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ]);
  });

  it('keeps the template of a Job, except where its pods go while it never ran', () => {
    const job = (suspend: boolean): Job => ({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { ...metadata, uid: 'u' },
      spec: {
        suspend,
        manualSelector: true,
        selector,
        template: { ...template, spec: { ...podSpec, restartPolicy: 'Never' } },
      },
    });
    const elsewhere = (before: Job): Job => {
      const spec = before.spec as NonNullable<Job['spec']>;
      const podsSpec = { ...podSpec, ...spec.template.spec, nodeSelector: { a: 'b' } };
      return { ...before, spec: { ...spec, template: { ...spec.template, spec: podsSpec } } };
    };
    const resumed = (old: Job): Job => ({ ...old, spec: { ...old.spec, suspend: false } });
    const { spec } = job(true);
    const nameless = { ...spec.template, metadata: { labels } } as unknown as typeof spec.template;
    expect(update({ ...job(true), spec: { ...spec, template: nameless } }, resumed)).toEqual([]);
    expect(update(job(true), elsewhere)).toEqual([]);
    expect(update(job(false), elsewhere)).toEqual([
      expect.stringMatching(/^spec.template: Invalid value: .*: field is immutable$/),
    ]);
  });
});

describe('schedules of CronJobs', () => {
  const cronJob = (spec: object): AnyObject =>
    ({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata,
      spec: {
        schedule: '0 * * * *',
        jobTemplate: { spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } } },
        ...spec,
      },
    }) as AnyObject;

  it.each([
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['0 0 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['@never', 'unrecognized descriptor: @never'],
  ])('refuses %s', (schedule, why) => {
    expect(create(cronJob({ schedule }))).toEqual([`spec.schedule: Invalid value: "${schedule}": ${why}`]);
  });

  it.each(['0 12 * jan-mar mon,WED', '@hourly', '@every 1h30m', '5/15 ? * * *'])('lets %s pass', (schedule) => {
    expect(create(cronJob({ schedule }))).toEqual([]);
  });

  it('wants the time zone in its own field, which 1.23 did not have', () => {
    const schedule = 'TZ=Europe/Berlin 0 0 * * *';
    expect(create(cronJob({ schedule }), '1.23')).toEqual([]);
    expect(create(cronJob({ schedule }))).toEqual([
      `spec.schedule: Invalid value: "${schedule}": cannot use TZ or CRON_TZ in schedule, use timeZone field instead`,
    ]);
    expect(create(cronJob({ timeZone: 'Europe/Berlin' }))).toEqual([]);
    expect(create(cronJob({ timeZone: 'europe/berlin' }))).toEqual([
      'spec.timeZone: Invalid value: "europe/berlin": unknown time zone europe/berlin',
    ]);
  });
});

describe('other kinds', () => {
  const service = (spec: object): Service => ({ apiVersion: 'v1', kind: 'Service', metadata, spec }) as Service;

  it('keeps the address that a Service was given', () => {
    const before = service({ ports: [{ port: 80 }], clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'] });
    const moved = (old: Service): Service => ({
      ...old,
      spec: { ...old.spec, clusterIP: '10.0.0.2', clusterIPs: ['10.0.0.2'] },
    });
    expect(update(before, moved)).toEqual(['spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set']);
  });

  it('wants names for the ports of a Service that has several', () => {
    expect(create(service({ ports: [{ port: 80, name: 'a' }, { port: 80 }] }))).toEqual([
      'spec.ports[1].name: Required value',
      'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
    ]);
  });

  it('freezes the data of an immutable ConfigMap', () => {
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata, immutable: true, data: { a: 'b' } };
    expect(update(map, (old) => ({ ...old, data: { a: 'c' } }))).toEqual([
      'data: Forbidden: field is immutable when `immutable` is set',
    ]);
  });

  it('lets a claim be bound once and grow only then', () => {
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata,
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      status: { phase: 'Pending' },
    };
    type Claim = typeof claim & { readonly spec: { readonly volumeName?: string } };
    const withSpec =
      (spec: object, phase: string) =>
      (old: Claim): Claim => ({ ...old, spec: { ...old.spec, ...spec }, status: { phase } });
    const larger = { resources: { requests: { storage: '2Gi' } } };
    expect(update<Claim>(claim, withSpec({ volumeName: 'v' }, 'Pending'))).toEqual([]);
    expect(update<Claim>(claim, withSpec(larger, 'Bound'))).toEqual([]);
    expect(update<Claim>(claim, withSpec(larger, 'Pending'))).toEqual([
      'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
    ]);
  });

  it('wants ranges of limits that can be met', () => {
    const limits = [{ type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' } }];
    expect(create({ apiVersion: 'v1', kind: 'LimitRange', metadata, spec: { limits } } as AnyObject)).toEqual([
      'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
    ]);
  });

  it('counts only pods in quotas for best effort', () => {
    const spec = { hard: { cpu: '1' }, scopes: ['BestEffort'] };
    expect(create({ apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec } as AnyObject)).toEqual([
      'spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource',
    ]);
  });

  it('wants an address block to contain its exceptions', () => {
    const ipBlock = { cidr: '10.0.0.0/16', except: ['10.0.1.0/24', '10.1.0.0/24'] };
    const spec = { podSelector: {}, ingress: [{ from: [{ ipBlock }] }] };
    expect(create({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec } as AnyObject)).toEqual([
      'spec.ingress[0].from[0].ipBlock.except[1]: Invalid value: "10.1.0.0/24": must be a strict subset of `cidr`',
    ]);
  });

  it('looks at the name of any object', () => {
    const object = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'a/b' } };
    expect(create(object)).toEqual(['metadata.name: Invalid value: "a/b": may not contain \'/\'']);
  });
});
