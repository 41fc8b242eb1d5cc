import { compareQuantities, type Pod } from '../../api/index.js';
import { type Observations, quantityText, SIGNALS, type StarvedResource, specQuantityText } from './signals.js';
import { levelOf, type Threshold } from './thresholds.js';
import type { ContainerUsage, PodUsage } from './usage.js';

export interface EvictionMessageInput {
  readonly resource: StarvedResource;
  readonly pod: Pod;
  readonly usage: PodUsage | undefined;
  /** Thresholds that ask for an eviction, the one acted on first. */
  readonly thresholds: readonly Threshold[];
  readonly observations: Observations;
  /** [37] */
  readonly messagesNameThreshold: boolean;
}

export interface EvictionMessage {
  readonly message: string;
  readonly annotations: { readonly [key: string]: string };
}

/** Why a pod is evicted. As evictionMessage (k8s 1.37 and 1.23 pkg/kubelet/eviction/helpers.go). */
export function evictionMessage(input: EvictionMessageInput): EvictionMessage {
  const { resource, pod, usage } = input;
  let message = `The node was low on resource: ${resource}. `;
  if (input.messagesNameThreshold) {
    message += thresholdText(input);
  }
  if (usage === undefined) {
    return { message, annotations: {} };
  }
  const annotations: Record<string, string> = {};
  const podRequest = pod.spec.resources?.requests?.[resource];
  if (resource === 'memory' && podRequest !== undefined && usage.memory !== undefined) {
    const used = quantityText(usage.memory, 'BinarySI');
    const request = specQuantityText(podRequest);
    message += `Pod ${pod.metadata.name} was using ${used}, request is ${request}, has larger consumption of memory. `;
    annotations['offending_pod'] = pod.metadata.name;
    annotations['offending_pod_usage'] = used;
  }
  const offenders = offendingContainers(input, usage);
  for (const { name, used, request } of offenders) {
    message += input.messagesNameThreshold
      ? `Container ${name} was using ${used}, request is ${request}, has larger consumption of ${resource}. `
      : `Container ${name} was using ${used}, which exceeds its request of ${request}. `;
  }
  annotations['offending_containers'] = offenders.map(({ name }) => name).join(',');
  annotations['offending_containers_usage'] = offenders.map(({ used }) => used).join(',');
  annotations['starved_resource'] = resource;
  return { message, annotations };
}

/** The first threshold on the resource (k8s 1.37 getThresholdMetInfo). */
function thresholdText({ resource, thresholds, observations }: EvictionMessageInput): string {
  for (const { signal, value } of thresholds) {
    const observed = observations[signal];
    if (SIGNALS[signal].resource === resource && observed !== undefined) {
      const quantity =
        'quantity' in value ? value.quantity : quantityText(levelOf(value, observed.capacity), 'BinarySI');
      const available = quantityText(observed.available, SIGNALS[signal].format);
      return `Threshold quantity: ${quantity}, available: ${available}. `;
    }
  }
  return '';
}

interface Offender {
  readonly name: string;
  readonly used: string;
  readonly request: string;
}

function offendingContainers(
  { resource, pod, messagesNameThreshold }: EvictionMessageInput,
  usage: PodUsage,
): readonly Offender[] {
  const containers = [...pod.spec.containers, ...((messagesNameThreshold && pod.spec.initContainers) || [])];
  return usage.containers.flatMap((containerUsage) => {
    const container = containers.find(({ name }) => name === containerUsage.name);
    const used = usedOf(resource, containerUsage);
    const request = container?.resources?.requests?.[resource];
    return container === undefined || used === undefined || compareQuantities(used, request ?? 0) <= 0
      ? []
      : [{ name: container.name, used: quantityText(used, 'BinarySI'), request: specQuantityText(request) }];
  });
}

function usedOf(resource: StarvedResource, { memory, rootfs, logs }: ContainerUsage): number | undefined {
  if (resource === 'memory') {
    return memory;
  }
  return resource === 'ephemeral-storage' && rootfs?.usedBytes !== undefined && logs?.usedBytes !== undefined
    ? rootfs.usedBytes + logs.usedBytes
    : undefined;
}
