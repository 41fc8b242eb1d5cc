import type { Micros, TimelineSpec } from '../../engine/index.js';

/**
 * What happened to a node on its way from its last sign of life to eviction, and back:
 * lastRenewal → lastSeen → graceExpired → unknown, or notReadySeen; then queued → noExecuteTaint; readySeen → untainted.
 */
export type Mark =
  | 'lastRenewal'
  | 'lastSeen'
  | 'graceExpired'
  | 'unknown'
  | 'notReadySeen'
  | 'queued'
  | 'noExecuteTaint'
  | 'readySeen'
  | 'untainted';

export interface DetectionMark {
  readonly node: string;
  readonly mark: Mark;
  readonly instant: Micros;
  readonly owner: string;
}

export const DETECTION: TimelineSpec<DetectionMark> = {
  name: 'detection',
  help: 'How the node lifecycle controller came to its view of a node; for each step the setting that its wait is owed to.',
  columns: {
    node: { type: 'text', help: 'Name of the node.' },
    mark: {
      type: 'text',
      help: 'lastRenewal, lastSeen, graceExpired, unknown, notReadySeen, queued, noExecuteTaint, readySeen or untainted.',
    },
    instant: { type: 'time', help: 'When it happened; some marks are known only later than that.' },
    owner: { type: 'text', help: 'The setting that the time since the mark before is owed to.' },
  },
};

export interface ZoneChange {
  readonly zone: string;
  readonly state: string;
  readonly nodes: number;
  readonly not_ready: number;
  readonly eviction_rate: number;
  readonly master_disruption: string;
}

export const ZONES: TimelineSpec<ZoneChange> = {
  name: 'zones',
  help: 'Changes of the state of failure zones, which sets how fast their nodes may be tainted NoExecute.',
  columns: {
    zone: { type: 'text', help: 'Region and zone as labelled, joined by a slash.' },
    state: { type: 'text', help: 'Normal, PartialDisruption or FullDisruption.' },
    nodes: { type: 'integer', help: 'Nodes that have a vote.' },
    not_ready: { type: 'integer', help: 'Those of them that are not ready.' },
    eviction_rate: { type: 'number', help: 'Nodes per second that may be tainted NoExecute from now on.' },
    master_disruption: {
      type: 'text',
      help: 'enters or leaves when all zones are, or no longer are, fully disrupted; else unchanged.',
    },
  },
};
