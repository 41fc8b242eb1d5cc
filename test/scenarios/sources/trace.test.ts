import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seconds } from '../../../engine/index.js';
import type { Pod } from '../../../models/api/index.js';
import { readScenario, ScenarioError, startRun } from '../../../scenarios/index.js';
import type { Scenario } from '../../../scenarios/run/scenario.js';
import { ROOT } from '../../tidy/source-files.js';

const scenario = (workload: string, nodes = '{pools: [{name: w, count: 1}]}'): string =>
  `apiVersion: kubewhen/v1\nkind: Scenario\nmetadata: {name: replay}\nspec:\n  runFor: 1h\n  cluster: ${nodes}\n  workloads:\n  - ${workload}\n`;

const read = (workload: string, files: Readonly<Record<string, string>>, nodes?: string): Scenario =>
  readScenario(scenario(workload, nodes), files);

/** What the workload creates: when, name, and the pod. */
function arrivalsOf(text: string, files: Readonly<Record<string, string>>): readonly { at: number; pod: Pod }[] {
  const run = startRun(scenario(text), { files });
  const arrivals = run.scenario.workloads[0]?.begin(run.simulation);
  const found: { at: number; pod: Pod }[] = [];
  for (let next = arrivals?.next(); next && !next.done; next = arrivals?.next()) {
    found.push({ at: next.value.at, pod: next.value.object as unknown as Pod });
  }
  return found;
}

function complaintOf(workload: string, files: Readonly<Record<string, string>>, nodes?: string): string {
  try {
    read(workload, files, nodes);
    return '';
  } catch (error) {
    if (error instanceof ScenarioError) {
      return error.message;
    }
    throw error;
  }
}

const requestsOf = (pod: Pod | undefined) => pod?.spec.containers[0]?.resources?.requests;

const OPENB_HEADER =
  'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\n';
const OPENB = `${OPENB_HEADER}openb-pod-0,12000,16384,1,1000,,LS,Running,10,110,30
openb-pod-1,6000,12288,1,460,V100M16|V100M32,BE,Pending,20,50,
openb-pod-2,8000,30720,0,0,,LS,Succeeded,5,6,5
`;
const OPENB_TRACE = '{kind: Trace, name: openb, format: openb, pods: pods.csv}';

