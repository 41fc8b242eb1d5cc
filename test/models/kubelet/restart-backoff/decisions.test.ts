import fc from 'fast-check';
import { type Micros, seconds } from '../../../../engine/time/micros.js';
import type { Container, Pod } from '../../../../models/api/index.js';
import {
  backoffKey,
  RestartBackoff,
  restartBackoffSettings,
} from '../../../../models/kubelet/restart-backoff/index.js';
import { defaultsFor } from '../../../../models/versions/index.js';

const settings = restartBackoffSettings(defaultsFor('1.37')!.kubelet.restartBackoff);
const KEY = 'c';

/** Restarts a container that ends `run` after each start, at the first instant allowed; answers the delays. */
function delaysOf(run: Micros, restarts: number, backoff = new RestartBackoff(settings)): number[] {
  const delays: number[] = [];
  for (let now = 0, i = 0; i < restarts; i++) {
    const finishedAt = now + run;
    const refusal = backoff.tryRestart(KEY, finishedAt, finishedAt);
    now = refusal?.until ?? finishedAt;
    if (refusal !== undefined) {
      backoff.tryRestart(KEY, finishedAt, now);
    }
    delays.push((now - finishedAt) / seconds(1));
  }
  return delays;
}

describe('the back-off of a crashing container', () => {
  it('lets the first restart go at once, then doubles from 10 s to 300 s', () => {
    expect(delaysOf(0, 8)).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
  });

  it('begins anew after a run of more than 600 s since the last restart, not of exactly 600 s', () => {
    expect(delaysOf(seconds(600), 4)).toEqual([0, 10, 20, 40]);
    expect(delaysOf(seconds(600) + 1, 4)).toEqual([0, 0, 0, 0]);
  });

  it('takes a cap below 10 s for the start as well, and still forgets only after 600 s', () => {
    const capped = restartBackoffSettings(defaultsFor('1.37')!.kubelet.restartBackoff, {
      maxContainerRestartPeriod: '3s',
    });
    expect(delaysOf(seconds(100), 4, new RestartBackoff(capped))).toEqual([0, 3, 3, 3]);
  });

  it('cuts a wait short when housekeeping drops the entry 600 s after the last restart', () => {
    const backoff = new RestartBackoff(settings);
    // Seven immediate crashes bring it to 300 s; the last restart is at 910 s (0+10+20+40+80+160+300+300).
    for (let now = 0, i = 0; i < 8; i++) {
      const finishedAt = now;
      now = backoff.tryRestart(KEY, finishedAt, finishedAt)?.until ?? finishedAt;
      backoff.tryRestart(KEY, finishedAt, now);
    }
    // It runs for 400 s, until 1310 s, and would wait until 1610 s; the entry expires after 1510 s.
    expect(backoff.tryRestart(KEY, seconds(1310), seconds(1310))).toEqual({
      backoff: seconds(300),
      until: seconds(1610),
    });
    expect(backoff.expiresAfter(KEY)).toBe(seconds(1510));
    backoff.collectGarbage(seconds(1510));
    expect(backoff.tryRestart(KEY, seconds(1310), seconds(1511))).toBeDefined();
    backoff.collectGarbage(seconds(1512));
    expect(backoff.tryRestart(KEY, seconds(1310), seconds(1512))).toBeUndefined();
    expect(backoff.backoffOf(KEY)).toBe(seconds(10));
  });

  it('answers the same whether housekeeping ran every 2 s or only before each question', () => {
    const questions = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), run: fc.nat(700), lag: fc.nat(400) }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(questions, (asked) => {
        const diligent = new RestartBackoff(settings);
        const lazy = new RestartBackoff(settings);
        let collectedAt = 0;
        let now = 0;
        for (const { key, run, lag } of asked) {
          const finishedAt = now + seconds(run);
          now = finishedAt + seconds(lag);
          for (; collectedAt + seconds(2) <= now; collectedAt += seconds(2)) {
            diligent.collectGarbage(collectedAt + seconds(2));
          }
          lazy.collectGarbage(collectedAt);
          expect(lazy.tryRestart(key, finishedAt, now)).toEqual(diligent.tryRestart(key, finishedAt, now));
        }
      }),
    );
  });

  it('begins a new series when the image or the resources change, in 1.23 when anything in the container does', () => {
    const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', uid: 'u' }, spec: { containers: [] } };
    const before: Container = { name: 'c', image: 'shop:1' };
    const keys = (version: string, container: Container): boolean => {
      const forVersion = restartBackoffSettings(defaultsFor(version)!.kubelet.restartBackoff);
      return backoffKey(pod, before, forVersion) === backoffKey(pod, container, forVersion);
    };
    expect(keys('1.37', { ...before, image: 'shop:2' })).toBe(false);
    expect(keys('1.37', { ...before, resources: { limits: { memory: '1Gi' } } })).toBe(false);
    expect(keys('1.37', { ...before, command: ['sh'] })).toBe(true);
    expect(keys('1.23', { ...before, command: ['sh'] })).toBe(false);
  });
});
