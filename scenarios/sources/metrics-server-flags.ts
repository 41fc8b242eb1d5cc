import type { FlagReader } from './flags.js';

/** Flags of metrics-server 0.8 that change nothing here, as its own manifests have them. */
const KNOWN_FLAGS = `
authentication-kubeconfig authentication-skip-lookup authorization-always-allow-paths authorization-kubeconfig bind-address
cert-dir client-ca-file kubeconfig kubelet-certificate-authority kubelet-client-certificate kubelet-client-key
kubelet-insecure-tls kubelet-port kubelet-preferred-address-types kubelet-use-node-status-port logging-format node-selector
profiling requestheader-client-ca-file secure-port tls-cert-file tls-cipher-suites tls-min-version tls-private-key-file v version
`;

export const METRICS_SERVER: FlagReader = {
  binary: 'metrics-server',
  knownFlags: KNOWN_FLAGS.trim().split(/\s+/),
};
