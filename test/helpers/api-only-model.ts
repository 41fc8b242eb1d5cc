import { constant, milliseconds } from '../../engine/index.js';
import { createApiServer } from '../../models/apiserver/index.js';
import type { Cluster, ClusterModel, ClusterNode, ClusterOptions, NodeTemplate } from '../../models/cluster.js';
import { type Defaults, defaultsFor } from '../../models/versions/index.js';
import { Machine, Network, Registry } from '../../models/world/index.js';
import { A_CATALOGUE } from './scenario-text.js';

/** An API server and machines without components: Nodes are there at once and Ready, nothing else happens by itself. */
export interface ApiOnlyModel extends ClusterModel {
  /** Levers that were pulled: "exit default/web server 137". */
  readonly levers: readonly string[];
}

export function apiOnlyModel(): ApiOnlyModel {
  const levers: string[] = [];
  return { levers, catalogue: () => A_CATALOGUE, create: (options) => create(options, levers) };
}

function create(options: ClusterOptions, levers: string[]): Cluster {
  const { simulation, recorder, kubernetesVersion } = options;
  const network = new Network();
  const server = createApiServer({
    simulation,
    recorder,
    network,
    defaults: defaultsFor(kubernetesVersion) as Defaults,
    settings: { apiCall: constant(milliseconds(4)), watchDelivery: constant(milliseconds(3)) },
  });
  const nodes = new Map<string, ClusterNode>();
  const addNode = (template: NodeTemplate): ClusterNode => {
    const { name, labels, taints, capacity } = template;
    const conditions = [{ type: 'Ready', status: 'True' }];
    const status = { capacity, allocatable: capacity, conditions };
    server.registry.create('Node', {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels },
      spec: { taints },
      status,
    });
    const machine = new Machine(name);
    machine.onPower((isOn) => levers.push(`power ${isOn ? 'on' : 'off'} ${name}`));
    machine.onClock(() => levers.push(`clock ${machine.clockAt(0)} ${name}`));
    const lever = (...words: readonly unknown[]): (() => void) => {
      levers.push(words.join(' '));
      return () => levers.push(`heal ${words.join(' ')}`);
    };
    const node: ClusterNode = {
      name,
      machine,
      kubelet: { name: 'kubelet', start: () => lever('start kubelet', name), stop: () => lever('stop kubelet', name) },
      manifests: undefined,
      hangKubelet: () => lever('hang kubelet', name),
      runtime: {
        exit: (pod, container, code) => lever('exit', pod, container, code) !== undefined,
        failProbe: (pod, container, probe) => lever('fail', probe, pod, container),
        leak: (pod, container, memory) => lever('leak', pod, container, memory.growthPerSecond),
        fillDisk: (disk, { growthPerSecond }) => lever('fill', disk, growthPerSecond, name),
        breakNetworkPlugin: () => lever('break network', name),
        hang: () => lever('hang', name),
      },
    };
    nodes.set(name, node);
    return node;
  };
  for (const template of options.nodes) {
    addNode(template);
  }
  return {
    simulation,
    network,
    registry: new Registry(),
    user: server.client({ name: 'kubectl', from: 'user', qps: 0, burst: 0 }),
    get: (kind, key) => server.get(kind, key),
    list: (kind) => server.list(kind),
    watch: (kind, watcher) => server.registry.store.watch(kind, watcher),
    keepManagers: (kind, key) => server.registry.fieldManagers.keep(kind, key),
    node: (name) => nodes.get(name),
    nodeNames: () => [...nodes.keys()],
    addNode,
    nodeGroup: () => undefined,
    process: () => undefined,
    surroundings: { isMet: () => true, serves: () => true, onChange: () => () => {}, waitFor: () => () => {} },
    candidates: () => [],
  };
}
