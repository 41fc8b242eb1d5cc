import type { Container, ContainerRestartRule, PodSpec } from './generated/types.js';

/** Feature gates that decide whether a container may override its pod's restartPolicy. */
export interface RestartPolicyGates {
  readonly ContainerRestartRules: boolean;
  readonly RestartAllContainersOnContainerExits: boolean;
}

/** A sidecar, when asked of an init container: it starts in order like one and then keeps running. */
export const isRestartableInitContainer = (initContainer: Container): boolean =>
  initContainer.restartPolicy === 'Always';

/**
 * Whether a container that ended with this code is started again: its first matching rule, else its own policy, else
 * the pod's. As ContainerShouldRestart (k8s 1.37 pkg/api/v1/pod/util.go); without the gates only the pod's policy
 * counts.
 */
export function containerShouldRestart(
  container: Container,
  spec: PodSpec,
  exitCode: number,
  gates: RestartPolicyGates,
): boolean {
  if (gates.ContainerRestartRules && container.restartPolicy !== undefined) {
    const action = matchingRestartRule(container, exitCode)?.action;
    if (action === 'Restart' || (action === 'RestartAllContainers' && gates.RestartAllContainersOnContainerExits)) {
      return true;
    }
    return restartsAfter(container.restartPolicy, exitCode);
  }
  return restartsAfter(spec.restartPolicy, exitCode);
}

const restartsAfter = (policy: string | undefined, exitCode: number): boolean =>
  policy === 'Never' ? false : policy === 'OnFailure' ? exitCode !== 0 : true;

/** The first of the container's restartPolicyRules that speaks of this exit code. */
export function matchingRestartRule(container: Container, exitCode: number): ContainerRestartRule | undefined {
  return container.restartPolicyRules?.find(({ exitCodes }) => {
    const isListed = exitCodes?.values?.includes(exitCode) ?? false;
    return exitCodes?.operator === 'In' ? isListed : exitCodes?.operator === 'NotIn' && !isListed;
  });
}

/** Whether this exit makes the kubelet restart every container of the pod. */
export const asksToRestartAllContainers = (container: Container, exitCode: number): boolean =>
  matchingRestartRule(container, exitCode)?.action === 'RestartAllContainers';

/** Whether any exit could do so; such pods carry the condition AllContainersRestarting. */
export function allContainersCouldRestart(spec: PodSpec): boolean {
  const hasSuchRule = (container: Container): boolean =>
    container.restartPolicyRules?.some((rule) => rule.action === 'RestartAllContainers') ?? false;
  return spec.containers.some(hasSuchRule) || (spec.initContainers?.some(hasSuchRule) ?? false);
}
