/** Defaults of the components that deal with volumes, in Kubernetes 1.37; see v1-37.ts. */
export const storage_v1_37 = {
  persistentVolumeBinder: {
    // pkg/controller/volume/persistentvolume/config/v1alpha1/defaults.go
    pvClaimBinderSyncPeriod: '15s',
    enableDynamicProvisioning: true,
    // pkg/controller/volume/persistentvolume/pv_controller.go provisionClaimOperationExternal, other words until 1.27
    explainsDelayedProvisioning: true,
    // pkg/features/kube_features.go PersistentVolumeLastPhaseTransitionTime, since 1.29
    tellsPhaseTransition: true,
    // pkg/features/kube_features.go RetroactiveDefaultStorageClass, since 1.26
    assignsDefaultClassLater: true,
  },
  attachDetachController: {
    // pkg/controller/volume/attachdetach/config/v1alpha1/defaults.go
    disableForceDetachOnTimeout: false,
    // pkg/controller/volume/attachdetach/attach_detach_controller.go DefaultTimerConfig
    reconcilerLoopPeriod: '100ms',
    reconcilerMaxWaitForUnmountDuration: '6m0s',
    // pkg/controller/volume/attachdetach/reconciler/reconciler.go nodeIsHealthy, since 1.26
    sparesHealthyNodes: true,
    // pkg/volume/csi/csi_plugin.go csiTimeout
    csiTimeout: '2m0s',
    // pkg/volume/csi/csi_attacher.go waitForVolumeAttachDetachStatusWithLister
    statusBackOff: '500ms',
    maxStatusBackOff: '7s',
    statusBackOffFactor: 1.05,
    statusBackOffJitter: 0.1,
    // pkg/util/goroutinemap/exponentialbackoff initialDurationBeforeRetry, maxDurationBeforeRetry
    operationBackOff: '500ms',
    maxOperationBackOff: '2m2s',
  },
  /** Sidecars of a CSI driver's controller. */
  csiSidecars: {
    // kubernetes-csi/external-provisioner cmd/csi-provisioner/csi-provisioner.go, external-attacher cmd/csi-attacher/main.go
    provisionerWorkerThreads: 100,
    attacherWorkerThreads: 10,
    retryIntervalStart: '1s',
    retryIntervalMax: '5m0s',
    // kubernetes-csi/external-provisioner, gate HonorPVReclaimPolicy
    honorsReclaimPolicy: true,
  },
};
