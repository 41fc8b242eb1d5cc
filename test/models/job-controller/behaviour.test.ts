import { seconds, toSeconds } from '../../../engine/index.js';
import type { Job, Pod } from '../../../models/api/index.js';
import type { ControllerContext, Draft } from '../../../models/client-go/index.js';
import { createGarbageCollector, garbageCollectorConfiguration } from '../../../models/garbage-collector/index.js';
import {
  createJobController,
  createTtlAfterFinishedController,
  jobControllerConfiguration,
  ttlAfterFinishedConfiguration,
} from '../../../models/job-controller/index.js';
import type { Defaults } from '../../../models/versions/index.js';
import { aControlPlane } from '../../helpers/a-control-plane.js';
import type { AnApiServer } from '../../helpers/an-api-server.js';

const aCluster = (kubernetesVersion = '1.37'): AnApiServer =>
  aControlPlane({
    kubernetesVersion,
    nodes: ['n1', 'n2'],
    controllers: [
      (context: ControllerContext, defaults: Defaults) =>
        createJobController(context, jobControllerConfiguration(defaults)),
      (context: ControllerContext, defaults: Defaults) =>
        createTtlAfterFinishedController(context, ttlAfterFinishedConfiguration(defaults)),
      (context: ControllerContext, defaults: Defaults) =>
        createGarbageCollector(context, garbageCollectorConfiguration(defaults)),
    ],
  });

type Script = Readonly<Record<string, string>>;

/** Pods run as soon as they are bound and exit after the time that the script says. */
const job = (script: Script, spec: Partial<Job['spec']> = {}): Draft<Job> => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'job', namespace: 'default' },
  spec: {
    template: {
      metadata: { name: '', annotations: { 'sim/run-after': '0', ...script } },
      spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'work' }], terminationGracePeriodSeconds: 30 },
    },
    ...spec,
  } as Job['spec'],
});

const create = (cluster: AnApiServer, draft: Draft<Job>): void => cluster.user.create('Job', draft, () => {});
const change = (cluster: AnApiServer, spec: Partial<Job['spec']>): void =>
  cluster.user.patch(
    'Job',
    'default/job',
    (it) => ({ ...it, spec: { ...it.spec, ...spec } }),
    () => {},
  );
const theJob = (cluster: AnApiServer): Job => cluster.server.get('Job', 'default/job') as Job;
const pods = (cluster: AnApiServer): Pod[] => [...cluster.server.list('Pod')];
const conditions = (cluster: AnApiServer): string[] =>
  (theJob(cluster).status?.conditions ?? []).map(({ type, status, reason }) => `${type}=${status}/${reason}`);

/** Whole seconds at which pods were created, in order. */
const creations = (cluster: AnApiServer): number[] =>
  pods(cluster)
    .map((pod) => toSeconds(pod.metadata.creationTimestamp ?? 0))
    .sort((a, b) => a - b);

