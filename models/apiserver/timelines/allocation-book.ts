import {
  keyOf,
  milliValueOf,
  type Node,
  type Pod,
  type ResourceList,
  requestsOfPod,
  valueOf,
} from '../../api/index.js';
import { fits, fragments, type Room, type Shape } from './allocation-room.js';
import { GpuDevices, type GpuRequest, WHOLE_GPU } from './gpu-devices.js';

/** Thousandths of GPUs, for pods that share one. Alibaba's name; kubewhen's trace sources use it. */
const GPU_MILLI = 'alibabacloud.com/gpu-milli';
/** nvidia.com/gpu, amd.com/gpu, … */
const GPU = /^[^/]+\/gpu$/;

interface Amounts {
  milliCpu: number;
  memory: number;
  milliGpu: number;
}

interface PodShape extends Shape {
  readonly id: number;
}

class NodeBook {
  readonly allocatable: Amounts & { readonly pods: number };
  readonly devices: GpuDevices;
  readonly used: Amounts & { pods: number } = { milliCpu: 0, memory: 0, milliGpu: 0, pods: 0 };
  /** By pod, how to give back what it took. */
  readonly pods = new Map<string, () => void>();
  /** By shape: fragments in thousandths of GPUs. */
  readonly fragments: number[] = [];
  stranded: Amounts = { milliCpu: 0, memory: 0, milliGpu: 0 };

  constructor(allocatable: ResourceList) {
    const gpus = gpusOf(allocatable);
    this.devices = new GpuDevices(gpus);
    this.allocatable = {
      milliCpu: milliValueOf(allocatable['cpu'] ?? '0'),
      memory: valueOf(allocatable['memory'] ?? '0'),
      milliGpu: gpus * WHOLE_GPU,
      pods: valueOf(allocatable['pods'] ?? '0'),
    };
  }

  get room(): Room {
    const { allocatable, used, devices } = this;
    return {
      milliCpu: allocatable.milliCpu - used.milliCpu,
      memory: allocatable.memory - used.memory,
      pods: allocatable.pods - used.pods,
      gpus: devices.free,
    };
  }
}

/**
 * What pods take of the nodes they are bound to, until they have ended. Kept up by each change: a pod costs one look at its node
 * for every shape of pods known, never a look at all nodes.
 */
export class AllocationBook {
  readonly allocatable: Amounts = { milliCpu: 0, memory: 0, milliGpu: 0 };
  readonly allocated: Amounts = { milliCpu: 0, memory: 0, milliGpu: 0 };
  readonly stranded: Amounts = { milliCpu: 0, memory: 0, milliGpu: 0 };
  bound = 0;
  nodesInUse = 0;
  readonly pending = new Set<string>();
  readonly #nodes = new Map<string, NodeBook>();
  readonly #shapes = new Map<string, PodShape>();
  readonly #shapeOfSpec = new WeakMap<object, PodShape>();
  /** By shape: how many pods of it were created, and thousandths of GPUs that they could not use, over all nodes. */
  readonly #created: number[] = [];
  readonly #fragments: number[] = [];
  #createdInAll = 0;

  get nodeCount(): number {
    return this.#nodes.size;
  }

  /** GPUs, in thousandths, that a pod to come could not use: F(M), M being the pods created so far. */
  get fragmentedMilliGpu(): number {
    let sum = 0;
    for (const [shape, count] of this.#created.entries()) {
      sum += count * (this.#fragments[shape] as number);
    }
    return this.#createdInAll === 0 ? 0 : sum / this.#createdInAll;
  }

  /** A node came, or what pods may use of it changed. Pods that are bound to it stay. */
  setNode({ metadata: { name }, status }: Node, pods: Iterable<Pod>): void {
    this.removeNode(name);
    const node = new NodeBook(status?.allocatable ?? {});
    this.#nodes.set(name, node);
    add(this.allocatable, node.allocatable);
    this.#look(node);
    for (const pod of pods) {
      this.#bind(pod, node);
    }
  }

  removeNode(name: string): void {
    const node = this.#nodes.get(name);
    if (node !== undefined) {
      for (const giveBack of [...node.pods.values()]) {
        giveBack();
      }
      this.#nodes.delete(name);
      subtract(this.allocatable, node.allocatable);
      subtract(this.stranded, node.stranded);
      for (const [shape, amount] of node.fragments.entries()) {
        this.#fragments[shape] = (this.#fragments[shape] as number) - amount;
      }
    }
  }

  /** A pod that was not there before. */
  create(pod: Pod): void {
    const { id } = this.#shapeOf(pod);
    this.#created[id] = (this.#created[id] as number) + 1;
    this.#createdInAll++;
  }

  bind(pod: Pod): void {
    const node = this.#nodes.get(pod.spec.nodeName ?? '');
    if (node !== undefined) {
      this.#bind(pod, node);
    }
  }

  release(pod: Pod): void {
    this.#nodes.get(pod.spec.nodeName ?? '')?.pods.get(keyOf(pod))?.();
  }

  #bind(pod: Pod, node: NodeBook): void {
    const shape = this.#shapeOf(pod);
    const { milliCpu, memory, gpu } = shape;
    const amounts = { milliCpu, memory, milliGpu: gpu.count * gpu.milli };
    const taken = node.devices.take(gpu);
    this.#count(node, amounts, 1);
    node.pods.set(keyOf(pod), () => {
      node.pods.delete(keyOf(pod));
      node.devices.giveBack(taken);
      this.#count(node, amounts, -1);
    });
  }