describe('openb', () => {
  it('pods arrive when they were created, in order of time, with their requests and GPUs', () => {
    const arrivals = arrivalsOf(OPENB_TRACE, { 'pods.csv': OPENB });
    expect(arrivals.map(({ at, pod }) => [at, pod.metadata.name])).toEqual([
      [seconds(5), 'openb-pod-2'],
      [seconds(10), 'openb-pod-0'],
      [seconds(20), 'openb-pod-1'],
    ]);
    expect(arrivals.map(({ pod }) => requestsOf(pod))).toEqual([
      { cpu: '8000m', memory: '30720Mi' },
      { cpu: '12000m', memory: '16384Mi', 'alibabacloud.com/gpu-milli': '1000', 'nvidia.com/gpu': '1' },
      { cpu: '6000m', memory: '12288Mi', 'alibabacloud.com/gpu-milli': '460' },
    ]);
    expect(arrivals[2]?.pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution).toEqual({
      nodeSelectorTerms: [
        {
          matchExpressions: [
            { key: 'alibabacloud.com/gpu-card-model', operator: 'In', values: ['V100M16', 'V100M32'] },
          ],
        },
      ],
    });
    expect(arrivals[1]?.pod.metadata.labels).toEqual({ qos: 'LS', 'kubewhen/workload': 'openb' });
  });

  it('pods run from their start to their end, from their arrival if they never started', () => {
    const { behaviourOf } = read(OPENB_TRACE, { 'pods.csv': OPENB });
    const exitOf = (name: string) =>
      behaviourOf({ key: `default/${name}`, labels: {}, annotations: {}, container: 'main' }).exits?.[0]?.after;
    expect(exitOf('openb-pod-0')).toEqual({ kind: 'constant', value: seconds(80) }); // 110 − 30
    expect(exitOf('openb-pod-1')).toEqual({ kind: 'constant', value: seconds(30) }); // 50 − 20
  });

  it('pods that end free their place: the second of two that fill a node runs when the first has ended', () => {
    const run = startRun(
      scenario(
        '{kind: Trace, format: csv, pods: p.csv, columns: {name: job, arrival: t, duration: d, requests: {cpu: c}}}',
      ),
      { files: { 'p.csv': 'job,t,d,c\nfirst,10,60,3\nsecond,20,60,3\n' } },
    );
    run.runUntil(seconds(60));
    expect(run.cluster.get('Pod', 'default/second')?.spec.nodeName).toBeUndefined();
    run.runUntil(seconds(200));
    expect(run.cluster.get('Pod', 'default/first')?.status?.phase).toBe('Succeeded');
    expect(run.cluster.get('Pod', 'default/second')?.status?.phase).toBe('Succeeded');
  });

  it('nodes have their GPUs, whole and in thousandths, and the model as a label', () => {
    const nodes = 'sn,cpu_milli,memory_mib,gpu,model\nn-0,32000,262144,0,\nn-1,96000,393216,8,G2\n';
    const read1 = read(
      OPENB_TRACE,
      { 'pods.csv': OPENB, 'nodes.csv': nodes },
      '{nodes: {kind: Trace, format: openb, nodes: nodes.csv}}',
    );
    expect(read1.nodes.map(({ name, labels, capacity }) => ({ name, labels, capacity }))).toEqual([
      {
        name: 'n-0',
        labels: {},
        capacity: { cpu: '32000m', memory: '262144Mi', pods: '110', 'ephemeral-storage': '100Gi' },
      },
      {
        name: 'n-1',
        labels: { 'alibabacloud.com/gpu-card-model': 'G2' },
        capacity: {
          cpu: '96000m',
          memory: '393216Mi',
          pods: '110',
          'ephemeral-storage': '100Gi',
          'nvidia.com/gpu': '8',
          'alibabacloud.com/gpu-milli': '8k',
        },
      },
    ]);
  });

  it('a negative number, a share of two GPUs and an end before the start are told with file, line and column', () => {
    const rows = `p-0,-12000,16384,1,1000,,LS,Running,0,100,0
p-1,12000,16384,2,500,,LS,Running,0,100,0
p-2,12000,16384,1,1000,,LS,Running,0,100,200
p-3,12000,16384,1,1000,,LS,Running,-1,100,0
p-4,12000,16384
p-0,12000,16384,1,1000,,LS,Running,0,100,0
`;
    expect(complaintOf(OPENB_TRACE, { 'pods.csv': OPENB_HEADER + rows }).split('\n')).toEqual([
      'pods.csv:2:5 cpu_milli: "-12000" is below zero (BAD_QUANTITY). Expected 0 or more',
      'pods.csv:3:19 gpu_milli: "500" does not fit (BAD_QUANTITY). Expected 1000: only one GPU a pod can be shared',
      'pods.csv:4:38 deletion_time: the pod ends at 100, before it starts at 200 (BAD_VALUE)',
      'pods.csv:5:36 creation_time: "-1" is below zero (BAD_DURATION). Expected 0 or more',
      'pods.csv:6:16 num_gpu: 3 cells in this row, 11 columns in the header (BAD_VALUE)',
      'pods.csv:7:1 name: there is a pod p-0 already (DUPLICATE_NAME)',
    ]);
  });

  it('a missing column is told once, with those that are there', () => {
    const text = OPENB.replace('cpu_milli', 'cpu_mili');
    expect(complaintOf(OPENB_TRACE, { 'pods.csv': text })).toBe(
      'pods.csv:1:1: there is no column "cpu_milli"; the columns are name, cpu_mili, memory_mib, num_gpu, gpu_milli, gpu_spec, ' +
        'qos, pod_phase, creation_time, deletion_time, scheduled_time (MISSING_FIELD). Did you mean "cpu_mili"?',
    );
  });

  it('of 100,000 bad rows twenty are shown and the rest is counted', () => {
    const bad = Array.from({ length: 100_000 }, (_, i) => `p-${i},-1,1,0,0,,LS,Running,0,1,0`).join('\n');
    const lines = complaintOf(OPENB_TRACE, { 'pods.csv': `${OPENB_HEADER}${bad}\n` }).split('\n');
    expect(lines).toHaveLength(21);
    expect(lines[19]).toBe('pods.csv:21:6 cpu_milli: "-1" is below zero (BAD_QUANTITY). Expected 0 or more');
    expect(lines[20]).toBe('… and 99980 more');
  });
});

