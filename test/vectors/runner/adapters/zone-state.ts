import { computeZoneState, evictionRate } from '../../../../models/node-lifecycle-controller/decisions.js';
import type { Adapter, VectorCase } from '../adapter.js';
import { compare } from '../compare.js';

interface ZoneCase extends VectorCase {
  readonly nodes: number;
  readonly notReady: number;
  readonly unhealthyZoneThreshold: string;
  readonly state: string;
  readonly healthyQPS: string;
  readonly reducedQPS: string;
}

/** The flags that the recording controller ran with, as the header's fields tell them. */
const RATES = { nodeEvictionRate: 0.1, secondaryNodeEvictionRate: 0.01, largeClusterSizeThreshold: 50 };

export const adapter: Adapter = (file) =>
  (file.cases as readonly ZoneCase[]).map((zone) => {
    const votes = { ready: zone.nodes - zone.notReady, notReady: zone.notReady };
    const found = {
      state: computeZoneState(votes, Number(zone.unhealthyZoneThreshold)),
      healthyQPS: String(evictionRate('Normal', zone.nodes, RATES)),
      reducedQPS: String(evictionRate('PartialDisruption', zone.nodes, RATES)),
    };
    const { state, healthyQPS, reducedQPS } = zone;
    return compare(zone.id, { state, healthyQPS, reducedQPS }, found);
  });
