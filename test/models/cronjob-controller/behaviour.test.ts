import { seconds, toSeconds } from '../../../engine/index.js';
import type { CronJob, Job } from '../../../models/api/index.js';
import type { ControllerContext, Draft } from '../../../models/client-go/index.js';
import { createCronJobController, cronJobControllerConfiguration } from '../../../models/cronjob-controller/index.js';
import { createJobController, jobControllerConfiguration } from '../../../models/job-controller/index.js';
import type { Defaults } from '../../../models/versions/index.js';
import { aControlPlane } from '../../helpers/a-control-plane.js';
import type { AnApiServer } from '../../helpers/an-api-server.js';

/** 2026-11-22T22:10:50Z: ten seconds before a full minute. */
const START = Date.UTC(2026, 10, 22, 22, 10, 50) / 1000;
/** The minute that begins at 10 s of virtual time. */
const FIRST_MINUTE = (START + 10) / 60;

const aCluster = (): AnApiServer =>
  aControlPlane({
    nodes: ['n1'],
    controllers: [
      (context: ControllerContext, defaults: Defaults) =>
        createCronJobController(context, cronJobControllerConfiguration(defaults, START)),
      (context: ControllerContext, defaults: Defaults) =>
        createJobController(context, jobControllerConfiguration(defaults)),
    ],
  });

/** Every minute, a pod that works so many seconds. */
const cronJob = (work: number, spec: Partial<CronJob['spec']> = {}): Draft<CronJob> => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'cron', namespace: 'default' },
  spec: {
    schedule: '* * * * *',
    jobTemplate: {
      spec: {
        template: {
          metadata: { name: '', annotations: { 'sim/run-after': '0', 'sim/exit-after': String(work) } },
          spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'work' }] },
        },
      } as NonNullable<CronJob['spec']['jobTemplate']['spec']>,
    },
    ...spec,
  },
});

/** Jobs as they are created: for which minute (0 is that at 10 s), and when. */
function starts(cluster: AnApiServer): { minute: number; at: number }[] {
  const found: { minute: number; at: number }[] = [];
  const informers = cluster.server.informers({ name: 'observer', from: 'control-plane' });
  informers.informer('Job').onChange({
    added: (job: Job) =>
      found.push({
        minute: Number(job.metadata.name.replace('cron-', '')) - FIRST_MINUTE,
        at: Math.round(toSeconds(cluster.simulation.now) * 10) / 10,
      }),
    modified: () => {},
    deleted: () => {},
  });
  informers.start();
  return found;
}

const running = (draft: Draft<CronJob>): { cluster: AnApiServer; started: { minute: number; at: number }[] } => {
  const cluster = aCluster();
  const started = starts(cluster);
  cluster.user.create('CronJob', draft, () => {});
  return { cluster, started };
};

const theCronJob = (cluster: AnApiServer): CronJob => cluster.server.get('CronJob', 'default/cron') as CronJob;
const reasons = (cluster: AnApiServer): (string | undefined)[] =>
  [...cluster.server.list('Event')]
    .filter((event) => event.involvedObject.kind === 'CronJob')
    .map((event) => event.reason);

