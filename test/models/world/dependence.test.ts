import { constant, seconds } from '../../../engine/index.js';
import { conditionOf, type Pod } from '../../../models/api/index.js';
import type { ContainerBehaviour } from '../../../models/world/index.js';
import { type ACluster, aCluster } from '../../helpers/a-cluster.js';

const aCrowd = (behaviours: Readonly<Record<string, ContainerBehaviour>>): ACluster =>
  aCluster({ looksAtTraffic: true, behaviourOf: ({ container }) => behaviours[container] ?? {} });

const aPod = (name: string, container: object, more: object = {}) =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: name } },
    spec: { containers: [{ name, image: 'app:v1', ...container }], ...more },
  }) as const;

const aService = (name: string) =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { selector: { app: name }, ports: [{ port: 5432 }] },
  }) as const;

const pod = ({ cluster }: ACluster, name: string): Pod | undefined => cluster.get('Pod', `default/${name}`);
const isReady = (cluster: ACluster, name: string): boolean =>
  conditionOf(pod(cluster, name)?.status?.conditions, 'Ready')?.status === 'True';

describe('a container that depends on a Service', () => {
  it('as an init container ends at the first look that resolves it', () => {
    const cluster = aCrowd({ wait: { exits: [{ until: { need: { resolves: 'db' }, every: seconds(2) }, code: 0 }] } });
    cluster.apply(aPod('app', {}, { initContainers: [{ name: 'wait', image: 'busybox' }] }));
    cluster.runUntil('1m');
    expect(pod(cluster, 'app')?.status?.initContainerStatuses?.[0]?.state).toHaveProperty('running');
    const startedAt = pod(cluster, 'app')?.status?.initContainerStatuses?.[0]?.state?.running?.startedAt ?? 0;
    cluster.apply(aService('db'));
    cluster.runUntil('2m');
    const ended = pod(cluster, 'app')?.status?.initContainerStatuses?.[0]?.state?.terminated;
    expect(ended).toMatchObject({ exitCode: 0, reason: 'Completed' });
    // Looks are 2 s apart, from its start on: the first after 60.005 s. API times are whole seconds.
    expect(((ended?.finishedAt ?? 0) - startedAt) % seconds(2)).toBe(0);
    expect(ended?.finishedAt).toBeGreaterThanOrEqual(seconds(60));
    expect(ended?.finishedAt).toBeLessThanOrEqual(seconds(62));
    expect(isReady(cluster, 'app')).toBe(true);
  });

  it('waits on for somebody who answers, if that is what it needs', () => {
    const cluster = aCrowd({
      wait: { exits: [{ until: { need: { reaches: 'db:5432' }, every: seconds(1) }, code: 0 }] },
      db: { ready: constant(seconds(20)) },
    });
    cluster.apply(aPod('app', {}, { initContainers: [{ name: 'wait', image: 'busybox' }] }));
    cluster.apply(aService('db'));
    cluster.runUntil('1m');
    cluster.apply(aPod('db', { ports: [{ containerPort: 5432 }] }));
    cluster.runUntil('1m20s');
    expect(pod(cluster, 'app')?.status?.phase).toBe('Pending');
    // Started within some 6 s (the image first), it serves 20 s later.
    cluster.runUntil('1m30s');
    expect(pod(cluster, 'app')?.status?.phase).toBe('Running');
  });

  it('crashes when it does not find it, and runs on once it does', () => {
    const cluster = aCrowd({
      app: { exits: [{ after: constant(seconds(3)), unless: { reaches: 'db:5432' }, code: 1 }] },
    });
    cluster.apply(aPod('app', {}));
    cluster.runUntil('2m');
    const restarts = pod(cluster, 'app')?.status?.containerStatuses?.[0]?.restartCount ?? 0;
    // Runs of 3 s, then 10, 20 and 40 s of back-off: three restarts in two minutes, not counting the pull.
    expect(restarts).toBeGreaterThanOrEqual(3);
    cluster.apply(aPod('db', { ports: [{ containerPort: 5432 }] }));
    cluster.apply(aService('db'));
    cluster.runUntil('6m');
    const later = pod(cluster, 'app')?.status?.containerStatuses?.[0]?.restartCount ?? 0;
    cluster.runUntil('30m');
    expect(pod(cluster, 'app')?.status?.containerStatuses?.[0]?.restartCount).toBe(later);
    expect(isReady(cluster, 'app')).toBe(true);
  });

  it('fails its readiness probe while the other does not answer', () => {
    const cluster = aCrowd({ app: { probes: { readiness: { dependsOn: { reaches: 'db:5432' } } } } });
    cluster.apply(aService('db'));
    cluster.apply(aPod('db', { ports: [{ containerPort: 5432 }] }));
    cluster.apply(
      aPod('app', { readinessProbe: { exec: { command: ['ask'] }, periodSeconds: 5, failureThreshold: 1 } }),
    );
    cluster.runUntil('1m');
    expect(isReady(cluster, 'app')).toBe(true);
    cluster.cluster.user.delete('Pod', 'default/db', {}, () => {});
    cluster.runUntil('66s');
    expect(isReady(cluster, 'app')).toBe(false);
    cluster.runUntil('2m');
    cluster.apply(aPod('db', { ports: [{ containerPort: 5432 }] }));
    cluster.runUntil('3m');
    expect(isReady(cluster, 'app')).toBe(true);
  });

  it('finds all that it needs where nobody looks at traffic', () => {
    const cluster = aCluster({
      behaviourOf: () => ({ exits: [{ until: { need: { resolves: 'db' }, every: seconds(2) }, code: 0 }] }),
    });
    cluster.apply(aPod('app', {}, { restartPolicy: 'Never' }));
    cluster.runUntil('1m');
    expect(pod(cluster, 'app')?.status?.phase).toBe('Succeeded');
  });
});
