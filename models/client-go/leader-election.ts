import {
  type EventHandle,
  entityKey,
  type Micros,
  parseDuration,
  type Simulation,
  toSeconds,
} from '../../engine/index.js';
import type { Lease, LeaseSpec, Party } from '../api/index.js';
import type { ApiClient, ApiConnection, Draft, Reply } from './api-client.js';
import type { Component } from './component.js';

/** LeaderElectionConfiguration (k8s.io/component-base config), durations as Kubernetes writes them. */
export interface LeaderElectionSettings {
  readonly leaseDuration: string;
  readonly renewDeadline: string;
  readonly retryPeriod: string;
  /** Whether a leader renews without reading the Lease first. */
  readonly renewsOptimistically: boolean;
}

export interface LeaderElectionOptions {
  readonly simulation: Simulation;
  readonly api: ApiConnection;
  readonly settings: LeaderElectionSettings;
  /** Name of the Lease in kube-system: "kube-controller-manager". */
  readonly lease: string;
  /** Host name; each life of the process adds its own serial number, as the real one adds a random UUID. */
  readonly host: string;
  /** What runs while this candidate leads. */
  readonly led: Component;
  /** From losing the Lease, at which the process exits, to its next start. */
  readonly restartAfter: Micros;
  /** Where the process runs. Left out: in the control plane. */
  readonly from?: Party;
  /** The Lease as it stands when the process is first started: it leads already, and has for long. */
  readonly held?: Lease;
}

/** The Lease of a candidate that has led since before the run began; as its first life holds it. */
export const heldLease = (lease: string, host: string, leaseDuration: Micros, now: Micros): Draft<Lease> => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: lease, namespace: NAMESPACE },
  spec: {
    holderIdentity: `${host}_1`,
    leaseDurationSeconds: toSeconds(leaseDuration),
    acquireTime: now,
    renewTime: now,
    leaseTransitions: 0,
  },
});

const NAMESPACE = 'kube-system';

/** k8s.io/client-go tools/leaderelection/leaderelection.go JitterFactor. */
const JITTER_FACTOR = 1.2;

type Ended = (isLeader: boolean) => void;

/** Renewals that are computed: when the first is begun, how far apart they are, and when after its begin each is in force. */
interface Quiet {
  readonly first: Micros;
  readonly period: Micros;
  readonly landsAfter: Micros;
}

/**
 * A process of which only one of several candidates works at a time: k8s.io/client-go tools/leaderelection. The Lease counts as held
 * until this candidate has seen no renewal of it for the lease duration, by its own clock; so whoever takes over from a
 * process that died does so 15 to 20 seconds later, even that process itself after a restart.
 */
export class LeaderElection implements Component {
  readonly name: string;
  readonly #options: LeaderElectionOptions;
  readonly #client: ApiClient;
  readonly #leaseDuration: Micros;
  readonly #renewDeadline: Micros;
  readonly #retryPeriod: Micros;
  #life = 0;
  #isRunning = false;
  #isLeading = false;
  #attempts = 0;
  #next: EventHandle | undefined;
  /** The Lease as last seen, and when it last differed from what was seen before. */
  #observed: Lease | undefined;
  #observedAt: Micros = 0;
  #quiet: Quiet | undefined;

