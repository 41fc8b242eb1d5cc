import type { NodeInfo, PodInfo, SchedulerPlugin, SchedulerPluginMethods } from 'kubewhen';

const GPU = 'nvidia.com/gpu';
const GPU_MILLI = 'alibabacloud.com/gpu-milli';
const WHOLE = 1000;
const NAME = 'FragmentationGradient';

/** A kind of pod that is expected to come, and its share of all pods. */
interface TypicalPod {
  readonly milliCpu: number;
  readonly memoryMi: number;
  /** Thousandths of one GPU for a pod that shares it, thousands for whole ones. */
  readonly gpuMilli: number;
  readonly share: number;
}

/** The commonest shapes of Alibaba's cluster-trace-gpu-v2023, three quarters of its pods. */
const TYPICAL_PODS: readonly TypicalPod[] = [
  { milliCpu: 3152, memoryMi: 5600, gpuMilli: 810, share: 0.17 },
  { milliCpu: 11350, memoryMi: 48640, gpuMilli: 1000, share: 0.25 },
  { milliCpu: 3152, memoryMi: 5600, gpuMilli: 1000, share: 0.08 },
  { milliCpu: 11908, memoryMi: 47104, gpuMilli: 470, share: 0.1 },
  { milliCpu: 8000, memoryMi: 30517, gpuMilli: 470, share: 0.06 },
  { milliCpu: 18708, memoryMi: 64512, gpuMilli: 1000, share: 0.07 },
  { milliCpu: 4000, memoryMi: 22888, gpuMilli: 320, share: 0.05 },
  { milliCpu: 15700, memoryMi: 58368, gpuMilli: 2000, share: 0.02 },
  { milliCpu: 32000, memoryMi: 49152, gpuMilli: 0, share: 0.08 },
  { milliCpu: 12500, memoryMi: 57344, gpuMilli: 0, share: 0.12 },
];

/** What a node has left. */
interface Room {
  readonly milliCpu: number;
  readonly memoryMi: number;
  /** Thousandths left of each GPU. */
  readonly gpus: readonly number[];
}

/**
 * Places GPU pods where they leave the fewest GPUs that nobody could use: the fragmentation gradient descent of Weng et al.,
 * "Beware of Fragmentation" (USENIX ATC 2023). Whole GPUs are asked for as nvidia.com/gpu, a share of one as
 * alibabacloud.com/gpu-milli alone; the filter keeps a share on one GPU, which sums of a node cannot.
 */
class FragmentationGradient implements Omit<SchedulerPluginMethods, 'name'> {
  /** Verdicts and scores depend on the pod's spec and on the node with its pods alone. */
  readonly isLocal = true;
  readonly #typical: readonly TypicalPod[];
  /** GPUs of each pod, by node and uid; those of pods that this plugin did not place are worked out. */
  readonly #given = new Map<string, Map<string, readonly number[]>>();
  /** What each node has left, by slot, as of its stamps. */
  readonly #rooms: { readonly pods: number; readonly node: number; readonly room: Room }[] = [];

  constructor(typical: readonly TypicalPod[]) {
    this.#typical = typical;
  }

  /** GPUs come free with pods that go, and with nodes. A plugin that does not say so has its pods tried again after any event. */
  eventsToRegister() {
    return [
      { resource: 'AssignedPod', actions: ['Delete'] },
      { resource: 'Node', actions: ['Add', 'UpdateNodeAllocatable'] },
    ] as const;
  }

