import type { Ingress, IngressBackend } from '../api/index.js';

/** A Service that a request leads to, and the port of it by number or name. */
export interface RoutedBackend {
  readonly namespace: string;
  readonly service: string;
  readonly port: number | string;
}

interface Candidate {
  readonly backend: RoutedBackend;
  /** Exact paths before prefixes, longer prefixes first. */
  readonly rank: number;
}

/** Where a request for a host and path leads; undefined: nowhere. Of Ingresses that claim the same, the older comes first in the list. */
export function backendOf(ingresses: readonly Ingress[], host: string, path: string): RoutedBackend | undefined {
  const wildcard = `*.${host.split('.').slice(1).join('.')}`;
  for (const wanted of [host, wildcard, '']) {
    const found = bestOf(ingresses.flatMap((ingress) => candidates(ingress, wanted, path)));
    if (found !== undefined) {
      return found;
    }
  }
  return ingresses.flatMap((ingress) => toBackend(ingress, ingress.spec?.defaultBackend) ?? [])[0];
}

function candidates(ingress: Ingress, host: string, path: string): readonly Candidate[] {
  return (ingress.spec?.rules ?? [])
    .filter((rule) => (rule.host ?? '') === host)
    .flatMap((rule) => rule.http?.paths ?? [])
    .flatMap(({ path: wanted = '/', pathType, backend: given }) => {
      const backend = toBackend(ingress, given);
      if (backend === undefined) {
        return [];
      }
      if (pathType === 'Exact') {
        return wanted === path ? [{ backend, rank: Number.POSITIVE_INFINITY }] : [];
      }
      return isPrefix(wanted, path) ? [{ backend, rank: elements(wanted).length }] : [];
    });
}

const bestOf = (found: readonly Candidate[]): RoutedBackend | undefined =>
  found.reduce<Candidate | undefined>(
    (best, one) => (best === undefined || one.rank > best.rank ? one : best),
    undefined,
  )?.backend;

const elements = (path: string): readonly string[] => path.split('/').filter((element) => element !== '');

function isPrefix(wanted: string, path: string): boolean {
  const parts = elements(path);
  return elements(wanted).every((element, i) => element === parts[i]);
}

function toBackend({ metadata }: Ingress, backend: IngressBackend | undefined): RoutedBackend | undefined {
  const { name, port } = backend?.service ?? {};
  const wanted = port?.number ?? port?.name;
  return name === undefined || wanted === undefined
    ? undefined
    : { namespace: metadata.namespace ?? '', service: name, port: wanted };
}
