import { join } from 'node:path';
import {
  BucketEventQueue,
  constant,
  MemorySink,
  type Micros,
  milliseconds,
  Recorder,
  Simulation,
  seconds,
} from '../../../../engine/index.js';
import {
  type AnyObject,
  allContainers,
  decode,
  isKind,
  type Kind,
  keyOf,
  type Pod,
} from '../../../../models/api/index.js';
import { type Cluster, kubernetes, type NodeTemplate } from '../../../../models/cluster.js';
import type { ContainerBehaviour, ContainerRuntime, WorldSettings } from '../../../../models/world/index.js';
import type { ActionContext, ActionSpec } from '../../../../scenarios/actions/action.js';
import { ACTION_KINDS } from '../../../../scenarios/actions/registry.js';
import { actionOf } from '../../../../scenarios/kubectl/index.js';
import { Lateness } from './lateness.js';
import { PlayedKubelet } from './played-kubelet.js';
import { PlayedMetrics } from './played-metrics.js';
import { PROJECTED_KINDS, traceLine } from './projection.js';
import { fits, nodesOf, type PoolText, readManifest, type Script, type Step } from './script.js';
import { scriptedBehaviours } from './scripted-containers.js';
import type { Trace, TraceLine } from './trace.js';

/** Seconds from the start of a run to the zero instant: time for the cluster to settle, whatever came before. */
const ZERO_AT = 900;
/** Nodes are there this long before the first thing is done to them, where the recording does not show them come. */
const NODES_BEFORE_FIRST_STEP = 60;

const DEFAULT_CAPACITY = { cpu: '8', memory: '32Gi', pods: '110', 'ephemeral-storage': '100Gi' };

/** Nor did it measure disks (traces/README.md: no cAdvisor). */
const UNMEASURED = { nodefs: { capacity: 0, inodes: 0 } };

/** The kubelet's recordings ran on a container runtime that answers at once (traces/README.md, "The real kubelet"). */
const AT_ONCE = constant(milliseconds(1));
const IN_MEMORY_RUNTIME: Partial<WorldSettings> = {
  runtimeCall: AT_ONCE,
  sandboxStart: AT_ONCE,
  containerStart: AT_ONCE,
  containerStop: AT_ONCE,
  registryCall: AT_ONCE,
  imageBytes: 1,
};

/** The control plane's recordings: a watcher was told 1 to 20 ms after a write (traces/README.md), and a request took as long. */
const BUSY_CONTROL_PLANE: Partial<WorldSettings> = {
  apiCall: { kind: 'uniform', min: milliseconds(2), max: milliseconds(20) },
  watchDelivery: { kind: 'uniform', min: milliseconds(1), max: milliseconds(20) },
};

export interface PlayOptions {
  readonly folder: string;
  readonly trace: Trace;
  readonly script: Script;
  readonly seed: number;
  /** Seconds by which the control plane starts later: moves the phases of all its periodic passes. */
  readonly phase: number;
  /** Seconds for which a real kubelet has run when the first thing is done to it. */
  readonly kubeletAge: number;
  /** Of requests and watches; left out, those that the recordings' README states. */
  readonly latencies?: Pick<WorldSettings, 'apiCall' | 'watchDelivery'>;
}

/** Runs a recorded scenario's manifests and actions in the simulator; answers what the recorder would have noted. */
export function play(options: PlayOptions): readonly TraceLine[] {
  return new Play(options).run();
}

class Play {
  readonly #options: PlayOptions;
  readonly #namespace: string;
  readonly #zero: Micros;
  readonly #startTime: number;
  readonly #simulation: Simulation;
  readonly #cluster: Cluster;
  readonly #metrics: PlayedMetrics;
  readonly #lateness: Lateness;
  readonly #kubelets = new Map<string, PlayedKubelet>();
  readonly #lines: TraceLine[] = [];

