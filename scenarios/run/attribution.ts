import { type Micros, parseDuration, toSeconds } from '../../engine/index.js';
import type { NodeStory, PodStory, Segment } from './story.js';

/** Settings in force, as the summary names them. */
export interface SettingsInForce {
  /** Value of a kube-controller-manager flag, by its name without dashes; undefined when the version has no such flag. */
  flag(name: string): string | undefined;
  /** tolerationSeconds for unreachable nodes of a pod, by its key. */
  tolerationSeconds(pod: string): number | undefined;
}

interface Step {
  readonly at: Micros | undefined;
  readonly setting: string;
  readonly what: string;
}

/**
 * The way from a fault to the last ready replacement, cut into stretches that each belong to one setting. A stretch that the run
 * did not reach is left out, and so are those after it.
 */
export function attribute(
  struckAt: Micros,
  nodes: readonly NodeStory[],
  pods: readonly PodStory[],
  settings: SettingsInForce,
): readonly Segment[] {
  const last = slowest(pods);
  if (last === undefined) {
    return toSegments(struckAt, detection(struckAt, nodes[0], settings));
  }
  const node = nodes.find((story) => story.node === last.node);
  const isEvicted = node?.taintedAt !== undefined && last.leftAt !== undefined;
  return toSegments(struckAt, [
    ...(node ? detection(struckAt, node, settings) : []),
    ...(isEvicted ? [toleration(last, settings)] : [{ at: last.leftAt, setting: 'pod', what: 'until its deletion' }]),
    ...replacement(last),
  ]);
}

/** The struck pod whose way to a ready replacement took longest; of unfinished ways, one that came farthest. */
function slowest(pods: readonly PodStory[]): PodStory | undefined {
  const progress = (pod: PodStory): number => pod.replacementReadyAt ?? pod.replacementCreatedAt ?? pod.leftAt ?? -1;
  const done = pods.filter(({ replacementReadyAt }) => replacementReadyAt !== undefined);
  const candidates = done.length > 0 ? done : pods.filter(({ leftAt }) => leftAt !== undefined);
  return candidates.toSorted((a, b) => progress(b) - progress(a))[0];
}

function detection(struckAt: Micros, node: NodeStory | undefined, settings: SettingsInForce): readonly Step[] {
  if (node === undefined) {
    return [];
  }
  const grace = settings.flag('node-monitor-grace-period');
  const expiry =
    grace === undefined || node.lastRenewedAt === undefined || node.noticedAt === undefined
      ? undefined
      : Math.min(node.noticedAt, Math.max(struckAt, node.lastRenewedAt + parseDuration(grace)));
  const shown = node.lastRenewedAt === undefined ? '' : `, renewed last at ${toSeconds(node.lastRenewedAt)} s`;
  return [
    ...(expiry === undefined
      ? []
      : [
          {
            at: expiry,
            setting: flagText('node-monitor-grace-period', settings),
            what: `the node's lease may be silent so long${shown}`,
          },
        ]),
    {
      at: node.noticedAt,
      setting: flagText('node-monitor-period', settings),
      what: 'until the next pass of the node monitor marks it',
    },
    {
      at: node.taintedAt,
      setting: flagText('node-eviction-rate', settings),
      what: "until the zone's rate limiter lets the taint through",
    },
  ];
}

function toleration(pod: PodStory, settings: SettingsInForce): Step {
  const tolerated = settings.tolerationSeconds(pod.pod);
  const setting = tolerated === undefined ? 'tolerationSeconds' : `tolerationSeconds: ${tolerated}`;
  return { at: pod.leftAt, setting, what: `the pod tolerates the taint (${pod.pod})` };
}

const replacement = (pod: PodStory): readonly Step[] => [
  {
    at: pod.replacementCreatedAt,
    setting: 'controllers',
    what: `until ${pod.replacedBy ?? 'a replacement'} is created`,
  },
  {
    at: pod.replacementBoundAt,
    setting: 'kube-scheduler',
    what: `until it is bound to ${pod.replacementNode ?? 'a node'}`,
  },
  { at: pod.replacementStartedAt, setting: 'image pull and start', what: 'until its containers run' },
  { at: pod.replacementReadyAt, setting: 'ready and readinessProbe', what: 'until it is Ready' },
];

function flagText(name: string, settings: SettingsInForce): string {
  const value = settings.flag(name);
  return value === undefined ? `--${name}` : `--${name}=${value}`;
}

function toSegments(from: Micros, steps: readonly Step[]): readonly Segment[] {
  const segments: Segment[] = [];
  let last = from;
  for (const { at, setting, what } of steps) {
    if (at === undefined) {
      break;
    }
    segments.push({ seconds: toSeconds(Math.max(0, at - last)), setting, what });
    last = Math.max(last, at);
  }
  return segments;
}
