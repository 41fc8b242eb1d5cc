import { type Recorded, seconds } from '../../engine/index.js';
import type { MeasuredRun, StruckPod } from '../../reports/measures/measure.js';
import type { RowOf, TimelineName } from '../../reports/sources/timelines.js';

type Pod = Partial<Omit<RowOf<'pods'>, 'namespace' | 'pod'>>;

/** Rows as a test writes them: second, name, and what differs from the row before of that name. */
export interface RunText {
  readonly endsAt: number;
  readonly faults?: readonly FaultText[];
  readonly nodes?: readonly (readonly [at: number, node: string, row: Partial<RowOf<'nodes'>>])[];
  readonly pods?: readonly (readonly [at: number, pod: string, row: Pod])[];
  readonly containers?: readonly (readonly [at: number, pod: string, row: Partial<RowOf<'containers'>>])[];
  readonly endpoints?: readonly (readonly [at: number, service: string, pod: string, state: string])[];
}

export interface FaultText {
  readonly at: number;
  readonly isDeadly?: boolean;
  readonly nodes?: readonly string[];
  readonly pods?: readonly string[];
  /** Second in which the replacement of a pod was Ready; undefined: it never was. */
  readonly replaced?: Readonly<Record<string, number | undefined>>;
}

/** Pods and Services are in namespace default. */
export function aMeasuredRun({ endsAt, faults = [], nodes, pods, containers, endpoints }: RunText): MeasuredRun {
  return {
    endsAt: seconds(endsAt),
    faults: faults.map((fault) => ({
      at: seconds(fault.at),
      isDeadly: fault.isDeadly ?? false,
      nodes: (fault.nodes ?? []).map((node) => ({ node })),
      pods: (fault.pods ?? []).map((pod) => struckPod(pod, fault.replaced ?? {})),
    })),
    timelines: {
      ...(nodes && { nodes: grow<'nodes'>(nodes, A_NODE, (node) => ({ node })) }),
      ...(pods && { pods: grow<'pods'>(pods, A_POD, (pod) => ({ pod })) }),
      ...(containers && { containers: grow<'containers'>(containers, A_CONTAINER, (pod) => ({ pod })) }),
      ...(endpoints && {
        endpoints: endpoints.map(([at, service, pod, state]) => ({
          at: seconds(at),
          row: { namespace: 'default', service, pod, address: '', state },
        })),
      }),
    },
  };
}

function struckPod(pod: string, replaced: NonNullable<FaultText['replaced']>): StruckPod {
  const readyAt = replaced[pod];
  return {
    pod: `default/${pod}`,
    ...(pod in replaced && { replacedBy: `default/${pod}-2` }),
    ...(readyAt !== undefined && { replacementReadyAt: seconds(readyAt) }),
  };
}

const A_NODE: RowOf<'nodes'> = {
  change: 'added',
  node: '',
  ready: 'True',
  reason: '',
  unschedulable: 'false',
  taints: '',
  memory_pressure: 'False',
  disk_pressure: 'False',
  pid_pressure: 'False',
};

const A_POD: RowOf<'pods'> = {
  change: 'added',
  namespace: 'default',
  pod: '',
  owner: '',
  node: '',
  phase: 'Pending',
  reason: '',
  ready: '',
  disruption: '',
  deleting: 'false',
};

const A_CONTAINER: RowOf<'containers'> = {
  namespace: 'default',
  pod: '',
  container: 'server',
  state: 'running',
  reason: '',
  restart_count: 0,
  ready: 'true',
};

function grow<Name extends TimelineName>(
  texts: readonly (readonly [at: number, name: string, row: Partial<RowOf<Name>>])[],
  first: RowOf<Name>,
  named: (name: string) => Partial<RowOf<NoInfer<Name>>> | object,
): readonly Recorded<RowOf<Name>>[] {
  const last = new Map<string, RowOf<Name>>();
  return texts.map(([at, name, change]) => {
    const before = last.get(name);
    const row = { ...(before ?? first), ...(before && { change: 'modified' }), ...named(name), ...change };
    (row as { change?: string }).change === 'deleted' ? last.delete(name) : last.set(name, row);
    return { at: seconds(at), row };
  });
}