  constructor(options: PlayOptions) {
    const { trace, script, seed } = options;
    this.#options = options;
    this.#namespace = trace.scenario;
    this.#zero = seconds(ZERO_AT + (trace.t0 - Math.floor(trace.t0)));
    this.#startTime = Math.floor(trace.t0) - ZERO_AT;
    this.#simulation = new Simulation({ seed, queue: new BucketEventQueue() });
    this.#lateness = new Lateness(trace.lines, script, this.#manifests());
    const behaviours = scriptedBehaviours(this.#manifests());
    this.#metrics = new PlayedMetrics(this.#simulation, () => this.#cluster.list('Pod'));
    this.#cluster = kubernetes.create({
      metrics: this.#metrics,
      simulation: this.#simulation,
      recorder: new Recorder(new MemorySink(() => this.#simulation.now), ['leases']),
      kubernetesVersion: '1.37',
      nodes: [],
      startTime: this.#startTime,
      controlPlaneStartsAt: seconds(options.phase),
      behaviourOf: ({ key, container }): ContainerBehaviour => behaviours.get(`${key}/${container}`) ?? {},
      ...(script.cluster === 'kubelet'
        ? {
            world: IN_MEMORY_RUNTIME,
            configuration: { kubelet: { clusterDNS: [] } },
            imageOf: (image) => ({ exists: !image.includes('missing') }),
          }
        : { world: options.latencies ?? BUSY_CONTROL_PLANE, kubelet: (node, api) => this.#playKubelet(node, api) }),
    });
    for (const kind of PROJECTED_KINDS) {
      this.#record(kind);
    }
  }

  run(): readonly TraceLine[] {
    const { script, trace } = this.#options;
    const firstStep = Math.min(0, ...script.steps.map((step) => step.t));
    const firstLine = Math.min(0, trace.lines[0]?.t ?? 0);
    const firstNode =
      trace.lines.find(({ kind, reason }) => kind === 'Event' && reason === 'Starting') ??
      trace.lines.find(({ kind, event }) => kind === 'Node' && event === 'ADDED');
    const isRealKubelet = script.cluster === 'kubelet';
    const lead = isRealKubelet ? this.#options.kubeletAge : NODES_BEFORE_FIRST_STEP;
    this.#at(Math.min(0, firstNode?.t ?? firstStep - lead), () => {
      this.#addNodes(isRealKubelet ? [{ name: 'real', count: 1 }] : script.pools);
    });
    this.#at(Math.min(firstStep, firstLine) - 1, () => this.#createNamespace());
    for (const step of script.steps) {
      this.#at(step.t, () => this.#perform(step));
    }
    this.#simulation.runUntil(this.#zero + seconds(script.end));
    return this.#lines;
  }

  #at(t: number, action: () => void): void {
    this.#simulation.after(this.#zero + seconds(t), action);
  }

