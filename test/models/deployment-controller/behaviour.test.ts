import { seconds } from '../../../engine/index.js';
import { conditionOf, type Deployment, type Pod, type ReplicaSet } from '../../../models/api/index.js';
import type { ControllerContext, Draft } from '../../../models/client-go/index.js';
import {
  createDeploymentController,
  deploymentControllerConfiguration,
  rollbackPatch,
} from '../../../models/deployment-controller/index.js';
import {
  createReplicaSetController,
  replicaSetControllerConfiguration,
} from '../../../models/replicaset-controller/index.js';
import type { Defaults } from '../../../models/versions/index.js';
import { aControlPlane } from '../../helpers/a-control-plane.js';
import type { AnApiServer } from '../../helpers/an-api-server.js';

const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'];

const aCluster = (kubernetesVersion = '1.37'): AnApiServer =>
  aControlPlane({
    kubernetesVersion,
    nodes: NODES,
    controllers: [
      (context: ControllerContext, defaults: Defaults) =>
        createDeploymentController(context, deploymentControllerConfiguration(defaults)),
      (context: ControllerContext, defaults: Defaults) =>
        createReplicaSetController(context, replicaSetControllerConfiguration(defaults)),
    ],
  });

/** Ready 5 s after it was bound, unless the annotations say otherwise. */
const deployment = (
  spec: Partial<Deployment['spec']> = {},
  annotations: Record<string, string> = { 'sim/ready-after': '5' },
): Draft<Deployment> => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: { replicas: 10, selector: { matchLabels: { app: 'web' } }, template: template('app:v1', annotations), ...spec },
});

const template = (image: string, annotations: Record<string, string> = { 'sim/ready-after': '5' }) => ({
  metadata: { name: '', labels: { app: 'web' }, annotations },
  spec: { containers: [{ name: 'c', image }], terminationGracePeriodSeconds: 30 },
});

/** A cluster in which the Deployment has been complete for a while; the moment counts as zero. */
function running(draft: Draft<Deployment> = deployment(), version = '1.37'): { cluster: AnApiServer; zero: number } {
  const cluster = aCluster(version);
  cluster.user.create('Deployment', draft, () => {});
  cluster.simulation.runUntil(seconds(20));
  return { cluster, zero: seconds(20) };
}

const change = (cluster: AnApiServer, spec: Partial<Deployment['spec']>): void =>
  cluster.user.patch(
    'Deployment',
    'default/web',
    (it) => ({ ...it, spec: { ...it.spec, ...spec } }),
    () => {},
  );

const web = (cluster: AnApiServer): Deployment => cluster.server.get('Deployment', 'default/web') as Deployment;
const replicaSets = (cluster: AnApiServer): ReplicaSet[] => [...cluster.server.list('ReplicaSet')];
const imageOf = (one: ReplicaSet): string | undefined => one.spec.template?.spec?.containers[0]?.image;

/** image → wanted replicas, of those that want any. */
const sizes = (cluster: AnApiServer): Record<string, number> =>
  Object.fromEntries(
    replicaSets(cluster)
      .filter((one) => one.spec.replicas !== 0)
      .map((one) => [imageOf(one), one.spec.replicas]),
  );

const revisions = (cluster: AnApiServer): Record<string, string | undefined> =>
  Object.fromEntries(
    replicaSets(cluster).map((one) => [imageOf(one), one.metadata.annotations?.['deployment.kubernetes.io/revision']]),
  );

const progressing = (cluster: AnApiServer): string => {
  const condition = conditionOf(web(cluster).status?.conditions, 'Progressing');
  return `${condition?.status}/${condition?.reason}`;
};

const undo = (cluster: AnApiServer, toRevision = 0): void => {
  const rollback = rollbackPatch(web(cluster), replicaSets(cluster), toRevision);
  if (rollback.outcome === 'patch') {
    cluster.user.patch(
      'Deployment',
      'default/web',
      (it) => ({
        ...it,
        metadata: { ...it.metadata, annotations: rollback.deployment.metadata.annotations },
        spec: { ...it.spec, template: rollback.deployment.spec.template },
      }),
      () => {},
    );
  }
};

