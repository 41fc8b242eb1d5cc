import type { Micros } from '../../engine/index.js';
import { type MeasuredRun, podKey, rowsOf } from './measure.js';
import { oncePerRun } from './once-per-run.js';

/** A stretch in which a pod's containers were dead by a fault, whatever the API says of it. */
export interface Death {
  /** namespace/name */
  readonly pod: string;
  readonly from: Micros;
  readonly to: Micros;
}

interface OpenDeath {
  readonly pod: string;
  readonly from: Micros;
  hasBeenNotReady: boolean;
}

/**
 * From the strike of a deadly fault until the API shows that the pod lives again: Ready after it was not, a container that was
 * restarted and is ready, or the pod is gone.
 */
export const deaths = oncePerRun((run): readonly Death[] => {
  const open = new Map<string, OpenDeath>();
  const found: Death[] = [];
  const end = (pod: string, to: Micros): void => {
    const death = open.get(pod);
    if (death !== undefined) {
      open.delete(pod);
      found.push({ pod, from: death.from, to });
    }
  };
  for (const sign of signsOfLife(run)) {
    if (sign.kind === 'struck') {
      open.set(sign.pod, open.get(sign.pod) ?? { pod: sign.pod, from: sign.at, hasBeenNotReady: false });
    } else if (sign.kind === 'lives' || (sign.kind === 'ready' && open.get(sign.pod)?.hasBeenNotReady)) {
      end(sign.pod, sign.at);
    } else if (sign.kind === 'notReady') {
      const death = open.get(sign.pod);
      if (death !== undefined) {
        death.hasBeenNotReady = true;
      }
    }
  }
  for (const pod of [...open.keys()]) {
    end(pod, run.endsAt);
  }
  return found;
});

interface Sign {
  readonly at: Micros;
  readonly pod: string;
  readonly kind: 'struck' | 'ready' | 'notReady' | 'lives';
}

/** In order of time; what the API shows at the very instant of a strike comes after it. */
function signsOfLife(run: MeasuredRun): readonly Sign[] {
  const strikes = run.faults
    .filter(({ isDeadly }) => isDeadly)
    .flatMap(({ at, pods }) => pods.map(({ pod }): Sign => ({ at, pod, kind: 'struck' })));
  const struck = new Set(strikes.map(({ pod }) => pod));
  const shown = rowsOf(run, 'pods').flatMap(({ at, row }): Sign[] => {
    const pod = podKey(row);
    if (!struck.has(pod)) {
      return [];
    }
    const kind = row.change === 'deleted' ? 'lives' : row.ready === 'True' ? 'ready' : 'notReady';
    return [{ at, pod, kind }];
  });
  return [...strikes, ...shown, ...restarts(run, struck)].sort((a, b) => a.at - b.at);
}

function restarts(run: MeasuredRun, struck: ReadonlySet<string>): readonly Sign[] {
  const counts = new Map<string, number>();
  return rowsOf(run, 'containers').flatMap(({ at, row }): Sign[] => {
    const pod = podKey(row);
    if (!struck.has(pod)) {
      return [];
    }
    const container = `${pod}/${row.container}`;
    const before = counts.get(container) ?? 0;
    const isUp = row.state === 'running' && row.ready === 'true';
    if (isUp) {
      counts.set(container, Number(row.restart_count));
    }
    return isUp && Number(row.restart_count) > before ? [{ at, pod, kind: 'lives' }] : [];
  });
}
