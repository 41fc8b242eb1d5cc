import { type Micros, parseDuration, toSeconds } from '../../engine/index.js';
import type { NodeStory, PodStory, Segment } from './story.js';

/** Settings in force, as the summary names them. */
export interface SettingsInForce {
  /** Value of a kube-controller-manager flag, by its name without dashes; undefined when the version has no such flag. */
  flag(name: string): string | undefined;
  /** tolerationSeconds for unreachable nodes of a pod, by its key. */
  tolerationSeconds(pod: string): number | undefined;
  /** [23] The node monitor queues a node for its NoExecute taint a pass after the one that found it out. */
  readonly taintsAPassLater: boolean;
}

/** What a fault did, as far as segments are cut from it. */
export interface Struck {
  readonly at: Micros;
  readonly healedAt: Micros | undefined;
  readonly nodes: readonly NodeStory[];
  readonly pods: readonly PodStory[];
}

interface Step {
  readonly at: Micros | undefined;
  readonly setting: string;
  readonly what: string;
}

/**
 * The longest way from a fault to a pod that is Ready in its place (or the struck pod itself, if it came back), cut into stretches
 * that each belong to one setting. Steps that were not taken are left out.
 */
export function attribute(struck: Struck, settings: SettingsInForce): readonly Segment[] {
  const last = slowest(struck.pods);
  if (last === undefined) {
    return toSegments(struck.at, detection(struck, struck.nodes[0], settings));
  }
  const node = struck.nodes.find((story) => story.node === last.node);
  const steps = last.leftAt === undefined ? recovery(struck, last, node) : departure(last, node, settings);
  return toSegments(struck.at, [...detection(struck, node, settings), ...steps]);
}

/** The pod that took longest: of those that left, or else of those that came back. */
function slowest(pods: readonly PodStory[]): PodStory | undefined {
  const end = (pod: PodStory): number =>
    pod.replacementReadyAt ?? pod.replacementCreatedAt ?? pod.leftAt ?? pod.recoveredAt ?? -1;
  const left = pods.filter(({ leftAt }) => leftAt !== undefined);
  const candidates = left.length > 0 ? left : pods.filter(({ recoveredAt }) => recoveredAt !== undefined);
  return candidates.toSorted((a, b) => end(b) - end(a))[0];
}

function detection({ at }: Struck, node: NodeStory | undefined, settings: SettingsInForce): readonly Step[] {
  if (node?.noticedAt === undefined) {
    return [];
  }
  const { noticedAt, isTold, taintedAt } = node;
  return [
    ...(isTold
      ? [{ at: noticedAt, setting: 'kubelet', what: 'until its kubelet says that it is not ready' }]
      : silence(at, noticedAt, node, settings)),
    {
      at: taintedAt && queuedAt(noticedAt, taintedAt, node, settings),
      setting: flagText('node-monitor-period', settings),
      what: isTold ? 'until the node monitor sees that' : 'until the pass that sees what the last one wrote',
    },
    {
      at: taintedAt,
      setting: flagText('node-eviction-rate', settings),
      what: "until the zone's rate limiter lets the taint through",
    },
  ];
}

/** The control plane finds out by itself. */
function silence(
  at: Micros,
  noticedAt: Micros,
  { lastRenewedAt }: NodeStory,
  settings: SettingsInForce,
): readonly Step[] {
  const grace = settings.flag('node-monitor-grace-period');
  const hasExpired = grace !== undefined && lastRenewedAt !== undefined;
  const expiry = hasExpired ? Math.min(noticedAt, Math.max(at, lastRenewedAt + parseDuration(grace))) : undefined;
  const renewed = lastRenewedAt === undefined ? '' : `, renewed last at ${toSeconds(lastRenewedAt)} s`;
  return [
    {
      at: expiry,
      setting: flagText('node-monitor-grace-period', settings),
      what: `its lease may be silent so long${renewed}`,
    },
    {
      at: expiry && unwatchedUntil(expiry, noticedAt, settings),
      setting: 'kube-controller-manager, etcd',
      what: 'until one that leads has seen it silent for so long',
    },
    {
      at: noticedAt,
      setting: flagText('node-monitor-period', settings),
      what: 'until the next pass of the node monitor',
    },
  ];
}

