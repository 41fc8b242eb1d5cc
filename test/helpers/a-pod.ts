import type { Pod } from '../../models/api/index.js';
import type { Draft } from '../../models/client-go/index.js';

export interface APod extends Partial<Pod['metadata']> {
  readonly spec?: Partial<Pod['spec']>;
}

/** A pod as it is posted: one container, 30 s of grace. */
export function aPod(name: string, { spec, ...metadata }: APod = {}): Draft<Pod> {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', ...metadata },
    spec: { containers: [{ name: 'main', image: 'nginx' }], terminationGracePeriodSeconds: 30, ...spec },
  };
}
