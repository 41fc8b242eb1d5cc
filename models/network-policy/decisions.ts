import {
  type Labels,
  matchesLabelSelector,
  type NetworkPolicy,
  type NetworkPolicyPeer,
  type NetworkPolicyPort,
} from '../api/index.js';

/** One end of a connection. */
export interface Party {
  readonly address: string;
  /** The pod that has the address; undefined for what is outside, and for pods on the network of their node. */
  readonly pod?: PartyPod | undefined;
}

export interface PartyPod {
  readonly namespace: string;
  readonly namespaceLabels: Labels;
  readonly labels: Labels;
  /** The number of a port of its containers by name and protocol. */
  portNamed(name: string, protocol: string): number | undefined;
}

export interface PolicyPort {
  readonly port: number;
  readonly protocol: string;
}

/** Whether the policies let one end open a connection to a port of the other. */
export const isAllowed = (policies: readonly NetworkPolicy[], from: Party, to: Party, port: PolicyPort): boolean =>
  isAllowedOneWay(policies, 'Egress', from, to, to, port) && isAllowedOneWay(policies, 'Ingress', to, from, to, port);

/** Policies add up: each that selects `own` isolates it, and each may let the connection through. */
function isAllowedOneWay(
  policies: readonly NetworkPolicy[],
  type: 'Egress' | 'Ingress',
  own: Party,
  other: Party,
  to: Party,
  port: PolicyPort,
): boolean {
  const { pod } = own;
  if (pod === undefined) {
    return true;
  }
  const isolating = policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === pod.namespace &&
      (spec.policyTypes ?? ['Ingress']).includes(type) &&
      matchesLabelSelector(spec.podSelector ?? {}, pod.labels),
  );
  return (
    isolating.length === 0 ||
    isolating.some(({ spec }) => {
      const rules =
        type === 'Egress'
          ? (spec.egress ?? []).map((rule) => ({ peers: rule.to, ports: rule.ports }))
          : (spec.ingress ?? []).map((rule) => ({ peers: rule.from, ports: rule.ports }));
      return rules.some(
        ({ peers, ports }) =>
          (!peers?.length || peers.some((peer) => isPeer(peer, other, pod.namespace))) &&
          (!ports?.length || ports.some((one) => isPort(one, to, port))),
      );
    })
  );
}

function isPeer({ ipBlock, namespaceSelector, podSelector }: NetworkPolicyPeer, party: Party, home: string): boolean {
  if (ipBlock !== undefined) {
    return isWithin(party.address, ipBlock.cidr) && !ipBlock.except?.some((block) => isWithin(party.address, block));
  }
  const { pod } = party;
  if (pod === undefined) {
    return false;
  }
  const isInNamespace =
    namespaceSelector === undefined
      ? pod.namespace === home
      : matchesLabelSelector(namespaceSelector, pod.namespaceLabels);
  return isInNamespace && (podSelector === undefined || matchesLabelSelector(podSelector, pod.labels));
}

function isPort({ port, endPort, protocol = 'TCP' }: NetworkPolicyPort, to: Party, wanted: PolicyPort): boolean {
  if (protocol !== wanted.protocol || port === undefined) {
    return protocol === wanted.protocol;
  }
  const first = typeof port === 'number' ? port : to.pod?.portNamed(port, protocol);
  return first !== undefined && wanted.port >= first && wanted.port <= (endPort ?? first);
}

function isWithin(address: string, block: string): boolean {
  const [base = '', bits = '32'] = block.split('/');
  const size = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(address) / size) === Math.floor(numberOf(base) / size);
}

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
