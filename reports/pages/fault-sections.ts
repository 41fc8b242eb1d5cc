import { type Micros, toSeconds } from '../../engine/index.js';
import { formatAt } from '../sinks/times.js';
import type { Fault, Segment, StruckNode, StruckPod, StruckService } from '../sources/run-summary.js';
import type { Gantt, Mark, Section, Span, Table } from './page-data.js';

/** Dark and light in turn, so that neighbours differ for everybody. */
const OWNERS = ['#0072b2', '#e69f00', '#d55e00', '#56b4e9', '#009e73', '#cc79a7', '#4d4d4d', '#f0e442'];

/** For each fault: the bar of its seconds and their owners, and the story of what it struck. */
export const faultSections = (faults: readonly Fault[]): readonly Section[] =>
  faults.flatMap((fault) => [...(fault.segments.length > 0 ? [ownersBar(fault)] : []), storyTable(fault)]);

/** "NodeCrash of worker-1 at 600 s" */
function titleOf({ kind, at, nodes, pods }: Fault): string {
  const struck = nodes.length > 0 ? nodes.map(({ node }) => node) : pods.map(({ pod }) => pod);
  const [first] = struck;
  const whom = first === undefined ? '' : ` of ${first}${struck.length > 1 ? ` and ${struck.length - 1} more` : ''}`;
  return `${kind}${whom} at ${formatAt(at)} s`;
}

/** A line at each strike and each healing; one for all that happens at the same instant. */
export function faultMarks(faults: readonly Fault[]): readonly Mark[] {
  const names = new Map<Micros, string[]>();
  for (const { kind, at, healedAt } of faults) {
    names.set(at, [...(names.get(at) ?? []), kind]);
    if (healedAt !== undefined) {
      names.set(healedAt, [...(names.get(healedAt) ?? []), 'healed']);
    }
  }
  return [...names]
    .sort(([a], [b]) => a - b)
    .map(([at, own]) => ({
      at: toSeconds(at),
      name: [...new Set(own)].map((name) => timesName(own, name)).join(', '),
    }));
}

function timesName(names: readonly string[], name: string): string {
  const times = names.filter((other) => other === name).length;
  return times > 1 ? `${times} × ${name}` : name;
}

function ownersBar(fault: Fault): Gantt {
  const { segments } = fault;
  const states = segments.map(({ seconds, setting }, i) => ({
    name: `${Number(seconds.toFixed(3))} s ${setting}`,
    colour: OWNERS[i % OWNERS.length] as string,
  }));
  let reached = toSeconds(fault.at);
  const spans = segments.map(({ seconds, what }, i): Span => {
    const from = reached;
    reached = round(from + seconds);
    return { row: 0, state: i, from, to: reached, note: what };
  });
  return {
    kind: 'gantt',
    title: `${titleOf(fault)}: which setting owns each second`,
    help: `The longest way from the fault to a ready replacement, ${sumOf(segments)} s, cut where another setting takes over.`,
    start: toSeconds(fault.at),
    end: reached,
    rows: [{ name: 'owner of the time', isHeading: false }],
    states,
    spans: spans.filter(({ from, to }) => to > from),
    marks: [],
  };
}

const sumOf = (segments: readonly Segment[]): number => round(segments.reduce((sum, { seconds }) => sum + seconds, 0));

/** To the microsecond: sums of seconds drift in their last digits. */
const round = (seconds: number): number => Math.round(seconds * 1e6) / 1e6;

interface Moment {
  readonly at: Micros | undefined;
  readonly who: string;
  readonly what: string;
}

function storyTable(fault: Fault): Table {
  const moments: readonly Moment[] = [
    { at: fault.at, who: fault.kind, what: 'strikes' },
    { at: fault.healedAt, who: fault.kind, what: 'is healed' },
    ...fault.nodes.flatMap(nodeMoments),
    ...fault.pods.flatMap(podMoments),
    ...fault.services.flatMap(serviceMoments),
  ];
  const told = moments.filter((moment): moment is Moment & { at: Micros } => moment.at !== undefined);
  return {
    kind: 'table',
    title: `${titleOf(fault)}: what it did`,
    help: 'What became of the nodes, pods and Services it struck, in order of time; after_s counts from the strike.',
    columns: ['at_s', 'after_s', 'who', 'what'],
    rows: told
      .toSorted((a, b) => a.at - b.at)
      .map(({ at, who, what }) => [formatAt(at), formatAt(at - fault.at), who, what]),
  };
}

const nodeMoments = ({ node, lastRenewedAt, noticedAt, taintedAt, recoveredAt }: StruckNode): readonly Moment[] => {
  const who = `node ${node}`;
  return [
    { at: lastRenewedAt, who, what: 'renewed its lease for the last time before the strike' },
    { at: noticedAt, who, what: 'is no longer Ready in the API' },
    { at: taintedAt, who, what: 'got a NoExecute taint' },
    { at: recoveredAt, who, what: 'is Ready again' },
  ];
};

const podMoments = (pod: StruckPod): readonly Moment[] => {
  const who = `pod ${pod.pod}`;
  const replacement = `pod ${pod.replacedBy ?? ''}`;
  return [
    { at: pod.notReadyAt, who, what: 'is no longer Ready in the API' },
    { at: pod.leftAt, who, what: `its deletion from ${pod.node} begins` },
    { at: pod.goneAt, who, what: 'is gone from the API' },
    { at: pod.recoveredAt, who, what: 'is Ready again' },
    { at: pod.replacementCreatedAt, who: replacement, what: `is created in place of ${pod.pod}` },
    { at: pod.replacementBoundAt, who: replacement, what: `is bound to ${pod.replacementNode ?? ''}` },
    { at: pod.replacementStartedAt, who: replacement, what: 'all its containers run' },
    { at: pod.replacementReadyAt, who: replacement, what: 'is Ready' },
  ];
};

const serviceMoments = ({ service, before, lowest, brokenAt, wholeAt }: StruckService): readonly Moment[] => {
  const who = `service ${service}`;
  return [
    { at: brokenAt, who, what: `loses serving endpoints: ${before} before, ${lowest} at the lowest` },
    { at: wholeAt, who, what: `has its ${before} endpoints again` },
  ];
};
