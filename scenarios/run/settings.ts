import type { ClusterCatalogue } from '../../models/cluster.js';
import type { Scenario } from './scenario.js';

/** A setting in force. */
export interface Setting {
  /** "kube-controller-manager", "kubelet", "kubelet (pool gpu)", "kube-scheduler", "world". */
  readonly component: string;
  readonly name: string;
  readonly value: string;
  /** Whether the scenario set it; else it is the version's default. */
  readonly isGiven: boolean;
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const given = (component: string, fields: Readonly<Record<string, unknown>> = {}): readonly Setting[] =>
  Object.entries(fields).map(([name, value]) => ({ component, name, value: shown(value), isGiven: true }));

/** What a run was run with: every flag of kube-controller-manager, and what the scenario gave of the others. */
export function settingsOf({ configuration, text }: Scenario, catalogue: ClusterCatalogue): readonly Setting[] {
  const flags = configuration.kubeControllerManager ?? {};
  return [
    ...catalogue.kubeControllerManagerFlags.map(({ name, default: value }): Setting => {
      const isGiven = flags[name] !== undefined;
      return { component: 'kube-controller-manager', name: `--${name}`, value: flags[name] ?? String(value), isGiven };
    }),
    ...given('kubelet', configuration.kubelet),
    ...Object.entries(configuration.kubeletByPool ?? {}).flatMap(([pool, fields]) =>
      given(`kubelet (pool ${pool})`, fields),
    ),
    ...given('kube-proxy', configuration.kubeProxy),
    ...given('kube-scheduler', configuration.kubeScheduler),
    ...given('world', text.spec.world),
  ];
}
