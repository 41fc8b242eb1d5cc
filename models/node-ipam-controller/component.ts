import type { ObjectKey } from '../../engine/index.js';
import type { Node } from '../api/index.js';
import {
  type ApiClient,
  Controller,
  type ControllerContext,
  type EventRecorder,
  type Informer,
  type SyncResult,
} from '../client-go/index.js';
import { CidrSet } from './cidr-set.js';
import type { NodeIpamControllerConfiguration } from './config.js';

type Done = (result: SyncResult) => void;

/** Gives each Node its block of the cluster's range. Mirrors pkg/controller/nodeipam/ipam rangeAllocator. */
class NodeIpamController extends Controller {
  readonly name = 'node-ipam-controller';
  readonly #config: NodeIpamControllerConfiguration;
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #nodes: Informer<Node>;
  /** One for each range. */
  #blocks: readonly CidrSet[] | undefined;

  constructor(context: ControllerContext, config: NodeIpamControllerConfiguration) {
    super(context, { workers: config.workers });
    this.#config = config;
    this.#client = context.api.client({ name: this.name, from: 'control-plane', ...config.client });
    this.#events = context.api.eventRecorder(this.#client, { component: 'cidrAllocator' });
    this.#nodes = context.informers.informer('Node');
    this.#nodes.onChange({
      added: (node) => this.enqueue(node.metadata.name),
      modified: (node) => {
        if (!hasBlock(node)) {
          this.enqueue(node.metadata.name);
        }
      },
      deleted: (node) => {
        release(this.#blocks ?? [], node.spec.podCIDRs ?? []);
      },
    });
  }

  override stop(): void {
    super.stop();
    this.#client.abandon();
    this.#events.reset();
    this.#blocks = undefined;
  }

  /** As syncNode and updateCIDRsAllocation. */
  protected sync(key: ObjectKey, done: Done): void {
    this.#blocks ??= this.#blocksInUse();
    const blocks = this.#blocks;
    const node = this.#nodes.get(key);
    if (node === undefined || hasBlock(node)) {
      done('done');
      return;
    }
    const podCIDRs = blocks.flatMap((range) => range.take() ?? []);
    if (podCIDRs.length < blocks.length) {
      release(blocks, podCIDRs);
      this.#events.event(node, 'Normal', 'CIDRNotAvailable', `Node ${key} status is now: CIDRNotAvailable`);
      const { retryAfter } = this.#config;
      done(retryAfter === undefined ? 'retry' : { requeueAfter: retryAfter });
      return;
    }
    const assign = (current: Node): Node =>
      hasBlock(current) ? current : { ...current, spec: { ...current.spec, podCIDR: podCIDRs[0], podCIDRs } };
    this.#client.patch('Node', key, assign, (reply) => {
      if (reply.ok && reply.object.spec.podCIDR === podCIDRs[0]) {
        done('done');
        return;
      }
      release(blocks, podCIDRs);
      if (!reply.ok) {
        this.#events.event(node, 'Normal', 'CIDRAssignmentFailed', `Node ${key} status is now: CIDRAssignmentFailed`);
      }
      done(reply.ok || reply.error.reason === 'NotFound' ? 'done' : 'retry');
    });
  }

  /** What nodes have from an earlier life of this controller is taken before anything is dealt. */
  #blocksInUse(): readonly CidrSet[] {
    const ranges = this.#config.ranges.map(({ cidr, nodeMaskSize }) => new CidrSet(cidr, nodeMaskSize));
    for (const node of this.#nodes.list()) {
      for (const block of node.spec.podCIDRs ?? []) {
        for (const range of ranges) {
          range.occupy(block);
        }
      }
    }
    return ranges;
  }
}

const release = (ranges: readonly CidrSet[], blocks: readonly string[]): void => {
  for (const range of ranges) {
    for (const block of blocks) {
      range.release(block);
    }
  }
};

const hasBlock = ({ spec }: Node): boolean => (spec.podCIDRs?.length ?? 0) > 0;

export const createNodeIpamController = (
  context: ControllerContext,
  config: NodeIpamControllerConfiguration,
): Controller => new NodeIpamController(context, config);