  filter(pod: PodInfo, node: NodeInfo) {
    const gpuMilli = gpuMilliOf(pod);
    return gpuMilli === 0 || hasRoom(this.#keptRoomOf(node).gpus, gpuMilli) ? undefined : REFUSED;
  }

  /** How many thousandths of GPUs fewer are fragments afterwards, in thousandths of those. */
  score(pod: PodInfo, node: NodeInfo): number {
    const room = this.#keptRoomOf(node);
    const gpuMilli = gpuMilliOf(pod);
    const after: Room = {
      milliCpu: room.milliCpu - pod.requests.milliCpu,
      memoryMi: room.memoryMi - pod.requests.memory / MEBI,
      gpus: without(room.gpus, pick(room.gpus, gpuMilli) ?? [], gpuMilli),
    };
    return Math.round((this.#fragments(room) - this.#fragments(after)) * WHOLE);
  }

  /** The best node gets 100, the worst 0. */
  normalizeScores(scores: number[]): void {
    const [least, most] = [Math.min(...scores), Math.max(...scores)];
    for (let i = 0; i < scores.length; i++) {
      scores[i] = most === least ? 100 : Math.floor((100 * ((scores[i] as number) - least)) / (most - least));
    }
  }

  reserve(pod: PodInfo, node: NodeInfo): undefined {
    const gpuMilli = gpuMilliOf(pod);
    if (gpuMilli > 0) {
      const before = this.#given.get(node.name);
      // The pod is counted on the node already; others may have left it.
      const taken = pick(this.#roomOf(node, pod.uid).gpus, gpuMilli) ?? [];
      const still = node.pods.flatMap(({ uid }) => (before?.has(uid) ? [[uid, before.get(uid) ?? []] as const] : []));
      this.#given.set(node.name, new Map([...still, [pod.uid, taken]]));
      delete this.#rooms[node.slot];
    }
  }

  unreserve(pod: PodInfo, node: NodeInfo): void {
    this.#given.get(node.name)?.delete(pod.uid);
    delete this.#rooms[node.slot];
  }

  /** Worked out again when the node or its pods changed; copies for trying things out have stamps of their own. */
  #keptRoomOf(node: NodeInfo): Room {
    const { slot, podsStamp, nodeStamp } = node;
    const kept = this.#rooms[slot];
    if (kept?.pods === podsStamp && kept.node === nodeStamp) {
      return kept.room;
    }
    const room = this.#roomOf(node);
    this.#rooms[slot] = { pods: podsStamp, node: nodeStamp, room };
    return room;
  }

  #roomOf(node: NodeInfo, except?: string): Room {
    const { allocatable, requested, pods, name } = node;
    const given = this.#given.get(name);
    let gpus: readonly number[] = new Array<number>(allocatable.scalars?.get(GPU) ?? 0).fill(WHOLE);
    for (const pod of pods) {
      const gpuMilli = pod.uid === except ? 0 : gpuMilliOf(pod);
      if (gpuMilli > 0) {
        gpus = without(gpus, given?.get(pod.uid) ?? pick(gpus, gpuMilli) ?? [], gpuMilli);
      }
    }
    return {
      milliCpu: allocatable.milliCpu - requested.milliCpu,
      memoryMi: (allocatable.memory - requested.memory) / MEBI,
      gpus,
    };
  }

  /** Expected thousandths of GPUs that a pod to come could not use: all of them when it finds no room, else those left too small. */
  #fragments({ milliCpu, memoryMi, gpus }: Room): number {
    let expected = 0;
    for (const typical of this.#typical) {
      const fits = typical.milliCpu <= milliCpu && typical.memoryMi <= memoryMi && hasRoom(gpus, typical.gpuMilli);
      const enough = fits ? Math.min(typical.gpuMilli, WHOLE) : Number.POSITIVE_INFINITY;
      let fragments = 0;
      for (const left of gpus) {
        fragments += left < enough ? left : 0;
      }
      expected += typical.share * fragments;
    }
    return expected;
  }
}

const MEBI = 1024 * 1024;
const REFUSED = { code: 'Unschedulable', plugin: NAME, reasons: ['node(s) had no GPU with enough left'] } as const;

const gpuMilliOf = ({ requests: { scalars } }: PodInfo): number =>
  Math.max((scalars?.get(GPU) ?? 0) * WHOLE, scalars?.get(GPU_MILLI) ?? 0);

function hasRoom(gpus: readonly number[], gpuMilli: number): boolean {
  if (gpuMilli < WHOLE) {
    return gpuMilli === 0 || gpus.some((left) => left >= gpuMilli);
  }
  let wanted = gpuMilli;
  for (const left of gpus) {
    wanted -= left === WHOLE ? WHOLE : 0;
  }
  return wanted <= 0 && gpuMilli % WHOLE === 0;
}

/** GPUs for a request: the fullest one that a share fits on, or the first whole ones; undefined when there are none. */
function pick(gpus: readonly number[], gpuMilli: number): readonly number[] | undefined {
  if (gpuMilli === 0) {
    return [];
  }
  if (gpuMilli < WHOLE) {
    let best = -1;
    gpus.forEach((left, i) => {
      if (left >= gpuMilli && (best < 0 || left < (gpus[best] as number))) {
        best = i;
      }
    });
    return best < 0 ? undefined : [best];
  }
  const whole = gpus.flatMap((left, i) => (left === WHOLE ? [i] : [])).slice(0, gpuMilli / WHOLE);
  return whole.length * WHOLE === gpuMilli ? whole : undefined;
}

function without(gpus: readonly number[], taken: readonly number[], gpuMilli: number): readonly number[] {
  return gpus.map((left, i) => (taken.includes(i) ? left - Math.min(gpuMilli, WHOLE) : left));
}

const plugin: SchedulerPlugin = {
  name: NAME,
  extensionPoints: ['filter', 'score', 'reserve'],
  create: (args) => new FragmentationGradient((args as { typicalPods?: TypicalPod[] })?.typicalPods ?? TYPICAL_PODS),
};

export default plugin;
