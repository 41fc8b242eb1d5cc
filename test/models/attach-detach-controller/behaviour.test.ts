import type { Node, VolumeAttachment } from '../../../models/api/index.js';
import type { AnApiServer } from '../../helpers/an-api-server.js';
import {
  aClaim,
  aPodWith,
  aReadyNode,
  at,
  aVolume,
  DRIVER,
  type SomeStorageOptions,
  setNodeStatus,
  someStorage,
  told,
} from '../../helpers/some-storage.js';

const VOLUME = `kubernetes.io/csi/${DRIVER}^handle-of-mine`;

/** A bound claim "data", two Ready nodes, and at 10 s a pod on n1 with a volume of that claim. */
function aClusterWithAPod(options: SomeStorageOptions = {}, spec = {}): AnApiServer {
  const cluster = someStorage(options);
  for (const name of ['n1', 'n2']) {
    cluster.user.create('Node', aReadyNode(name), () => {});
  }
  cluster.user.create('PersistentVolume', aVolume('mine', spec), () => {});
  cluster.simulation.runUntil(at(1));
  const modes = { accessModes: (spec as { accessModes?: string[] }).accessModes ?? ['ReadWriteOnce'] };
  cluster.user.create('PersistentVolumeClaim', aClaim('data', modes), () => {});
  cluster.simulation.runUntil(at(10));
  cluster.user.create('Pod', aPodWith('db-0', 'data', 'n1'), () => {});
  cluster.simulation.runUntil(at(10.1));
  running(cluster, 'db-0');
  return cluster;
}

const running = (cluster: AnApiServer, name: string): void =>
  cluster.user.patchStatus(
    'Pod',
    `default/${name}`,
    (pod) => ({
      ...pod,
      status: {
        phase: 'Running',
        containerStatuses: [
          { name: 'c', image: '', imageID: '', ready: true, restartCount: 0, state: { running: {} } },
        ],
      },
    }),
    () => {},
  );

const attached = (cluster: AnApiServer, node: string): readonly string[] =>
  (cluster.server.get('Node', node) as Node | undefined)?.status?.volumesAttached?.map(({ name }) => name) ?? [];

const attachments = (cluster: AnApiServer): string[] =>
  ([...cluster.server.list('VolumeAttachment')] as VolumeAttachment[]).map(
    ({ metadata, spec, status }) =>
      `${spec.nodeName} ${metadata.deletionTimestamp ? 'leaving' : status?.attached ? 'attached' : 'wanted'}`,
  );

/** The kubelet of n1 has mounted the volume; the node dies at 60 s, and is found out 50 s later. */
function loseNode(cluster: AnApiServer): void {
  setNodeStatus(cluster, 'n1', (status) => ({ ...status, volumesInUse: [VOLUME] }));
  cluster.simulation.runUntil(at(110));
  setNodeStatus(cluster, 'n1', (status) => ({ ...status, conditions: [{ type: 'Ready', status: 'Unknown' }] }));
}

const forceDelete = (cluster: AnApiServer): void =>
  cluster.user.delete('Pod', 'default/db-0', { gracePeriodSeconds: 0 }, () => {});

