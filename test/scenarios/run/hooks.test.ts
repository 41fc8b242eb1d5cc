import { startRun } from '../../../scenarios/index.js';

const exec = { exec: { command: ['do', 'it'] } };

const pod = (name: string, lifecycle: object, annotations: Readonly<Record<string, string>> = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name }, annotations },
  spec: { containers: [{ name: 'c', image: 'i', lifecycle }] },
});

/** Each event about a pod, with the second at which it first came. */
function events(manifests: readonly object[], behaviours: readonly object[], actions: readonly object[] = []) {
  const run = startRun(
    JSON.stringify({
      apiVersion: 'kubewhen/v1',
      kind: 'Scenario',
      metadata: { name: 'hooks' },
      spec: {
        seed: 1,
        runFor: '2m',
        cluster: { pools: [{ name: 'worker', count: 1 }] },
        behaviours,
        manifests,
        actions,
        record: ['events'],
      },
    }),
  );
  run.finish();
  const all = [...run.cluster.list('Event')];
  return (name: string, reason: string): number | undefined =>
    all.find((event) => event.involvedObject.name === name && event.reason === reason)?.firstTimestamp;
}

const SECOND = 1_000_000;

describe('hooks in a scenario', () => {
  it('take as long as a behaviour or an annotation says, and fail where it says so', () => {
    const at = events(
      [pod('fails', { postStart: exec }), pod('lasts', { postStart: exec }, { 'kubewhen/postStart': '{takes: 40s}' })],
      [{ selector: { app: 'fails' }, postStart: { takes: '5s', fails: true } }],
    );
    const started = at('fails', 'Started') as number;
    expect((at('fails', 'FailedPostStartHook') as number) - started).toBe(5 * SECOND);
    expect((at('fails', 'Killing') as number) - started).toBe(5 * SECOND);
    expect(at('lasts', 'FailedPostStartHook')).toBeUndefined();
  });

  it('preStop comes before SIGTERM, and its failure is only told', () => {
    const at = events(
      [pod('web', { preStop: exec })],
      [{ preStop: { takes: '8s', fails: true } }],
      [{ at: '60s', kubectl: 'delete pod/web --wait=false' }],
    );
    expect((at('web', 'FailedPreStopHook') as number) - (at('web', 'Killing') as number)).toBe(8 * SECOND);
  });
});
