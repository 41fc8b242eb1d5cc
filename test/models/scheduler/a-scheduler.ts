import { milliseconds, seconds } from '../../../engine/index.js';
import type { Event, Node, Pod } from '../../../models/api/index.js';
import type { Draft } from '../../../models/client-go/index.js';
import {
  createScheduler,
  type SchedulerConfiguration,
  type SchedulerExtras,
  schedulerConfiguration,
} from '../../../models/scheduler/index.js';
import type { SchedulingRow } from '../../../models/scheduler/timelines.js';
import { type Defaults, defaultsFor } from '../../../models/versions/index.js';
import { type AnApiServer, anApiServer } from '../../helpers/an-api-server.js';

export const aNode = (name: string, cpu = '4', extra: Partial<Node> = {}): Draft<Node> => ({
  apiVersion: 'v1',
  kind: 'Node',
  spec: {},
  status: { allocatable: { cpu, memory: '16Gi', pods: '110' }, capacity: { cpu, memory: '16Gi', pods: '110' } },
  ...extra,
  metadata: { name, labels: { 'kubernetes.io/hostname': name, ...extra.metadata?.labels } },
});

export const aPod = (name: string, cpu = '500m', spec: Partial<Pod['spec']> = {}): Draft<Pod> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { app: name } },
  spec: {
    containers: [{ name: 'c', resources: { requests: { cpu, memory: '100Mi' } } }],
    schedulerName: 'default-scheduler',
    terminationGracePeriodSeconds: 30,
    ...spec,
  },
});

export interface ASchedulerOptions {
  readonly kubernetesVersion?: string;
  /** KubeSchedulerConfiguration without its header. */
  readonly configuration?: Readonly<Record<string, unknown>>;
  readonly settings?: Partial<SchedulerConfiguration>;
  readonly extras?: SchedulerExtras;
  readonly record?: readonly string[];
}

/** A scheduler on an API server that answers after 4 ms and tells watchers after 3 ms; it has stood there for a second. */
export class AScheduler {
  readonly cluster: AnApiServer;

  constructor(options: ASchedulerOptions = {}) {
    const { kubernetesVersion = '1.37', configuration, extras = {} } = options;
    this.cluster = anApiServer({
      kubernetesVersion,
      apiCall: milliseconds(4),
      watchDelivery: milliseconds(3),
      record: ['scheduling', ...(options.record ?? [])],
    });
    const defaults = defaultsFor(kubernetesVersion) as Defaults;
    const header = { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration' };
    const settings = schedulerConfiguration(defaults, configuration && { ...header, ...configuration }, extras.plugins);
    const scheduler = createScheduler(this.cluster.context, { ...settings, ...options.settings }, extras);
    this.cluster.informers.start();
    scheduler.start();
    this.runUntil(1);
  }

  runUntil(at: number): this {
    this.cluster.simulation.runUntil(seconds(at));
    return this;
  }

  create(...objects: readonly (Draft<Node> | Draft<Pod>)[]): this {
    for (const object of objects) {
      if (object.kind === 'Node') {
        this.cluster.user.create('Node', object as Draft<Node>, () => {});
      } else {
        this.cluster.user.create('Pod', object as Draft<Pod>, () => {});
      }
    }
    return this;
  }

  deletePod(name: string, gracePeriodSeconds = 0): this {
    this.cluster.user.delete('Pod', `default/${name}`, { gracePeriodSeconds }, () => {});
    return this;
  }

  pod(name: string): Pod | undefined {
    return this.cluster.server.get('Pod', `default/${name}`);
  }

  nodeOf(name: string): string | undefined {
    return this.pod(name)?.spec.nodeName;
  }

  scheduled(name: string) {
    return this.pod(name)?.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  }

  get events(): readonly string[] {
    return [...this.cluster.server.list('Event')].map(({ reason, message }: Event) => `${reason}: ${message}`);
  }

  get attempts() {
    return this.cluster.sink.rows<SchedulingRow>('scheduling');
  }
}
