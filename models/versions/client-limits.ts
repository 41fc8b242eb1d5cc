import { type Flag, type FlagRow, flagsWith, withFlags } from './flags.js';
import type { Defaults } from './profile.js';

/** Token bucket of one client: requests a second, and how many at once. */
export interface ClientLimits {
  readonly qps: number;
  readonly burst: number;
}

const FLAGS: readonly FlagRow<Defaults['kubeControllerManager']>[] = [
  { name: 'kube-api-qps', type: 'number', field: 'kubeAPIQPS', help: 'Requests per second of each controller.' },
  { name: 'kube-api-burst', type: 'integer', field: 'kubeAPIBurst', help: 'Requests at once of each controller.' },
];

/** The flags of kube-controller-manager that concern the clients of all its controllers. */
export const controllerClientFlags = (defaults: Defaults): readonly Flag[] =>
  flagsWith(defaults.kubeControllerManager, FLAGS);

/** @throws RangeError when a value of the command line does not parse. */
export function controllerClientLimits(defaults: Defaults, flags: Readonly<Record<string, string>> = {}): ClientLimits {
  const { kubeAPIQPS, kubeAPIBurst } = withFlags(defaults.kubeControllerManager, FLAGS, flags);
  return { qps: kubeAPIQPS, burst: kubeAPIBurst };
}
