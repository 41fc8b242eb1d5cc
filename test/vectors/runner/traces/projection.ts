import { type Micros, toSeconds } from '../../../../engine/index.js';
import {
  type AnyObject,
  type ContainerState,
  type ContainerStatus,
  conditionOf,
  controllerOf,
  type EndpointSlice,
  type Kind,
  type Kinds,
  type Node,
  type Pod,
} from '../../../../models/api/index.js';
import type { TraceLine } from './trace.js';

type Projected = Readonly<Record<string, unknown>>;
type Projections = { readonly [K in Kind]?: (object: Kinds[K]) => Projected };

/** What the recorder kept of each kind (traces/README.md, "trace.jsonl"): the simulated object in the same words. */
const PROJECTIONS: Projections = {
  Pod: projectPod,
  Node: projectNode,
  EndpointSlice: (slice) => ({ endpoints: (slice.endpoints ?? []).map(projectEndpoint).sort() }),
  Deployment: ({ metadata, spec, status = {} }) => ({
    replicas: spec.replicas,
    revision: metadata.annotations?.['deployment.kubernetes.io/revision'] ?? '',
    conditions: conditionList(status.conditions),
    status: {
      replicas: status.replicas ?? 0,
      updated: status.updatedReplicas ?? 0,
      ready: status.readyReplicas ?? 0,
      available: status.availableReplicas ?? 0,
      unavailable: status.unavailableReplicas ?? 0,
      terminating: status.terminatingReplicas,
    },
  }),
  ReplicaSet: ({ metadata, spec, status }) => ({
    replicas: spec.replicas,
    image: spec.template?.spec?.containers[0]?.image,
    revision: metadata.annotations?.['deployment.kubernetes.io/revision'] ?? '',
    status: {
      replicas: status?.replicas ?? 0,
      fullyLabeled: status?.fullyLabeledReplicas ?? 0,
      ready: status?.readyReplicas ?? 0,
      available: status?.availableReplicas ?? 0,
      terminating: status?.terminatingReplicas,
    },
  }),
  StatefulSet: ({ spec, status }) => ({
    replicas: spec.replicas,
    ...(spec.updateStrategy?.rollingUpdate?.partition
      ? { partition: spec.updateStrategy.rollingUpdate.partition }
      : {}),
    status: {
      replicas: status?.replicas ?? 0,
      ready: status?.readyReplicas ?? 0,
      available: status?.availableReplicas ?? 0,
      current: status?.currentReplicas ?? 0,
      updated: status?.updatedReplicas ?? 0,
    },
  }),
  DaemonSet: ({ status }) => ({
    status: {
      desired: status?.desiredNumberScheduled ?? 0,
      current: status?.currentNumberScheduled ?? 0,
      ready: status?.numberReady ?? 0,
      available: status?.numberAvailable ?? 0,
      unavailable: status?.numberUnavailable ?? 0,
      misscheduled: status?.numberMisscheduled ?? 0,
      updated: status?.updatedNumberScheduled ?? 0,
    },
  }),
  Job: ({ spec, status = {} }) => ({
    ...(spec.suspend ? { suspend: true } : {}),
    conditions: conditionList(status.conditions),
    status: {
      active: status.active ?? 0,
      succeeded: status.succeeded ?? 0,
      failed: status.failed ?? 0,
      ready: status.ready,
      terminating: status.terminating,
      ...(status.completedIndexes ? { completedIndexes: status.completedIndexes } : {}),
      ...(status.failedIndexes ? { failedIndexes: status.failedIndexes } : {}),
      ...(status.uncountedTerminatedPods ? { uncounted: uncounted(status.uncountedTerminatedPods) } : {}),
    },
  }),
  CronJob: ({ status }) => ({ active: (status?.active ?? []).map((job) => job.name) }),
  PodDisruptionBudget: ({ status }) => ({
    status: {
      currentHealthy: status?.currentHealthy ?? 0,
      desiredHealthy: status?.desiredHealthy ?? 0,
      disruptedPods: Object.keys(status?.disruptedPods ?? {}).length,
      disruptionsAllowed: status?.disruptionsAllowed ?? 0,
      expectedPods: status?.expectedPods ?? 0,
    },
  }),
  HorizontalPodAutoscaler: ({ status }) => ({
    conditions: conditionList(status?.conditions),
    utilization: status?.currentMetrics?.[0]?.resource?.current.averageUtilization,
    status: { current: status?.currentReplicas ?? 0, desired: status?.desiredReplicas ?? 0 },
  }),
  Event: ({ involvedObject, reason, type, count, source }) => ({
    object: `${involvedObject.kind}/${involvedObject.name}`,
    reason,
    type,
    count,
    component: source?.component,
  }),
  Lease: () => ({}),
};