const CSV =
  '{kind: Trace, name: jobs, format: csv, pods: jobs.csv, columns: {arrival: submitted, duration: {column: took, unit: min}, requests: {cpu: cores, memory: {column: mib, unit: Mi}, nvidia.com/gpu: gpus}}}';

describe('a generic CSV', () => {
  it('is read by its columns and units; pods without a column of names are numbered', () => {
    const arrivals = arrivalsOf(CSV, {
      'jobs.csv': '"submitted",took,cores,mib,gpus,"note, of any kind"\n60,1.5,500m,512,0,"a ""b"""\n0,,2,1,3,\n',
    });
    expect(arrivals.map(({ at, pod }) => [at, pod.metadata.name, requestsOf(pod)])).toEqual([
      [0, 'jobs-1', { cpu: '2', memory: '1Mi', 'nvidia.com/gpu': '3' }],
      [seconds(60), 'jobs-0', { cpu: '500m', memory: '512Mi' }],
    ]);
  });

  it('with RFC 3339 times begins with the earliest, and at twice the speed takes half as long', () => {
    const trace = '{kind: Trace, name: t, format: csv, pods: t.csv, speed: 2, columns: {arrival: at, end: end}}';
    const files = { 't.csv': 'at,end\n2024-01-01T00:01:00Z,2024-01-01T00:02:00Z\n2024-01-01 00:00:00+00:00,\n' };
    expect(arrivalsOf(trace, files).map(({ at, pod }) => [at, pod.metadata.name])).toEqual([
      [0, 't-1'],
      [seconds(30), 't-0'],
    ]);
    const { behaviourOf } = read(trace, files);
    const found = behaviourOf({ key: 'default/t-0', labels: {}, annotations: {}, container: 'main' });
    expect(found.exits?.[0]?.after).toEqual({ kind: 'constant', value: seconds(30) });
  });

  it('without a header line takes the names that the scenario gives, and the zero too', () => {
    const trace =
      '{kind: Trace, name: t, format: csv, pods: t.csv, zero: 600, header: [at, cpu], columns: {arrival: at, requests: {cpu: cpu}}}';
    expect(arrivalsOf(trace, { 't.csv': '660,1\r\n600,2\r\n' }).map(({ at }) => at)).toEqual([0, seconds(60)]);
    expect(complaintOf(trace, { 't.csv': '599,1\n600,2\n' })).toMatch(
      /zero: 1 of 2 pods arrive before 600 \(BAD_VALUE\)/,
    );
  });

  it('can come at other times and in another order: every second, shuffled by the seed', () => {
    const rows = Array.from({ length: 50 }, (_, i) => `${i * 100}`).join('\n');
    const trace =
      '{kind: Trace, name: t, format: csv, pods: t.csv, every: 1s, order: shuffled, columns: {arrival: at}}';
    const arrivals = arrivalsOf(trace, { 't.csv': `at\n${rows}\n` });
    expect(arrivals.map(({ at }) => at)).toEqual(Array.from({ length: 50 }, (_, i) => seconds(i + 1)));
    const names = arrivals.map(({ pod }) => pod.metadata.name);
    expect(names).not.toEqual(Array.from({ length: 50 }, (_, i) => `t-${i}`));
    expect(new Set(names).size).toBe(50);
  });

  it('with cells that do not fit is refused with what fits', () => {
    const rows = 'soon,1,1,1,0,\n0,x,1,1,0,\n0,1,many,1,0,\n0,1,1,1,0.5,\n,1,1,1,1,\n';
    const message = complaintOf(CSV, { 'jobs.csv': `submitted,took,cores,mib,gpus,note\n${rows}` });
    expect(message.split('\n')).toEqual([
      'jobs.csv:2:1 submitted: "soon" is no time (BAD_DURATION). Expected a number of seconds, a duration such as 90s, or a time such as 2026-01-01T00:00:00Z',
      'jobs.csv:3:3 took: "x" is no time (BAD_DURATION). Expected a number of min',
      'jobs.csv:4:5 cores: "many" is no quantity (BAD_QUANTITY). Expected a quantity as Kubernetes writes it: 500m, 2, 16Gi',
      'jobs.csv:5:9 gpus: "0.5" is no whole number: nvidia.com/gpu cannot be divided (BAD_QUANTITY)',
      'jobs.csv:6:1 submitted: no arrival: expected a time (MISSING_FIELD)',
    ]);
  });

  it('with an open quote, without rows or with letters that are no UTF-8 says so', () => {
    expect(complaintOf(CSV, { 'jobs.csv': 'submitted,took,cores,mib,gpus\n0,"1,1,1,1\n' })).toBe(
      'jobs.csv:2:3: a quote that is never closed (BAD_VALUE)',
    );
    expect(complaintOf(CSV, { 'jobs.csv': 'submitted,took,cores,mib,gpus\n' })).toBe(
      'jobs.csv: no rows below the header (FILE_EMPTY)',
    );
    expect(complaintOf(CSV, { 'jobs.csv': 'submitted\u0000' })).toMatch(/is not a text in UTF-8 \(FILE_BINARY\)/);
    expect(complaintOf(CSV, {})).toMatch(/there is no file jobs.csv \(FILE_MISSING\)/);
  });

  it('gives its pods what the template says, and refuses a template that is none', () => {
    const trace = (template: string): string =>
      `{kind: Trace, name: t, format: csv, pods: t.csv, template: ${template}, columns: {arrival: at, requests: {cpu: c}}}`;
    const files = { 't.csv': 'at,c\n0,1\n' };
    const [first] = arrivalsOf(
      trace('{metadata: {labels: {app: x}}, spec: {schedulerName: mine, priorityClassName: low}}'),
      files,
    );
    expect(first?.pod.metadata.labels).toEqual({ app: 'x', 'kubewhen/workload': 't' });
    expect(first?.pod.spec).toMatchObject({ schedulerName: 'mine', priorityClassName: 'low', restartPolicy: 'Never' });
    expect(requestsOf(first?.pod)).toEqual({ cpu: '1' });
    expect(complaintOf(trace('{spec: {schedulrName: mine}}'), files)).toMatch(
      /spec\.workloads\[0\]\.template\.spec\.schedulrName: .*\(UNKNOWN_FIELD\)\. Did you mean "schedulerName"\?/,
    );
  });
});

