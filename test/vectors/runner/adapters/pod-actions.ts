import type { Container, Pod } from '../../../../models/api/index.js';
import {
  computePodActions,
  type PodActions,
  type PodRuntimeStatus,
  type ProbeResult,
  type ProbeResults,
  type RuntimeContainerState,
  shouldAllContainersRestart,
  shouldContainerBeRestarted,
} from '../../../../models/kubelet/pod-actions/index.js';
import { defaultsFor } from '../../../../models/versions/index.js';
import type { Outcome, VectorCase, VectorFile } from '../adapter.js';
import { compare } from '../compare.js';

interface RecordedContainer {
  readonly state: RuntimeContainerState;
  readonly exitCode?: number;
  readonly reason?: string;
  readonly liveness?: string;
  readonly startup?: string;
  readonly specChanged?: boolean;
}

interface ActionsCase extends VectorCase {
  readonly pod: Pod;
  readonly sandbox: 'ready' | 'notReady' | 'none';
  readonly sandboxAttempt: number;
  readonly statuses: { readonly [container: string]: RecordedContainer };
}

export function* adapter(file: VectorFile): Iterable<Outcome> {
  const gates = defaultsFor('1.37')!.features;
  for (const one of file.cases as readonly ActionsCase[]) {
    const { pod } = one;
    const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
    const status = runtimeStatus(one, containers);
    const probes = probeResults(one);
    const restartsAll = shouldAllContainersRestart(pod, status, {});
    const expected = {
      actions: one['actions'],
      actionsRestartAll: one['actionsRestartAll'],
      shouldAllContainersRestart: one['shouldAllContainersRestart'],
      shouldBeRestarted: one['shouldBeRestarted'],
    };
    yield compare(one.id, expected, {
      actions: recorded(computePodActions(pod, status, probes, false, gates)),
      actionsRestartAll: restartsAll ? recorded(computePodActions(pod, status, probes, true, gates)) : undefined,
      shouldAllContainersRestart: restartsAll,
      shouldBeRestarted: Object.fromEntries(
        containers.map((c) => [c.name, shouldContainerBeRestarted(c, pod, status, gates)]),
      ),
    });
  }
}

function runtimeStatus(one: ActionsCase, containers: readonly Container[]): PodRuntimeStatus {
  const sandbox = {
    id: 'sandbox',
    attempt: one.sandboxAttempt,
    isReady: one.sandbox === 'ready',
    isHostNetwork: one.pod.spec.hostNetwork ?? false,
    hasIP: true,
  };
  return {
    sandboxes: one.sandbox === 'none' ? [] : [sandbox],
    containers: containers.flatMap(({ name, image }) => {
      const recordedContainer = one.statuses[name];
      if (recordedContainer === undefined) {
        return [];
      }
      const { state, exitCode, reason, specChanged } = recordedContainer;
      return {
        id: name,
        name,
        sandboxId: sandbox.id,
        state,
        image: specChanged ? `${image}-before` : image,
        ...(exitCode !== undefined && { exitCode }),
        ...(reason !== undefined && { reason }),
      };
    }),
  };
}

function probeResults({ statuses }: ActionsCase): ProbeResults {
  const toResult = (text: string | undefined): ProbeResult | undefined =>
    text === 'Success' || text === 'Failure' ? text : text === undefined ? undefined : 'Unknown';
  return {
    liveness: (id) => toResult(statuses[id]?.liveness),
    startup: (id) => toResult(statuses[id]?.startup),
  };
}

const recorded = (actions: PodActions): unknown => ({
  killPod: actions.killPod,
  createSandbox: actions.createSandbox,
  attempt: actions.attempt,
  initContainersToStart: actions.initContainersToStart,
  containersToStart: actions.containersToStart,
  containersToKill: actions.containersToKill
    .map(({ name, message, reason }) => ({ name, message, reason }))
    .sort((a, b) => (a.name < b.name ? -1 : 1)),
  ...(actions.containersToReset.length > 0 && { containersToReset: actions.containersToReset.map(({ name }) => name) }),
});
