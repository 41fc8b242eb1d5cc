import { formatDuration, MemorySink, seconds } from '../../engine/index.js';
import type { ExtenderCall } from '../../models/scheduler/index.js';
import { loadScenario } from '../../scenarios/load.js';
import { Run } from '../../scenarios/run/run.js';
import { overridesOf, type ScenarioOptions } from './options.js';
import type { Surroundings } from './run.js';

/** By then the API server has said what it thinks of the manifests. */
const ANSWERED = seconds(1);

/** Checking a scenario calls no webhook. */
const askNobody: ExtenderCall = () => ({ ok: false, error: 'not asked', took: 0 });

/** kubewhen validate: reads everything, builds the cluster and offers it the manifests. Answers the exit code. */
export async function validate(
  options: ScenarioOptions & { readonly scenario: string },
  { model, print }: Surroundings,
): Promise<number> {
  const scenario = loadScenario(options.scenario, model, overridesOf(options));
  const scheduler = { callExtender: askNobody };
  new Run(scenario, { model, scheduler, sink: (now) => new MemorySink(now) }).runUntil(ANSWERED);
  const { name, kubernetesVersion, nodes, objects, actions, faults, expectations, inert, unsupported } = scenario;
  const counts = [
    `${nodes.length} nodes`,
    `${objects.length} objects`,
    `${actions.length} actions`,
    `${faults.length} faults`,
    `${expectations.length} expectations`,
  ];
  print(`${name}: Kubernetes ${kubernetesVersion}, ${counts.join(', ')}, ${formatDuration(scenario.runFor)}`);
  const kinds = Object.entries(inert).map(([kind, count]) => `${count} ${kind}`);
  if (kinds.length > 0) {
    print(`stored, but nothing acts on them: ${kinds.join(', ')}`);
  }
  if (unsupported.length > 0) {
    print(`settings without effect here: ${unsupported.join(', ')}`);
  }
  return 0;
}
