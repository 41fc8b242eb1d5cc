import type { ObjectKey } from '../../engine/index.js';
import { keyOf, type Namespace, type NetworkPolicy, type Pod } from '../api/index.js';
import type { ApiConnection, Component, Informer, InformerFactory } from '../client-go/index.js';
import { isAllowed, type Party, type PartyPod, type PolicyPort } from './decisions.js';

export interface NetworkPoliciesOptions {
  readonly api: ApiConnection;
  /** Called whenever some connection may be allowed that was not, or the other way round. */
  readonly onChange: () => void;
}

const DNS_NAMESPACE = 'kube-system';
const DNS_LABELS = { 'k8s-app': 'kube-dns' };
/** cmd/kubeadm/app/constants GetDNSIP: the tenth of the Services' addresses. */
const DNS_ADDRESS = '10.96.0.10';

/** What a network plugin that enforces NetworkPolicies lets through. */
export class NetworkPolicies implements Component {
  readonly name = 'network-policies';
  readonly #informers: InformerFactory;
  readonly #policies: Informer<NetworkPolicy>;
  readonly #pods: Informer<Pod>;
  readonly #namespaces: Informer<Namespace>;
  readonly #byAddress = new Map<string, ObjectKey>();

  constructor({ api, onChange }: NetworkPoliciesOptions) {
    this.#informers = api.informers({ name: this.name, from: 'control-plane' });
    this.#policies = this.#informers.informer('NetworkPolicy');
    this.#pods = this.#informers.informer('Pod');
    this.#namespaces = this.#informers.informer('Namespace');
    const changedIfAny = (): void => (this.#policies.size > 0 ? onChange() : undefined);
    this.#policies.onChange({ added: onChange, modified: onChange, deleted: onChange });
    this.#namespaces.onChange({ added: changedIfAny, modified: changedIfAny, deleted: changedIfAny });
    const onPod = (pod: Pod): void => {
      const address = pod.spec.hostNetwork ? undefined : pod.status?.podIP;
      if (address !== undefined && this.#byAddress.get(address) !== keyOf(pod)) {
        this.#byAddress.set(address, keyOf(pod));
        changedIfAny();
      }
    };
    this.#pods.onChange({
      added: onPod,
      modified: (pod, before) => {
        onPod(pod);
        if (pod.metadata.labels !== before.metadata.labels) {
          changedIfAny();
        }
      },
      deleted: (pod) => {
        const address = pod.status?.podIP ?? '';
        if (this.#byAddress.get(address) === keyOf(pod)) {
          this.#byAddress.delete(address);
        }
      },
    });
  }

  start(): void {
    this.#informers.start();
  }

  stop(): void {
    this.#informers.stop();
    this.#byAddress.clear();
  }

  /** Whether a pod may open a connection to a port of an address: of a pod, or of anything else. */
  allows(pod: ObjectKey, address: string, port: PolicyPort): boolean {
    if (this.#policies.size === 0) {
      return true;
    }
    const to = this.#pods.get(this.#byAddress.get(address) ?? '');
    return isAllowed([...this.#policies.list()], this.#partyOf(pod), { address, pod: to && this.#partyPod(to) }, port);
  }

  /** Whether a pod may ask the cluster's DNS. */
  allowsDns(pod: ObjectKey): boolean {
    if (this.#policies.size === 0) {
      return true;
    }
    const dns: PartyPod = {
      namespace: DNS_NAMESPACE,
      namespaceLabels: this.#labelsOf(DNS_NAMESPACE),
      labels: DNS_LABELS,
      portNamed: (name) => (name === 'dns' ? 53 : undefined),
    };
    const port = { port: 53, protocol: 'UDP' };
    return isAllowed([...this.#policies.list()], this.#partyOf(pod), { address: DNS_ADDRESS, pod: dns }, port);
  }

  #partyOf(key: ObjectKey): Party {
    const pod = this.#pods.get(key);
    return {
      address: pod?.status?.podIP ?? '',
      pod: pod === undefined || pod.spec.hostNetwork ? undefined : this.#partyPod(pod),
    };
  }

  #partyPod({ metadata, spec }: Pod): PartyPod {
    const namespace = metadata.namespace ?? '';
    return {
      namespace,
      namespaceLabels: this.#labelsOf(namespace),
      labels: metadata.labels ?? {},
      portNamed: (name, protocol) =>
        spec.containers
          .flatMap(({ ports }) => ports ?? [])
          .find((port) => port.name === name && (port.protocol ?? 'TCP') === protocol)?.containerPort,
    };
  }

  #labelsOf(namespace: string): Readonly<Record<string, string>> {
    return this.#namespaces.get(namespace)?.metadata.labels ?? {};
  }
}
