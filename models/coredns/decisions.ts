import type { EndpointSlice, Service } from '../api/index.js';

export const CLUSTER_DOMAIN = 'cluster.local';
/** Options of a pod's /etc/resolv.conf with dnsPolicy ClusterFirst (pkg/kubelet/network/dns defaultDNSOptions). */
const NDOTS = 5;

/** What CoreDNS knows of the cluster. */
export interface DnsView {
  hasNamespace(namespace: string): boolean;
  service(namespace: string, name: string): Service | undefined;
  slices(namespace: string, name: string): readonly EndpointSlice[];
}

export interface DnsAnswer {
  readonly rcode: 'NOERROR' | 'NXDOMAIN';
  /** A records. */
  readonly addresses: readonly string[];
  /** A CNAME to a name that the cluster does not serve, or such a name itself: somebody else answers for it. */
  readonly outside?: string;
}

const NXDOMAIN: DnsAnswer = { rcode: 'NXDOMAIN', addresses: [] };
const NODATA: DnsAnswer = { rcode: 'NOERROR', addresses: [] };

/** The names that a resolver in a pod of this namespace asks for, in order, without the dot at their end. */
export function searchNames(name: string, namespace: string): readonly string[] {
  if (name.endsWith('.')) {
    return [name.slice(0, -1)];
  }
  const searched = [`${namespace}.svc.${CLUSTER_DOMAIN}`, `svc.${CLUSTER_DOMAIN}`, CLUSTER_DOMAIN].map(
    (suffix) => `${name}.${suffix}`,
  );
  return name.split('.').length > NDOTS ? [name, ...searched] : [...searched, name];
}

/** Whether CoreDNS itself serves the name; the others it forwards. */
export const isInCluster = (name: string): boolean => name === CLUSTER_DOMAIN || name.endsWith(`.${CLUSTER_DOMAIN}`);

/** As plugin kubernetes of CoreDNS answers a query for A records (kubernetes.go Records, findServices, findPods). */
export function answerTo(name: string, view: DnsView): DnsAnswer {
  if (!isInCluster(name)) {
    return name.includes('.') ? { ...NODATA, outside: name } : NXDOMAIN;
  }
  const labels = name.slice(0, -CLUSTER_DOMAIN.length - 1).split('.');
  const kind = labels.pop();
  const namespace = labels.pop();
  if (namespace === undefined || (kind !== 'svc' && kind !== 'pod') || !view.hasNamespace(namespace)) {
    // The zone itself, svc and pod are there, without addresses.
    return namespace === undefined && (kind === '' || kind === 'svc' || kind === 'pod') ? NODATA : NXDOMAIN;
  }
  const last = labels.pop();
  if (last === undefined) {
    return NODATA;
  }
  return kind === 'pod' ? answerToPod(last) : answerToService(view, namespace, last, labels);
}

/** `pods insecure`: whoever asks for 10-244-0-2.NAMESPACE.pod gets that address back. */
const answerToPod = (label: string): DnsAnswer =>
  /^\d{1,3}(-\d{1,3}){3}$/.test(label) ? { rcode: 'NOERROR', addresses: [label.replaceAll('-', '.')] } : NXDOMAIN;

function answerToService(view: DnsView, namespace: string, name: string, before: readonly string[]): DnsAnswer {
  const service = view.service(namespace, name);
  if (service === undefined || before.length > 1) {
    return NXDOMAIN;
  }
  const { type, externalName, clusterIP } = service.spec ?? {};
  const [endpoint] = before;
  if (type === 'ExternalName') {
    return endpoint === undefined ? { ...NODATA, outside: externalName?.replace(/\.$/, '') ?? '' } : NXDOMAIN;
  }
  if (clusterIP !== 'None' && endpoint === undefined) {
    return clusterIP ? { rcode: 'NOERROR', addresses: [clusterIP] } : NXDOMAIN;
  }
  const addresses = readyAddresses(view.slices(namespace, name), endpoint);
  return addresses.length > 0 ? { rcode: 'NOERROR', addresses } : NXDOMAIN;
}

/** Ready endpoints, or the one of that name: its hostname, or its address with dashes. As EndpointSliceToEndpoints and endpointHostname. */
const readyAddresses = (slices: readonly EndpointSlice[], endpoint: string | undefined): readonly string[] =>
  slices
    .filter(({ addressType }) => addressType === 'IPv4')
    .flatMap((slice) => slice.endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready ?? true)
    .flatMap(({ addresses, hostname }) =>
      addresses.filter((address) => endpoint === undefined || endpoint === (hostname || address.replaceAll('.', '-'))),
    );
