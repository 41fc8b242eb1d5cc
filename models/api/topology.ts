import type { Node } from './generated/types.js';

const ZONE = 'topology.kubernetes.io/zone';
const REGION = 'topology.kubernetes.io/region';
const BETA_ZONE = 'failure-domain.beta.kubernetes.io/zone';
const BETA_REGION = 'failure-domain.beta.kubernetes.io/region';

/**
 * The failure zone of a node, region and zone in one text; '' when its labels name neither, so all such nodes share one.
 * The beta labels win where both are there. As GetZoneKey (k8s.io/component-helpers node/topology).
 */
export function zoneKeyOf(node: Pick<Node, 'metadata'>): string {
  const labels = node.metadata.labels;
  const zone = labels?.[BETA_ZONE] ?? labels?.[ZONE] ?? '';
  const region = labels?.[BETA_REGION] ?? labels?.[REGION] ?? '';
  return region === '' && zone === '' ? '' : `${region}:\0:${zone}`;
}
