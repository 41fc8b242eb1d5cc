import { conditionOf } from '../../../models/api/index.js';
import { CidrSet } from '../../../models/node-ipam-controller/cidr-set.js';
import { type ACluster, aCluster } from '../../helpers/a-cluster.js';

const FLAGS = { 'allocate-node-cidrs': 'true', 'cluster-cidr': '10.244.0.0/16' };
const NODES = ['n0', 'n1', 'n2'];

const blocksOf = ({ cluster }: ACluster): Record<string, string | undefined> =>
  Object.fromEntries([...cluster.list('Node')].map(({ metadata, spec }) => [metadata.name, spec.podCIDR]));

/** Names in order of creation. */
const joined = ({ cluster }: ACluster): readonly string[] =>
  [...cluster.list('Node')].map(({ metadata }) => metadata.name);

const readiness = ({ cluster }: ACluster, node: string): string | undefined =>
  conditionOf(cluster.get('Node', node)?.status?.conditions, 'Ready')?.status;

const aPod = (name: string, nodeName: string, hostNetwork = false) =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { nodeName, hostNetwork, containers: [{ name: 'c', image: 'app:v1' }] },
  }) as const;

describe('the addresses of pods', () => {
  it('come from a /24 for each node, in the order in which nodes joined, and from the second address of it on', () => {
    const cluster = aCluster({ nodes: NODES, configuration: { kubeControllerManager: FLAGS } });
    const blocks = blocksOf(cluster);
    expect(joined(cluster).map((name) => blocks[name])).toEqual(['10.244.0.0/24', '10.244.1.0/24', '10.244.2.0/24']);
    const [first = ''] = joined(cluster);
    expect(readiness(cluster, first)).toBe('True');
    cluster.apply(aPod('a', first));
    cluster.runUntil('20s');
    cluster.apply(aPod('b', first));
    cluster.apply(aPod('c', first, true));
    cluster.runUntil('40s');
    const address = (name: string): string | undefined => cluster.cluster.get('Pod', `default/${name}`)?.status?.podIP;
    // .0 is the network, .1 the bridge of the node (host-local).
    expect([address('a'), address('b')]).toEqual(['10.244.0.2', '10.244.0.3']);
    // A pod on the node's own network has the node's address.
    expect(address('c')).toBe(cluster.cluster.get('Pod', 'default/c')?.status?.hostIP);
  });

  it('come without a controller when blocks are not dealt', () => {
    expect(Object.values(blocksOf(aCluster({ nodes: NODES })))).toEqual([undefined, undefined, undefined]);
  });

  it.each(['1.37', '1.23'])('run out with the range: a node without a block does not become Ready (%s)', (version) => {
    // A /23 holds two /24.
    const flags = { ...FLAGS, 'cluster-cidr': '10.244.0.0/23' };
    const cluster = aCluster({
      kubernetesVersion: version,
      nodes: NODES,
      configuration: { kubeControllerManager: flags },
    });
    const last = joined(cluster)[2] as string;
    expect(blocksOf(cluster)[last]).toBeUndefined();
    expect(readiness(cluster, last)).toBe('False');
    expect(cluster.events(last)).toContain(`CIDRNotAvailable: Node ${last} status is now: CIDRNotAvailable`);
    // A block that is given back is the next one's: the kubelet's updates (1.23) or the back-off (1.37) try again.
    const first = joined(cluster)[0] as string;
    cluster.cluster.node(first)?.machine.powerOff();
    cluster.cluster.user.delete('Node', first, {}, () => {});
    cluster.runUntil('12m');
    expect(blocksOf(cluster)[last]).toBe('10.244.0.0/24');
    expect(readiness(cluster, last)).toBe('True');
  });

  it('need a range, and one that has room', () => {
    const create = (flags: Record<string, string>) => () =>
      aCluster({ configuration: { kubeControllerManager: flags } });
    expect(create({ 'allocate-node-cidrs': 'true' })).toThrow(
      'Must specify --cluster-cidr if --allocate-node-cidrs is set',
    );
    expect(create({ ...FLAGS, 'cluster-cidr': '10.244.0.0' })).toThrow(
      '"10.244.0.0" for "--cluster-cidr": not a block of addresses',
    );
    expect(create({ ...FLAGS, 'node-cidr-mask-size': '8' })).toThrow('it must be between 16 and 32');
    const both = { ...FLAGS, 'cluster-cidr': '10.244.0.0/16,fd00::/40' };
    expect(create({ ...both, 'node-cidr-mask-size': '24' })).toThrow('is not allowed with dual-stack clusters');
    expect(create(both)).toThrow(
      '--node-cidr-mask-size 64 does not fit into --cluster-cidr fd00::/40: it must be between 40 and 56',
    );
    expect(create({ ...FLAGS, 'cluster-cidr': '10.0.0.0/16,10.1.0.0/16' })).toThrow('two of one family');
  });
});

describe('a set of blocks', () => {
  it('deals on where it stood, and what was given back only after the end of the range', () => {
    const blocks = new CidrSet('10.244.0.0/22', 24);
    expect([blocks.take(), blocks.take()]).toEqual(['10.244.0.0/24', '10.244.1.0/24']);
    blocks.release('10.244.0.0/24');
    expect([blocks.take(), blocks.take(), blocks.take(), blocks.take()]).toEqual([
      '10.244.2.0/24',
      '10.244.3.0/24',
      '10.244.0.0/24',
      undefined,
    ]);
  });

  it('passes over what somebody has already', () => {
    const blocks = new CidrSet('10.244.0.0/16', 26);
    blocks.occupy('10.244.0.0/26');
    expect(blocks.take()).toBe('10.244.0.64/26');
  });
});
