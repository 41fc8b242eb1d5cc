import { type Quantity, type ResourceList, ResourceSum } from '../../api/index.js';

/** What is kept from pods, in the quantities of KubeletConfiguration. */
export interface Reservations {
  readonly kubeReserved?: ResourceList | undefined;
  readonly systemReserved?: ResourceList | undefined;
  /** Bytes kept free by hard eviction thresholds, by resource. */
  readonly hardEviction: ResourceList;
}

/**
 * What node status subtracts from capacity to have allocatable, for resources that the node has: kube and system
 * reservations, hard eviction thresholds, and from memory also all huge pages. As GetNodeAllocatableReservation (k8s
 * 1.37 pkg/kubelet/cm/node_container_manager_linux.go) and MachineInfo (pkg/kubelet/nodestatus/setters.go).
 */
export function nodeAllocatableReservation(capacity: ResourceList, reservations: Reservations): ResourceList {
  const sum = new ResourceSum()
    .add(reservations.systemReserved)
    .add(reservations.kubeReserved)
    .add(reservations.hardEviction);
  for (const [name, quantity] of Object.entries(capacity)) {
    if (name.startsWith('hugepages-')) {
      sum.add({ memory: quantity });
    }
  }
  return Object.fromEntries(
    Object.entries(sum.toList()).filter(([name, quantity]) => name in capacity && !isZero(quantity)),
  );
}

/**
 * Memory limit of the cgroup of all pods when node allocatable is enforced on them: without the eviction part, so that
 * pods together may outgrow allocatable before the kernel acts. As getNodeAllocatableAbsolute (k8s 1.37).
 */
export const podsMemoryLimit = (capacity: ResourceList, reservations: Reservations): Quantity =>
  new ResourceSum()
    .add({ memory: capacity['memory'] ?? '0' })
    .subtract({ memory: reservations.systemReserved?.['memory'] ?? '0' })
    .subtract({ memory: reservations.kubeReserved?.['memory'] ?? '0' })
    .max({ memory: '0' })
    .toList()['memory']!;

const isZero = (quantity: Quantity): boolean => quantity === '0';
