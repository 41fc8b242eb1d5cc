/** Defaults of the controllers of quotas, accounts and the like, in Kubernetes 1.37; see v1-37.ts. */
export const policy_v1_37 = {
  resourceQuotaController: {
    // pkg/controller/resourcequota/config/v1alpha1/defaults.go
    concurrentResourceQuotaSyncs: 5,
    resourceQuotaSyncPeriod: '5m0s',
  },
  ttlController: {
    // cmd/kube-controller-manager/app/core.go startTTLController
    concurrentTTLSyncs: 5,
  },
};
