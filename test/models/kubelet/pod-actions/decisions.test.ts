import fc from 'fast-check';
import type { Container, Pod, PodSpec } from '../../../../models/api/index.js';
import {
  computePodActions,
  type PodActions,
  type PodRuntimeStatus,
  type ProbeResults,
  podSandboxChange,
  type RuntimeContainerStatus,
  type RuntimeSandboxStatus,
  shouldAllContainersRestart,
} from '../../../../models/kubelet/pod-actions/index.js';
import { defaultsFor } from '../../../../models/versions/index.js';

const gatesOf = (version: string) => defaultsFor(version)!.features;
const NO_PROBES: ProbeResults = { liveness: () => undefined, startup: () => undefined };

const aPod = (spec: Partial<PodSpec>, metadata: Partial<Pod['metadata']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', ...metadata },
  spec: { containers: [{ name: 'app', image: 'app:1' }], ...spec },
});

const SANDBOX: RuntimeSandboxStatus = { id: 's1', attempt: 0, isReady: true, isHostNetwork: false, hasIP: true };

const instance = (name: string, rest: Partial<RuntimeContainerStatus>): RuntimeContainerStatus => ({
  id: name,
  name,
  sandboxId: 's1',
  state: 'running',
  image: `${name}:1`,
  ...rest,
});

const runtime = (...containers: RuntimeContainerStatus[]): PodRuntimeStatus => ({ sandboxes: [SANDBOX], containers });

const act = (pod: Pod, status: PodRuntimeStatus, version = '1.37', probes = NO_PROBES): PodActions =>
  computePodActions(pod, status, probes, false, gatesOf(version));

