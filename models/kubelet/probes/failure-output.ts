import type { Container, IntOrString, Probe } from '../../api/index.js';

/** Why an attempt did not succeed: nobody listens, no answer in time, a bad answer, or it could not be made. */
export type FailureCause = 'refused' | 'timedOut' | 'unhealthy' | 'error';

export interface FailureContext {
  readonly container: Container;
  readonly podIP: string;
  /** [37] The text of an exec that timed out tells after how long. */
  readonly tellsExecTimeout: boolean;
}

/** What a failed attempt says for itself, as far as the world knows it (k8s 1.37 pkg/probe). */
export function failureOutput(probe: Probe, cause: FailureCause, context: FailureContext): string {
  if (cause === 'error') {
    return 'rpc error: code = NotFound desc = container is not running';
  }
  const { exec, grpc, httpGet, tcpSocket } = probe;
  const timeout = `${probe.timeoutSeconds ?? 1}s`;
  const address = (host: string | undefined, port: IntOrString): string =>
    `${host || context.podIP}:${portNumber(port, context.container)}`;
  if (httpGet !== undefined) {
    const where = address(httpGet.host, httpGet.port);
    const path = httpGet.path ?? '/';
    const url = `${(httpGet.scheme ?? 'HTTP').toLowerCase()}://${where}${path.startsWith('/') ? '' : '/'}${path}`;
    return {
      refused: `Get "${url}": dial tcp ${where}: connect: connection refused`,
      timedOut: `Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
      unhealthy: 'HTTP probe failed with statuscode: 503',
    }[cause];
  }
  if (tcpSocket !== undefined) {
    const where = address(tcpSocket.host, tcpSocket.port);
    return `dial tcp ${where}: ${cause === 'timedOut' ? 'i/o timeout' : 'connect: connection refused'}`;
  }
  if (grpc !== undefined) {
    return cause === 'unhealthy'
      ? 'service unhealthy (responded with "NOT_SERVING")'
      : `timeout: failed to connect service "${context.podIP}:${grpc.port}" within ${timeout}: context deadline exceeded`;
  }
  const command = `"${exec?.command?.join(' ') ?? ''}"`;
  if (cause !== 'timedOut') {
    return '';
  }
  return context.tellsExecTimeout
    ? `command timed out: ${command} timed out after ${timeout}`
    : `command ${command} timed out`;
}

/** A port by its number, or by its name among the container's ports. */
const portNumber = (port: IntOrString, { ports = [] }: Container): IntOrString =>
  typeof port === 'number' ? port : (ports.find(({ name }) => name === port)?.containerPort ?? port);