const item = (name: string, more: object): object => ({
  metadata: {
    name,
    namespace: 'shop',
    creationTimestamp: '2024-05-01T12:00:00Z',
    ownerReferences: [{ kind: 'ReplicaSet' }],
    ...more,
  },
  spec: {
    nodeName: 'ip-10-0-0-1',
    serviceAccountName: 'cart',
    volumes: [{ name: 'kube-api-access-x', projected: { sources: [] } }],
    containers: [
      {
        name: 'server',
        image: 'shop/cart:1',
        resources: { requests: { cpu: '1' } },
        volumeMounts: [{ name: 'kube-api-access-x', mountPath: '/var' }],
      },
    ],
  },
  status: { phase: 'Running', startTime: '2024-05-01T12:00:05Z' },
});
const DUMP = '{kind: Trace, format: kubernetes, pods: pods.json}';
const dump = (...items: readonly object[]): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'PodList', metadata: {}, items }, null, 2);

describe('a dump of Kubernetes', () => {
  it('gives pods without their node, owner, account and volumes, at the time they were created, in a namespace that is made', () => {
    const files = { 'pods.json': dump(item('b', { creationTimestamp: '2024-05-01T12:01:00Z' }), item('a', {})) };
    const arrivals = arrivalsOf(DUMP, files);
    expect(arrivals.map(({ at, pod }) => [at, pod.metadata.name])).toEqual([
      [0, 'a'],
      [seconds(60), 'b'],
    ]);
    expect(arrivals[0]?.pod.metadata).toEqual({ name: 'a', namespace: 'shop', labels: {} });
    expect(arrivals[0]?.pod.spec).toEqual({
      containers: [{ name: 'server', image: 'shop/cart:1', resources: { requests: { cpu: '1' } } }],
    });
    const run = startRun(scenario(DUMP), { files });
    run.runUntil(seconds(90));
    expect([...run.cluster.list('Pod')].map(({ status }) => status?.phase)).toEqual(['Running', 'Running']);
  });

  it('ends pods that had ended, and leaves static pods and other kinds out', () => {
    const ended = {
      ...item('done', {}),
      status: {
        phase: 'Succeeded',
        startTime: '2024-05-01T12:00:10Z',
        containerStatuses: [{ state: { terminated: { finishedAt: '2024-05-01T12:05:00Z' } } }],
      },
    };
    const mirror = item('etcd', { annotations: { 'kubernetes.io/config.mirror': 'x' } });
    const files = { 'pods.json': dump(ended, mirror, { kind: 'Service', metadata: { name: 's' } }) };
    expect(arrivalsOf(DUMP, files).map(({ pod }) => [pod.metadata.name, pod.spec.restartPolicy])).toEqual([
      ['done', 'Never'],
    ]);
    const found = read(DUMP, files).behaviourOf({ key: 'shop/done', labels: {}, annotations: {}, container: 'server' });
    expect(found.exits?.[0]?.after).toEqual({ kind: 'constant', value: seconds(290) });
  });

  it('is read from an array or from objects line by line, too', () => {
    expect(arrivalsOf(DUMP, { 'pods.json': JSON.stringify([item('a', {}), item('b', {})]) })).toHaveLength(2);
    expect(
      arrivalsOf(DUMP, { 'pods.json': `${JSON.stringify(item('a', {}))}\n${JSON.stringify(item('b', {}))}\n` }),
    ).toHaveLength(2);
  });

  it('is refused with its line where it is no JSON or no pod', () => {
    expect(complaintOf(DUMP, { 'pods.json': 'apiVersion: v1\n' })).toBe(
      'pods.json:1:1: expected JSON, as `kubectl get … -o json` writes it (YAML_SYNTAX)',
    );
    expect(complaintOf(DUMP, { 'pods.json': dump(item('a', {})).slice(0, -20) })).toMatch(
      /the JSON ends in the middle/,
    );
    const broken = { ...item('a', {}), spec: { containers: [{ name: 'server', imge: 'x' }] } };
    expect(complaintOf(DUMP, { 'pods.json': dump(item('b', {}), broken) })).toMatch(
      /^pods\.json:\d+:1 Pod a spec\.containers\[0\]\.imge: .*\(UNKNOWN_FIELD\)\. Did you mean "image"\?/,
    );
    expect(complaintOf(DUMP, { 'pods.json': dump(item('a', { creationTimestamp: null })) })).toMatch(
      /^pods\.json:6:1 Pod a metadata\.creationTimestamp: expected the time .*\(MISSING_FIELD\)/,
    );
  });
});

