import type { Timeline, TimelineSpec, Watcher } from '../../../engine/index.js';
import type { ContainerStatus, Pod } from '../../api/index.js';
import { isSameRow } from './changes.js';

export interface ContainerRow {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly type: 'init' | 'regular' | 'ephemeral';
  readonly state: 'waiting' | 'running' | 'terminated' | 'deleted' | '';
  readonly reason: string;
  readonly exit_code: number | '';
  readonly restart_count: number;
  readonly ready: string;
  readonly started: string;
}

export const CONTAINERS: TimelineSpec<ContainerRow> = {
  name: 'containers',
  help: 'Containers as their pods’ statuses in the API server show them: a row for each change of a column',
  columns: {
    namespace: { type: 'text', help: 'Namespace of the Pod' },
    pod: { type: 'text', help: 'Name of the Pod' },
    container: { type: 'text', help: 'Name of the container' },
    type: { type: 'text', help: 'init, regular or ephemeral' },
    state: { type: 'text', help: 'waiting, running or terminated; deleted when the Pod is gone' },
    reason: { type: 'text', help: 'Reason of the state: CrashLoopBackOff, Completed, OOMKilled, …' },
    exit_code: { type: 'integer', help: 'Exit code when terminated' },
    restart_count: { type: 'integer', help: 'Restarts so far' },
    ready: { type: 'text', help: 'Whether the readiness probe succeeds, or would if there were one' },
    started: { type: 'text', help: 'Whether the startup probe has succeeded' },
  },
};

type Type = ContainerRow['type'];

export function recordContainers(timeline: Timeline<ContainerRow>): Watcher<Pod> {
  return {
    added: (pod) => {
      for (const row of containerRows(pod)) {
        timeline.append(row);
      }
    },
    modified: (pod, before) => {
      if (pod.status === before.status) {
        return;
      }
      const known = new Map(containerRows(before).map((row) => [row.container, row]));
      for (const row of containerRows(pod)) {
        const last = known.get(row.container);
        if (last === undefined || !isSameRow(row, last)) {
          timeline.append(row);
        }
      }
    },
    deleted: (pod) => {
      for (const row of containerRows(pod)) {
        timeline.append({ ...row, state: 'deleted', reason: '', exit_code: '', ready: 'false', started: 'false' });
      }
    },
  };
}

function containerRows({ metadata, status }: Pod): ContainerRow[] {
  const rowOf =
    (type: Type) =>
    ({ name, state, restartCount, ready, started }: ContainerStatus): ContainerRow => {
      const { waiting, running, terminated } = state ?? {};
      return {
        namespace: metadata.namespace ?? '',
        pod: metadata.name,
        container: name,
        type,
        state: terminated ? 'terminated' : running ? 'running' : waiting ? 'waiting' : '',
        reason: terminated?.reason ?? waiting?.reason ?? '',
        exit_code: terminated?.exitCode ?? '',
        restart_count: restartCount,
        ready: String(ready),
        started: String(started ?? false),
      };
    };
  return [
    ...(status?.initContainerStatuses ?? []).map(rowOf('init')),
    ...(status?.containerStatuses ?? []).map(rowOf('regular')),
    ...(status?.ephemeralContainerStatuses ?? []).map(rowOf('ephemeral')),
  ];
}
