import { seconds } from '../../../engine/index.js';
import { nodeParty, type Pod, withCondition } from '../../../models/api/index.js';
import { type ANode, aNode, NODE } from '../../helpers/a-node.js';

const isReady = (pod: Pod | undefined): boolean =>
  pod?.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;

const exec = {
  exec: { command: ['look'] },
  periodSeconds: 10,
  failureThreshold: 3,
  successThreshold: 1,
  timeoutSeconds: 1,
};

/** One pod that runs since about 5 s. */
function running(options: Parameters<typeof aNode>[0] = {}): ANode {
  const node = aNode(options);
  node.runUntil('5s');
  node.apply({ name: 'web', spec: { containers: [{ name: 'c', image: 'app:v1', readinessProbe: exec }] } });
  node.runUntil('100s');
  return node;
}

describe('a kubelet that restarts', () => {
  it('finds its containers running and leaves them alone', () => {
    const node = running();
    node.kubelet.stop();
    node.runUntil('130s');
    node.kubelet.start();
    node.runUntil('200s');
    expect(node.starts('web')).toHaveLength(1);
    expect(node.events('web').map(({ event }) => event.reason)).toEqual(['Pulled', 'Created', 'Started']);
  });

  it('keeps a ready pod ready until its probe says otherwise [37]', () => {
    const node = running();
    node.kubelet.stop();
    node.runUntil('130s');
    node.kubelet.start();
    node.runUntil('200s');
    expect(node.when('web', (pod) => !isReady(pod), 100)).toBeUndefined();
  });

  it('shows it unready until its first probe [23]', () => {
    const node = running({ kubernetesVersion: '1.23' });
    node.kubelet.stop();
    node.runUntil('130s');
    node.kubelet.start();
    node.runUntil('200s');
    const unready = node.when('web', (pod) => !isReady(pod), 130) as number;
    // The pods' watch begins once the node's is there, looked at each second.
    expect(unready).toBeLessThan(133);
    // The probe worker waits for a random part of its period.
    expect((node.when('web', isReady, unready) as number) - unready).toBeLessThan(12.1);
  });

  it('forgets back-offs: a crash loop begins anew', () => {
    const crash = { exits: [{ after: { kind: 'constant' as const, value: seconds(1) }, code: 1 }] };
    const node = aNode({ behaviours: { c: crash } });
    node.runUntil('5s');
    node.apply({ name: 'web', spec: {} });
    node.runUntil('300s');
    const before = node.starts('web').length;
    node.kubelet.stop();
    node.runUntil('301s');
    node.kubelet.start();
    node.runUntil('330s');
    // One at once, the next 10 s later; the old series stood at 160 s.
    expect(node.starts('web').length - before).toBeGreaterThanOrEqual(2);
  });

  it('shows what happened while it was down', () => {
    const node = running();
    node.kubelet.stop();
    node.runUntil('110s');
    node.runtime.exit('default/web', 'c', 3);
    node.runUntil('130s');
    node.kubelet.start();
    node.runUntil('140s');
    const status = node.pod('web')?.status?.containerStatuses?.[0];
    expect(status).toMatchObject({
      restartCount: 1,
      lastState: { terminated: { exitCode: 3, finishedAt: seconds(110) } },
    });
  });

  it('kills what runs of a pod that went meanwhile', () => {
    const node = running();
    const uid = node.pod('web')?.metadata.uid as string;
    node.kubelet.stop();
    node.runUntil('110s');
    node.delete('web', 0);
    node.runUntil('120s');
    node.kubelet.start();
    node.runUntil('130s');
    expect(node.runtime.pod(uid)?.containers.some(({ state }) => state === 'running') ?? false).toBe(false);
  });
});

describe('a machine that loses power', () => {
  const reboot = (restartPolicy: string): ANode => {
    const node = aNode();
    node.runUntil('5s');
    node.apply({ name: 'web', spec: { restartPolicy } });
    node.runUntil('60s');
    node.machine.powerOff();
    node.kubelet.stop();
    node.runUntil('90s');
    node.machine.powerOn();
    node.kubelet.start();
    node.runUntil('120s');
    return node;
  };

  it('runs its pods again in place: same uid, new sandbox and address, one restart more', () => {
    const node = reboot('Always');
    const first = node.history('web')[0]?.pod.metadata.uid;
    const pod = node.pod('web');
    expect(pod?.metadata.uid).toBe(first);
    expect(pod?.status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      lastState: { terminated: { exitCode: 255, reason: 'Unknown' } },
    });
    expect(pod?.status?.podIP).toBe('10.244.0.3');
    expect(node.events('web').map(({ event }) => event.reason)).toContain('SandboxChanged');
    expect(isReady(pod)).toBe(true);
  });

  it('ends a pod that may not restart', () => {
    expect(reboot('Never').pod('web')?.status?.phase).toBe('Failed');
  });
});