describe('what a sync of a pod does', () => {
  it.each(['1.37', '1.23'])('begins with a sandbox and the first init container in %s', (version) => {
    const pod = aPod({ initContainers: [{ name: 'migrate' }, { name: 'warm' }] });
    expect(act(pod, { sandboxes: [], containers: [] }, version)).toMatchObject({
      createSandbox: true,
      attempt: 0,
      initContainersToStart: [0],
      containersToStart: [],
    });
  });

  it.each(['1.37', '1.23'])(
    'goes on to the next init container after an exit with 0, then to the regular ones, in %s',
    (version) => {
      const pod = aPod({ initContainers: [{ name: 'migrate' }, { name: 'warm' }] });
      const migrated = instance('migrate', { state: 'exited', exitCode: 0 });
      expect(act(pod, runtime(migrated), version).initContainersToStart).toEqual([1]);
      const running = runtime(migrated, instance('warm', {}));
      expect(act(pod, running, version)).toMatchObject({ initContainersToStart: [], containersToStart: [] });
      const warmed = runtime(migrated, instance('warm', { state: 'exited', exitCode: 0 }));
      expect(act(pod, warmed, version)).toMatchObject({ initContainersToStart: [], containersToStart: [0] });
    },
  );

  it.each(['1.37', '1.23'])(
    'gives up a Never pod whose init container failed, also one killed for memory, in %s',
    (version) => {
      const pod = aPod({ restartPolicy: 'Never', initContainers: [{ name: 'migrate' }] });
      expect(act(pod, runtime(instance('migrate', { state: 'exited', exitCode: 1 })), version).killPod).toBe(true);
      const always = aPod({ initContainers: [{ name: 'migrate' }] });
      const killed = runtime(instance('migrate', { state: 'exited', exitCode: 0, reason: 'OOMKilled' }));
      expect(act(always, killed, version).initContainersToStart).toEqual([0]);
    },
  );

  it('starts the next container once a sidecar runs and its startup probe succeeded', () => {
    const proxy: Container = { name: 'proxy', image: 'proxy:1', restartPolicy: 'Always', startupProbe: {} };
    const pod = aPod({ initContainers: [proxy] });
    const status = runtime(instance('proxy', {}));
    const withStartup = (result: 'Success' | 'Unknown'): ProbeResults => ({ ...NO_PROBES, startup: () => result });
    expect(act(pod, status, '1.37', withStartup('Unknown')).containersToStart).toEqual([]);
    expect(act(pod, status, '1.37', withStartup('Success')).containersToStart).toEqual([0]);
  });

  it('stops the pod, sidecars included, when no regular container runs or will', () => {
    const proxy: Container = { name: 'proxy', image: 'proxy:1', restartPolicy: 'Always' };
    const pod = aPod({ restartPolicy: 'Never', initContainers: [proxy] });
    const status = runtime(
      instance('app', { state: 'exited', exitCode: 0 }),
      instance('proxy', { state: 'exited', exitCode: 1 }),
    );
    expect(act(pod, status)).toMatchObject({ killPod: true, createSandbox: false, initContainersToStart: [] });
  });

  it('kills a container that failed its liveness probe and starts it in the same sync, or not at all under Never', () => {
    const failing: ProbeResults = { ...NO_PROBES, liveness: () => 'Failure' };
    expect(act(aPod({}), runtime(instance('app', {})), '1.37', failing)).toMatchObject({
      containersToStart: [0],
      containersToKill: [
        { message: 'Container app failed liveness probe, will be restarted', reason: 'LivenessProbe' },
      ],
    });
    expect(act(aPod({ restartPolicy: 'Never' }), runtime(instance('app', {})), '1.37', failing)).toMatchObject({
      killPod: true,
      containersToStart: [],
    });
  });

  it('begins again in a new sandbox after a reboot, without an init container that 1.23 and 1.37 both run again', () => {
    const rebooted: PodRuntimeStatus = {
      sandboxes: [{ ...SANDBOX, isReady: false }],
      containers: [instance('app', { state: 'exited', exitCode: 255 })],
    };
    expect(act(aPod({}), rebooted)).toMatchObject({ createSandbox: true, attempt: 1, containersToStart: [0] });
    expect(act(aPod({ restartPolicy: 'Never' }), rebooted)).toMatchObject({ killPod: true, createSandbox: false });
  });

  it('lets a container rule restart where the pod would not, in 1.37 only', () => {
    const app: Container = {
      name: 'app',
      image: 'app:1',
      restartPolicy: 'Never',
      restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
    };
    const pod = aPod({ restartPolicy: 'Never', containers: [app] });
    const status = runtime(instance('app', { state: 'exited', exitCode: 42 }));
    expect(act(pod, status).containersToStart).toEqual([0]);
    expect(act(pod, status, '1.23')).toMatchObject({ killPod: true, containersToStart: [] });
  });

  it('removes every container, the one that asked for it last, when a rule restarts them all', () => {
    const rule = { action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [88] } };
    const app: Container = { name: 'app', image: 'app:1', restartPolicy: 'Never', restartPolicyRules: [rule] };
    const pod = aPod({ containers: [app, { name: 'log', image: 'log:1' }] });
    const status = runtime(instance('app', { state: 'exited', exitCode: 88 }), instance('log', {}));
    expect(shouldAllContainersRestart(pod, status, undefined)).toBe(true);
    expect(computePodActions(pod, status, NO_PROBES, true, gatesOf('1.37')).containersToReset).toEqual([
      { id: 'log', name: 'log', kill: true },
      { id: 'app', name: 'app', kill: false },
    ]);
  });

  it('never starts what runs, nor anything of a deleted pod', () => {
    const states = fc.record({
      state: fc.constantFrom('created' as const, 'running' as const, 'exited' as const, 'unknown' as const),
      exitCode: fc.constantFrom(0, 1),
    });
    const policies = fc.constantFrom('Always', 'OnFailure', 'Never');
    const versions = fc.constantFrom('1.37', '1.23');
    fc.assert(
      fc.property(
        fc.array(fc.option(states), { minLength: 3, maxLength: 3 }),
        policies,
        versions,
        (found, policy, version) => {
          const names = ['a', 'b', 'c'];
          const spec = { restartPolicy: policy, containers: names.map((name) => ({ name, image: `${name}:1` })) };
          const containers = found.flatMap((state, i) => (state ? [instance(names[i]!, state)] : []));
          const actions = act(aPod(spec), runtime(...containers), version);
          const running = names.flatMap((_, i) => (found[i]?.state === 'running' ? [i] : []));
          expect(actions.containersToStart.filter((i) => running.includes(i))).toEqual([]);
          expect(actions.killPod).toBe(running.length === 0 && actions.containersToStart.length === 0);
          const deleted = aPod(spec, { deletionTimestamp: 0 });
          expect(act(deleted, runtime(...containers), version).containersToStart).toEqual([]);
        },
      ),
    );
  });
});

describe('a new sandbox', () => {
  it.each([
    ['no pod sandbox exists', { sandboxes: [], containers: [] }, 0],
    ['pod sandbox is not ready', { sandboxes: [{ ...SANDBOX, isReady: false }], containers: [] }, 1],
    ['pod sandbox has no IP address', { sandboxes: [{ ...SANDBOX, hasIP: false }], containers: [] }, 1],
    [
      'multiple pod sandboxes are ready and need to be reconciled',
      { sandboxes: [SANDBOX, { ...SANDBOX, id: 's0' }], containers: [] },
      1,
    ],
  ])('is needed when %s', (problem, status, attempt) => {
    expect(podSandboxChange(aPod({}), status)).toMatchObject({ isNeeded: true, problem, attempt });
  });
});
