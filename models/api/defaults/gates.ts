/** Feature gates and version switches that decide what an object is filled up with. */
export interface DefaultingGates {
  readonly MaxUnavailableStatefulSet: boolean;
  readonly StatefulSetAutoDeletePVC: boolean;
  readonly JobPodReplacementPolicy: boolean;
  readonly PodLevelResourcesFixDefaulting: boolean;
  readonly PodObservedGenerationTracking: boolean;
  /** Not a gate: Jobs label their pods with the prefix batch.kubernetes.io too. */
  readonly jobLabelsHavePrefix: boolean;
  /** Not a gate: manualSelector of Jobs is false rather than absent. */
  readonly jobManualSelectorHasDefault: boolean;
  /** Ports of pod templates with hostNetwork get a hostPort; of pods they always do. */
  readonly DefaultHostNetworkHostPortsInPodTemplates: boolean;
}
