import type { FlagReader } from './flags.js';

/** Options of cluster-autoscaler: autoscaler cluster-autoscaler/config/flags/flags.go, and klog's. */
const KNOWN_FLAGS = `
address alsologtostderr aws-use-static-instance-list blocking-system-pod-distruption-timeout bypassed-scheduler-names
check-capacity-batch-processing cloud-config cloud-provider cluster-name cores-total daemonset-eviction-for-empty-nodes
debugging-snapshot-enabled drain-priority-config emit-per-nodegroup-metrics enable-proactive-scaleup
enable-provisioning-requests enforce-node-group-min-size estimator expander-priority feature-gates
force-delete-unregistered-nodes force-ds frequent-loops-enabled gce-concurrent-refreshes gpu-total grpc-expander-cert
grpc-expander-url ignore-mirror-pods-utilization ignore-taint kube-api-content-type kube-client-burst kube-client-qps
kubeconfig kubernetes leader-elect leader-elect-lease-duration leader-elect-renew-deadline leader-elect-resource-lock
leader-elect-resource-name leader-elect-resource-namespace leader-elect-retry-period log-backtrace-at log-dir log-file
log-file-max-size logtostderr max-autoprovisioned-node-group-count max-binpacking-time max-failing-time max-inactivity
max-nodegroup-binpacking-duration max-startup-time memory-total node-autoprovisioning-enabled
node-deletion-batcher-interval node-deletion-delay-timeout node-group-auto-discovery node-info-cache-expire-time nodes
parallel-drain parallel-scale-up profiling record-duplicated-events regional scale-down-candidates-pool-min-count
scale-down-candidates-pool-ratio scale-down-delay-type-local scale-down-non-empty-candidates-count
scale-down-simulation-timeout scale-up-from-zero scale-from-unschedulable scheduler-config-file skip-headers
skip-log-headers startup-taint status-taint stderrthreshold unschedulable-pod-time-buffer user-agent v vmodule
`;

export const CLUSTER_AUTOSCALER: FlagReader = {
  binary: 'cluster-autoscaler',
  knownFlags: KNOWN_FLAGS.trim().split(/\s+/),
};
