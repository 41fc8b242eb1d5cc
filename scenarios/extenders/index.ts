import type { SchedulerExtras } from '../../models/scheduler/index.js';
import type { Scenario } from '../run/scenario.js';
import { type HttpExtenders, httpExtenders } from './http-extender.js';

export { type HttpExtenders, httpExtenders } from './http-extender.js';

/** What kube-scheduler gets besides its configuration, and the way to its webhooks. */
export const withExtenders = (extras: SchedulerExtras = {}, extenders: HttpExtenders | undefined): SchedulerExtras =>
  extenders === undefined ? extras : { callExtender: extenders.call, ...extras };

/** The webhooks that the scenario's KubeSchedulerConfiguration names, ready to be called; undefined when it names none. */
export function extendersOf({ configuration, extenderCall, startTime }: Scenario): HttpExtenders | undefined {
  const { extenders } = configuration.kubeScheduler ?? {};
  return Array.isArray(extenders) && extenders.length > 0 ? httpExtenders(extenderCall, startTime) : undefined;
}
