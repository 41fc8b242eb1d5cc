import { join } from 'node:path';
import { MemorySink } from '../../../engine/index.js';
import { kubernetes } from '../../../models/cluster.js';
import { loadScenario } from '../../../scenarios/node.js';
import { Run } from '../../../scenarios/run/run.js';
import { ROOT } from '../../tidy/source-files.js';

/** Rows of every timeline but `events`, with and without that one recorded. */
function timelinesOf(entry: string, recordsEvents: boolean, flags: Readonly<Record<string, string>> = {}) {
  const scenario = loadScenario(join(ROOT, 'scenarios/gallery', entry, 'scenario.yaml'), kubernetes);
  const kubeControllerManager = { ...scenario.configuration.kubeControllerManager, ...flags };
  const others = kubernetes
    .catalogue(scenario.kubernetesVersion)
    .timelines.map(({ name }) => name)
    .filter((name) => name !== 'events');
  let rows: MemorySink | undefined;
  const run = new Run(
    {
      ...scenario,
      configuration: { ...scenario.configuration, kubeControllerManager },
      keepsEvents: recordsEvents,
      record: recordsEvents ? [...others, 'events'] : others,
    },
    {
      model: kubernetes,
      sink: (now) => {
        rows = new MemorySink(now);
        return rows;
      },
    },
  );
  const { eventCount } = run.finish();
  return { eventCount, timelines: Object.fromEntries(others.map((name) => [name, rows?.rows(name)])) };
}

describe.each(['01-node-crash', '03-crash-loop', '06-rolling-update', '07-memory-pressure'])('%s', (entry) => {
  it('is the same story, with less to do, when nobody reads Events', () => {
    const told = timelinesOf(entry, true);
    const silent = timelinesOf(entry, false);
    expect(silent.timelines).toEqual(told.timelines);
    expect(silent.eventCount).toBeLessThan(told.eventCount);
  });
});

it('is the same story without any Events when no client is limited', () => {
  const unlimited = { 'kube-api-qps': '0', 'kube-api-burst': '0' };
  const told = timelinesOf('06-rolling-update', true, unlimited);
  const silent = timelinesOf('06-rolling-update', false, unlimited);
  expect(silent.timelines).toEqual(told.timelines);
  expect(silent.eventCount).toBeLessThan(told.eventCount);
});