describe('a node cut off from the API server', () => {
  it('runs on; what happened is told afterwards', () => {
    const node = running();
    const heal = node.network.cut(nodeParty(NODE), 'control-plane');
    node.runUntil('110s');
    node.runtime.exit('default/web', 'c', 1);
    node.runUntil('200s');
    expect(node.pod('web')?.status?.containerStatuses?.[0]?.restartCount).toBe(0);
    const uid = node.pod('web')?.metadata.uid as string;
    expect(node.runtime.pod(uid)?.containers[0]).toMatchObject({ state: 'running', restartCount: 1 });
    heal();
    node.runUntil('260s');
    expect(node.pod('web')?.status?.containerStatuses?.[0]).toMatchObject({ restartCount: 1, ready: true });
  });
});

describe('a status that somebody else changed', () => {
  // As the node lifecycle controller marks pods of a silent node: mended by the pass over all statuses, each 10 s.
  it('is put right within 10 s', () => {
    const node = running();
    const condition = { type: 'Ready', status: 'False' };
    node.user.patchStatus(
      'Pod',
      'default/web',
      (pod) => ({ ...pod, status: { ...pod.status, conditions: withCondition(pod.status?.conditions, condition) } }),
      () => {},
    );
    node.runUntil('101s');
    expect(node.when('web', (pod) => !isReady(pod), 100)).toBeLessThan(100.1);
    node.runUntil('111s');
    expect(isReady(node.pod('web'))).toBe(true);
  });
});

describe('what makes a node not ready', () => {
  const nodeReady = (node: ANode): string => {
    const ready = node.server.get('Node', NODE)?.status?.conditions?.find(({ type }) => type === 'Ready');
    return `${ready?.status} ${ready?.message}`;
  };

  // The runtime is asked each 5 s, the status is computed each 10 to 10.4 s.
  it('is told of a network plugin that fails within 15.4 s', () => {
    const node = running();
    expect(nodeReady(node)).toBe('True kubelet is posting ready status');
    const heal = node.runtime.breakNetworkPlugin();
    node.runUntil('115.5s');
    expect(nodeReady(node)).toMatch(/^False container runtime network not ready: NetworkReady=false/);
    // Nothing happens to what runs.
    expect(isReady(node.pod('web'))).toBe(true);
    heal();
    node.runUntil('131s');
    expect(nodeReady(node)).toMatch(/^True/);
  });

  // Down 30 s after the last good answer, which is at most 5 s old when it begins to hang.
  it('is told of a runtime that hangs after 25 to 40.4 s, and of relists that do not end after 3 minutes', () => {
    const node = running();
    const heal = node.runtime.hang();
    node.runUntil('124.9s');
    expect(nodeReady(node)).toMatch(/^True/);
    node.runUntil('141s');
    expect(nodeReady(node)).toBe('False container runtime is down');
    node.runUntil('300s');
    expect(nodeReady(node)).toMatch(
      /^False \[container runtime is down, PLEG is not healthy: pleg was last seen active /,
    );
    heal();
    node.runUntil('320s');
    expect(nodeReady(node)).toMatch(/^True/);
  });

  it('a runtime that hangs holds everything up that is to happen to pods', () => {
    const node = running();
    const heal = node.runtime.hang();
    node.runUntil('150s');
    node.apply({ name: 'late', spec: {} });
    node.runUntil('200s');
    expect(node.pod('late')?.status?.containerStatuses).toBeUndefined();
    expect(isReady(node.pod('web'))).toBe(true);
    heal();
    // The loop looks again within 5 s of the runtime's next good answer, which comes within 5 s.
    node.runUntil('212s');
    expect(node.pod('late')?.status?.phase).toBe('Running');
  });
});

describe('a network plugin that is not ready', () => {
  it('holds up new pods and is retried each second or so', () => {
    const node = aNode();
    const heal = node.runtime.breakNetworkPlugin();
    node.runUntil('5s');
    node.apply({ name: 'web', spec: {} });
    node.apply({ name: 'host', spec: { hostNetwork: true } });
    node.runUntil('30s');
    expect(node.pod('web')?.status?.phase).toBe('Pending');
    expect(node.pod('host')?.status).toMatchObject({ phase: 'Running', podIP: '192.168.0.1' });
    expect(node.events('web').map(({ event }) => event.reason)).toContain('NetworkNotReady');
    heal();
    node.runUntil('34s');
    expect(node.pod('web')?.status?.phase).toBe('Running');
  });
});