  constructor(options: LeaderElectionOptions) {
    const { api, settings } = options;
    this.#options = options;
    this.name = options.led.name;
    this.#leaseDuration = parseDuration(settings.leaseDuration);
    this.#renewDeadline = parseDuration(settings.renewDeadline);
    this.#retryPeriod = parseDuration(settings.retryPeriod);
    const timeout = this.#renewDeadline / 2;
    this.#client = api.client({
      name: `${options.led.name}/leader-election`,
      from: options.from ?? 'control-plane',
      qps: 0,
      burst: 0,
      timeout,
    });
    api.computed.onChange((kind, key) => {
      if (kind === 'Lease' && key === this.#key && this.#quiet !== undefined && !api.computed.versionsOf(kind, key)) {
        this.#quiet = undefined;
        this.#renew();
      }
    });
    api.onLinkChange(options.from ?? 'control-plane', () => this.#disturb());
  }

  get isLeading(): boolean {
    return this.#isLeading;
  }

  start(): void {
    if (!this.#isRunning) {
      this.#isRunning = true;
      this.#life++;
      const { held, simulation, led } = this.#options;
      this.#observed = this.#life === 1 ? held : undefined;
      if (this.#observed === undefined) {
        this.#acquire();
        return;
      }
      this.#observedAt = simulation.now;
      this.#isLeading = true;
      led.start();
      this.#scheduleRenewal();
    }
  }

  /** The process dies; its Lease is left to expire. */
  stop(): void {
    if (!this.#isRunning) {
      return;
    }
    this.#isRunning = false;
    this.#next?.cancel();
    this.#client.abandon();
    this.#endQuiet();
    if (this.#isLeading) {
      this.#isLeading = false;
      this.#options.led.stop();
    }
  }

  get #key(): string {
    return `${NAMESPACE}/${this.#options.lease}`;
  }

  get #identity(): string {
    return `${this.#options.host}_${this.#life}`;
  }

  #acquire(): void {
    this.#try((isLeader) => {
      if (isLeader) {
        this.#isLeading = true;
        this.#options.led.start();
        this.#scheduleRenewal();
        return;
      }
      const { simulation, host, lease } = this.#options;
      const jitters = simulation.stream('leader election');
      const wait = jitters.jitter(entityKey(`${host}/${lease}`), this.#attempts++, this.#retryPeriod, JITTER_FACTOR);
      this.#next = simulation.after(wait, () => this.#acquire());
    });
  }

  #scheduleRenewal(): void {
    const { simulation, api, settings } = this.#options;
    const { latency } = api.computed;
    if (latency === undefined) {
      this.#next = simulation.after(this.#retryPeriod, () => this.#renew());
      return;
    }
    // As long as the process lives and reaches the server, nothing can keep it from renewing: its renewals are computed.
    const calls = settings.renewsOptimistically ? 1 : 2;
    const first = simulation.now + this.#retryPeriod;
    const period = this.#retryPeriod + calls * (latency.toServer + latency.toClient);
    const landsAfter = (calls - 1) * (latency.toServer + latency.toClient) + latency.toServer;
    this.#quiet = { first, period, landsAfter };
    api.computed.compute('Lease', this.#key, {
      at: (time, stored) => {
        const renewal = Math.floor((time - landsAfter - first) / period);
        return renewal < 0 ? stored : { ...stored, spec: { ...stored.spec, renewTime: first + renewal * period } };
      },
    });
  }

  /** Whether renewals get through can no longer be told in advance: from the next one on they are sent. */
  #disturb(): void {
    if (this.#quiet === undefined) {
      return;
    }
    const { simulation } = this.#options;
    const { first, period } = this.#quiet;
    const next = first + Math.max(0, Math.ceil((simulation.now - first) / period)) * period;
    this.#endQuiet();
    this.#next = simulation.after(next - simulation.now, () => this.#readAndRenew());
  }

  /** What was renewed meanwhile was computed: the Lease that this process saw last is older than its own. */
  #readAndRenew(): void {
    this.#observed = undefined;
    this.#renew();
  }

  /** A renewal that is on its way when the process dies still arrives. */
  #endQuiet(): void {
    const { simulation, api } = this.#options;
    if (this.#quiet === undefined) {
      return;
    }
    const { first, period, landsAfter } = this.#quiet;
    this.#quiet = undefined;
    const sinceBegun = (simulation.now - first) % period;
    const settle = (): void => {
      api.computed.settle('Lease', this.#key);
    };
    if (sinceBegun >= 0 && sinceBegun < landsAfter) {
      simulation.after(landsAfter - sinceBegun, settle);
    } else {
      settle();
    }
  }

  /** PollUntilContextTimeout: every retry period until the renew deadline; then the process gives up and exits. */
  #renew(): void {
    const { simulation } = this.#options;
    const begun = simulation.now;
    const poll = (): void =>
      this.#try((isLeader) => {
        if (isLeader) {
          this.#scheduleRenewal();
          return;
        }
        const elapsed = simulation.now - begun;
        const nextTick = (Math.floor(elapsed / this.#retryPeriod) + 1) * this.#retryPeriod;
        const isLast = nextTick >= this.#renewDeadline;
        const wait = Math.min(nextTick, Math.max(elapsed, this.#renewDeadline)) - elapsed;
        this.#next = simulation.after(wait, isLast ? () => this.#lose() : poll);
      });
    poll();
  }

  #lose(): void {
    this.stop();
    const { simulation, restartAfter } = this.#options;
    this.#next = simulation.after(restartAfter, () => this.start());
  }

  #try(ended: Ended): void {
    const { simulation, settings } = this.#options;
    const { now } = simulation;
    const observed = this.#observed;
    if (settings.renewsOptimistically && observed?.spec.holderIdentity === this.#identity && this.#isValid(now)) {
      const renewed = { ...observed, spec: this.#spec(observed.spec, now) };
      this.#client.update('Lease', renewed, (reply) => this.#whenWritten(reply, ended, () => this.#read(now, ended)));
    } else {
      this.#read(now, ended);
    }
  }

  #read(begun: Micros, ended: Ended): void {
    this.#client.get('Lease', this.#key, (reply) => {
      if (reply.ok) {
        this.#onRead(reply.object, begun, ended);
      } else if (reply.error.reason === 'NotFound') {
        const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' } as const;
        const metadata = { name: this.#options.lease, namespace: NAMESPACE };
        const draft = { ...lease, metadata, spec: this.#spec(undefined, begun) };
        this.#client.create('Lease', draft, (created) => this.#whenWritten(created, ended));
      } else {
        ended(false);
      }
    });
  }

  #onRead(lease: Lease, begun: Micros, ended: Ended): void {
    const seen = this.#observed?.spec;
    const { holderIdentity, renewTime } = lease.spec;
    if (seen?.renewTime !== renewTime || seen?.holderIdentity !== holderIdentity) {
      this.#observedAt = this.#options.simulation.now;
    }
    this.#observed = lease;
    if (holderIdentity && holderIdentity !== this.#identity && this.#isValid(begun)) {
      ended(false);
      return;
    }
    const renewed = { ...lease, spec: this.#spec(lease.spec, begun) };
    this.#client.update('Lease', renewed, (reply) => this.#whenWritten(reply, ended));
  }

  #whenWritten(reply: Reply<Lease>, ended: Ended, otherwise: () => void = () => ended(false)): void {
    if (reply.ok) {
      this.#observed = reply.object;
      this.#observedAt = this.#options.simulation.now;
      ended(true);
    } else {
      otherwise();
    }
  }

  #isValid(now: Micros): boolean {
    return this.#observedAt + this.#leaseDuration > now;
  }

  #spec(before: LeaseSpec | undefined, now: Micros): LeaseSpec {
    const isMine = before?.holderIdentity === this.#identity;
    return {
      ...before,
      holderIdentity: this.#identity,
      leaseDurationSeconds: toSeconds(this.#leaseDuration),
      renewTime: now,
      acquireTime: isMine ? before.acquireTime : now,
      leaseTransitions: before === undefined ? 0 : (before.leaseTransitions ?? 0) + (isMine ? 0 : 1),
    };
  }
}