export const PROJECTED_KINDS = Object.keys(PROJECTIONS) as Kind[];

/** A write as the recorder would have noted it, `zero` being the zero instant. */
export function traceLine<K extends Kind>(
  kind: K,
  object: Kinds[K],
  event: 'ADDED' | 'MODIFIED' | 'DELETED',
  at: Micros,
  zero: Micros,
): TraceLine {
  const project = PROJECTIONS[kind] as (object: Kinds[K]) => Projected;
  const { metadata } = object as AnyObject;
  const owner = controllerOf(object) ?? metadata.ownerReferences?.[0];
  return {
    t: toSeconds(at - zero),
    event,
    kind,
    name: metadata.name,
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    ...(owner === undefined ? {} : { owner: `${owner.kind}/${owner.name}` }),
    ...(metadata.deletionTimestamp === undefined ? {} : { deletionTimestamp: metadata.deletionTimestamp }),
    ...project(object),
  };
}

function projectPod(pod: Pod): Projected {
  const statuses = [
    ...(pod.status?.initContainerStatuses ?? []).map((status) => containerText('init:', status)),
    ...(pod.status?.containerStatuses ?? []).map((status) => containerText('', status)),
  ];
  return {
    phase: pod.status?.phase,
    ...(pod.spec.nodeName ? { node: pod.spec.nodeName } : {}),
    conditions: Object.fromEntries(
      (pod.status?.conditions ?? []).map(({ type, status, reason }) => [type, reason ? `${status}/${reason}` : status]),
    ),
    containers: statuses,
  };
}

function containerText(
  prefix: string,
  { name, state, lastState, restartCount, ready, started }: ContainerStatus,
): string {
  const ended = (of: ContainerState | undefined): string => `${of?.terminated?.reason}/${of?.terminated?.exitCode}`;
  const shown = state?.running
    ? 'running'
    : state?.terminated
      ? `terminated/${ended(state)}`
      : `waiting/${state?.waiting?.reason ?? ''}`;
  const last = lastState?.terminated ? ` last=${ended(lastState)}` : '';
  return `${prefix}${name} ${shown} restarts=${restartCount} ready=${ready} started=${started ?? false}${last}`;
}

function projectNode(node: Node): Projected {
  const ready = conditionOf(node.status?.conditions, 'Ready');
  const pressures = ['MemoryPressure', 'DiskPressure', 'PIDPressure'].flatMap((type) => {
    const condition = conditionOf(node.status?.conditions, type);
    return condition !== undefined && condition.status !== 'False' ? [[type, condition.status]] : [];
  });
  return {
    ready: ready?.status,
    reason: ready?.reason,
    ...(node.spec.taints?.length
      ? { taints: node.spec.taints.map(({ key, value, effect }) => `${key}${value ? `=${value}` : ''}:${effect}`) }
      : {}),
    ...(node.spec.unschedulable ? { unschedulable: true } : {}),
    ...Object.fromEntries(pressures),
  };
}

function projectEndpoint({ conditions, targetRef }: NonNullable<EndpointSlice['endpoints']>[number]): string {
  const bit = (value: boolean | undefined): number => (value ? 1 : 0);
  return `${targetRef?.name} r${bit(conditions?.ready)}s${bit(conditions?.serving)}t${bit(conditions?.terminating)}`;
}

const conditionList = (
  conditions: readonly {
    readonly type?: string | undefined;
    readonly status?: string | undefined;
    readonly reason?: string | undefined;
  }[] = [],
): readonly string[] => conditions.map(({ type, status, reason }) => `${type}=${status}${reason ? `/${reason}` : ''}`);

const uncounted = (pods: {
  readonly failed?: readonly string[] | undefined;
  readonly succeeded?: readonly string[] | undefined;
}) => (pods.failed?.length ?? 0) + (pods.succeeded?.length ?? 0);
