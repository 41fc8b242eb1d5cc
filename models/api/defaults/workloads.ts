import type {
  DaemonSet,
  Deployment,
  PersistentVolumeClaim,
  PodTemplateSpec,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from '../generated/types.js';
import { change, changeEach, fill, fillUnsaid } from './fill.js';
import type { DefaultingGates } from './gates.js';
import { withHostPorts } from './pod.js';
import { defaultPodTemplate } from './pod-spec.js';
import { defaultClaim } from './storage.js';

// pkg/apis/apps/v1/defaults.go, pkg/apis/core/v1/defaults.go (ReplicationController)

/** The template of any workload. */
export function defaultTemplate(template: PodTemplateSpec, gates: DefaultingGates): PodTemplateSpec {
  const filled = defaultPodTemplate(template);
  const spec = filled.spec;
  return gates.DefaultHostNetworkHostPortsInPodTemplates && spec?.hostNetwork
    ? {
        ...filled,
        spec: change(spec, {
          containers: changeEach(spec.containers, (container) => withHostPorts(container, true)),
          initContainers: changeEach(spec.initContainers, (container) => withHostPorts(container, true)),
        }),
      }
    : filled;
}

export function defaultDeployment(deployment: Deployment, gates: DefaultingGates): Deployment {
  const { spec } = deployment;
  const strategy = fill(spec.strategy ?? {}, { type: 'RollingUpdate' });
  const rollingUpdate = { maxUnavailable: '25%', maxSurge: '25%' };
  return change(deployment, {
    spec: change(fill(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 }), {
      strategy:
        strategy.type === 'RollingUpdate'
          ? change(strategy, { rollingUpdate: fillUnsaid(strategy.rollingUpdate ?? {}, rollingUpdate) })
          : strategy,
      template: defaultTemplate(spec.template, gates),
    }),
  });
}

const NO_TEMPLATE: PodTemplateSpec = { spec: { containers: [] } };

export const defaultReplicaSet = (replicaSet: ReplicaSet, gates: DefaultingGates): ReplicaSet =>
  change(replicaSet, {
    spec: change(fill(replicaSet.spec, { replicas: 1 }), {
      // Of all workloads only this one may leave it out, and has an empty one then.
      template: defaultTemplate(replicaSet.spec.template ?? NO_TEMPLATE, gates),
    }),
  });

export function defaultStatefulSet(statefulSet: StatefulSet, gates: DefaultingGates): StatefulSet {
  const { spec } = statefulSet;
  const claims = spec.volumeClaimTemplates;
  return change(statefulSet, {
    spec: change(
      fill(spec, {
        podManagementPolicy: 'OrderedReady',
        replicas: 1,
        revisionHistoryLimit: 10,
        ...(gates.StatefulSetAutoDeletePVC && { persistentVolumeClaimRetentionPolicy: {} }),
      }),
      {
        updateStrategy: defaultStatefulSetUpdate(spec.updateStrategy ?? {}, gates),
        template: defaultTemplate(spec.template, gates),
        ...(gates.StatefulSetAutoDeletePVC && {
          persistentVolumeClaimRetentionPolicy: fill(spec.persistentVolumeClaimRetentionPolicy ?? {}, {
            whenDeleted: 'Retain',
            whenScaled: 'Retain',
          }),
        }),
        ...(claims && {
          volumeClaimTemplates: changeEach(claims, (claim: PersistentVolumeClaim) => defaultClaim(claim)),
        }),
      },
    ),
  });
}

type StatefulSetUpdate = NonNullable<StatefulSet['spec']['updateStrategy']>;

function defaultStatefulSetUpdate(update: StatefulSetUpdate, gates: DefaultingGates): StatefulSetUpdate {
  // An explicit type RollingUpdate without settings is left without them.
  const typed = update.type ? update : { ...update, type: 'RollingUpdate', rollingUpdate: update.rollingUpdate ?? {} };
  return typed.type === 'RollingUpdate' && typed.rollingUpdate
    ? change(typed, {
        rollingUpdate: fillUnsaid(typed.rollingUpdate, {
          partition: 0,
          ...(gates.MaxUnavailableStatefulSet && { maxUnavailable: 1 }),
        }),
      })
    : typed;
}

export function defaultDaemonSet(daemonSet: DaemonSet, gates: DefaultingGates): DaemonSet {
  const { spec } = daemonSet;
  const update = fill(spec.updateStrategy ?? {}, { type: 'RollingUpdate' });
  return change(daemonSet, {
    spec: change(fill(spec, { revisionHistoryLimit: 10 }), {
      updateStrategy:
        update.type === 'RollingUpdate'
          ? change(update, {
              rollingUpdate: fillUnsaid(update.rollingUpdate ?? {}, { maxUnavailable: 1, maxSurge: 0 }),
            })
          : update,
      template: defaultTemplate(spec.template, gates),
    }),
  });
}

/** pkg/registry/apps/daemonset/strategy.go PrepareForCreate: the template's generation, kept in an annotation since apps/v1. */
export const prepareDaemonSetForCreate = (daemonSet: DaemonSet): DaemonSet => ({
  ...daemonSet,
  metadata: {
    ...daemonSet.metadata,
    annotations: { ...daemonSet.metadata.annotations, 'deprecated.daemonset.template.generation': '1' },
  },
});

/** Labels and selector of a ReplicationController are those of its template unless it says otherwise. */
export function defaultReplicationController(
  controller: ReplicationController,
  gates: DefaultingGates,
): ReplicationController {
  const { metadata, spec } = controller;
  const labels = spec.template?.metadata?.labels;
  const isBlank = (record: Readonly<Record<string, string>> | undefined): boolean =>
    Object.keys(record ?? {}).length === 0;
  return change(controller, {
    ...(labels && isBlank(metadata.labels) && { metadata: { ...metadata, labels } }),
    spec: change(fill(spec, { replicas: 1 }), {
      ...(labels && isBlank(spec.selector) && { selector: labels }),
      ...(spec.template && { template: defaultTemplate(spec.template, gates) }),
    }),
  });
}
