import Table from 'cli-table3';
import pc from 'picocolors';
import { formatDuration, type Micros, toSeconds } from '../engine/index.js';
import type { ActionLine } from '../scenarios/run/action-log.js';
import type { Verdict } from '../scenarios/run/expectations.js';
import type { RunResult } from '../scenarios/run/run.js';
import type { FaultStory, NodeStory, PodStory, Segment } from '../scenarios/run/story.js';

const time = (at: Micros): string => `${toSeconds(at).toFixed(1)} s`;

/** "noticed at 345.1 s (+45.1 s)", or that it did not happen. */
const happened = (what: string, at: Micros | undefined, start: Micros): string =>
  at === undefined ? `not ${what} in this run` : `${what} at ${time(at)}${after(at, start)}`;
const after = (at: Micros, start: Micros): string => pc.dim(` (+${toSeconds(at - start).toFixed(1)} s)`);

const SHOWN_PODS = 12;

/** Where the results of a run are. */
export interface Written {
  readonly results: string;
  readonly report: string;
}

/** What a run tells on the terminal. */
export function renderSummary(result: RunResult, written: Written): string {
  const { name, kubernetesVersion, seed, version, fingerprint, ranUntil } = result;
  return [
    `${pc.bold(name)}: ${formatDuration(ranUntil)} of virtual time, Kubernetes ${kubernetesVersion}`,
    ...result.faults.flatMap((fault) => ['', ...renderFault(fault)]),
    ...renderActions(result),
    ...renderExpectations(result.expectations),
    ...renderUnready(result),
    ...renderInert(result),
    '',
    `results      ${written.results}`,
    `report       ${written.report}`,
    pc.dim(`seed ${seed} · kubewhen ${version} · fingerprint ${fingerprint}`),
  ].join('\n');
}

function renderFault(fault: FaultStory): readonly string[] {
  const { at, nodes, pods, services, segments } = fault;
  const healed = fault.healedAt === undefined ? '' : `, healed at ${time(fault.healedAt)}`;
  return [
    pc.bold(`${fault.kind} at ${time(at)}${healed}`),
    ...nodes.map((node) => renderNode(node, at)),
    ...renderPods(pods, at),
    ...services.map(({ service, before, lowest, brokenAt, wholeAt }) =>
      brokenAt === undefined
        ? `  service ${service}: stayed whole with ${before} endpoints`
        : `  service ${service}: ${before} → ${lowest} endpoints at ${time(brokenAt)}, ` +
          happened('whole again', wholeAt, at),
    ),
    ...(segments.length > 0 ? ['  which setting owns each second:', renderSegments(segments)] : []),
  ];
}

function renderNode({ node, noticedAt, taintedAt, recoveredAt }: NodeStory, at: Micros): string {
  const parts = [
    happened('noticed', noticedAt, at),
    ...(taintedAt === undefined ? [] : [`NoExecute taint at ${time(taintedAt)}${after(taintedAt, at)}`]),
    ...(recoveredAt === undefined ? [] : [`Ready again at ${time(recoveredAt)}${after(recoveredAt, at)}`]),
  ];
  return `  node ${node}: ${parts.join(', ')}`;
}

function renderPods(pods: readonly PodStory[], at: Micros): readonly string[] {
  const shown = pods.slice(0, SHOWN_PODS).map((pod) => {
    if (pod.leftAt === undefined && pod.recoveredAt !== undefined) {
      const lost = pod.notReadyAt === undefined ? '' : `not Ready at ${time(pod.notReadyAt)}, `;
      return `  pod ${pod.pod}: ${lost}${happened('Ready again', pod.recoveredAt, at)}`;
    }
    if (pod.leftAt === undefined) {
      return `  pod ${pod.pod}: stayed${pod.notReadyAt === undefined ? '' : `, not Ready at ${time(pod.notReadyAt)}`}`;
    }
    const replaced = pod.replacedBy
      ? `, replaced by ${pod.replacedBy} on ${pod.replacementNode ?? 'no node yet'}, ` +
        happened('Ready', pod.replacementReadyAt, at)
      : ', not replaced';
    return `  pod ${pod.pod}: left at ${time(pod.leftAt)}${after(pod.leftAt, at)}${replaced}`;
  });
  const rest = pods.length - shown.length;
  return rest > 0 ? [...shown, `  … and ${rest} more pods`] : shown;
}

function renderSegments(segments: readonly Segment[]): string {
  const table = new Table({ style: { head: [], border: [], compact: true }, colAligns: ['right', 'left', 'left'] });
  const sum = segments.reduce((total, segment) => total + segment.seconds, 0);
  for (const { seconds, setting, what } of segments) {
    table.push([`${seconds.toFixed(3)} s`, setting, what]);
  }
  table.push([pc.bold(`${sum.toFixed(3)} s`), '', pc.bold('in all')]);
  return table.toString().replace(/^/gm, '  ');
}

function renderActions({ actions }: RunResult): readonly string[] {
  if (actions.length === 0) {
    return [];
  }
  return ['', pc.bold('actions'), ...actions.map(renderAction)];
}

function renderAction({ at, line, failed, where, isExpected, count = 1, lastAt = at }: ActionLine): string {
  const shown = failed ? (isExpected ? pc.yellow(line) : pc.red(line)) : line;
  const again = count > 1 ? pc.dim(` (${count} times, last at ${time(lastAt)})`) : '';
  const place = where === undefined || isExpected ? '' : pc.dim(` (${where})`);
  return `  ${time(at).padStart(10)}  ${shown.replaceAll('\n', `\n${' '.repeat(14)}`)}${isExpected ? pc.dim(' (expected)') : ''}${again}${place}`;
}

function renderExpectations(verdicts: readonly Verdict[]): readonly string[] {
  if (verdicts.length === 0) {
    return [];
  }
  const lines = verdicts.flatMap(({ name, that, ok, at, mode, reason, objects }) => {
    const head = `  ${ok ? pc.green('✓') : pc.red('✗')} ${mode}: ${name}`;
    return ok
      ? [head]
      : [
          head,
          `    ${name === that ? '' : `${that}: `}broke${at === undefined ? '' : ` at ${time(at)}`}: ${reason}`,
          ...(objects && objects.length > 0 ? [`    it reads ${objects.join(', ')}`] : []),
        ];
  });
  return ['', pc.bold('expectations'), ...lines];
}

function renderUnready({ unready: { count, pods } }: RunResult): readonly string[] {
  if (count === 0) {
    return [];
  }
  const lines = pods.map(({ pod, why }) => `  ${pod}: ${why}`);
  const rest = count - pods.length;
  const title = `${count} ${count === 1 ? 'pod is' : 'pods are'} not Ready at the end`;
  return ['', pc.bold(title), ...lines, ...(rest > 0 ? [`  … and ${rest} more pods`] : [])];
}

function renderInert({ inert, unsupported }: RunResult): readonly string[] {
  const kinds = Object.entries(inert).map(([kind, count]) => `${count} ${kind}`);
  return [
    ...(kinds.length > 0 ? ['', pc.yellow(`stored, but nothing acts on them: ${kinds.join(', ')}`)] : []),
    ...(unsupported.length > 0 ? ['', pc.yellow(`settings without effect here: ${unsupported.join(', ')}`)] : []),
  ];
}
