import type { Pod, PodDisruptionBudgetStatus, PodStatus } from '../../../models/api/index.js';
import { podCondition } from '../../../models/api/index.js';
import type { Registry } from '../../../models/apiserver/registry.js';
import type { Reply } from '../../../models/client-go/index.js';
import { aPod } from '../../helpers/a-pod.js';
import { anApiServer } from '../../helpers/an-api-server.js';

const READY: PodStatus = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
const UNREADY: PodStatus = { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] };

interface Setting {
  readonly kubernetesVersion?: string;
  readonly pod?: PodStatus;
  readonly budget?: PodDisruptionBudgetStatus;
  readonly policy?: string;
  readonly budgets?: number;
}

/** With nobody else at work between its steps. */
function evictAtOnce(registry: Registry): Reply<Pod> {
  const eviction = registry.evict('default/p', {});
  for (;;) {
    const outcome = eviction.step();
    if ('ok' in outcome) {
      return outcome;
    }
  }
}

/** A pod on a node under a budget that allows one disruption, unless told otherwise. */
function aPodUnderBudget({ kubernetesVersion = '1.37', pod = READY, budget, policy, budgets = 1 }: Setting) {
  const { server } = anApiServer({ kubernetesVersion });
  const { registry } = server;
  registry.create('Pod', aPod('p', { labels: { app: 'web' }, spec: { nodeName: 'n1' } }));
  registry.patchStatus('Pod', 'default/p', (now) => ({ ...now, status: pod }));
  for (let i = 0; i < budgets; i++) {
    registry.create('PodDisruptionBudget', {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: `b${i}`, namespace: 'default' },
      spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } }, unhealthyPodEvictionPolicy: policy },
    });
    registry.patchStatus('PodDisruptionBudget', `default/b${i}`, (now) => ({
      ...now,
      status: { observedGeneration: 1, disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2, ...budget },
    }));
  }
  return {
    evict: () => evictAtOnce(registry),
    pod: () => server.get('Pod', 'default/p'),
    budget: () => server.get('PodDisruptionBudget', 'default/b0')?.status,
  };
}

