import type { Party } from '../api/index.js';
import type { ClientOptions, Writer } from '../client-go/index.js';

/** Processes of their own on the control plane, by the names of their clients: what else runs there is in kube-controller-manager. */
const BINARIES: Readonly<Record<string, string>> = {
  'cloud-node-lifecycle-controller': 'cloud-controller-manager',
  'cluster-autoscaler': 'cluster-autoscaler',
  'external-attacher': 'csi-attacher',
  'external-provisioner': 'csi-provisioner',
  'ingress-nginx-controller': 'nginx-ingress-controller',
  'kube-scheduler': 'kube-scheduler',
  'service-controller': 'cloud-controller-manager',
  'vpa-recommender': 'recommender',
  'vpa-updater': 'updater',
};

/** k8s 1.37 apiserver pkg/endpoints/handlers managerOrUserAgent: who sets no field manager is known by the binary's name. */
export function writerOf({ name, from }: Pick<ClientOptions, 'name' | 'from'>): Writer {
  const [component = '', part] = name.split('/');
  const manager = BINARIES[component] ?? binaryAt(from, component);
  return part === 'scale' ? { manager, subresource: 'scale' } : { manager };
}

const binaryAt = (from: Party, component: string): string =>
  from === 'control-plane' ? 'kube-controller-manager' : component;
