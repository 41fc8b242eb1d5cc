import type { ObjectMeta } from '../api/index.js';
import { versioned } from './copies.js';
import type { Registry } from './registry.js';

type Labels = Readonly<Record<string, string>>;

const COPIED = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

/** Label sets with a node's labels put in, by what was put in: pods of one template on one zone share theirs. */
const merged = new WeakMap<Labels, Map<string, Labels>>();
const NO_LABELS: Labels = {};

/** A pod that is bound carries zone and region of its node: plugin/pkg/admission/podtopologylabels, on pods/binding and pods. */
export function withTopologyLabels(registry: Registry, metadata: ObjectMeta, nodeName: string): ObjectMeta {
  if (!registry.defaults.features.PodTopologyLabelsAdmission) {
    return metadata;
  }
  const nodeLabels = registry.store.get('Node', nodeName)?.metadata.labels;
  const copied = COPIED.filter((label) => nodeLabels?.[label] !== undefined);
  if (copied.length === 0) {
    return metadata;
  }
  const { labels = NO_LABELS } = metadata;
  const term = copied.map((label) => `${label}=${nodeLabels?.[label]}`).join();
  const known = merged.get(labels) ?? new Map<string, Labels>();
  merged.set(labels, known);
  let withNode = known.get(term);
  if (withNode === undefined) {
    withNode = { ...labels, ...Object.fromEntries(copied.map((label) => [label, nodeLabels?.[label] ?? ''])) };
    known.set(term, withNode);
  }
  return versioned(metadata, metadata.generation, metadata.resourceVersion, withNode);
}
