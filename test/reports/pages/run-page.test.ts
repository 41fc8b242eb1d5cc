import type { Gantt, LineChart, PageData, Section, Table } from '../../../reports/pages/page-data.js';
import { runPage } from '../../../reports/pages/run-page.js';
import { type RunResults, readResults } from '../../../reports/sources/folder.js';

const example = readResults('test/reports/example-run') as RunResults;
const page = runPage(example);

const titled = <Kind extends Section>({ sections }: PageData, title: string): Kind =>
  sections.find((section) => section.title === title) as Kind;

/** Name of the state, from, to and note of each span in a row. */
function spansOf(gantt: Gantt, row: string): readonly (readonly unknown[])[] {
  const place = gantt.rows.findIndex(({ name, isHeading }) => name === row && !isHeading);
  return gantt.spans
    .filter((span) => span.row === place)
    .map(({ state, from, to, note }) => [gantt.states[state]?.name, from, to, ...(note === undefined ? [] : [note])]);
}

describe('the page of a run', () => {
  it('tells what ran, and how to have it again', () => {
    expect([page.title, page.subtitle]).toEqual(['example', '30m0s of virtual time, Kubernetes 1.37']);
    expect(page.facts).toEqual([
      { name: 'Seed', value: '42' },
      { name: 'Kubernetes', value: '1.37' },
      { name: 'kubewhen', value: '0.1.0' },
      { name: 'Fingerprint', value: '5f0c9a3e7b21d486 (4321 events of the simulation)' },
      { name: 'Time zero', value: '2026-01-01T00:00:00Z' },
      { name: 'Stored, nothing acts on it', value: '2 CustomResourceDefinition' },
      { name: 'Settings without effect here', value: '--leader-elect' },
    ]);
  });

  it('has these sections, those of timelines only where they were recorded', () => {
    expect(page.sections.map(({ title }) => title)).toEqual([
      'NodeCrash of worker-0 at 600 s: which setting owns each second',
      'NodeCrash of worker-0 at 600 s: what it did',
      'Nodes',
      'Pods',
      'Services',
      'Endpoints',
      'Restarts',
      'Figures',
      'Availability',
      'Expectations',
      'Actions',
      'Events',
      'Settings',
    ]);
    const { events } = example.timelines;
    const bare = runPage({ ...example, timelines: events ? { events } : {} });
    expect(bare.sections.map(({ title }) => title).slice(2)).toEqual([
      'Figures',
      'Expectations',
      'Actions',
      'Events',
      'Settings',
    ]);
  });

  it('begins with the expectations when one is broken', () => {
    const { summary } = example;
    const expectations = summary.expectations.map((verdict) => ({ ...verdict, ok: false }));
    const [first] = runPage({ ...example, summary: { ...summary, expectations } }).sections;
    expect([first?.title, (first as Table).rows[0]?.[0]]).toEqual(['Expectations', 'broken']);
  });

  it('cuts the way from the fault to the replacement where another setting takes over', () => {
    const bar = titled<Gantt>(page, 'NodeCrash of worker-0 at 600 s: which setting owns each second');
    expect([bar.start, bar.end]).toEqual([600, 963.5]);
    expect(spansOf(bar, 'owner of the time').map(([name, from, to]) => [name, from, to])).toEqual([
      ['48.2 s --node-monitor-grace-period=50s', 600, 648.2],
      ['6.8 s --node-monitor-period=5s', 648.2, 655],
      ['0.1 s --node-eviction-rate=0.2', 655, 655.1],
      ['300 s tolerationSeconds: 300', 655.1, 955.1],
      ['0.1 s controllers', 955.1, 955.2],
      ['0.3 s kube-scheduler', 955.2, 955.5],
      ['2 s image pull and start', 955.5, 957.5],
      ['6 s ready and readinessProbe', 957.5, 963.5],
    ]);
  });

  it('tells the story of the fault in order of time', () => {
    const story = titled<Table>(page, 'NodeCrash of worker-0 at 600 s: what it did');
    expect(story.rows.slice(0, 5)).toEqual([
      ['598.2', '-1.8', 'node worker-0', 'renewed its lease for the last time before the strike'],
      ['600', '0', 'NodeCrash', 'strikes'],
      ['600', '0', 'service default/web', 'loses serving endpoints: 3 before, 2 at the lowest'],
      ['655', '55', 'node worker-0', 'is no longer Ready in the API'],
      ['655.05', '55.05', 'pod default/web-7d9f-a', 'is no longer Ready in the API'],
    ]);
    expect(story.rows.at(-1)).toEqual(['1531', '931', 'pod default/web-7d9f-a', 'is gone from the API']);
  });

  it('draws nodes: struck before anybody noticed, Unknown with its taints, cordoned', () => {
    const nodes = titled<Gantt>(page, 'Nodes');
    expect(nodes.marks).toEqual([
      { at: 600, name: 'NodeCrash' },
      { at: 1500, name: 'healed' },
    ]);
    const unreachable = 'node.kubernetes.io/unreachable';
    expect(spansOf(nodes, 'worker-0')).toEqual([
      ['NotReady', 0.1, 10, 'KubeletNotReady; taints: node.kubernetes.io/not-ready:NoSchedule'],
      ['Ready', 10, 600, 'KubeletReady'],
      ['Struck, not noticed', 600, 655, 'KubeletReady'],
      ['Unknown', 655, 655.01, 'NodeStatusUnknown'],
      ['Unknown', 655.01, 655.1, `NodeStatusUnknown; taints: ${unreachable}:NoSchedule`],
      ['Unknown', 655.1, 1530, `NodeStatusUnknown; taints: ${unreachable}:NoSchedule ${unreachable}:NoExecute`],
      ['Ready', 1530, 1530.1, `KubeletReady; taints: ${unreachable}:NoSchedule ${unreachable}:NoExecute`],
      ['Ready', 1530.1, 1800, 'KubeletReady'],
    ]);
    expect(spansOf(nodes, 'worker-2').map(([state, from, to]) => [state, from, to])).toEqual([
      ['NotReady', 0.1, 10],
      ['Ready', 10, 300],
      ['Ready, cordoned', 300, 420],
      ['Ready', 420, 1800],
    ]);
  });

  it('marks what happens at one instant once', () => {
    const { summary } = example;
    const again = summary.faults.map((fault) => ({ ...fault, healedAt: undefined }));
    const faults = [...summary.faults, ...again];
    const nodes = titled<Gantt>(runPage({ ...example, summary: { ...summary, faults } }), 'Nodes');
    expect(nodes.marks).toEqual([
      { at: 600, name: '2 × NodeCrash' },
      { at: 1500, name: 'healed' },
    ]);
  });

  it('draws pods by owner: dead before anybody noticed, terminating, gone, in back-off, pending', () => {
    const pods = titled<Gantt>(page, 'Pods');
    expect(pods.rows.map(({ name, isHeading }) => (isHeading ? `# ${name}` : name))).toEqual([
      '# batch: Job/big',
      'big',
      '# batch: pods without an owner',
      'crasher',
      '# default: ReplicaSet/web-7d9f',
      'web-7d9f-a',
      'web-7d9f-b',
      'web-7d9f-c',
      'web-7d9f-d',
    ]);
    expect(spansOf(pods, 'web-7d9f-a')).toEqual([
      ['Pending', 20, 20.1],
      ['ContainerCreating', 20.1, 22, 'on worker-0'],
      ['Running, not ready', 22, 30, 'on worker-0'],
      ['Ready', 30, 600, 'on worker-0'],
      ['Dead, not noticed', 600, 655.05, 'on worker-0'],
      ['Running, not ready', 655.05, 955.1, 'on worker-0'],
      ['Terminating', 955.1, 1531, 'on worker-0; DeletionByTaintManager'],
    ]);
    expect(spansOf(pods, 'crasher').map(([state, from, to]) => [state, from, to])).toEqual([
      ['Pending', 50, 50.1],
      ['ContainerCreating', 50.1, 52],
      ['Ready', 52, 112],
      ['Running, not ready', 112, 113],
      ['Ready', 113, 173],
      ['CrashLoopBackOff', 173, 183],
      ['Ready', 183, 243],
      ['CrashLoopBackOff', 243, 264],
      ['Ready', 264, 1800],
    ]);
    expect(spansOf(pods, 'big')).toEqual([['Pending', 100, 1800]]);
  });

  it('draws whether Services were whole, and how many endpoints served and were listed', () => {
    expect(spansOf(titled<Gantt>(page, 'Services'), 'default/web')).toEqual([
      ['none serves', 22.1, 30.1, '0 of 3 serve'],
      ['some serve', 30.1, 30.2, '2 of 3 serve'],
      ['all serve', 30.2, 600, '3 of 3 serve'],
      ['some serve', 600, 655.2, '2 of 3 serve, 3 listed as ready'],
      ['some serve', 655.2, 963.7, '2 of 3 serve'],
      ['all serve', 963.7, 1800, '3 of 3 serve'],
    ]);
    const { lines } = titled<LineChart>(page, 'Endpoints');
    expect(lines.map(({ name, isAside, points }) => [name, isAside ?? false, points.slice(-3)])).toEqual([
      [
        'default/web',
        false,
        [
          [600, 2],
          [963.7, 3],
          [1800, 3],
        ],
      ],
      [
        'default/web, as listed',
        true,
        [
          [655.2, 2],
          [963.7, 3],
          [1800, 3],
        ],
      ],
    ]);
  });

  it('adds restarts up', () => {
    expect(titled<LineChart>(page, 'Restarts').lines).toEqual([
      {
        name: 'batch/crasher job',
        isStep: true,
        points: [
          [0, 0],
          [113, 1],
          [183, 2],
          [264, 3],
          [1800, 3],
        ],
      },
    ]);
  });

  it('lists figures, settings, actions and verdicts', () => {
    const figures = titled<Table>(page, 'Figures').rows.map(([name, value]) => [name, value]);
    expect(figures.slice(0, 4)).toEqual([
      ['detection_s', '55'],
      ['eviction_s', '355.1'],
      ['replacement_s', '363.5'],
      ['recovery_s', '363.7'],
    ]);
    expect(titled<Table>(page, 'Settings').rows).toEqual([
      ['kube-controller-manager', '--node-eviction-rate', '0.2', 'scenario'],
      ['kube-controller-manager', '--node-monitor-grace-period', '50s', 'default'],
    ]);
    expect(titled<Table>(page, 'Actions').rows[0]).toEqual(['300', 'done', 'node/worker-2 cordoned']);
    expect(titled<Table>(page, 'Expectations').rows[0]?.slice(0, 4)).toEqual([
      'held',
      'always',
      'web serves',
      "deployments['default/web'].status.readyReplicas >= 2",
    ]);
  });
});
