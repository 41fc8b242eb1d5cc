import { constant, MemorySink, type Micros, Recorder, Simulation } from '../../engine/index.js';
import { type ApiServer, createApiServer, type Hooks } from '../../models/apiserver/index.js';
import type { ApiClient, ControllerContext, InformerFactory } from '../../models/client-go/index.js';
import { defaultsFor } from '../../models/versions/index.js';
import { Network, type WorldSettings } from '../../models/world/index.js';

export interface AnApiServerOptions {
  readonly kubernetesVersion?: string;
  readonly seed?: number;
  /** Default: none, so that objects are stored as they are sent. */
  readonly hooks?: Hooks;
  /** Round trip of a request, half of it before the server acts. Default: none. */
  readonly apiCall?: WorldSettings['apiCall'] | Micros;
  /** From a write to its watch event. Default: none. */
  readonly watchDelivery?: WorldSettings['watchDelivery'] | Micros;
  /** Names of timelines to record into `sink`. */
  readonly record?: readonly string[];
  /** False: no version is computed on read. */
  readonly elideQuietEvents?: boolean;
  /** False: nobody reads Events. */
  readonly keepsEvents?: boolean;
}

/** A control plane without controllers: to test one room alone. */
export interface AnApiServer {
  readonly simulation: Simulation;
  readonly network: Network;
  readonly sink: MemorySink;
  readonly recorder: Recorder;
  readonly server: ApiServer;
  /** kubectl: no token bucket, from party 'user'. */
  readonly user: ApiClient;
  /** Shared informers of a process in the control plane, not yet started. */
  readonly informers: InformerFactory;
  /** What a controller in that process is built with. */
  readonly context: ControllerContext;
  /** Runs until nothing is pending, at most for an hour. Fires whatever is due in that time, timers of controllers too. */
  settle(): void;
}

export function anApiServer(options: AnApiServerOptions = {}): AnApiServer {
  const simulation = new Simulation({ seed: options.seed ?? 1 });
  const network = new Network();
  const sink = new MemorySink(() => simulation.now);
  const recorder = new Recorder(sink, options.record ?? []);
  const defaults = defaultsFor(options.kubernetesVersion ?? '1.37');
  if (defaults === undefined) {
    throw new Error(`no profile of Kubernetes ${options.kubernetesVersion}`);
  }
  const server = createApiServer({
    simulation,
    recorder,
    defaults,
    network,
    settings: { apiCall: latency(options.apiCall), watchDelivery: latency(options.watchDelivery) },
    hooks: options.hooks ?? {},
    elideQuietEvents: options.elideQuietEvents ?? true,
    keepsEvents: options.keepsEvents ?? true,
  });
  const informers = server.informers({ name: 'test', from: 'control-plane' });
  return {
    simulation,
    network,
    sink,
    recorder,
    server,
    user: server.client({ name: 'kubectl', from: 'user', qps: 0, burst: 0 }),
    informers,
    context: { simulation, api: server, informers, recorder },
    settle: () => {
      const limit = simulation.now + 3_600_000_000;
      while (simulation.nextAt <= limit && simulation.step()) {}
    },
  };
}

const latency = (given: WorldSettings['apiCall'] | Micros = 0): WorldSettings['apiCall'] =>
  typeof given === 'number' ? constant(given) : given;