describe('a Job', () => {
  it('is complete when its pod has succeeded, counted a second later', () => {
    const cluster = aCluster();
    create(cluster, job({ 'sim/exit-after': '5' }));
    cluster.simulation.runUntil(seconds(6));
    expect(theJob(cluster).status).toMatchObject({ active: 1, ready: 1, terminating: 0, startTime: 0 });
    expect(pods(cluster)[0]?.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking']);
    // Ended at about 5.02 s; changes of pods are gathered for a second.
    cluster.simulation.runUntil(seconds(6.2));
    expect(theJob(cluster).status).toMatchObject({ succeeded: 1, ready: 0, completionTime: seconds(6) });
    expect(conditions(cluster)).toEqual([
      'SuccessCriteriaMet=True/CompletionsReached',
      'Complete=True/CompletionsReached',
    ]);
    expect(pods(cluster)[0]?.metadata.finalizers ?? []).toEqual([]);
    expect([...cluster.server.list('Event')].map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Created pod: job-.{5}$/),
      'Job completed',
    ]);
  });

  it('tries again 10, 20, 40 and 80 s after each failure, and fails beyond its limit', () => {
    const cluster = aCluster();
    create(cluster, job({ 'sim/exit-after': '1', 'sim/exit-code': '1' }, { backoffLimit: 4 }));
    cluster.simulation.runUntil(seconds(160));
    // Each pod ends in the second after its creation: 1 + 10, 12 + 20, 33 + 40, 74 + 80.
    expect(creations(cluster)).toEqual([0, 11, 32, 73, 154]);
    // The fifth ends at 155 s and is counted a second later.
    expect(conditions(cluster)).toEqual([
      'FailureTarget=True/BackoffLimitExceeded',
      'Failed=True/BackoffLimitExceeded',
    ]);
    expect(theJob(cluster).status?.failed).toBe(5);
  });

  it('of 1.23 replaces the first failed pod at once and is held back by its queue then', () => {
    const cluster = aCluster('1.23');
    create(cluster, job({ 'sim/exit-after': '1', 'sim/exit-code': '1' }, { backoffLimit: 3 }));
    cluster.simulation.runUntil(seconds(100));
    // Counted at 2 s: the next pod follows in that sync; its failure at 3 s waits 10 s, the one after that 20 s.
    expect(creations(cluster)).toEqual([0, 2, 13, 34]);
    expect(conditions(cluster)).toEqual(['Failed=True/BackoffLimitExceeded']);
  });

  it('runs as many pods at once as its parallelism says, until enough have succeeded', () => {
    const cluster = aCluster();
    create(cluster, job({ 'sim/exit-after': '5' }, { completions: 5, parallelism: 2 }));
    cluster.simulation.runUntil(seconds(30));
    expect(creations(cluster)).toEqual([0, 0, 6, 6, 12]);
    expect(theJob(cluster).status?.succeeded).toBe(5);
  });

  it('that is indexed gives each pod an index and tries each on its own', () => {
    const cluster = aCluster();
    const spec = { completionMode: 'Indexed', completions: 5, parallelism: 3, backoffLimitPerIndex: 1 };
    create(cluster, job({ 'sim/exit-after': '5', 'sim/fail-index': '1,3' }, spec));
    cluster.simulation.runUntil(seconds(2));
    const first = pods(cluster).find((pod) => pod.metadata.name.startsWith('job-1-')) as Pod;
    expect(first.spec.hostname).toBe('job-1');
    expect(first.metadata.annotations).toMatchObject({
      'batch.kubernetes.io/job-completion-index': '1',
      'batch.kubernetes.io/job-index-failure-count': '0',
    });
    expect(first.spec.containers[0]?.env?.[0]?.name).toBe('JOB_COMPLETION_INDEX');
    cluster.simulation.runUntil(seconds(40));
    // 0, 1, 2 end at 5 s, counted at 6 s: 3 and 4 follow and end at 11 s. 1 is tried again at 15 s, 3 at 21 s; both fail for good.
    expect(creations(cluster)).toEqual([0, 0, 0, 6, 6, 15, 21]);
    expect(theJob(cluster).status).toMatchObject({ completedIndexes: '0,2,4', failedIndexes: '1,3', failed: 4 });
    expect(conditions(cluster)).toEqual(['FailureTarget=True/FailedIndexes', 'Failed=True/FailedIndexes']);
  });

  it('fails at once when its failure policy says so', () => {
    const cluster = aCluster();
    const rules = [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }];
    create(cluster, job({ 'sim/exit-after': '3', 'sim/exit-code': '42' }, { podFailurePolicy: { rules } }));
    cluster.simulation.runUntil(seconds(10));
    expect(creations(cluster)).toEqual([0]);
    expect(conditions(cluster)).toEqual(['FailureTarget=True/PodFailurePolicy', 'Failed=True/PodFailurePolicy']);
  });

  it('succeeds when its success policy is met, and stops the pods that still run', () => {
    const cluster = aCluster();
    const successPolicy = { rules: [{ succeededIndexes: '0' }] };
    const spec = { completionMode: 'Indexed', completions: 3, parallelism: 1, successPolicy };
    create(cluster, job({ 'sim/exit-after': '2' }, spec));
    cluster.simulation.runUntil(seconds(10));
    expect(conditions(cluster)).toEqual(['SuccessCriteriaMet=True/SuccessPolicy', 'Complete=True/SuccessPolicy']);
    expect(theJob(cluster).status?.completedIndexes).toBe('0');
  });

  it('that is suspended stops its pods without counting them, and starts anew when it is resumed', () => {
    const cluster = aCluster();
    create(cluster, job({ 'sim/exit-after': '10' }, { completions: 2, parallelism: 2 }));
    cluster.simulation.runUntil(seconds(5));
    change(cluster, { suspend: true });
    cluster.simulation.runUntil(seconds(5.1));
    expect(conditions(cluster)).toEqual(['Suspended=True/JobSuspended']);
    expect(pods(cluster).every((pod) => pod.metadata.deletionTimestamp !== undefined)).toBe(true);
    expect(theJob(cluster).status?.startTime).toBeUndefined();
    cluster.simulation.runUntil(seconds(20));
    change(cluster, { suspend: false });
    cluster.simulation.runUntil(seconds(20.1));
    expect(conditions(cluster)).toEqual(['Suspended=False/JobResumed']);
    expect(theJob(cluster).status).toMatchObject({ startTime: seconds(20), active: 2 });
    cluster.simulation.runUntil(seconds(40));
    expect(theJob(cluster).status?.succeeded).toBe(2);
    expect(theJob(cluster).status?.failed).toBeUndefined();
  });

  it('past its deadline is stopped, and has failed when its pods are gone', () => {
    const cluster = aCluster();
    create(cluster, job({ 'sim/term-after': '5' }, { activeDeadlineSeconds: 10 }));
    cluster.simulation.runUntil(seconds(11));
    expect(conditions(cluster)).toEqual(['FailureTarget=True/DeadlineExceeded']);
    cluster.simulation.runUntil(seconds(14.9));
    expect(conditions(cluster)).toHaveLength(1);
    // Deleted at 10 s, ended at 15 s, counted within two more.
    cluster.simulation.runUntil(seconds(17));
    expect(conditions(cluster)[1]).toBe('Failed=True/DeadlineExceeded');
  });

  it('replaces a pod that is being deleted at once, or, if so asked, when it has failed', () => {
    const secondPodAt = (podReplacementPolicy: string): number | undefined => {
      const cluster = aCluster();
      create(cluster, job({ 'sim/term-after': '20' }, { podReplacementPolicy }));
      cluster.simulation.runUntil(seconds(5));
      const { name } = (pods(cluster)[0] as Pod).metadata;
      cluster.user.delete('Pod', `default/${name}`, {}, () => {});
      cluster.simulation.runUntil(seconds(60));
      return creations(cluster).at(-1);
    };
    // Deleted at 5 s with 30 s of grace: it counts as failed then, so 10 s of back-off follow.
    expect(secondPodAt('TerminatingOrFailed')).toBe(15);
    // It ends well at 25 s; the Job is complete then, and no second pod is needed.
    expect(secondPodAt('Failed')).toBeUndefined();
  });

  it('is deleted with its pods some time after it finished', () => {
    const cluster = aCluster();
    create(cluster, job({ 'sim/exit-after': '2' }, { ttlSecondsAfterFinished: 10 }));
    cluster.simulation.runUntil(seconds(12.9));
    expect(theJob(cluster)).toBeDefined();
    // Complete at 3 s.
    cluster.simulation.runUntil(seconds(13.5));
    expect(theJob(cluster)).toBeUndefined();
    expect(pods(cluster)).toEqual([]);
  });
});
