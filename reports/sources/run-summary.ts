import { MICROS_PER_SECOND, type Micros } from '../../engine/index.js';
import type { JsonFields } from './json-fields.js';

/** What summary.json tells of a run, virtual times in Micros. */
export interface RunSummary {
  readonly name: string;
  readonly version: string;
  readonly kubernetesVersion: string;
  readonly seed: number;
  readonly startTime: string;
  readonly ranUntil: Micros;
  readonly fingerprint: string;
  readonly eventCount: number;
  readonly settings: readonly Setting[];
  readonly actions: readonly ActionLine[];
  readonly faults: readonly Fault[];
  readonly expectations: readonly Verdict[];
  /** Objects that are stored and that nothing acts on, by kind. */
  readonly inert: readonly { readonly kind: string; readonly count: number }[];
  /** Settings that change nothing in a simulated cluster. */
  readonly unsupported: readonly string[];
}

/** A setting that was in force. */
export interface Setting {
  readonly component: string;
  readonly name: string;
  readonly value: string;
  /** Whether the scenario set it; else it is the version's default. */
  readonly isGiven: boolean;
}

export interface ActionLine {
  readonly at: Micros;
  readonly line: string;
  readonly failed: boolean;
}

export interface Verdict {
  readonly name: string;
  readonly that: string;
  readonly mode: string;
  readonly ok: boolean;
  readonly at?: Micros | undefined;
  readonly reason?: string | undefined;
}

/** A fault and what became of what it struck. Times are absent when it did not happen before the run ended. */
export interface Fault {
  readonly kind: string;
  readonly at: Micros;
  readonly healedAt?: Micros | undefined;
  /** Whether the containers it struck were dead at once. */
  readonly isDeadly: boolean;
  readonly nodes: readonly StruckNode[];
  readonly pods: readonly StruckPod[];
  readonly services: readonly StruckService[];
  readonly segments: readonly Segment[];
}

export interface StruckNode {
  readonly node: string;
  readonly lastRenewedAt?: Micros | undefined;
  readonly noticedAt?: Micros | undefined;
  readonly taintedAt?: Micros | undefined;
  readonly recoveredAt?: Micros | undefined;
}

export interface StruckPod {
  /** namespace/name */
  readonly pod: string;
  readonly node: string;
  readonly notReadyAt?: Micros | undefined;
  readonly leftAt?: Micros | undefined;
  readonly goneAt?: Micros | undefined;
  readonly recoveredAt?: Micros | undefined;
  readonly replacedBy?: string | undefined;
  readonly replacementNode?: string | undefined;
  readonly replacementCreatedAt?: Micros | undefined;
  readonly replacementBoundAt?: Micros | undefined;
  readonly replacementStartedAt?: Micros | undefined;
  readonly replacementReadyAt?: Micros | undefined;
}

export interface StruckService {
  readonly service: string;
  readonly before: number;
  readonly lowest: number;
  readonly brokenAt?: Micros | undefined;
  readonly wholeAt?: Micros | undefined;
}

/** A stretch of the way from the fault to the last ready replacement, and the setting that owns it. */
export interface Segment {
  readonly seconds: number;
  readonly setting: string;
  readonly what: string;
}

export function readRunSummary(json: JsonFields): RunSummary {
  const inert = json.object('inert');
  return {
    name: json.text('name'),
    version: json.text('version'),
    kubernetesVersion: json.text('kubernetesVersion'),
    seed: json.number('seed'),
    startTime: json.text('startTime'),
    ranUntil: toMicros(json.number('ranUntilSeconds')),
    fingerprint: json.text('fingerprint'),
    eventCount: json.number('eventCount'),
    settings: json.list('settings', (item) => ({
      component: item.text('component'),
      name: item.text('name'),
      value: item.text('value'),
      isGiven: item.boolean('isGiven'),
    })),
    actions: json.list('actions', (item) => ({
      at: toMicros(item.number('atSeconds')),
      line: item.text('line'),
      failed: item.boolean('failed'),
    })),
    faults: json.list('faults', readFault),
    expectations: json.list('expectations', (item) => ({
      name: item.text('name'),
      that: item.text('that'),
      mode: item.text('mode'),
      ok: item.boolean('ok'),
      at: time(item, 'at'),
      reason: item.optionalText('reason'),
    })),
    inert: inert.names().map((kind) => ({ kind, count: inert.number(kind) })),
    unsupported: json.words('unsupported'),
  };
}

function readFault(json: JsonFields): Fault {
  return {
    kind: json.text('kind'),
    at: toMicros(json.number('atSeconds')),
    healedAt: time(json, 'healedAt'),
    isDeadly: json.boolean('isDeadly'),
    nodes: json.list('nodes', (item) => ({
      node: item.text('node'),
      lastRenewedAt: time(item, 'lastRenewedAt'),
      noticedAt: time(item, 'noticedAt'),
      taintedAt: time(item, 'taintedAt'),
      recoveredAt: time(item, 'recoveredAt'),
    })),
    pods: json.list('pods', readPod),
    services: json.list('services', (item) => ({
      service: item.text('service'),
      before: item.number('before'),
      lowest: item.number('lowest'),
      brokenAt: time(item, 'brokenAt'),
      wholeAt: time(item, 'wholeAt'),
    })),
    segments: json.list('segments', (item) => ({
      seconds: item.number('seconds'),
      setting: item.text('setting'),
      what: item.text('what'),
    })),
  };
}

const readPod = (json: JsonFields): StruckPod => ({
  pod: json.text('pod'),
  node: json.text('node'),
  notReadyAt: time(json, 'notReadyAt'),
  leftAt: time(json, 'leftAt'),
  goneAt: time(json, 'goneAt'),
  recoveredAt: time(json, 'recoveredAt'),
  replacedBy: json.optionalText('replacedBy'),
  replacementNode: json.optionalText('replacementNode'),
  replacementCreatedAt: time(json, 'replacementCreatedAt'),
  replacementBoundAt: time(json, 'replacementBoundAt'),
  replacementStartedAt: time(json, 'replacementStartedAt'),
  replacementReadyAt: time(json, 'replacementReadyAt'),
});

/** A virtual time, which summary.json has in seconds and says so in the name. */
function time(json: JsonFields, name: string): Micros | undefined {
  const found = json.optionalNumber(`${name}Seconds`);
  return found === undefined ? undefined : toMicros(found);
}

const toMicros = (seconds: number): Micros => Math.round(seconds * MICROS_PER_SECOND);