  #record<K extends Kind>(kind: K): void {
    const note = (object: Parameters<typeof traceLine<K>>[1], event: 'ADDED' | 'MODIFIED' | 'DELETED'): void => {
      const { namespace } = (object as AnyObject).metadata;
      if (namespace === undefined || namespace === this.#namespace || kind === 'Lease' || isOfNode(kind, object)) {
        this.#lines.push(traceLine(kind, object, event, this.#simulation.now, this.#zero));
      }
    };
    this.#cluster.watch(kind, {
      added: (object) => note(object, 'ADDED'),
      modified: (object) => note(object, 'MODIFIED'),
      deleted: (object) => note(object, 'DELETED'),
    });
  }

  #playKubelet(node: NodeTemplate, api: ConstructorParameters<typeof PlayedKubelet>[1]): PlayedKubelet {
    const lastRenewal = this.#options.script.lastRenewals.get(node.name);
    const firstRenewal = lastRenewal === undefined ? undefined : this.#zero + seconds(lastRenewal);
    const latenessAt = (due: Micros): Micros => seconds(this.#lateness.at((due - this.#zero) / seconds(1), node.name));
    const kubelet = new PlayedKubelet(this.#simulation, api, node, firstRenewal, latenessAt);
    this.#kubelets.set(node.name, kubelet);
    return kubelet;
  }

  #createNamespace(): void {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.#namespace }, spec: {} } as const;
    this.#cluster.user.create('Namespace', namespace, () => {});
  }

  #addNodes(pools: readonly PoolText[]): void {
    const isReal = this.#options.script.cluster === 'kubelet';
    for (const pool of pools) {
      for (const { name, zone } of nodesOf(pool)) {
        const zoneLabels = zone ? { 'topology.kubernetes.io/zone': zone } : {};
        const node = this.#cluster.addNode({
          name,
          pool: pool.name,
          labels: { 'kubernetes.io/hostname': name, ...zoneLabels, ...pool.labels },
          taints: pool.taints ?? [],
          capacity: { ...DEFAULT_CAPACITY, ...pool.capacity },
          ...(isReal && { disks: UNMEASURED }),
        });
        for (const image of isReal ? this.#imagesFromBefore() : []) {
          (node.runtime as ContainerRuntime).images.preload(image);
        }
      }
    }
  }

  /** Images that earlier recordings had pulled: those that this one's pods use and never pull. */
  #imagesFromBefore(): readonly string[] {
    const pulled = this.#options.trace.lines.filter(({ reason }) => reason === 'Pulling').map(({ message }) => message);
    const images = this.#manifests().flatMap((object) =>
      object.kind === 'Pod' ? allContainers(object as Pod).map(({ image }) => image ?? '') : [],
    );
    return [...new Set(images)].filter((image) => !pulled.includes(`Pulling image "${image}"`));
  }

  #perform(step: Step): void {
    if (step.apply !== undefined) {
      this.#apply(step.apply);
    } else if (step.patch !== undefined) {
      const { patch, body, patchType = 'strategic' } = step;
      this.#act({ verb: 'patch', patch, with: body, type: patchType, namespace: this.#namespace });
    } else if (step.delete !== undefined) {
      const cascade = step.cascade?.toLowerCase();
      this.#act({
        verb: 'delete',
        delete: step.delete,
        ...(cascade ? { cascade } : {}),
        ...(step.grace === undefined ? {} : { gracePeriod: `${step.grace}s`, force: step.grace === 0 }),
        namespace: this.#namespace,
      });
    } else if (step.kubectl !== undefined) {
      this.#kubectl(step.kubectl);
    } else if (step.kubelet !== undefined) {
      this.#kubeletDoes(step.kubelet, step.nodes ?? []);
    } else if (step.addNodes !== undefined) {
      this.#addNodes(step.addNodes);
    } else if (step.deleteNodes !== undefined) {
      for (const name of step.deleteNodes) {
        this.#cluster.user.delete('Node', name, {}, () => {});
      }
    } else if (step.podMetrics !== undefined) {
      const { selector, totalMilli, every } = step.podMetrics;
      this.#metrics.spread(selector, totalMilli, every);
    } else if (step.evict !== undefined) {
      this.#evict(step.evict);
    } else if (step.taints !== undefined) {
      const { nodes = [], taints } = step;
      for (const { metadata } of this.#cluster.list('Node')) {
        if (nodes.some((pattern) => fits(metadata.name, pattern))) {
          this.#act({ verb: 'patch', patch: `nodes/${metadata.name}`, with: { spec: { taints } }, type: 'merge' });
        }
      }
    }
  }

  /** The recorder posted the objects of a file one after the other: each when the recording says it came to be. */
  #apply(file: string): void {
    const { now } = this.#simulation;
    for (const object of this.#objects(file)) {
      const added = this.#options.trace.lines.find(
        (line) => line.event === 'ADDED' && line.kind === object.kind && line.name === object.metadata.name,
      );
      const recorded = added === undefined ? now : Math.max(now, this.#zero + seconds(added.t));
      const at = recorded + (object.kind === 'HorizontalPodAutoscaler' ? this.#firstLookDelay() : 0);
      this.#simulation.after(at - now, () => this.#act({ verb: 'apply', apply: [] }, [object]));
    }
  }

  /**
   * The recorded autoscaler was first looked at 1.1 s after it came: discovery was busy with the CRD that stands in for metrics-server.
   * Its passes have the phase of that first look, so that is spread, too.
   */
  #firstLookDelay(): Micros {
    return seconds((this.#options.seed % 16) / 8);
  }

  /** kubectl's words of the recordings, in the recording's namespace. */
  #kubectl(words: string): void {
    const fields = actionOf(words);
    const [verb] = Object.keys(fields) as [string];
    this.#act({ namespace: this.#namespace, ...fields, verb });
  }

  #evict(selector: string): void {
    const [key = '', value] = selector.split('=');
    for (const pod of this.#cluster.list('Pod')) {
      if (pod.metadata.namespace === this.#namespace && pod.metadata.labels?.[key] === value) {
        this.#cluster.user.evict(keyOf(pod), {}, () => {});
      }
    }
  }

  #kubeletDoes(what: NonNullable<Step['kubelet']>, patterns: readonly string[]): void {
    for (const [name, kubelet] of this.#kubelets) {
      if (patterns.some((pattern) => fits(name, pattern))) {
        const deeds = {
          stop: () => kubelet.stop(),
          start: () => kubelet.start(),
          notready: () => kubelet.setReady(false),
          ready: () => kubelet.setReady(true),
        };
        deeds[what]();
      }
    }
  }

  #act(action: { readonly verb: string; readonly [field: string]: unknown }, objects: readonly AnyObject[] = []): void {
    const kind = ACTION_KINDS.get(action.verb);
    if (kind === undefined) {
      throw new Error(`${this.#options.trace.scenario}: nothing here does ${JSON.stringify(action.verb)}`);
    }
    const context: ActionContext = {
      simulation: this.#simulation,
      cluster: this.#cluster,
      user: this.#cluster.user,
      objects,
      writer: { manager: 'kubectl' },
      initial: new Map(),
      decoding: { kubernetesVersion: '1.37', startTime: this.#startTime },
      drains: new Map(),
      addNodes: () => [],
      nodesOf: () => [],
      wallClock: () => '',
      say: () => {},
      unfinished: () => () => {},
    };
    kind.perform(context, action as unknown as ActionSpec);
  }

  #objects(file: string): readonly AnyObject[] {
    return readManifest(join(this.#options.folder, file))
      .filter((object) => isKind(object.kind))
      .map((object) => {
        const decoded = decode(object, { kubernetesVersion: '1.37', startTime: this.#startTime });
        if (!decoded.ok) {
          throw new Error(`${file}: ${JSON.stringify(decoded.mistakes)}`);
        }
        return this.#inNamespace(decoded.object);
      });
  }

  #inNamespace(object: AnyObject): AnyObject {
    const isClusterScoped = ['PriorityClass', 'Node', 'Namespace', 'CustomResourceDefinition'].includes(object.kind);
    return isClusterScoped
      ? object
      : { ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace ?? this.#namespace } };
  }

  #manifests(): readonly AnyObject[] {
    const files = this.#options.script.steps.flatMap((step) => step.apply ?? []);
    return files
      .flatMap((file) => readManifest(join(this.#options.folder, file)))
      .map((object) => this.#inNamespace(object));
  }
}

/** Events about nodes stand in the namespace "default". */
const isOfNode = (kind: Kind, object: unknown): boolean =>
  kind === 'Event' && (object as { involvedObject?: { kind?: string } }).involvedObject?.kind === 'Node';
