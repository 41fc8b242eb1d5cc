import { seconds } from '../../../engine/index.js';
import {
  conditionOf,
  type Deployment,
  type Pod,
  type PodDisruptionBudget,
  podCondition,
} from '../../../models/api/index.js';
import type { ControllerContext, Draft } from '../../../models/client-go/index.js';
import {
  createDeploymentController,
  deploymentControllerConfiguration,
} from '../../../models/deployment-controller/index.js';
import {
  createDisruptionController,
  disruptionControllerConfiguration,
} from '../../../models/disruption-controller/index.js';
import {
  createReplicaSetController,
  replicaSetControllerConfiguration,
} from '../../../models/replicaset-controller/index.js';
import type { Defaults } from '../../../models/versions/index.js';
import { aControlPlane } from '../../helpers/a-control-plane.js';
import type { AnApiServer } from '../../helpers/an-api-server.js';

const aCluster = (): AnApiServer =>
  aControlPlane({
    nodes: ['n1', 'n2'],
    controllers: [
      (context: ControllerContext, defaults: Defaults) =>
        createDeploymentController(context, deploymentControllerConfiguration(defaults)),
      (context: ControllerContext, defaults: Defaults) =>
        createReplicaSetController(context, replicaSetControllerConfiguration(defaults)),
      (context: ControllerContext, defaults: Defaults) =>
        createDisruptionController(context, disruptionControllerConfiguration(defaults)),
    ],
  });

const deployment = (replicas: number): Draft<Deployment> => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { name: '', labels: { app: 'web' }, annotations: { 'sim/ready-after': '5' } },
      spec: { containers: [{ name: 'c', image: 'app:v1' }], terminationGracePeriodSeconds: 30 },
    },
  },
});

const budget = (spec: Partial<PodDisruptionBudget['spec']>): Draft<PodDisruptionBudget> => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'pdb', namespace: 'default' },
  spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
});

function running(replicas: number, spec: Partial<PodDisruptionBudget['spec']>): AnApiServer {
  const cluster = aCluster();
  cluster.user.create('PodDisruptionBudget', budget(spec), () => {});
  cluster.user.create('Deployment', deployment(replicas), () => {});
  cluster.simulation.runUntil(seconds(20));
  return cluster;
}

const status = (cluster: AnApiServer) => cluster.server.get('PodDisruptionBudget', 'default/pdb')?.status;
const pods = (cluster: AnApiServer): Pod[] => [...cluster.server.list('Pod')];

/** Code of the answer to an eviction of the n-th pod. */
function evict(cluster: AnApiServer, n: number): number {
  let code = 0;
  cluster.user.evict(`default/${(pods(cluster)[n] as Pod).metadata.name}`, {}, (reply) => {
    code = reply.ok ? 201 : reply.error.code;
  });
  cluster.simulation.runUntil(cluster.simulation.now + seconds(0.1));
  return code;
}

describe('a PodDisruptionBudget', () => {
  it('counts its pods against the size of their Deployment', () => {
    const cluster = running(6, { maxUnavailable: 1 });
    expect(status(cluster)).toMatchObject({
      expectedPods: 6,
      desiredHealthy: 5,
      currentHealthy: 6,
      disruptionsAllowed: 1,
      observedGeneration: 1,
    });
    expect(conditionOf(status(cluster)?.conditions, 'DisruptionAllowed')).toMatchObject({ reason: 'SufficientPods' });
  });

  it('lets one pod go at a time: the next when a replacement is ready', () => {
    const cluster = running(6, { maxUnavailable: 1 });
    expect(evict(cluster, 0)).toBe(201);
    expect(status(cluster)).toMatchObject({ currentHealthy: 5, disruptionsAllowed: 0 });
    expect(evict(cluster, 1)).toBe(429);
    // The replacement was created at once, at 20 s, and is ready 5 s after its binding.
    cluster.simulation.runUntil(seconds(24.9));
    expect(evict(cluster, 1)).toBe(429);
    cluster.simulation.runUntil(seconds(25.2));
    expect(evict(cluster, 1)).toBe(201);
  });

  it('forgets an eviction once the pod is marked as being deleted', () => {
    const cluster = running(3, { minAvailable: 2 });
    expect(evict(cluster, 0)).toBe(201);
    expect(status(cluster)?.disruptedPods ?? {}).toEqual({});
  });

  it('says that it matches no pods, and that those it matches belong to nobody', () => {
    const cluster = aCluster();
    cluster.user.create('PodDisruptionBudget', budget({ minAvailable: '50%' }), () => {});
    cluster.simulation.runUntil(seconds(1));
    const labels = { app: 'web' };
    const pod = { metadata: { name: 'bare', namespace: 'default', labels }, spec: { containers: [] } };
    cluster.user.create('Pod', { apiVersion: 'v1', kind: 'Pod', ...pod }, () => {});
    cluster.simulation.runUntil(seconds(5));
    const reasons = [...cluster.server.list('Event')].map((event) => [event.source?.component, event.reason]);
    expect(reasons).toContainEqual(['controllermanager', 'NoPods']);
    expect(reasons).toContainEqual(['controllermanager', 'UnmanagedPods']);
    expect(status(cluster)).toMatchObject({ expectedPods: 0, disruptionsAllowed: 0 });
  });

  it('that cannot tell the size of a workload allows nothing', () => {
    const cluster = aCluster();
    cluster.user.create('PodDisruptionBudget', budget({ maxUnavailable: 1 }), () => {});
    const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'job', uid: 'u', controller: true };
    const metadata = { name: 'p', namespace: 'default', labels: { app: 'web' }, ownerReferences: [owner] };
    cluster.user.create('Pod', { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [] } }, () => {});
    cluster.simulation.runUntil(seconds(5));
    expect(conditionOf(status(cluster)?.conditions, 'DisruptionAllowed')).toMatchObject({
      status: 'False',
      reason: 'SyncFailed',
      message: 'jobs.batch does not implement the scale subresource',
    });
  });
});

describe('the condition DisruptionTarget', () => {
  it('is taken back when the disruption has not come within two minutes', () => {
    const cluster = running(1, { maxUnavailable: 1 });
    const { name } = (pods(cluster)[0] as Pod).metadata;
    const announced = { type: 'DisruptionTarget', status: 'True', reason: 'X', lastTransitionTime: seconds(20) };
    const announce = (pod: Pod): Pod => ({
      ...pod,
      status: { ...pod.status, conditions: [...(pod.status?.conditions ?? []), announced] },
    });
    cluster.user.patchStatus('Pod', `default/${name}`, announce, () => {});
    const target = (): string | undefined => podCondition(pods(cluster)[0] as Pod, 'DisruptionTarget')?.status;
    cluster.simulation.runUntil(seconds(139.9));
    expect(target()).toBe('True');
    cluster.simulation.runUntil(seconds(140.1));
    expect(target()).toBe('False');
  });
});
