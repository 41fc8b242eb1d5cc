import type { Pod, Taint } from '../../models/api/index.js';

const ROLE = 'node-role.kubernetes.io/control-plane';

interface Member {
  readonly name: string;
  readonly image: string;
  readonly cpu: string;
  readonly memory?: string;
  readonly port: number;
  readonly path: string;
}

/** What `kubeadm init` makes of a machine: its label, its taint, and the manifests it writes to /etc/kubernetes/manifests. */
export function controlPlaneMembers(kubernetesVersion: string): {
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly staticPods: readonly Pod[];
} {
  const tag = `v${kubernetesVersion}.0`;
  // cmd/kubeadm/app/phases/controlplane/manifests.go, phases/etcd/local.go
  const members: readonly Member[] = [
    { name: 'etcd', image: 'registry.k8s.io/etcd:3.6.4-0', cpu: '100m', memory: '100Mi', port: 2381, path: '/livez' },
    { name: 'kube-apiserver', image: `registry.k8s.io/kube-apiserver:${tag}`, cpu: '250m', port: 6443, path: '/livez' },
    {
      name: 'kube-controller-manager',
      image: `registry.k8s.io/kube-controller-manager:${tag}`,
      cpu: '200m',
      port: 10257,
      path: '/healthz',
    },
    {
      name: 'kube-scheduler',
      image: `registry.k8s.io/kube-scheduler:${tag}`,
      cpu: '100m',
      port: 10259,
      path: '/livez',
    },
  ];
  return {
    labels: { [ROLE]: '' },
    taints: [{ key: ROLE, effect: 'NoSchedule' }],
    staticPods: members.map(memberPod),
  };
}

const memberPod = ({ cpu, image, memory, name, path, port }: Member): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'kube-system', labels: { component: name, tier: 'control-plane' } },
  spec: {
    hostNetwork: true,
    priorityClassName: 'system-node-critical',
    containers: [
      {
        name,
        image,
        imagePullPolicy: 'IfNotPresent',
        resources: { requests: { cpu, ...(memory !== undefined && { memory }) } },
        livenessProbe: {
          httpGet: { host: '127.0.0.1', path, port, scheme: 'HTTPS' },
          initialDelaySeconds: 10,
          periodSeconds: 10,
          timeoutSeconds: 15,
          failureThreshold: 8,
        },
      },
    ],
  },
});