describe('a rolling update', () => {
  it('stands at 5 new and 8 old until the first new pods are ready, then at 10 and 3, then is complete', () => {
    const { cluster, zero } = running();
    change(cluster, { template: template('app:v2') });
    // Surge ceil(2.5) = 3: 3 new beside 10; unavailable floor(2.5) = 2: 8 old; room for 5 new. Ready 5 s after binding: 5 old go,
    // so 10 new and 3 old, who go once the others are ready, 5 s later.
    for (const [at, expected] of [
      [1, { 'app:v1': 8, 'app:v2': 5 }],
      [4.9, { 'app:v1': 8, 'app:v2': 5 }],
      [6, { 'app:v1': 3, 'app:v2': 10 }],
      [10, { 'app:v1': 3, 'app:v2': 10 }],
      [11.5, { 'app:v2': 10 }],
    ] as const) {
      cluster.simulation.runUntil(zero + seconds(at));
      expect([at, sizes(cluster)]).toEqual([at, expected]);
    }
    expect(progressing(cluster)).toBe('True/NewReplicaSetAvailable');
    expect(web(cluster).status).toMatchObject({ replicas: 10, updatedReplicas: 10, availableReplicas: 10 });
    expect(revisions(cluster)).toEqual({ 'app:v1': '1', 'app:v2': '2' });
  });

  it('is undone by bringing the old ReplicaSet back under a new revision', () => {
    const { cluster, zero } = running();
    change(cluster, { template: template('app:v2') });
    cluster.simulation.runUntil(zero + seconds(60));
    undo(cluster);
    cluster.simulation.runUntil(zero + seconds(75));
    expect(sizes(cluster)).toEqual({ 'app:v1': 10 });
    expect(revisions(cluster)).toEqual({ 'app:v1': '3', 'app:v2': '2' });
    const [back] = replicaSets(cluster) as [ReplicaSet];
    expect(back.metadata.annotations?.['deployment.kubernetes.io/revision-history']).toBe('1');
    expect(web(cluster).metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3');
  });

  it('waits for minReadySeconds, counted from whole seconds', () => {
    const { cluster, zero } = running(deployment({ minReadySeconds: 3 }));
    cluster.simulation.runUntil(zero + seconds(0.1));
    change(cluster, { template: template('app:v2') });
    // Ready at 5.1 s with lastTransitionTime 5 s: available at 8 s, all at once.
    cluster.simulation.runUntil(zero + seconds(7.9));
    expect(sizes(cluster)).toEqual({ 'app:v1': 8, 'app:v2': 5 });
    cluster.simulation.runUntil(zero + seconds(8.3));
    expect(sizes(cluster)).toEqual({ 'app:v1': 3, 'app:v2': 10 });
  });

  it('shares a change of size between new and old ReplicaSet in proportion', () => {
    const { cluster, zero } = running();
    change(cluster, { template: template('app:v2') });
    cluster.simulation.runUntil(zero + seconds(3));
    change(cluster, { replicas: 20 });
    // 5 new and 8 old of at most 13; at most 25 now: round(8 × 25 / 13) = 15, 5 × 25 / 13 = 9.6 is what is left: 10.
    cluster.simulation.runUntil(zero + seconds(4));
    expect(sizes(cluster)).toEqual({ 'app:v1': 15, 'app:v2': 10 });
  });

  it('that makes no progress is reported at the deadline, and nothing else', () => {
    const { cluster, zero } = running(deployment({ progressDeadlineSeconds: 60 }));
    cluster.simulation.runUntil(zero + seconds(0.1));
    change(cluster, { template: template('app:v2', { 'sim/ready-after': 'never' }) });
    // The last progress, in the first second, has lastUpdateTime 0 s: due a second after 60 s, and found at the first look.
    cluster.simulation.runUntil(zero + seconds(60));
    expect(progressing(cluster)).toBe('True/ReplicaSetUpdated');
    cluster.simulation.runUntil(zero + seconds(61.1));
    expect(progressing(cluster)).toBe('False/ProgressDeadlineExceeded');
    expect(sizes(cluster)).toEqual({ 'app:v1': 8, 'app:v2': 5 });
    undo(cluster);
    cluster.simulation.runUntil(zero + seconds(70));
    expect(sizes(cluster)).toEqual({ 'app:v1': 10 });
    expect(progressing(cluster)).toBe('True/NewReplicaSetAvailable');
  });

  it('keeps as many old ReplicaSets as revisionHistoryLimit says, once it is complete', () => {
    const { cluster, zero } = running(deployment({ replicas: 4, revisionHistoryLimit: 2 }));
    for (const [at, image] of [
      [0, 'app:v2'],
      [25, 'app:v3'],
      [50, 'app:v4'],
      [75, 'app:v5'],
    ] as const) {
      cluster.simulation.runUntil(zero + seconds(at));
      change(cluster, { template: template(image) });
    }
    cluster.simulation.runUntil(zero + seconds(100));
    expect(revisions(cluster)).toEqual({ 'app:v3': '3', 'app:v4': '4', 'app:v5': '5' });
    undo(cluster, 3);
    cluster.simulation.runUntil(zero + seconds(130));
    expect(revisions(cluster)).toEqual({ 'app:v3': '6', 'app:v4': '4', 'app:v5': '5' });
    expect(sizes(cluster)).toEqual({ 'app:v3': 4 });
  });

  it('tells its steps as events, with both sizes since 1.27', () => {
    const message = (version: string): string | undefined => {
      const { cluster } = running(deployment({ replicas: 3 }), version);
      return [...cluster.server.list('Event')].find((event) => event.involvedObject.kind === 'Deployment')?.message;
    };
    expect(message('1.37')).toMatch(/^Scaled up replica set web-[4-9b-f]{1,10} from 0 to 3$/);
    expect(message('1.23')).toMatch(/^Scaled up replica set web-[4-9b-f]{1,10} to 3$/);
  });
});

describe('a Deployment', () => {
  it('that recreates starts nothing new before the last old pod is gone', () => {
    const slow = { 'sim/ready-after': '5', 'sim/term-after': '8' };
    const { cluster, zero } = running(deployment({ replicas: 3, strategy: { type: 'Recreate' } }, slow));
    change(cluster, { template: template('app:v2', slow) });
    cluster.simulation.runUntil(zero + seconds(7.9));
    expect(sizes(cluster)).toEqual({});
    expect([...cluster.server.list('Pod')].every((pod: Pod) => pod.metadata.deletionTimestamp !== undefined)).toBe(
      true,
    );
    cluster.simulation.runUntil(zero + seconds(8.2));
    expect(sizes(cluster)).toEqual({ 'app:v2': 3 });
  });

  it('that is paused takes a new size but not a new template, until it is resumed', () => {
    const { cluster, zero } = running(deployment({ replicas: 4 }));
    change(cluster, { paused: true, template: template('app:v2') });
    cluster.simulation.runUntil(zero + seconds(5));
    expect(progressing(cluster)).toBe('Unknown/DeploymentPaused');
    change(cluster, { replicas: 6 });
    cluster.simulation.runUntil(zero + seconds(10));
    expect(sizes(cluster)).toEqual({ 'app:v1': 6 });
    change(cluster, { paused: false });
    cluster.simulation.runUntil(zero + seconds(30));
    expect(sizes(cluster)).toEqual({ 'app:v2': 6 });
  });

  it('gives its pods the labels of its ReplicaSet, with the hash of the template', () => {
    const { cluster } = running(deployment({ replicas: 1 }));
    const [replicaSet] = replicaSets(cluster) as [ReplicaSet];
    const [pod] = [...cluster.server.list('Pod')] as [Pod];
    const hash = replicaSet.metadata.name.replace('web-', '');
    expect(pod.metadata.labels).toEqual({ app: 'web', 'pod-template-hash': hash });
    expect(replicaSet.spec.selector.matchLabels).toEqual({ app: 'web', 'pod-template-hash': hash });
    expect(pod.metadata.name).toMatch(new RegExp(`^web-${hash}-.{5}$`));
  });

  it('whose ReplicaSet name is taken by another tries the next hash', () => {
    const first = running(deployment({ replicas: 1 })).cluster;
    const { name } = (replicaSets(first)[0] as ReplicaSet).metadata;
    const cluster = aCluster();
    const spec = {
      replicas: 0,
      selector: { matchLabels: { app: 'other' } },
      template: { metadata: { name: '', labels: { app: 'other' } }, spec: { containers: [{ name: 'c', image: 'x' }] } },
    };
    cluster.user.create(
      'ReplicaSet',
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name, namespace: 'default' }, spec },
      () => {},
    );
    cluster.user.create('Deployment', deployment({ replicas: 1 }), () => {});
    cluster.simulation.runUntil(seconds(10));
    expect(web(cluster).status).toMatchObject({ collisionCount: 1, availableReplicas: 1 });
    expect(replicaSets(cluster)).toHaveLength(2);
  });
});

describe('rollout undo', () => {
  it('says why it cannot be done', () => {
    const { cluster } = running(deployment({ replicas: 1 }));
    const outcome = (toRevision: number): unknown => rollbackPatch(web(cluster), replicaSets(cluster), toRevision);
    expect(outcome(0)).toEqual({ outcome: 'error', message: 'no rollout history found for deployment "web"' });
    expect(outcome(7)).toEqual({ outcome: 'error', message: 'unable to find specified revision 7 in history' });
    expect(outcome(1)).toEqual({
      outcome: 'skipped',
      message: 'skipped rollback (current template already matches revision 1)',
    });
  });
});
