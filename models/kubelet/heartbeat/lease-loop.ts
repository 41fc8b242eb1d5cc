import type { EntityKey, EventHandle, Micros, RandomStream, Simulation } from '../../../engine/index.js';
import { type Lease, nodeParty } from '../../api/index.js';
import type { ApiClient, ApiConnection } from '../../client-go/index.js';
import type { HeartbeatSettings } from './config.js';
import { leaseKey, newLease, renewedLease } from './registration.js';
import { type Renewal, RenewalVersions } from './renewal-versions.js';

export interface LeaseLoopOptions {
  readonly simulation: Simulation;
  readonly api: ApiConnection;
  /** The kubelet's connection for heartbeats alone. */
  readonly client: ApiClient;
  readonly node: string;
  readonly key: EntityKey;
  readonly settings: HeartbeatSettings;
  /** The machine's clock at a time. */
  readonly clock: (time: Micros) => Micros;
}

/**
 * Renews the node's Lease every quarter of its duration and a little more (k8s.io/component-helpers apimachinery/lease). Once a
 * renewal has succeeded the following ones are told in advance, as long as nothing can keep them from succeeding.
 */
export class LeaseLoop {
  readonly #options: LeaseLoopOptions;
  readonly #pauses: RandomStream;
  #timer: EventHandle | undefined;
  #latest: Lease | undefined;
  #current: Renewal = { ordinal: 0, startsAt: 0 };
  #quiet: RenewalVersions | undefined;
  #isRunning = false;

  constructor(options: LeaseLoopOptions) {
    this.#options = options;
    this.#pauses = options.simulation.stream('kubelet/lease');
    options.api.onLinkChange(nodeParty(options.node), () => this.disturb());
  }

  start(): void {
    this.#isRunning = true;
    this.#latest = undefined;
    this.#sync({ ordinal: this.#current.ordinal + 1, startsAt: this.#options.simulation.now });
  }

  /** The process dies. A renewal on its way still arrives; its client is abandoned after this. */
  stop(): void {
    this.disturb();
    this.#isRunning = false;
    this.#timer?.cancel();
  }

  /** From now on renewals may fail, or carry another time: each one happens until one has succeeded. */
  disturb(): void {
    if (this.#quiet !== undefined) {
      this.#options.api.computed.freeze('Lease', leaseKey(this.#options.node));
    }
  }

  /** Frozen, settled, or deleted by somebody: from here on renewals happen again. */
  #onCeased(quiet: RenewalVersions): void {
    if (this.#quiet === quiet) {
      const { now } = this.#options.simulation;
      this.#quiet = undefined;
      quiet.freeze(now);
      this.#latest = this.#latest && quiet.at(now, this.#latest);
      this.#resume(quiet);
    }
  }

  #resume(quiet: RenewalVersions): void {
    const { simulation, client, settings, clock } = this.#options;
    const { now } = simulation;
    const started = quiet.startedBy(now);
    if (started !== undefined) {
      this.#current = started;
    }
    const latest = this.#latest;
    if (started !== undefined && latest !== undefined && now < started.startsAt + this.#roundTrip) {
      const renewed = renewedLease(latest, settings.nodeLeaseDurationSeconds, clock(started.startsAt));
      client.backdated(started.startsAt, () => this.#update(renewed, 1, () => this.#ensureThenUpdate()));
      return;
    }
    this.#arm(started === undefined ? quiet.first : quiet.after(started));
  }

  get #roundTrip(): Micros {
    const { latency } = this.#options.api.computed;
    return latency === undefined ? 0 : latency.toServer + latency.toClient;
  }

  #arm(renewal: Renewal): void {
    const { simulation } = this.#options;
    this.#timer = simulation.after(renewal.startsAt - simulation.now, () => this.#sync(renewal));
  }

  #pause(ordinal: number): Micros {
    const { key, settings } = this.#options;
    return this.#pauses.jitter(key, ordinal, settings.leaseRenewInterval, settings.leaseJitterFactor);
  }

  /** As sync: by the Lease written last where there is one. */
  #sync(renewal: Renewal): void {
    this.#current = renewal;
    if (this.#latest === undefined) {
      this.#ensureThenUpdate();
    } else {
      this.#renew(this.#latest, 1, () => this.#ensureThenUpdate());
    }
  }

  #renew(base: Lease, attempt: number, onFailure: () => void): void {
    const { simulation, settings, clock } = this.#options;
    this.#update(renewedLease(base, settings.nodeLeaseDurationSeconds, clock(simulation.now)), attempt, onFailure);
  }

  /** As retryUpdateLease: at once again, up to five times; a Lease that somebody else changed is read anew first. */
  #update(renewed: Lease, attempt: number, onFailure: () => void): void {
    this.#options.client.update('Lease', renewed, (reply) => {
      if (reply.ok) {
        this.#latest = reply.object;
        this.#end(true);
      } else if (attempt === this.#options.settings.leaseUpdateRetry) {
        onFailure();
      } else if (reply.error.reason === 'Conflict') {
        this.#ensure((lease) => this.#renew(lease ?? renewed, attempt + 1, onFailure));
      } else {
        this.#renew(renewed, attempt + 1, onFailure);
      }
    });
  }

  #ensureThenUpdate(): void {
    this.#ensure((lease, isCreated) => {
      this.#latest = lease;
      if (lease === undefined || isCreated) {
        this.#end(isCreated);
      } else {
        this.#renew(lease, 1, () => this.#end(false));
      }
    });
  }

  /** As backoffEnsureLease. No Lease comes of it while the Node, its owner, cannot be read. */
  #ensure(then: (lease: Lease | undefined, isCreated: boolean) => void): void {
    const { client, simulation, settings, node } = this.#options;
    const attempt = (backoff: Micros): void => {
      const again = (): void => {
        this.#timer = simulation.after(backoff, () => attempt(Math.min(backoff * 2, settings.leaseEnsureMaxBackoff)));
      };
      client.get('Lease', leaseKey(node), (read) => {
        if (read.ok) {
          then(read.object, false);
        } else if (read.error.reason === 'NotFound') {
          this.#create(then, again);
        } else {
          again();
        }
      });
    };
    attempt(settings.leaseEnsureInitialBackoff);
  }

  #create(then: (lease: Lease | undefined, isCreated: boolean) => void, again: () => void): void {
    const { client, simulation, settings, node, clock } = this.#options;
    const renewTime = clock(simulation.now);
    client.get('Node', node, (read) => {
      if (!read.ok) {
        then(undefined, false);
        return;
      }
      client.create('Lease', newLease(read.object, settings.nodeLeaseDurationSeconds, renewTime), (created) => {
        if (created.ok) {
          then(created.object, true);
        } else {
          again();
        }
      });
    });
  }

  /** A renewal is over; the next starts after a pause, by itself if it is sure to succeed. */
  #end(hasSucceeded: boolean): void {
    const { api, node, simulation, clock } = this.#options;
    const ordinal = this.#current.ordinal + 1;
    const next: Renewal = { ordinal, startsAt: simulation.now + this.#pause(ordinal) };
    const { latency } = api.computed;
    if (!hasSucceeded || latency === undefined || !this.#isRunning) {
      this.#arm(next);
      return;
    }
    const quiet: RenewalVersions = new RenewalVersions({
      first: next,
      interval: (n) => this.#roundTrip + this.#pause(n),
      toServer: latency.toServer,
      clock,
      ceased: () => this.#onCeased(quiet),
    });
    this.#quiet = quiet;
    api.computed.compute('Lease', leaseKey(node), quiet);
  }
}