/** Passes come each period: whoever notices more than two of them late was not there, or knew nothing, until the last one. */
function unwatchedUntil(expiry: Micros, noticedAt: Micros, settings: SettingsInForce): Micros | undefined {
  const period = parseDuration(settings.flag('node-monitor-period') ?? '0s');
  return noticedAt - expiry > 2 * period ? noticedAt - period : undefined;
}

/**
 * From when on the node waited for its zone's rate limiter. The pass that finds it out queues it, too, but in 1.23; of what a kubelet
 * tells only the next pass knows, and when that was is not seen: it is taken for as late as it can have been. Undefined: at once.
 */
function queuedAt(
  noticedAt: Micros,
  taintedAt: Micros,
  { isTold }: NodeStory,
  settings: SettingsInForce,
): Micros | undefined {
  const period = settings.flag('node-monitor-period');
  return period !== undefined && (isTold || settings.taintsAPassLater)
    ? Math.min(taintedAt, noticedAt + parseDuration(period))
    : undefined;
}

function departure(pod: PodStory, node: NodeStory | undefined, settings: SettingsInForce): readonly Step[] {
  const tolerated = settings.tolerationSeconds(pod.pod);
  const isEvicted = node?.taintedAt !== undefined;
  const setting = isEvicted ? `tolerationSeconds${tolerated === undefined ? '' : `: ${tolerated}`}` : 'kubelet';
  const what = isEvicted ? `${pod.pod} tolerates the taint` : `until ${pod.pod} is deleted`;
  return [
    { at: pod.leftAt, setting, what },
    {
      at: pod.replacementCreatedAt,
      setting: 'controllers',
      what: `until ${pod.replacedBy ?? 'a replacement'} is created`,
    },
    {
      at: pod.replacementNodeJoinedAt,
      setting: 'cluster-autoscaler, machineProvisioning, machineBoot',
      what: `until there is a node for it, ${pod.replacementNode}`,
    },
    {
      at: pod.replacementBoundAt,
      setting: 'kube-scheduler',
      what: `until it is bound to ${pod.replacementNode ?? 'a node'}`,
    },
    { at: pod.replacementStartedAt, setting: 'image pull, start', what: 'until its containers run' },
    { at: pod.replacementReadyAt, setting: 'ready, readinessProbe', what: 'until it is Ready' },
  ];
}

function recovery({ healedAt }: Struck, pod: PodStory, node: NodeStory | undefined): readonly Step[] {
  const back = pod.recoveredAt as Micros;
  const within = (at: Micros | undefined): Micros | undefined => (at !== undefined && at <= back ? at : undefined);
  const restart = node === undefined ? 'restart back-off' : 'machineBoot, kubelet';
  return [
    { at: node ? undefined : within(pod.notReadyAt), setting: 'kubelet, probe', what: `until ${pod.pod} is not Ready` },
    { at: within(healedAt), setting: 'for', what: 'until the fault heals' },
    { at: within(node?.recoveredAt), setting: 'kubelet', what: `until ${pod.node} is Ready again` },
    { at: within(pod.restartedAt), setting: restart, what: 'until its containers run again' },
    { at: back, setting: 'ready, readinessProbe', what: `until ${pod.pod} is Ready again` },
  ];
}

function flagText(name: string, settings: SettingsInForce): string {
  const value = settings.flag(name);
  return value === undefined ? `--${name}` : `--${name}=${value}`;
}

function toSegments(from: Micros, steps: readonly Step[]): readonly Segment[] {
  const segments: Segment[] = [];
  let last = from;
  for (const { at, setting, what } of steps) {
    if (at !== undefined && at >= last) {
      segments.push({ seconds: toSeconds(at - last), setting, what });
      last = at;
    }
  }
  return segments;
}