describe('the volume of a pod', () => {
  it('is attached by its driver, seen at a poll, and told in the status of the node', () => {
    const cluster = aClusterWithAPod();
    // Ticks every 0.1 s from 0.004 s on: the pod of 10.002 s is looked at at 10.104 s, the VolumeAttachment posted at 10.106 s.
    cluster.simulation.runUntil(at(10.11));
    expect(attachments(cluster)).toEqual(['n1 wanted']);
    // Heard at 10.109 s; two finalizers of 4 ms, then 3 s in the driver: told at 13.119 s.
    cluster.simulation.runUntil(at(13.118));
    expect(attachments(cluster)).toEqual(['n1 wanted']);
    cluster.simulation.runUntil(at(13.12));
    expect(attachments(cluster)).toEqual(['n1 attached']);
    expect(attached(cluster, 'n1')).toEqual([]);
    // Polls after 0.5 s and 1.05 times as long each, all up to 10 % longer: the sixth at 3.40 to 3.74 s, or the fifth at 3.04 s.
    cluster.simulation.runUntil(at(14));
    expect(attached(cluster, 'n1')).toEqual([VOLUME]);
    expect(told(cluster)).toEqual(['SuccessfulAttachVolume: AttachVolume.Attach succeeded for volume "mine" ']);
    expect([...cluster.server.list('VolumeAttachment')][0]?.metadata.name).toMatch(/^csi-[0-9a-f]{64}$/);
  });

  it('needs no attaching if its driver says so', () => {
    const cluster = someStorage();
    cluster.user.create(
      'CSIDriver',
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'CSIDriver',
        metadata: { name: DRIVER },
        spec: { attachRequired: false },
      },
      () => {},
    );
    cluster.user.create('Node', aReadyNode('n1'), () => {});
    cluster.user.create('PersistentVolume', aVolume('mine'), () => {});
    cluster.simulation.runUntil(at(1));
    cluster.user.create('PersistentVolumeClaim', aClaim('data'), () => {});
    cluster.user.create('Pod', aPodWith('db-0', 'data', 'n1'), () => {});
    cluster.simulation.runUntil(at(30));
    expect(attachments(cluster)).toEqual([]);
  });

  it('is detached when the pod is gone and the kubelet no longer lists it', () => {
    const cluster = aClusterWithAPod();
    cluster.simulation.runUntil(at(20));
    setNodeStatus(cluster, 'n1', (status) => ({ ...status, volumesInUse: [VOLUME] }));
    cluster.simulation.runUntil(at(30));
    forceDelete(cluster);
    cluster.simulation.runUntil(at(60));
    expect(attachments(cluster)).toEqual(['n1 attached']);
    setNodeStatus(cluster, 'n1', (status) => ({ ...status, volumesInUse: [] }));
    // Heard at 60.005 s; at the next tick the node's status is written, the server asked, and the attachment deleted.
    cluster.simulation.runUntil(at(60.2));
    expect([attached(cluster, 'n1'), attachments(cluster)]).toEqual([[], ['n1 leaving']]);
    // The driver takes 4 s.
    cluster.simulation.runUntil(at(64.3));
    expect(attachments(cluster)).toEqual([]);
  });

  it('is let go when the pod has ended', () => {
    const cluster = aClusterWithAPod();
    cluster.simulation.runUntil(at(20));
    cluster.user.patchStatus(
      'Pod',
      'default/db-0',
      (pod) => ({ ...pod, status: { ...pod.status, phase: 'Failed' } }),
      () => {},
    );
    cluster.simulation.runUntil(at(20.3));
    expect(attachments(cluster)).toEqual(['n1 leaving']);
  });
});

describe('a second node', () => {
  it('does not get a volume for one node, and its pod is told who has it', () => {
    const cluster = aClusterWithAPod();
    cluster.simulation.runUntil(at(20));
    cluster.user.create('Pod', aPodWith('db-1', 'data', 'n2'), () => {});
    cluster.simulation.runUntil(at(100));
    expect(attachments(cluster)).toEqual(['n1 attached']);
    expect(told(cluster).slice(1)).toEqual([
      'FailedAttachVolume: Multi-Attach error for volume "mine" Volume is already used by pod(s) db-0',
    ]);
  });

  it('gets one for many nodes', () => {
    const cluster = aClusterWithAPod({}, { accessModes: ['ReadWriteMany'] });
    cluster.user.create('Pod', aPodWith('db-1', 'data', 'n2'), () => {});
    cluster.simulation.runUntil(at(30));
    expect(attachments(cluster).sort()).toEqual(['n1 attached', 'n2 attached']);
  });
});

