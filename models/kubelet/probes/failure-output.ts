import type { Probe } from '../../api/index.js';

/** What a failed attempt says for itself, as far as the world knows it (k8s 1.37 pkg/probe). */
export function failureOutput(probe: Probe, outcome: 'Failure' | 'Error'): string {
  if (outcome === 'Error') {
    return 'rpc error: code = NotFound desc = container is not running';
  }
  if (probe.httpGet !== undefined) {
    return 'HTTP probe failed with statuscode: 503';
  }
  if (probe.tcpSocket !== undefined) {
    return 'dial tcp: connect: connection refused';
  }
  return probe.grpc === undefined ? '' : 'service unhealthy (responded with "NOT_SERVING")';
}
