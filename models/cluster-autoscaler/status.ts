import { formatRfc3339, type Micros } from '../../engine/index.js';
import type { ConfigMap } from '../api/index.js';
import type { ApiClient, EventRecorder, Reply } from '../client-go/index.js';
import type { ClusterState, GroupState, Readiness } from './group-states.js';

/** What a pass tells of itself. */
export interface PassReport {
  readonly state: ClusterState;
  readonly isHealthy: boolean;
  /** Names of unneeded nodes. */
  readonly unneeded: ReadonlySet<string>;
}

/** YAML as nested lists of keys and values, in order. */
type Section = readonly (readonly [key: string, value: string | number | Section])[];

const render = (section: Section, indent = ''): string =>
  section
    .map(([key, value]) =>
      typeof value === 'object' ? `${indent}${key}:\n${render(value, `${indent}  `)}` : `${indent}${key}: ${value}\n`,
    )
    .join('');

const nodeCounts = (readiness: Readiness): Section => [
  [
    'registered',
    [
      ['total', readiness.registered],
      ['ready', readiness.ready],
      ['notStarted', readiness.notStarted.length],
      ...(readiness.deleted > 0 ? [['beingDeleted', readiness.deleted] as const] : []),
      [
        'unready',
        [
          ['total', readiness.unready],
          ['resourceUnready', 0],
        ],
      ],
    ],
  ],
  ['longUnregistered', readiness.longUnregistered],
  ['unregistered', readiness.unregistered],
];

const scaleUpStatus = ({ isScalingUp, isBackedOff }: GroupState): string =>
  isScalingUp ? 'InProgress' : isBackedOff ? 'Backoff' : 'NoActivity';

const scaleDownStatus = (candidates: number): string => (candidates > 0 ? 'CandidatesPresent' : 'NoCandidates');

/** Since when a condition, by its place in the status, has the status it has. */
type Transitions = Map<string, { readonly status: string; readonly since: Micros }>;

/** ConfigMapLastUpdateFormat. */
const clock = (at: Micros, startTime: number): string =>
  formatRfc3339(startTime * 1_000_000 + at, 6)
    .replace('T', ' ')
    .replace('Z', ' +0000 UTC');

/** The status as ClusterStateRegistry.GetStatus builds it (autoscaler cluster-autoscaler/clusterstate, clusterstate/api/types.go). */
export function statusText(report: PassReport, now: Micros, startTime: number, transitions: Transitions): string {
  const time = (at: Micros): string => `"${formatRfc3339(startTime * 1_000_000 + at, 6)}"`;
  const condition = (place: string, status: string, between: Section = []): Section => {
    const before = transitions.get(place);
    const since = before?.status === status ? before.since : now;
    transitions.set(place, { status, since });
    return [['status', status], ...between, ['lastProbeTime', time(now)], ['lastTransitionTime', time(since)]];
  };
  const candidates = (names: readonly string[]): number => names.filter((name) => report.unneeded.has(name)).length;
  const scaleDown = (place: string, count: number): Section =>
    condition(place, scaleDownStatus(count), count > 0 ? [['candidates', count]] : []);
  const { groups, total } = report.state;
  const health = report.isHealthy ? 'Healthy' : 'Unhealthy';
  const scaleUp = groups.some(({ isScalingUp }) => isScalingUp) ? 'InProgress' : 'NoActivity';
  const head = render([
    ['time', clock(now, startTime)],
    ['autoscalerStatus', 'Running'],
    [
      'clusterWide',
      [
        ['health', condition('health', health, [['nodeCounts', nodeCounts(total)]])],
        ['scaleUp', condition('scaleUp', scaleUp)],
        ['scaleDown', scaleDown('scaleDown', report.unneeded.size)],
      ],
    ],
  ]);
  const ofGroup = (state: GroupState): Section => {
    const { group, nodes, readiness } = state;
    const sizes: Section = [
      ['nodeCounts', nodeCounts(readiness)],
      ['cloudProviderTarget', group.targetSize],
      ['minSize', group.minSize],
      ['maxSize', group.maxSize],
    ];
    return [
      ['name', group.name],
      ['health', condition(`${group.name} health`, 'Healthy', sizes)],
      ['scaleUp', condition(`${group.name} scaleUp`, scaleUpStatus(state))],
      ['scaleDown', scaleDown(`${group.name} scaleDown`, candidates(nodes.map(({ metadata }) => metadata.name)))],
    ];
  };
  return `${head}nodeGroups:\n${groups.map((state) => render(ofGroup(state), '  ').replace('  ', '- ')).join('')}`;
}

export interface StatusConfigMapOptions {
  readonly client: ApiClient;
  readonly events: EventRecorder;
  readonly namespace: string;
  readonly name: string;
  /** Wall-clock time of virtual time zero, as Unix seconds. */
  readonly startTime: number;
}

const LAST_UPDATED = 'cluster-autoscaler.kubernetes.io/last-updated';

/**
 * The ConfigMap that tells users what cluster-autoscaler does, and that its own Events are about. As WriteStatusConfigMap and
 * LogEventRecorder (clusterstate/utils). It is written when more than the time of looking has changed.
 */
export class StatusConfigMap {
  readonly #options: StatusConfigMapOptions;
  readonly #transitions: Transitions = new Map();
  #written: ConfigMap | undefined;
  #told = '';

  constructor(options: StatusConfigMapOptions) {
    this.#options = options;
  }

  /** Tells of the whole cluster, once there is a ConfigMap. */
  event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    if (this.#written !== undefined) {
      this.#options.events.event(this.#written, type, reason, message);
    }
  }

  forget(): void {
    this.#transitions.clear();
    this.#written = undefined;
    this.#told = '';
  }

  /** Before the first pass. As NewStatusMapRecorder. */
  initialize(now: Micros): void {
    this.#put(`time: ${clock(now, this.#options.startTime)}\nautoscalerStatus: Initializing\n`);
  }

  write(report: PassReport, now: Micros): void {
    const text = statusText(report, now, this.#options.startTime, this.#transitions);
    const news = text.replace(/^time: .*$|^ *lastProbeTime: .*$/gm, '');
    if (news !== this.#told) {
      this.#told = news;
      this.#put(text);
    }
  }

  #put(text: string): void {
    const { client, namespace, name } = this.#options;
    const annotations = { [LAST_UPDATED]: text.slice('time: '.length, text.indexOf('\n')) };
    const data = { status: text };
    const keep = (reply: Reply<ConfigMap>): void => {
      this.#written = reply.ok ? reply.object : this.#written;
    };
    client.patch(
      'ConfigMap',
      `${namespace}/${name}`,
      (current) => ({ ...current, metadata: { ...current.metadata, annotations }, data }),
      (reply) => {
        if (!reply.ok && reply.error.reason === 'NotFound') {
          const metadata = { namespace, name, annotations };
          client.create('ConfigMap', { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }, keep);
        } else {
          keep(reply);
        }
      },
    );
  }
}