describe('a CronJob', () => {
  it('creates a Job a tenth of a second after each full minute, named after the minute', () => {
    const { cluster, started } = running(cronJob(5));
    cluster.simulation.runUntil(seconds(150));
    expect(started).toEqual([
      { minute: 0, at: 10.1 },
      { minute: 1, at: 70.1 },
      { minute: 2, at: 130.1 },
    ]);
    const [job] = [...cluster.server.list('Job')] as [Job];
    expect(job.metadata.annotations).toEqual({
      'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-11-22T22:11:00Z',
    });
    expect(theCronJob(cluster).status?.lastScheduleTime).toBe(seconds(130));
  });

  it('looks in the server before it calls a Job unexpected: its own write of the list may not have come back yet', () => {
    const { cluster } = running(cronJob(5));
    cluster.simulation.runUntil(seconds(150));
    expect(reasons(cluster)).not.toContain('UnexpectedJob');
    const [first] = [...cluster.server.list('Job')] as [Job];
    const { ownerReferences } = first.metadata;
    const metadata = { name: 'stranger', namespace: 'default', ownerReferences };
    const { template } = first.spec;
    const spec = { template: { ...template, metadata: { name: '', annotations: template.metadata?.annotations } } };
    cluster.user.create('Job', { apiVersion: 'batch/v1', kind: 'Job', metadata, spec } as Draft<Job>, () => {});
    cluster.simulation.runUntil(seconds(151));
    expect(reasons(cluster)).toContain('UnexpectedJob');
  });

  it('keeps as many finished Jobs as its limits say', () => {
    const { cluster } = running(cronJob(5, { successfulJobsHistoryLimit: 1 }));
    // The second Job ends at 75 s and is seen complete a second later: then the first one goes.
    cluster.simulation.runUntil(seconds(76));
    expect([...cluster.server.list('Job')]).toHaveLength(2);
    cluster.simulation.runUntil(seconds(78));
    expect([...cluster.server.list('Job')].map((job) => job.metadata.name)).toEqual([`cron-${FIRST_MINUTE + 1}`]);
    expect(theCronJob(cluster).status).toMatchObject({ lastSuccessfulTime: seconds(76) });
    expect(theCronJob(cluster).status?.active).toBeUndefined();
  });

  it('that forbids a second run starts the last missed one as soon as the first has ended', () => {
    const { cluster, started } = running(cronJob(80, { concurrencyPolicy: 'Forbid' }));
    cluster.simulation.runUntil(seconds(300));
    // Each works 80 s and is counted a second and some calls later: 10.1, 91.2, 172.3, 253.4 s. The last start is for the last minute
    // missed, that of 250 s; that of 190 s is lost.
    expect(started.map(({ minute }) => minute)).toEqual([0, 1, 2, 4]);
    expect(started.map(({ at }) => Math.round(at))).toEqual([10, 91, 172, 253]);
    expect(reasons(cluster)).toContain('JobAlreadyActive');
  });

  it('that replaces deletes the Job that still runs', () => {
    const { cluster } = running(cronJob(80, { concurrencyPolicy: 'Replace' }));
    cluster.simulation.runUntil(seconds(75));
    expect([...cluster.server.list('Job')].map((job) => job.metadata.name)).toEqual([`cron-${FIRST_MINUTE + 1}`]);
    expect(theCronJob(cluster).status?.active).toHaveLength(1);
  });

  it('that is suspended starts only the last missed run when it is resumed, if its deadline allows', () => {
    const resumedAt160 = (startingDeadlineSeconds?: number): number[] => {
      const deadline = startingDeadlineSeconds === undefined ? {} : { startingDeadlineSeconds };
      const { cluster, started } = running(cronJob(5, { suspend: true, ...deadline }));
      cluster.simulation.runUntil(seconds(160));
      const resume = (it: CronJob): CronJob => ({ ...it, spec: { ...it.spec, suspend: false } });
      cluster.user.patch('CronJob', 'default/cron', resume, () => {});
      cluster.simulation.runUntil(seconds(165));
      return started.map(({ minute }) => minute);
    };
    expect(resumedAt160()).toEqual([2]);
    expect(resumedAt160(20)).toEqual([]);
  });

  it('goes by the clock of its time zone', () => {
    const { cluster, started } = running(cronJob(5, { schedule: '12 23 * * *', timeZone: 'Europe/Paris' }));
    // 23:12 in Paris is 22:12 UTC in November: 70 s after the start.
    cluster.simulation.runUntil(seconds(100));
    expect(started).toEqual([{ minute: 1, at: 70.1 }]);
  });

  it('whose schedule can never come says so and waits for a better one', () => {
    const { cluster, started } = running(cronJob(5, { schedule: '59 23 31 2 *' }));
    cluster.simulation.runUntil(seconds(100));
    expect(started).toEqual([]);
    expect(reasons(cluster)).toEqual(['InvalidSchedule']);
    const better = (it: CronJob): CronJob => ({ ...it, spec: { ...it.spec, schedule: '* * * * *' } });
    cluster.user.patch('CronJob', 'default/cron', better, () => {});
    cluster.simulation.runUntil(seconds(131));
    expect(started.map(({ minute }) => minute)).toEqual([2]);
  });
});
