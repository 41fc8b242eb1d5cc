import { seconds } from '../../../engine/index.js';
import type { ClusterRole } from '../../../models/api/index.js';
import type { ControllerContext, Draft } from '../../../models/client-go/index.js';
import { createClusterRoleAggregationController } from '../../../models/clusterrole-aggregation-controller/index.js';
import { aControlPlane } from '../../helpers/a-control-plane.js';

const role = (name: string, resource: string | undefined, labels = {}): Draft<ClusterRole> => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name, labels },
  rules: resource === undefined ? [] : [{ apiGroups: [''], resources: [resource], verbs: ['get'] }],
});

it('keeps an aggregated role up to date as the others come and go', () => {
  const cluster = aControlPlane({
    controllers: [
      (context: ControllerContext) => createClusterRoleAggregationController(context, { qps: 20, burst: 30 }),
    ],
  });
  const resources = (): readonly (string | undefined)[] =>
    cluster.server.get('ClusterRole', 'sum')?.rules?.map((rule) => rule.resources?.[0]) ?? [];
  const labels = { part: 'yes' };
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: labels }] };
  cluster.user.create('ClusterRole', { ...role('sum', 'own'), aggregationRule }, () => {});
  cluster.user.create('ClusterRole', role('b', 'pods', labels), () => {});
  cluster.user.create('ClusterRole', role('a', 'secrets', labels), () => {});
  cluster.user.create('ClusterRole', role('c', 'nodes'), () => {});
  // Created at 2 ms, seen at 5 ms, written at 7 ms; its own rules are not kept.
  cluster.simulation.runUntil(seconds(0.008));
  expect(resources()).toEqual(['secrets', 'pods']);
  cluster.user.delete('ClusterRole', 'b', {}, () => {});
  cluster.simulation.runUntil(seconds(1));
  expect(resources()).toEqual(['secrets']);
});