/** Where the files of Alibaba's cluster-trace-gpu-v2023 stand; they are not part of this repository. */
const REAL = process.env['KUBEWHEN_TRACES'] ?? join(ROOT, '../shared/real');
it('the real openb trace, where it is there, is read whole: 1,523 nodes, 8,152 pods of 162 sizes', () => {
  if (!existsSync(join(REAL, 'openb_pod_list_default.csv'))) {
    console.warn(`not there: ${REAL}; set KUBEWHEN_TRACES`);
    return;
  }
  const files = Object.fromEntries(
    ['openb_node_list_all_node.csv', 'openb_pod_list_default.csv'].map((name) => [
      name,
      readFileSync(join(REAL, name), 'utf8'),
    ]),
  );
  const { nodes, workloads } = read(
    '{kind: Trace, format: openb, pods: openb_pod_list_default.csv}',
    files,
    '{nodes: {kind: Trace, format: openb, nodes: openb_node_list_all_node.csv}}',
  );
  expect(nodes).toHaveLength(1523);
  const sum = (resource: string): number =>
    nodes.reduce((all, { capacity }) => all + Number(capacity[resource] ?? 0), 0);
  expect(sum('nvidia.com/gpu')).toBe(6212);
  const pods = workloads[0]?.begin(startRun(scenario('{kind: Arrivals, every: 1h, template: {}}')).simulation);
  let count = 0;
  const forms = new Set<unknown>();
  for (let next = pods?.next(); next && !next.done; next = pods?.next()) {
    count++;
    forms.add((next.value.object as unknown as Pod).spec);
  }
  expect(count).toBe(8152);
  expect(forms.size).toBe(162);
});
