import { entityKey, type Micros, type Simulation, wholeSecond } from '../../engine/index.js';
import type { Pod } from '../api/index.js';
import type { PodMetricsItem } from '../client-go/index.js';
import type { MetricsServerConfiguration } from './config.js';
import { type Point, type StoredPod, store, usageOf } from './decisions.js';

/** A node as a scrape finds it. Instants lie at most two minutes back. */
export interface ScrapedNode {
  readonly name: string;
  /** Nobody answered then, not even with a refusal: powered off, or cut off. */
  isSilentAt(at: Micros): boolean;
  /** Of a pod's containers that ran then; none when the kubelet did not run. */
  podAt(podUid: string, at: Micros): readonly Point[];
}

export interface MetricsServerOptions {
  readonly simulation: Simulation;
  readonly config: MetricsServerConfiguration;
  /** Nodes that there are in the API. */
  nodes(): readonly ScrapedNode[];
  node(name: string): ScrapedNode | undefined;
}

/** Scrapes that a value can depend on: the newest, the two points it is made of, and those that told nothing new. */
const SCRAPES_LOOKED_AT = 6;

/** What an answer at one instant is made of. */
interface View {
  readonly now: Micros;
  /** The newest scrapes whose results are there, oldest first. */
  readonly scrapes: readonly Scrape[];
}

interface Scrape {
  readonly ordinal: number;
  readonly at: Micros;
  /** Within this long of it all nodes are asked. */
  readonly maxDelay: Micros;
}

/**
 * metrics-server: what it would answer now, worked out from the scrapes that it would have made. Nothing is simulated in between.
 */
export class MetricsServer {
  readonly #options: MetricsServerOptions;
  readonly #startedAt: Micros;
  #view: View | undefined;

  constructor(options: MetricsServerOptions) {
    this.#options = options;
    const { config, simulation } = options;
    // Nobody knows when it was installed: any phase of its period is as good.
    const phase = simulation.stream('metrics-server start').uniform(entityKey('metrics-server'), 0);
    this.#startedAt = simulation.now - Math.floor(phase * config.metricResolution);
  }

  /** Usage of a pod as it is known at an instant; undefined while there is none. */
  usageOf(pod: Pod, now: Micros): PodMetricsItem | undefined {
    const node = pod.spec.nodeName === undefined ? undefined : this.#options.node(pod.spec.nodeName);
    if (node === undefined || pod.status?.phase !== 'Running') {
      return undefined;
    }
    let stored: StoredPod = new Map();
    for (const scrape of this.#viewAt(now).scrapes) {
      const at = scrape.at + this.#delayOf(node, scrape);
      const points = node.isSilentAt(at) ? [] : node.podAt(pod.metadata.uid ?? '', at);
      stored = store(stored, points, this.#options.config);
    }
    const usage = usageOf(stored);
    const { name, namespace = '' } = pod.metadata;
    return usage && { ...usage, timestamp: wholeSecond(usage.timestamp), name, namespace };
  }

  #viewAt(now: Micros): View {
    if (this.#view?.now !== now) {
      this.#view = { now, scrapes: this.#scrapesStoredBy(now) };
    }
    return this.#view;
  }

  /** A scrape is stored as a whole, when the last node has answered or was given up. As scraper.Scrape. */
  #scrapesStoredBy(now: Micros): readonly Scrape[] {
    const { metricResolution, kubeletRequestTimeout, delayPerNode, maxDelay: mostDelay } = this.#options.config;
    const nodes = this.#options.nodes();
    const maxDelay = Math.min(delayPerNode * nodes.length, mostDelay);
    const newest = Math.floor((now - this.#startedAt) / metricResolution);
    const scrapes: Scrape[] = [];
    for (let ordinal = newest; ordinal >= 0 && scrapes.length < SCRAPES_LOOKED_AT; ordinal--) {
      const at = this.#startedAt + ordinal * metricResolution;
      const isHeldUp = scrapes.length === 0 && nodes.some((node) => node.isSilentAt(at));
      if (at + maxDelay + (isHeldUp ? kubeletRequestTimeout : 0) <= now) {
        scrapes.unshift({ ordinal, at, maxDelay });
      }
    }
    return scrapes;
  }

  #delayOf({ name }: ScrapedNode, { ordinal, maxDelay }: Scrape): Micros {
    const share = this.#options.simulation.stream('metrics-server scrape').uniform(entityKey(name), ordinal);
    return Math.floor(share * maxDelay);
  }
}
