import { milliseconds, seconds } from '../../../engine/index.js';
import type { ConfigMap, Pod } from '../../../models/api/index.js';
import type { Draft, Reply } from '../../../models/client-go/index.js';
import { anApiServer } from '../../helpers/an-api-server.js';

const configMap = (name: string): Draft<ConfigMap> => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data: { a: '1' },
});

const pod = (name: string): Draft<Pod> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'main', image: 'nginx' }], terminationGracePeriodSeconds: 30 },
});

describe('a request', () => {
  it('acts in the server after half its latency and is answered after all of it', () => {
    const { user, server, simulation } = anApiServer({ apiCall: milliseconds(4) });
    const answered: number[] = [];
    user.create('ConfigMap', configMap('a'), () => answered.push(simulation.now));
    simulation.runUntil(milliseconds(2) - 1);
    expect(server.get('ConfigMap', 'default/a')).toBeUndefined();
    simulation.runUntil(milliseconds(2));
    expect(server.get('ConfigMap', 'default/a')).toBeDefined();
    simulation.runUntil(seconds(1));
    expect(answered).toEqual([milliseconds(4)]);
  });

  it('waits for the token bucket: 100 creations at 20 a second with a burst of 30 take 3.5 s', () => {
    const { server, simulation } = anApiServer();
    const client = server.client({ name: 'controller', from: 'control-plane', qps: 20, burst: 30 });
    const answered: number[] = [];
    for (let i = 0; i < 100; i++) {
      client.create('ConfigMap', configMap(`c${i}`), () => answered.push(simulation.now));
    }
    simulation.runUntil(seconds(10));
    // 30 tokens at once, then one each 50 ms: the hundredth after 70 × 50 ms.
    expect(answered[29]).toBe(0);
    expect(answered[30]).toBe(milliseconds(50));
    expect(answered[99]).toBe(milliseconds(3500));
  });

  it('of a process that died is carried out if it was on its way, never answered, and dropped if it still waited', () => {
    const { server, simulation } = anApiServer({ apiCall: milliseconds(4) });
    const client = server.client({ name: 'controller', from: 'control-plane', qps: 1, burst: 1 });
    const answers: string[] = [];
    client.create('ConfigMap', configMap('sent'), () => answers.push('sent'));
    client.create('ConfigMap', configMap('waiting'), () => answers.push('waiting'));
    simulation.runUntil(milliseconds(1));
    client.abandon();
    simulation.runUntil(seconds(10));
    expect(server.get('ConfigMap', 'default/sent')).toBeDefined();
    expect(server.get('ConfigMap', 'default/waiting')).toBeUndefined();
    expect(answers).toEqual([]);
  });

  it('into a cut fails at the client’s time-out, and gets through when TCP repeats it in time', () => {
    const { server, simulation, network } = anApiServer({ apiCall: milliseconds(4) });
    const client = server.client({ name: 'kubelet', from: 'node/n1', qps: 0, burst: 0, timeout: seconds(10) });
    const heal = network.cut('node/n1', 'control-plane');
    const outcomes: [string, number][] = [];
    const note = (name: string) => (reply: Reply<ConfigMap>) =>
      outcomes.push([`${name} ${reply.ok || reply.error.reason}`, simulation.now]);
    client.create('ConfigMap', configMap('early'), note('early'));
    simulation.runUntil(seconds(8));
    client.create('ConfigMap', configMap('late'), note('late'));
    simulation.runUntil(seconds(11));
    heal();
    simulation.runUntil(seconds(60));
    expect(server.get('ConfigMap', 'default/early')).toBeUndefined();
    // Lost at 8.002 s; sent again 0.2, 0.6, 1.4 and 3.0 s later: the last, at 11.002 s, gets through.
    expect(outcomes).toEqual([
      ['early Unreachable', seconds(10)],
      ['late true', seconds(11) + milliseconds(4)],
    ]);
  });
});

