import { type Micros, type Seconds, seconds } from '../../../engine/time/micros.js';
import { type Container, isRestartableInitContainer, type Pod } from '../../api/index.js';

export interface TerminationRules {
  /** Window that a container gets at least between SIGTERM and SIGKILL. */
  readonly minimumGracePeriodSeconds: Seconds;
  /** [37] With an override, too, the time that preStop took is taken off; [23] it comes on top (kubernetes#115817). */
  readonly preStopCountsTowardsOverride: boolean;
  /** [23] Events about hooks that failed say why. */
  readonly hookEventsTellDetails: boolean;
  /** Gate: a probe may have a grace period of its own. */
  readonly ProbeTerminationGracePeriod: boolean;
}

export type KillCause = 'LivenessProbe' | 'StartupProbe' | undefined;

/** Seconds a container gets, nobody having said otherwise. As setTerminationGracePeriod (k8s 1.37 kuberuntime_container.go). */
export function terminationGracePeriod(
  pod: Pod,
  container: Container,
  cause: KillCause,
  rules: TerminationRules,
): Seconds {
  if (pod.metadata.deletionGracePeriodSeconds !== undefined) {
    return pod.metadata.deletionGracePeriodSeconds;
  }
  const ofPod = pod.spec.terminationGracePeriodSeconds;
  if (ofPod === undefined) {
    return rules.minimumGracePeriodSeconds;
  }
  const probe =
    cause === 'LivenessProbe' ? container.livenessProbe : cause === 'StartupProbe' ? container.startupProbe : undefined;
  return (rules.ProbeTerminationGracePeriod ? probe?.terminationGracePeriodSeconds : undefined) ?? ofPod;
}

/** How the seconds of a container's end are spent. */
export interface GraceBudget {
  /** preStop is broken off after this; 0: it is not run at all. */
  readonly preStopLimit: Seconds;
  /** Time for SIGTERM once preStop took `preStopTook` and the wait for its turn `waited`. */
  stopTimeout(preStopTook: Micros, waited: Micros): Seconds;
  /** How long it may wait for its turn once preStop took this long. */
  waitLimit(preStopTook: Micros): Seconds;
}

/**
 * As killContainer (k8s 1.37 and 1.23 pkg/kubelet/kuberuntime/kuberuntime_container.go). preStop and waiting are counted in
 * whole seconds, cut off.
 */
export function graceBudget(own: Seconds, override: Seconds | undefined, rules: TerminationRules): GraceBudget {
  const atLeast = (grace: Seconds): Seconds => Math.max(grace, rules.minimumGracePeriodSeconds);
  if (!rules.preStopCountsTowardsOverride) {
    return {
      preStopLimit: own,
      waitLimit: () => 0,
      stopTimeout: (preStopTook) => override ?? atLeast(own - wholeSeconds(preStopTook)),
    };
  }
  const grace = override ?? own;
  const waitLimit = (preStopTook: Micros): Seconds => Math.max(0, grace - wholeSeconds(preStopTook));
  return {
    preStopLimit: grace,
    waitLimit,
    stopTimeout: (preStopTook, waited) => atLeast(grace - wholeSeconds(preStopTook) - wholeSeconds(waited)),
  };
}

const wholeSeconds = (time: Micros): Seconds => Math.floor(time / seconds(1));

/**
 * Whom each sidecar waits for before it is stopped: all regular containers, and the next sidecar after it. As
 * newTerminationOrdering (k8s 1.37 pkg/kubelet/kuberuntime/kuberuntime_termination_order.go). Empty without sidecars.
 */
export function terminationOrder(pod: Pod): ReadonlyMap<string, readonly string[]> {
  const order = new Map<string, readonly string[]>();
  const regular = pod.spec.containers.map(({ name }) => name);
  let later: string | undefined;
  for (const container of pod.spec.initContainers?.toReversed() ?? []) {
    if (isRestartableInitContainer(container)) {
      order.set(container.name, later === undefined ? regular : [...regular, later]);
      later = container.name;
    }
  }
  return order;
}
