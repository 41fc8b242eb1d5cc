import { isSyncPodWorthy, podLifecycleEvents } from '../../../../models/kubelet/pleg/decisions.js';
import type { RuntimeContainer, RuntimePod, RuntimeSandbox } from '../../../../models/world/index.js';

const sandbox = (isReady: boolean): RuntimeSandbox => ({
  id: 'sandbox',
  attempt: 0,
  isReady,
  isHostNetwork: false,
  hasIP: isReady,
  createdAt: 0,
  ip: isReady ? '10.244.0.2' : undefined,
  additionalIps: [],
});

const container = (state: RuntimeContainer['state']): RuntimeContainer => ({
  id: 'c',
  name: 'c',
  sandboxId: 'sandbox',
  image: 'app',
  imageRef: 'app',
  restartCount: 0,
  state,
  createdAt: 0,
  startedAt: undefined,
  finishedAt: undefined,
  exitCode: undefined,
  reason: undefined,
});

const pod = (isReady: boolean, state?: RuntimeContainer['state']): RuntimePod => ({
  uid: 'uid',
  key: 'default/web',
  sandboxes: [sandbox(isReady)],
  containers: state === undefined ? [] : [container(state)],
});

describe('what a relist finds', () => {
  it.each([
    ['a sandbox is there', undefined, pod(true), ['ContainerStarted sandbox']],
    ['a container was made', pod(true), pod(true, 'created'), ['ContainerChanged c']],
    ['it runs', pod(true, 'created'), pod(true, 'running'), ['ContainerStarted c']],
    ['it ended', pod(true, 'running'), pod(true, 'exited'), ['ContainerDied c']],
    ['it came and ended between two relists', pod(true), pod(true, 'exited'), ['ContainerDied c']],
    ['it was removed after its end', pod(true, 'exited'), pod(true), ['ContainerRemoved c']],
    ['it vanished while it ran', pod(true, 'running'), pod(true), ['ContainerDied c', 'ContainerRemoved c']],
    ['the sandbox stopped', pod(true), pod(false), ['ContainerDied sandbox']],
    ['nothing new', pod(true, 'running'), pod(true, 'running'), []],
  ] as const)('%s', (_, before, after, expected) => {
    expect(podLifecycleEvents(before, after).map(({ type, id }) => `${type} ${id}`)).toEqual(expected);
  });

  it('is looked into only when something started or died', () => {
    const worthy = (['ContainerStarted', 'ContainerDied', 'ContainerRemoved', 'ContainerChanged'] as const).filter(
      (type) => isSyncPodWorthy({ type, id: 'c' }),
    );
    expect(worthy).toEqual(['ContainerStarted', 'ContainerDied']);
  });
});
