import { seconds } from '../../../engine/index.js';
import { podCondition } from '../../../models/api/index.js';
import { aPod } from '../../helpers/a-pod.js';
import { anApiServer } from '../../helpers/an-api-server.js';

describe('binding a pod', () => {
  const aPodToBind = (kubernetesVersion = '1.37') => {
    const { server, simulation } = anApiServer({ kubernetesVersion });
    const labels = { 'topology.kubernetes.io/zone': 'a', 'kubernetes.io/hostname': 'n1' };
    server.registry.create('Node', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', labels }, spec: {} });
    const created = server.registry.create('Pod', aPod('p', { labels: { app: 'web' } }));
    return { server, simulation, uid: created.ok ? (created.object.metadata.uid ?? '') : '' };
  };

  it('sets its node, its condition and the zone of the node, but counts no generation', () => {
    const { server, simulation, uid } = aPodToBind();
    simulation.runUntil(seconds(3));
    server.registry.bind('default/p', uid, 'n1');
    const pod = server.get('Pod', 'default/p');
    expect(pod).toMatchObject({ metadata: { generation: 1 }, spec: { nodeName: 'n1' } });
    expect(pod?.metadata.labels).toEqual({ app: 'web', 'topology.kubernetes.io/zone': 'a' });
    expect(pod && podCondition(pod, 'PodScheduled')).toMatchObject({ status: 'True', lastTransitionTime: seconds(3) });
  });

  it('copies no labels in 1.23', () => {
    const { server, uid } = aPodToBind('1.23');
    server.registry.bind('default/p', uid, 'n1');
    expect(server.get('Pod', 'default/p')?.metadata.labels).toEqual({ app: 'web' });
  });

  it('is a Conflict when it has a node, is being deleted, or is another pod of the name', () => {
    const { server, uid } = aPodToBind();
    const messageOf = (id: string): string => {
      const reply = server.registry.bind('default/p', id, 'n2');
      return reply.ok ? '' : `${reply.error.reason}: ${reply.error.message}`;
    };
    expect(messageOf('other')).toContain(
      'Conflict: Operation cannot be fulfilled on pods/binding "p": Precondition failed',
    );
    server.registry.bind('default/p', uid, 'n1');
    expect(messageOf(uid)).toBe(
      'Conflict: Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n1"',
    );
    server.registry.delete('Pod', 'default/p', { gracePeriodSeconds: 30 });
    expect(messageOf(uid)).toContain('pod p is being deleted, cannot be assigned to a host');
  });
});
