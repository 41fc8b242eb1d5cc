import type { FlagReader } from './flags.js';

/** Options of Karpenter: karpenter pkg/operator/options/options.go, and those of its provider for AWS. */
const KNOWN_FLAGS = `
cluster-ca-bundle cluster-endpoint cluster-name cpu-requests disable-cluster-state-observability disable-leader-election
eks-control-plane enable-profiling feature-gates health-probe-port ignore-dra-requests interruption-queue isolated-vpc
karpenter-service kube-client-burst kube-client-qps leader-election-name leader-election-namespace log-error-output-paths
log-level log-output-paths memory-limit metrics-port min-values-policy preference-policy reserved-enis
vm-memory-overhead-percent
`;

export const KARPENTER: FlagReader = {
  binary: 'karpenter',
  knownFlags: KNOWN_FLAGS.trim().split(/\s+/),
};
