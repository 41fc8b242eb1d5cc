import { parseDuration, type Simulation, seconds } from '../../engine/index.js';
import type { Lease, Party } from '../api/index.js';
import type { ApiServer } from '../apiserver/index.js';
import { type ApiConnection, type Component, heldLease, LeaderElection } from '../client-go/index.js';
import type { Candidate } from '../cluster.js';
import type { Defaults } from '../versions/index.js';

/** A guess: what a kubelet takes to start a static pod's container again the first time. */
const RESTART_AFTER = seconds(1);

export interface ElectedProcessOptions {
  readonly simulation: Simulation;
  readonly server: ApiServer;
  readonly defaults: Defaults;
  readonly name: string;
  /** How many instances of the control plane there are. */
  readonly count: number;
  /** What runs on the instance that leads, given its connection. */
  readonly create: (api: ApiConnection, from: Party) => Component;
}

/**
 * A process of which every instance of the control plane runs one, and only the leader works. The first instance leads since before
 * the run began. Its Lease costs no event while it is healthy and nobody looks.
 */
export class ElectedProcess implements Component {
  readonly name: string;
  readonly candidates: readonly Candidate[];

  constructor({ simulation, server, defaults, name, count, create }: ElectedProcessOptions) {
    this.name = name;
    const settings = defaults.clients.leaderElection;
    const lease = heldLease(name, instanceName(0), parseDuration(settings.leaseDuration), simulation.now);
    const created = server.registry.create('Lease', lease);
    const held: Lease | undefined = created.ok ? created.object : undefined;
    this.candidates = Array.from({ length: count }, (_, i) => {
      const from = partyOf(i, count);
      const api = connectionFrom(server, from);
      const election = new LeaderElection({
        simulation,
        api,
        settings,
        lease: name,
        host: instanceName(i),
        led: create(api, from),
        restartAfter: RESTART_AFTER,
        from,
        ...(i === 0 && held && { held }),
      });
      return {
        instance: instanceName(i),
        election,
        get isLeading() {
          return election.isLeading;
        },
      };
    });
  }

  start(): void {
    for (const candidate of this.candidates) {
      candidate.election.start();
    }
  }

  stop(): void {
    for (const candidate of this.candidates) {
      candidate.election.stop();
    }
  }
}

export const instanceName = (ordinal: number): string => `control-plane-${ordinal}`;

/** A lone instance is where the API server is; of several each is a machine of its own. */
const partyOf = (ordinal: number, count: number): Party =>
  count === 1 ? 'control-plane' : `node/${instanceName(ordinal)}`;

/** The server as a process on that machine reaches it. */
const connectionFrom = (server: ApiConnection, from: Party): ApiConnection => ({
  ...server,
  client: (options) => server.client({ ...options, from }),
  informers: (options) => server.informers({ ...options, from }),
});
