import { seconds, toSeconds } from '../../../../engine/time/micros.js';
import type { Pod } from '../../../../models/api/index.js';
import { backoffMessage, RestartBackoff } from '../../../../models/kubelet/restart-backoff/index.js';
import type { Outcome, VectorCase, VectorFile } from '../adapter.js';
import { compare } from '../compare.js';

interface Step {
  readonly runSeconds: number;
}

interface BackoffCase extends VectorCase {
  readonly initialSeconds: number;
  readonly maxSeconds: number;
  readonly syncLagSeconds?: number;
  readonly steps: readonly Step[];
}

const POD: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default', uid: 'u' },
  spec: { containers: [{ name: 'c' }] },
};

export function* adapter(file: VectorFile): Iterable<Outcome> {
  for (const one of file.cases as readonly BackoffCase[]) {
    yield compare(one.id, one.steps, replay(one));
  }
}

/**
 * The container starts at 0; after each exit a restart is tried one sync lag later, and again when the back-off ends.
 */
function replay({ initialSeconds, maxSeconds, syncLagSeconds = 0, steps }: BackoffCase): readonly unknown[] {
  const backoff = new RestartBackoff({
    initial: seconds(initialSeconds),
    maximum: seconds(maxSeconds),
    resetAfter: seconds(600),
    keyCoversWholeContainer: false,
  });
  let startedAt = 0;
  return steps.map(({ runSeconds }) => {
    const exitedAt = startedAt + seconds(runSeconds);
    let now = exitedAt + seconds(syncLagSeconds);
    const refusal = backoff.tryRestart('c', exitedAt, now);
    if (refusal !== undefined) {
      now = refusal.until;
      backoff.tryRestart('c', exitedAt, now);
    }
    const step = {
      runSeconds,
      startedAt: toSeconds(startedAt),
      exitedAt: toSeconds(exitedAt),
      inBackOff: refusal !== undefined,
      ...(refusal && {
        backOffSeconds: toSeconds(refusal.backoff),
        backOffUntil: toSeconds(refusal.until),
        message: backoffMessage(POD, 'c', refusal.backoff),
      }),
      restartedAt: toSeconds(now),
      nextBackOffSeconds: toSeconds(backoff.backoffOf('c')),
    };
    startedAt = now;
    return step;
  });
}
