import type { ClusterCatalogue } from '../../models/cluster.js';
import { flagsWith } from '../../models/versions/index.js';
import type { Scenario } from '../../scenarios/run/scenario.js';
import { formatProblem, ScenarioError } from '../../scenarios/schema/errors.js';
import { assemble, type Override, override } from '../../scenarios/sources/document.js';
import { memoryFiles } from '../../scenarios/sources/files.js';
import { resolveScenario } from '../../scenarios/sources/resolve.js';

/** What the cluster of these tests understands. */
export const A_CATALOGUE: ClusterCatalogue = {
  metricsServerFlags: [],
  kubeControllerManagerFlags: flagsWith({ nodeMonitorGracePeriod: '50s', nodeEvictionRate: 0.1 }, [
    { name: 'node-monitor-grace-period', type: 'duration', field: 'nodeMonitorGracePeriod', help: '' },
    { name: 'node-eviction-rate', type: 'number', field: 'nodeEvictionRate', help: '' },
  ]),
  clusterAutoscalerFlags: [],
  karpenterFlags: [],
  kubeletFields: ['nodeStatusUpdateFrequency', 'evictionHard', 'featureGates', 'featureGates.PodHostIPs'],
  actingKinds: ['Node', 'Pod', 'Deployment', 'ReplicaSet', 'Service', 'EndpointSlice'],
  taintsAPassLater: false,
  timelines: ['nodes', 'pods', 'containers', 'endpoints', 'events', 'evictions', 'leases'].map((name) => ({
    name,
    help: '',
  })),
};

export const A_DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: cart}
spec:
  replicas: 3
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec:
      containers:
      - {name: server, image: "shop/cart:1"}
`;

/** A scenario of two pools, with more of its spec. */
export const aScenario = (spec = ''): string => `apiVersion: kubewhen/v1
kind: Scenario
metadata: {name: shop}
spec:
  runFor: 30m
  cluster: {pools: [{name: worker, count: 3, zones: [a, b]}]}
  manifests: [shop.yaml]
${spec}`;

/** Loads s.yaml from these files. */
export function load(files: Readonly<Record<string, string>>, overrides: readonly Override[] = []): Scenario {
  const memory = memoryFiles({ 'shop.yaml': A_DEPLOYMENT, ...files });
  return resolveScenario(override(assemble(memory, 's.yaml'), overrides), memory, { catalogue: () => A_CATALOGUE });
}

/** What is wrong with s.yaml and these files, a line per mistake. */
export function complaints(
  files: Readonly<Record<string, string>>,
  overrides: readonly Override[] = [],
): readonly string[] {
  try {
    load(files, overrides);
    return [];
  } catch (error) {
    if (error instanceof ScenarioError) {
      return error.problems.map(formatProblem);
    }
    throw error;
  }
}