describe('an update', () => {
  it('of a version that is not in force is a Conflict with the words of the real server', () => {
    const { user, settle } = anApiServer();
    let read: ConfigMap | undefined;
    let reply: Reply<ConfigMap> | undefined;
    user.create('ConfigMap', configMap('a'), (created) => {
      if (created.ok) {
        read = created.object;
      }
    });
    settle();
    user.patch(
      'ConfigMap',
      'default/a',
      (now) => ({ ...now, data: { a: '2' } }),
      () => {},
    );
    settle();
    user.update('ConfigMap', { ...(read as ConfigMap), data: { a: '3' } }, (answer) => {
      reply = answer;
    });
    settle();
    expect(reply).toEqual({
      ok: false,
      error: {
        reason: 'Conflict',
        code: 409,
        message:
          'Operation cannot be fulfilled on configmaps "a": the object has been modified; ' +
          'please apply your changes to the latest version and try again',
      },
    });
  });

  it('by a patch goes through whatever the version, unless the patch names a version or an object', () => {
    const { server } = anApiServer();
    const { registry } = server;
    registry.create('ConfigMap', configMap('a'));
    const patchedWith = (metadata: Partial<ConfigMap['metadata']>, a: string) =>
      registry.patch('ConfigMap', 'default/a', (now) => ({
        ...now,
        metadata: { ...now.metadata, ...metadata },
        data: { a },
      }));
    expect(patchedWith({}, '2').ok).toBe(true);
    expect(patchedWith({ resourceVersion: '1' }, '3')).toMatchObject({ ok: false, error: { reason: 'Conflict' } });
    expect(patchedWith({ uid: 'x' }, '3')).toMatchObject({
      ok: false,
      error: { message: 'ConfigMap "a" is invalid: metadata.uid: Invalid value: "x": field is immutable' },
    });
    expect(server.get('ConfigMap', 'default/a')?.data).toEqual({ a: '2' });
  });

  it('that changes nothing makes no new version', () => {
    const { user, server, settle } = anApiServer();
    user.create('ConfigMap', configMap('a'), () => {});
    settle();
    const before = server.get('ConfigMap', 'default/a');
    user.patch(
      'ConfigMap',
      'default/a',
      (now) => ({ ...now, data: { a: '1' } }),
      () => {},
    );
    settle();
    expect(server.get('ConfigMap', 'default/a')).toBe(before);
  });

  it('counts a generation for a new spec only, keeps the status, and …/status keeps the spec', () => {
    const { user, server, settle } = anApiServer();
    user.create('Pod', pod('p'), () => {});
    settle();
    user.patchStatus(
      'Pod',
      'default/p',
      (now) => ({ ...now, spec: { containers: [] }, status: { phase: 'Running' } }),
      () => {},
    );
    settle();
    expect(server.get('Pod', 'default/p')).toMatchObject({
      metadata: { generation: 1 },
      spec: { containers: [{ name: 'main' }] },
      status: { phase: 'Running' },
    });
    user.patch(
      'Pod',
      'default/p',
      (now) => ({ ...now, spec: { ...now.spec, activeDeadlineSeconds: 5 }, status: { phase: 'Failed' } }),
      () => {},
    );
    settle();
    expect(server.get('Pod', 'default/p')).toMatchObject({ metadata: { generation: 2 }, status: { phase: 'Running' } });
  });
});

describe('an informer', () => {
  it('lists, then hears of every write after the watch’s latency, in order', () => {
    const { user, informers, simulation } = anApiServer({ apiCall: milliseconds(4), watchDelivery: milliseconds(3) });
    const heard: string[] = [];
    informers.informer('ConfigMap').onChange({
      added: ({ metadata }) => heard.push(`+${metadata.name} at ${simulation.now}`),
      modified: ({ metadata }) => heard.push(`~${metadata.name} at ${simulation.now}`),
      deleted: ({ metadata }) => heard.push(`-${metadata.name} at ${simulation.now}`),
    });
    user.create('ConfigMap', configMap('b'), () => {});
    user.create('ConfigMap', configMap('a'), () => {});
    simulation.runUntil(seconds(1));
    informers.start();
    simulation.runUntil(seconds(2));
    user.delete('ConfigMap', 'default/a', {}, () => {});
    user.create('ConfigMap', configMap('c'), () => {});
    simulation.runUntil(seconds(3));
    // Lists are in order of keys; a write at 2.002 s is heard of 3 ms later.
    expect(heard).toEqual(['+a at 1004000', '+b at 1004000', '-a at 2005000', '+c at 2005000']);
  });
});