  #count(node: NodeBook, amounts: Amounts, sign: 1 | -1): void {
    const change = sign > 0 ? add : subtract;
    change(node.used, amounts);
    change(this.allocated, amounts);
    const before = node.used.pods;
    node.used.pods += sign;
    this.nodesInUse += Number(node.used.pods > 0) - Number(before > 0);
    this.bound += sign;
    this.#look(node);
  }

  /** Looks at one node again. What is left of a resource is stranded when no shape that asks for it fits. */
  #look(node: NodeBook): void {
    const { room } = node;
    const isWanted = { milliCpu: false, memory: false, milliGpu: false };
    for (const shape of this.#shapes.values()) {
      const doesFit = fits(room, shape);
      if (doesFit) {
        isWanted.milliCpu ||= shape.milliCpu > 0;
        isWanted.memory ||= shape.memory > 0;
        isWanted.milliGpu ||= shape.gpu.count > 0;
      }
      if (room.gpus.length > 0) {
        this.#setFragments(node, shape, fragments(room, shape, doesFit));
      }
    }
    subtract(this.stranded, node.stranded);
    node.stranded = {
      milliCpu: isWanted.milliCpu ? 0 : Math.max(0, room.milliCpu),
      memory: isWanted.memory ? 0 : Math.max(0, room.memory),
      milliGpu: isWanted.milliGpu ? 0 : room.gpus.reduce((sum, left) => sum + left, 0),
    };
    add(this.stranded, node.stranded);
  }

  /** A shape that was not known: what it can use is no longer stranded. */
  #lookForNew(node: NodeBook, shape: PodShape): void {
    const { room } = node;
    const doesFit = fits(room, shape);
    if (room.gpus.length > 0) {
      this.#setFragments(node, shape, fragments(room, shape, doesFit));
    }
    if (doesFit) {
      subtract(this.stranded, node.stranded);
      const { milliCpu, memory, milliGpu } = node.stranded;
      node.stranded = {
        milliCpu: shape.milliCpu > 0 ? 0 : milliCpu,
        memory: shape.memory > 0 ? 0 : memory,
        milliGpu: shape.gpu.count > 0 ? 0 : milliGpu,
      };
      add(this.stranded, node.stranded);
    }
  }

  #setFragments(node: NodeBook, { id }: PodShape, amount: number): void {
    this.#fragments[id] = (this.#fragments[id] as number) + amount - (node.fragments[id] ?? 0);
    node.fragments[id] = amount;
  }

  #shapeOf({ spec }: Pod): PodShape {
    const known = this.#shapeOfSpec.get(spec.containers);
    if (known !== undefined) {
      return known;
    }
    const requests = requestsOfPod(spec);
    const milliCpu = milliValueOf(requests['cpu'] ?? '0');
    const memory = valueOf(requests['memory'] ?? '0');
    const gpu = gpuRequestOf(requests);
    const text = [milliCpu, memory, gpu.count, gpu.milli].join(' ');
    let shape = this.#shapes.get(text);
    if (shape === undefined) {
      shape = { id: this.#shapes.size, milliCpu, memory, gpu };
      this.#shapes.set(text, shape);
      this.#created.push(0);
      this.#fragments.push(0);
      for (const node of this.#nodes.values()) {
        this.#lookForNew(node, shape);
      }
    }
    this.#shapeOfSpec.set(spec.containers, shape);
    return shape;
  }
}

function gpusOf(resources: ResourceList): number {
  const name = Object.keys(resources).find((one) => GPU.test(one));
  return name !== undefined
    ? valueOf(resources[name] ?? '0')
    : Math.floor(valueOf(resources[GPU_MILLI] ?? '0') / WHOLE_GPU);
}

/** Whole GPUs as nvidia.com/gpu; else the thousandths of one. */
function gpuRequestOf(requests: ResourceList): GpuRequest {
  const name = Object.keys(requests).find((one) => GPU.test(one));
  if (name !== undefined) {
    return { count: valueOf(requests[name] ?? '0'), milli: WHOLE_GPU };
  }
  const milli = valueOf(requests[GPU_MILLI] ?? '0');
  return milli === 0 ? { count: 0, milli: 0 } : { count: 1, milli: Math.min(milli, WHOLE_GPU) };
}

function add(sum: Amounts, { milliCpu, memory, milliGpu }: Readonly<Amounts>): void {
  sum.milliCpu += milliCpu;
  sum.memory += memory;
  sum.milliGpu += milliGpu;
}

function subtract(sum: Amounts, { milliCpu, memory, milliGpu }: Readonly<Amounts>): void {
  sum.milliCpu -= milliCpu;
  sum.memory -= memory;
  sum.milliGpu -= milliGpu;
}
