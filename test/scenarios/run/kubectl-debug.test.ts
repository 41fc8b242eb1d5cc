import { toSeconds } from '../../../engine/index.js';
import { startRun } from '../../../scenarios/index.js';

const WEB = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'web:1', readinessProbe: { httpGet: { path: '/', port: 80 } } }] },
};

/** A pod on one of two nodes, and commands on it; images are there after 4.5 s. */
function play(commands: readonly string[], runFor = '3m') {
  const run = startRun(
    JSON.stringify({
      apiVersion: 'kubewhen/v1',
      kind: 'Scenario',
      metadata: { name: 'debug' },
      spec: {
        seed: 3,
        runFor,
        cluster: { pools: [{ name: 'node', count: 2, taints: ['dedicated=web:PreferNoSchedule'] }] },
        manifests: [WEB],
        behaviours: [{ start: '1s' }],
        actions: commands.map((kubectl, i) => ({ at: `${60 + i}s`, kubectl })),
      },
    }),
  );
  const { actions, failedActions } = run.finish();
  return { lines: actions.map(({ line }) => line), failedActions, cluster: run.cluster };
}

describe('kubectl debug', () => {
  it('starts one more container in a pod that runs', () => {
    const { lines, cluster } = play(['debug -it web --image=busybox --target=c']);
    const pod = cluster.get('Pod', 'default/web');
    const [container] = pod?.spec.ephemeralContainers ?? [];
    expect(container?.name).toMatch(/^debugger-[bcdfghj-np-tv-z2-9]{5}$/);
    expect(container).toMatchObject({ image: 'busybox', targetContainerName: 'c', imagePullPolicy: 'Always' });
    expect(lines.at(-1)).toBe(`Defaulting debug container name to ${container?.name}.`);
    const [status] = pod?.status?.ephemeralContainerStatuses ?? [];
    // Asked for at 60 s; the image of a default size takes some seconds, the start one.
    const startedAt = toSeconds(status?.state?.running?.startedAt as number);
    expect(startedAt).toBeGreaterThan(61);
    expect(startedAt).toBeLessThan(75);
    expect(pod?.status?.containerStatuses?.[0]?.restartCount).toBe(0);
  });

  it('is refused a target that there is not', () => {
    const { lines, failedActions } = play(['debug web --image=busybox --target=nobody']);
    expect(lines.at(-1)).toContain('spec.ephemeralContainers[0].targetContainerName: Not found: "nobody"');
    expect(failedActions).toBe(1);
  });

  it('of a node runs a pod in the namespaces of the host', () => {
    const { lines, cluster } = play(['debug node/node-1 -it --image=busybox']);
    const [, name = ''] =
      /^Creating debugging pod (\S+) with container debugger on node node-1\.$/.exec(lines[0] ?? '') ?? [];
    const pod = cluster.get('Pod', `default/${name}`);
    expect(name).toMatch(/^node-debugger-node-1-/);
    expect(pod?.spec).toMatchObject({ nodeName: 'node-1', hostNetwork: true, hostPID: true });
    expect(pod?.status?.phase).toBe('Running');
  });

  it('of a copy leaves the pod alone, and no Service finds the copy', () => {
    const { cluster } = play(['debug web --copy-to=web-debug --set-image=*=web:2 --same-node']);
    const [pod, copy] = ['web', 'web-debug'].map((name) => cluster.get('Pod', `default/${name}`));
    expect(copy?.metadata.labels).toBeUndefined();
    expect(copy?.spec.containers.map(({ image, readinessProbe }) => [image, readinessProbe])).toEqual([
      ['web:2', undefined],
    ]);
    expect(copy?.spec.nodeName).toBe(pod?.spec.nodeName);
    expect(pod?.spec.containers[0]?.image).toBe('web:1');
  });

  it('can take the place of the pod', () => {
    const { cluster } = play(['debug web --copy-to=web-debug --image=busybox -c tools --replace']);
    expect(cluster.get('Pod', 'default/web')).toBeUndefined();
    expect(cluster.get('Pod', 'default/web-debug')?.spec.containers.map(({ name }) => name)).toEqual(['c', 'tools']);
  });
});
