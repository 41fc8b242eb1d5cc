import { formatDuration, MemorySink } from '../../engine/index.js';
import type { ClusterModel } from '../../models/cluster.js';
import type { ExtenderCall } from '../../models/scheduler/index.js';
import { loadScenario } from '../../scenarios/load.js';
import { Run } from '../../scenarios/run/run.js';
import type { Scenario } from '../../scenarios/run/scenario.js';
import { overridesOf, type ScenarioOptions } from './options.js';
import type { Surroundings } from './run.js';

/** Checking a scenario calls no webhook. */
const askNobody: ExtenderCall = () => ({ ok: false, error: 'not asked', took: 0 });

/** What the API server thinks of the manifests does not depend on how many machines there are, nor on what comes later. */
function askServer(scenario: Scenario, model: ClusterModel): void {
  const oneOfEachPool = new Map(scenario.nodes.map((node) => [node.pool, node]));
  const start: Scenario = {
    ...scenario,
    nodes: [...oneOfEachPool.values()],
    workloads: [],
    actions: [],
    faults: [],
    expectations: [],
    record: [],
  };
  const scheduler = { callExtender: askNobody };
  const run = new Run(start, { model, scheduler, sink: (now) => new MemorySink(now) });
  while (!run.isAnswered && run.step()) {
    // A request may wait in the server for something that is about to be made.
  }
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** kubewhen validate: reads everything and offers the manifests to an API server. Answers the exit code. */
export async function validate(
  options: ScenarioOptions & { readonly scenario: string },
  { model, print }: Surroundings,
): Promise<number> {
  const scenario = loadScenario(options.scenario, model, overridesOf(options));
  askServer(scenario, model);
  const { name, kubernetesVersion, nodes, objects, actions, faults, expectations, inert, unsupported } = scenario;
  const counts = [
    counted(nodes.length, 'node'),
    counted(objects.length, 'object'),
    counted(actions.length, 'action'),
    counted(faults.length, 'fault'),
    counted(expectations.length, 'expectation'),
  ];
  print(`${name}: Kubernetes ${kubernetesVersion}, ${counts.join(', ')}, ${formatDuration(scenario.runFor)}`);
  const late = [
    ...actions.flatMap(({ at }, i) => (at > scenario.runFor ? [`actions[${i}]`] : [])),
    ...faults.flatMap(({ at }, i) => (at > scenario.runFor ? [`faults[${i}]`] : [])),
    ...expectations.flatMap(({ from }, i) => (from > scenario.runFor ? [`expect[${i}]`] : [])),
  ];
  if (late.length > 0) {
    print(`after the end of the run: ${late.join(', ')}`);
  }
  const kinds = Object.entries(inert).map(([kind, count]) => `${count} ${kind}`);
  if (kinds.length > 0) {
    print(`stored, but nothing acts on them: ${kinds.join(', ')}`);
  }
  if (unsupported.length > 0) {
    print(`settings without effect here: ${unsupported.join(', ')}`);
  }
  return 0;
}
