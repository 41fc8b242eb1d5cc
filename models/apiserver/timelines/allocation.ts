import type { Store, Timeline, TimelineSpec } from '../../../engine/index.js';
import { isPodTerminal, type Kinds, keyOf, type Node, type Pod } from '../../api/index.js';
import { AllocationBook } from './allocation-book.js';

export interface AllocationRow {
  readonly pods_bound: number;
  readonly pods_pending: number;
  readonly nodes: number;
  readonly nodes_in_use: number;
  readonly cpu_allocatable_cores: number;
  readonly cpu_allocated_cores: number;
  readonly cpu_stranded_cores: number;
  readonly memory_allocatable_bytes: number;
  readonly memory_allocated_bytes: number;
  readonly memory_stranded_bytes: number;
  readonly gpu_allocatable: number;
  readonly gpu_allocated: number;
  readonly gpu_stranded: number;
  readonly gpu_fragmented: number;
}

const STRANDED = 'left on nodes where no shape of pods seen so far fits that asks for it';

export const ALLOCATION: TimelineSpec<AllocationRow> = {
  name: 'allocation',
  help: 'What pods take of the nodes: a row for each pod that comes, is bound, ends or goes, and for nodes that come and go then',
  columns: {
    pods_bound: { type: 'integer', help: 'Pods bound to a node and not ended' },
    pods_pending: { type: 'integer', help: 'Pods without a node' },
    nodes: { type: 'integer', help: 'Nodes' },
    nodes_in_use: { type: 'integer', help: 'Nodes with at least one pod' },
    cpu_allocatable_cores: { type: 'number', help: 'CPU of all nodes, status.allocatable' },
    cpu_allocated_cores: { type: 'number', help: 'CPU requests of bound pods' },
    cpu_stranded_cores: { type: 'number', help: `CPU ${STRANDED}` },
    memory_allocatable_bytes: { type: 'integer', help: 'Memory of all nodes, status.allocatable' },
    memory_allocated_bytes: { type: 'integer', help: 'Memory requests of bound pods' },
    memory_stranded_bytes: { type: 'integer', help: `Memory ${STRANDED}` },
    gpu_allocatable: { type: 'number', help: 'GPUs of all nodes' },
    gpu_allocated: { type: 'number', help: 'GPUs of bound pods; shares count as such' },
    gpu_stranded: { type: 'number', help: `GPUs ${STRANDED}` },
    gpu_fragmented: {
      type: 'number',
      help: 'GPUs left that a pod to come could not use, if it is like those so far: the fragmentation of Weng et al., USENIX ATC 2023',
    },
  },
};

/** Follows pods and nodes as they are written. */
export function recordAllocation(store: Store<Kinds>, timeline: Timeline<AllocationRow>): void {
  const book = new AllocationBook();
  let hasPods = false;
  const tell = (): void => {
    if (hasPods) {
      timeline.append(rowOf(book));
    }
  };
  const setNode = (node: Node): void => {
    const { name } = node.metadata;
    book.setNode(node, hasPods ? [...store.list('Pod')].filter((pod) => isOn(pod, name)) : []);
    tell();
  };
  store.watch('Node', {
    added: setNode,
    modified: (node, before) => {
      if (JSON.stringify(node.status?.allocatable) !== JSON.stringify(before.status?.allocatable)) {
        setNode(node);
      }
    },
    deleted: ({ metadata }) => {
      book.removeNode(metadata.name);
      tell();
    },
  });
  store.watch('Pod', {
    added: (pod) => {
      hasPods = true;
      book.create(pod);
      move(book, pod, undefined);
      tell();
    },
    modified: (pod, before) => {
      if (stateOf(pod) !== stateOf(before)) {
        move(book, pod, before);
        tell();
      }
    },
    deleted: (pod) => {
      const wasThere = stateOf(pod) !== 'ended';
      move(book, undefined, pod);
      if (wasThere) {
        tell();
      }
    },
  });
}

const isOn = (pod: Pod, node: string): boolean => pod.spec.nodeName === node && !isPodTerminal(pod);

function stateOf(pod: Pod): 'pending' | 'bound' | 'ended' {
  return isPodTerminal(pod) ? 'ended' : pod.spec.nodeName === undefined ? 'pending' : 'bound';
}

function move(book: AllocationBook, now: Pod | undefined, before: Pod | undefined): void {
  if (before !== undefined) {
    book.pending.delete(keyOf(before));
    book.release(before);
  }
  if (now !== undefined && stateOf(now) === 'pending') {
    book.pending.add(keyOf(now));
  }
  if (now !== undefined && stateOf(now) === 'bound') {
    book.bind(now);
  }
}

const thousandth = (milli: number): number => Math.round(milli) / 1000;

function rowOf(book: AllocationBook): AllocationRow {
  const { allocatable, allocated, stranded } = book;
  return {
    pods_bound: book.bound,
    pods_pending: book.pending.size,
    nodes: book.nodeCount,
    nodes_in_use: book.nodesInUse,
    cpu_allocatable_cores: thousandth(allocatable.milliCpu),
    cpu_allocated_cores: thousandth(allocated.milliCpu),
    cpu_stranded_cores: thousandth(stranded.milliCpu),
    memory_allocatable_bytes: allocatable.memory,
    memory_allocated_bytes: allocated.memory,
    memory_stranded_bytes: stranded.memory,
    gpu_allocatable: thousandth(allocatable.milliGpu),
    gpu_allocated: thousandth(allocated.milliGpu),
    gpu_stranded: thousandth(stranded.milliGpu),
    gpu_fragmented: thousandth(book.fragmentedMilliGpu),
  };
}
