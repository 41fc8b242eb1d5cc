import { seconds } from '../../../engine/index.js';
import { type MemoryRun, readScenario, startRun } from '../../../scenarios/index.js';

const scenario = (workloads: string, seed = 1): string =>
  `apiVersion: kubewhen/v1\nkind: Scenario\nmetadata: {name: load}\nspec:\n  seed: ${seed}\n  runFor: 10m\n  cluster: {pools: [{name: w, count: 2}]}\n  workloads:\n  ${workloads}\n`;

const POD = 'template: {spec: {containers: [{name: main, image: "task:1", resources: {requests: {cpu: 100m}}}]}}';

const arrivals = (run: MemoryRun): readonly number[] =>
  run.rows('pods').flatMap(({ at, row }) => (row.change === 'added' ? [at] : []));

describe('arrivals', () => {
  it('come every so often, run for their time and are Succeeded', () => {
    const run = startRun(scenario(`- {kind: Arrivals, name: batch, every: 10s, count: 3, duration: 30s, ${POD}}`));
    run.finish();
    const created = arrivals(run).map((at) => Math.floor(at / seconds(1)));
    expect(created).toEqual([10, 20, 30]); // the first gap begins at zero; requests take milliseconds
    expect([...run.cluster.list('Pod')].map(({ metadata, status }) => [metadata.name, status?.phase])).toEqual([
      ['batch-0', 'Succeeded'],
      ['batch-1', 'Succeeded'],
      ['batch-2', 'Succeeded'],
    ]);
  });

  it('with exponential gaps are a Poisson process of the seed', () => {
    const at = (seed: number): readonly number[] => {
      const text = `- {kind: Arrivals, every: {exponential: {mean: 2s}}, from: 1m, until: 9m, duration: 5s, ${POD}}`;
      const run = startRun(scenario(text, seed));
      run.finish();
      return arrivals(run);
    };
    const first = at(1);
    expect(first).toEqual(at(1));
    expect(first).not.toEqual(at(2));
    // 480 s / 2 s = 240 arrivals, standard deviation √240 = 15.5: within four of them.
    expect(Math.abs(first.length - 240)).toBeLessThan(62);
    expect(Math.min(...first)).toBeGreaterThan(seconds(60));
    expect(Math.max(...first)).toBeLessThan(seconds(541));
  });

  it('need a template', () => {
    expect(() => readScenario(scenario('- {kind: Arrivals, every: 1s}'))).toThrow(
      /spec\.workloads\[0\]\.template: missing: a pod template must stand here \(MISSING_FIELD\)/,
    );
  });
});

describe('replicas', () => {
  it('are copies of an object with their index in its texts', () => {
    const object =
      '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 2, selector: {matchLabels: {app: "web-$(INDEX)"}}, template: {metadata: {labels: {app: "web-$(INDEX)"}}, spec: {containers: [{name: c, image: "web:1"}]}}}}';
    const run = startRun(scenario(`- {kind: Replicas, count: 3, at: 1m, object: ${object}}`));
    run.runUntil(seconds(59));
    expect([...run.cluster.list('Deployment')]).toHaveLength(0);
    run.finish();
    expect(
      [...run.cluster.list('Deployment')].map(({ metadata, status }) => [metadata.name, status?.readyReplicas]),
    ).toEqual([
      ['web-0', 2],
      ['web-1', 2],
      ['web-2', 2],
    ]);
  });

  it('that the API server refuses are told, twenty of them, and the rest is counted', () => {
    const pod =
      '{apiVersion: v1, kind: Pod, metadata: {name: same, labels: {copy: "$(INDEX)"}}, spec: {containers: [{name: "c$(INDEX)", image: "x:1", resources: {requests: {cpu: 2}, limits: {cpu: 1}}}]}}';
    const { actions } = startRun(scenario(`- {kind: Replicas, name: many, count: 50, object: ${pod}}`)).finish();
    expect(actions).toHaveLength(21);
    expect(actions[0]?.line).toMatch(/Pod "same-0" is invalid: .*must be less than or equal to cpu limit/);
    expect(actions[20]?.line).toBe('… and 30 more objects of many were refused');
  });
});

it('a workload of no kind, or of two names, is refused', () => {
  expect(() => readScenario(scenario('- {kind: Arivals, every: 1s}'))).toThrow(
    /spec\.workloads\[0\]\.kind: no workload is called "Arivals" \(UNKNOWN_KIND\)\. Did you mean "Arrivals"\?/,
  );
  const twice = `- {kind: Arrivals, name: a, every: 1s, ${POD}}\n  - {kind: Arrivals, name: a, every: 1s, ${POD}}`;
  expect(() => readScenario(scenario(twice))).toThrow(/there is a workload a already \(DUPLICATE_NAME\)/);
});
