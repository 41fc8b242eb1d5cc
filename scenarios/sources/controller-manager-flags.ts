import type { FlagReader } from './flags.js';

/** Options of kube-controller-manager in 1.23 and 1.37: cmd/kube-controller-manager/app/options and k8s.io/component-base. */
const KNOWN_FLAGS = `
add-dir-header allocate-node-cidrs allow-metric-labels allow-metric-labels-manifest allow-untagged-cloud alsologtostderr
attach-detach-reconcile-max-wait-unmount-duration attach-detach-reconcile-sync-period authentication-kubeconfig
authentication-skip-lookup authentication-token-webhook-cache-ttl authentication-tolerate-lookup-failure
authorization-always-allow-paths authorization-kubeconfig authorization-webhook-cache-authorized-ttl
authorization-webhook-cache-unauthorized-ttl azure-container-registry-config bind-address cert-dir cidr-allocator-type
client-ca-file cloud-config cloud-provider cloud-provider-gce-lb-src-cidrs cluster-cidr cluster-name
cluster-signing-cert-file cluster-signing-duration cluster-signing-key-file
cluster-signing-kube-apiserver-client-cert-file cluster-signing-kube-apiserver-client-key-file
cluster-signing-kubelet-client-cert-file cluster-signing-kubelet-client-key-file
cluster-signing-kubelet-serving-cert-file cluster-signing-kubelet-serving-key-file
cluster-signing-legacy-unknown-cert-file cluster-signing-legacy-unknown-key-file concurrent-cron-job-syncs
concurrent-daemonset-syncs concurrent-deployment-syncs concurrent-endpoint-syncs concurrent-ephemeralvolume-syncs
concurrent-gc-syncs concurrent-horizontal-pod-autoscaler-syncs concurrent-job-syncs concurrent-namespace-syncs
concurrent-pod-gc-syncs concurrent-rc-syncs concurrent-replicaset-syncs concurrent-resource-quota-syncs
concurrent-resourceclaim-syncs concurrent-service-endpoint-syncs concurrent-service-syncs
concurrent-serviceaccount-token-syncs concurrent-statefulset-syncs concurrent-ttl-after-finished-syncs
concurrent-validating-admission-policy-status-syncs configure-cloud-routes contention-profiling
controller-shutdown-timeout controller-start-interval controllers default-not-ready-toleration-seconds
deployment-controller-sync-period device-taint-eviction-syncs disable-attach-detach-reconcile-sync disable-force-detach-on-timeout
disable-http2-serving disabled-metrics emulated-version emulation-forward-compatible enable-dynamic-provisioning
enable-garbage-collector enable-hostpath-provisioner enable-leader-migration enable-taint-manager endpoint-updates-batch-period
endpointslice-updates-batch-period experimental-cluster-signing-duration external-cloud-volume-plugin feature-gates
flex-volume-plugin-dir help horizontal-pod-autoscaler-cpu-initialization-period
horizontal-pod-autoscaler-downscale-delay horizontal-pod-autoscaler-downscale-stabilization
horizontal-pod-autoscaler-initial-readiness-delay horizontal-pod-autoscaler-sync-period
horizontal-pod-autoscaler-tolerance horizontal-pod-autoscaler-upscale-delay
horizontal-pod-autoscaler-use-rest-clients http2-max-streams-per-connection kube-api-burst kube-api-content-type
kube-api-qps kubeconfig large-cluster-size-threshold leader-elect leader-elect-lease-duration
leader-elect-renew-deadline leader-elect-resource-lock leader-elect-resource-name leader-elect-resource-namespace
leader-elect-retry-period leader-migration-config legacy-service-account-token-clean-up-period log-backtrace-at log-dir
log-file log-file-max-size log-flush-frequency log-json-info-buffer-size log-json-split-stream
log-text-info-buffer-size log-text-split-stream logging-format logtostderr master max-endpoints-per-slice
min-resync-period mirroring-concurrent-service-endpoint-syncs mirroring-endpointslice-updates-batch-period
mirroring-max-endpoints-per-subset namespace-sync-period node-cidr-mask-size node-cidr-mask-size-ipv4
node-cidr-mask-size-ipv6 node-eviction-rate node-monitor-grace-period node-monitor-period node-startup-grace-period
node-sync-period one-output permit-address-sharing permit-port-sharing pod-eviction-timeout port profiling
pv-recycler-increment-timeout-nfs pv-recycler-minimum-timeout-hostpath pv-recycler-minimum-timeout-nfs
pv-recycler-pod-template-filepath-hostpath pv-recycler-pod-template-filepath-nfs pv-recycler-timeout-increment-hostpath
pvclaimbinder-sync-period register-retry-count requestheader-allowed-names requestheader-client-ca-file
requestheader-extra-headers-prefix requestheader-group-headers requestheader-uid-headers requestheader-username-headers
resource-quota-sync-period root-ca-file route-reconciliation-period secondary-node-eviction-rate secure-port
service-account-private-key-file service-cluster-ip-range show-hidden-metrics-for-version skip-headers
skip-log-headers stderrthreshold storage-version-migrator-concurrent-syncs taint-eviction-syncs
terminated-pod-gc-threshold tls-cert-file tls-cipher-suites tls-min-version tls-private-key-file tls-sni-cert-key
unhealthy-zone-threshold use-service-account-credentials v version vmodule volume-host-allow-local-loopback
volume-host-cidr-denylist
`;

export const KUBE_CONTROLLER_MANAGER: FlagReader = {
  binary: 'kube-controller-manager',
  knownFlags: KNOWN_FLAGS.trim().split(/\s+/),
};