describe('a dead node', () => {
  it('keeps its volume for six minutes after the pod is gone from the API; then it is detached by force', () => {
    const cluster = aClusterWithAPod();
    cluster.simulation.runUntil(at(60));
    loseNode(cluster);
    // Evicted 300 s later; without the kubelet the pod stays, and with it the wish for the volume.
    cluster.simulation.runUntil(at(415));
    cluster.user.delete('Pod', 'default/db-0', {}, () => {});
    cluster.simulation.runUntil(at(600));
    expect(attachments(cluster)).toEqual(['n1 attached']);
    forceDelete(cluster);
    cluster.user.create('Pod', aPodWith('db-1', 'data', 'n2'), () => {});
    cluster.simulation.runUntil(at(601));
    expect(told(cluster).slice(1)).toEqual([
      'FailedAttachVolume: Multi-Attach error for volume "mine" Volume is already exclusively attached to one node and can\'t be attached to another',
    ]);
    // Wanted by nobody from the tick at 600.0 or 600.1 s on; the first tick more than 360 s later is at 960.1 or 960.2 s.
    cluster.simulation.runUntil(at(960));
    expect(attachments(cluster)).toEqual(['n1 attached']);
    cluster.simulation.runUntil(at(960.3));
    expect(attachments(cluster)).toEqual(['n1 leaving']);
    // 4 s to detach, seen at a poll; 3 s to attach, seen at a poll.
    cluster.simulation.runUntil(at(970));
    expect([attachments(cluster), attached(cluster, 'n2')]).toEqual([['n2 attached'], [VOLUME]]);
  });

  it('that is healthy after all keeps it as long as its kubelet says so; until 1.26 six minutes were enough', () => {
    const held = ['1.37', '1.23'].map((kubernetesVersion) => {
      const cluster = aClusterWithAPod({ kubernetesVersion });
      cluster.simulation.runUntil(at(60));
      setNodeStatus(cluster, 'n1', (status) => ({ ...status, volumesInUse: [VOLUME] }));
      cluster.simulation.runUntil(at(100));
      forceDelete(cluster);
      cluster.simulation.runUntil(at(500));
      return attachments(cluster);
    });
    expect(held).toEqual([['n1 attached'], []]);
  });

  it('keeps it for ever with --disable-force-detach-on-timeout', () => {
    const cluster = aClusterWithAPod({ flags: { 'disable-force-detach-on-timeout': 'true' } });
    cluster.simulation.runUntil(at(60));
    loseNode(cluster);
    forceDelete(cluster);
    cluster.simulation.runUntil(at(3600));
    expect(attachments(cluster)).toEqual(['n1 attached']);
  });

  it('that is tainted out-of-service gives it up at once', () => {
    const cluster = aClusterWithAPod();
    cluster.simulation.runUntil(at(60));
    loseNode(cluster);
    cluster.simulation.runUntil(at(200));
    const taints = [{ key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }];
    cluster.user.patch(
      'Node',
      'n1',
      (node) => ({ ...node, spec: { ...node.spec, taints } }),
      () => {},
    );
    forceDelete(cluster);
    cluster.simulation.runUntil(at(200.3));
    expect(attachments(cluster)).toEqual(['n1 leaving']);
  });

  it('that is deleted loses it six minutes after its pod: what it said last is still believed', () => {
    const cluster = aClusterWithAPod();
    cluster.simulation.runUntil(at(60));
    loseNode(cluster);
    cluster.simulation.runUntil(at(200));
    cluster.user.delete('Node', 'n1', {}, () => {});
    forceDelete(cluster);
    cluster.simulation.runUntil(at(559));
    expect(attachments(cluster)).toEqual(['n1 attached']);
    cluster.simulation.runUntil(at(560.4));
    expect(attachments(cluster)).toEqual(['n1 leaving']);
  });
});

it('tries again when a driver takes more than two minutes', () => {
  const cluster = aClusterWithAPod({ storage: { volumeAttach: { kind: 'constant', value: at(200) } } });
  cluster.simulation.runUntil(at(131));
  expect(told(cluster)).toEqual([
    `FailedAttachVolume: AttachVolume.Attach failed for volume "mine" : timed out waiting for external-attacher of ${DRIVER} CSI driver to attach volume handle-of-mine`,
  ]);
  cluster.simulation.runUntil(at(220));
  expect(attached(cluster, 'n1')).toEqual([VOLUME]);
});

it('costs nothing while nothing is to be attached or detached', () => {
  const cluster = aClusterWithAPod();
  cluster.simulation.runUntil(at(30));
  // Events expire after an hour.
  expect(cluster.simulation.nextAt).toBeGreaterThan(at(3600));
});