describe('an eviction', () => {
  it('takes one from what the budget allows, notes the pod there, says why, and deletes it with its grace', () => {
    const { evict, pod, budget } = aPodUnderBudget({});
    expect(evict().ok).toBe(true);
    expect(budget()).toMatchObject({ disruptionsAllowed: 0, disruptedPods: { p: 0 } });
    expect(pod()?.metadata.deletionGracePeriodSeconds).toBe(30);
    const evicted = pod();
    expect(evicted && podCondition(evicted, 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
    });
  });

  it('gives no reason in 1.23', () => {
    const { evict, pod } = aPodUnderBudget({ kubernetesVersion: '1.23' });
    evict();
    const evicted = pod();
    expect(evicted && podCondition(evicted, 'DisruptionTarget')).toBeUndefined();
  });

  it('that the budget does not allow is 429 without a Retry-After', () => {
    const { evict, pod } = aPodUnderBudget({ budget: { disruptionsAllowed: 0, currentHealthy: 2 } });
    expect(evict()).toEqual({
      ok: false,
      error: {
        reason: 'TooManyRequests',
        code: 429,
        message: "Cannot evict pod as it would violate the pod's disruption budget.",
        retryAfterSeconds: 0,
        causes: [
          {
            reason: 'DisruptionBudget',
            field: '',
            message: 'The disruption budget b0 needs 2 healthy pods and has 2 currently',
          },
        ],
      },
    });
    expect(pod()?.metadata.deletionTimestamp).toBeUndefined();
  });

  it('under a budget that its controller has not seen yet is 429, try again in 10 s', () => {
    const { evict } = aPodUnderBudget({ budget: { observedGeneration: 0 } });
    expect(evict()).toMatchObject({ ok: false, error: { code: 429, retryAfterSeconds: 10 } });
  });

  it('under two budgets is an error of the server', () => {
    const { evict } = aPodUnderBudget({ budgets: 2 });
    expect(evict()).toMatchObject({ ok: false, error: { code: 500, reason: 'InternalError' } });
  });

  it.each([
    ['pending', { phase: 'Pending' }],
    ['finished', { phase: 'Succeeded' }],
  ])('of a %s pod asks no budget', (_, pod) => {
    const { evict, budget } = aPodUnderBudget({ pod, budget: { disruptionsAllowed: 0 } });
    expect(evict().ok).toBe(true);
    expect(budget()?.disruptionsAllowed).toBe(0);
  });

  it.each([
    ['while enough others are healthy', 'IfHealthyBudget', 2, true],
    ['not while others are missing', 'IfHealthyBudget', 1, false],
    ['always when the budget says so', 'AlwaysAllow', 1, true],
  ])('of an unready pod goes through without counting, %s', (_, policy, currentHealthy, isAllowed) => {
    const budget = { disruptionsAllowed: 0, currentHealthy, desiredHealthy: 2 };
    const setting = aPodUnderBudget({ pod: UNREADY, policy, budget });
    expect(setting.evict().ok).toBe(isAllowed);
    expect(setting.budget()?.disruptedPods).toBeUndefined();
  });

  it('is repeated by the client itself when it is told to come back in 10 s', () => {
    const { server, simulation, user } = anApiServer();
    const { registry } = server;
    registry.create('Pod', aPod('p', { labels: { app: 'web' }, spec: { nodeName: 'n1' } }));
    registry.patchStatus('Pod', 'default/p', (now) => ({ ...now, status: READY }));
    registry.create('PodDisruptionBudget', {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'b', namespace: 'default' },
      spec: { maxUnavailable: 1, selector: {} },
    });
    const answers: [number, boolean][] = [];
    user.evict('default/p', {}, (reply) => answers.push([simulation.now, reply.ok]));
    simulation.runUntil(15_000_000);
    registry.patchStatus('PodDisruptionBudget', 'default/b', (now) => ({
      ...now,
      status: { observedGeneration: 1, disruptionsAllowed: 1 },
    }));
    simulation.runUntil(60_000_000);
    expect(answers).toEqual([[20_000_000, true]]);
  });

  it('that finds its budget taken from by another in between looks again half a second later', () => {
    // Requests take 4 ms: both arrive at 2 ms and read that one may go, both write at 3 ms; the second finds the budget changed
    // and reads it again 0.5 to 0.55 s later, when none may go.
    const { server, simulation, user } = anApiServer({ apiCall: 4000 });
    const { registry } = server;
    for (const name of ['p', 'q']) {
      registry.create('Pod', aPod(name, { labels: { app: 'web' }, spec: { nodeName: 'n1' } }));
      registry.patchStatus('Pod', `default/${name}`, (now) => ({ ...now, status: READY }));
    }
    registry.create('PodDisruptionBudget', {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'b', namespace: 'default' },
      spec: { maxUnavailable: 1, selector: {} },
    });
    registry.patchStatus('PodDisruptionBudget', 'default/b', (now) => ({
      ...now,
      status: { observedGeneration: 1, disruptionsAllowed: 1 },
    }));
    const answers: [string, number, number][] = [];
    for (const name of ['p', 'q']) {
      user.evict(`default/${name}`, {}, (reply) =>
        answers.push([name, reply.ok ? 201 : reply.error.code, simulation.now]),
      );
    }
    simulation.runUntil(1_000_000);
    expect(answers).toEqual([
      ['p', 201, 5000],
      ['q', 429, expect.any(Number)],
    ]);
    const retriedAt = (answers[1]?.[2] ?? 0) - 2000;
    expect(retriedAt).toBeGreaterThanOrEqual(503_000);
    expect(retriedAt).toBeLessThanOrEqual(553_000);
  });
});
