import type { ContainerStatus, Pod, PodCondition } from '../../../../models/api/index.js';
import {
  containersReadyCondition,
  initializedCondition,
  podPhase,
  readyCondition,
} from '../../../../models/kubelet/pod-status/index.js';
import { defaultsFor } from '../../../../models/versions/index.js';
import type { Outcome, VectorCase, VectorFile } from '../adapter.js';
import { compare } from '../compare.js';

interface PhaseCase extends VectorCase {
  readonly pod: Pod;
  readonly statuses: readonly ContainerStatus[] | null;
  readonly oldConditions: readonly PodCondition[] | null;
  readonly podIsTerminal: boolean;
  readonly podHasInitialized: boolean;
}

export function* adapter(file: VectorFile): Iterable<Outcome> {
  const gates = defaultsFor('1.37')!.features;
  for (const one of file.cases as readonly PhaseCase[]) {
    const { pod, podIsTerminal, podHasInitialized } = one;
    const statuses = { containerStatuses: one.statuses ?? [] };
    const oldConditions = one.oldConditions ?? [];
    const phase = podPhase(pod, statuses, { podIsTerminal, podHasInitialized }, gates);
    const input = { pod, phase, oldConditions, ...statuses };
    const expected = {
      phase: one['phase'],
      Initialized: one['Initialized'],
      Ready: one['Ready'],
      ContainersReady: one['ContainersReady'],
    };
    yield compare(one.id, expected, {
      phase,
      Initialized: withoutType(initializedCondition(input, gates)),
      Ready: withoutType(readyCondition(input, oldConditions)),
      ContainersReady: withoutType(containersReadyCondition(input)),
    });
  }
}

const withoutType = ({ type, ...rest }: PodCondition): unknown => rest;
