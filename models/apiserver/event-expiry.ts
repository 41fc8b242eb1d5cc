import type { Micros, ObjectKey, Simulation } from '../../engine/index.js';
import { type Event, keyOf } from '../api/index.js';
import type { Registry } from './registry.js';

export interface EventExpirySettings {
  /** How long an Event is kept after its last write (--event-ttl). */
  readonly ttl: Micros;
  /** How much longer at most, because Events that are written soon after each other share a lease. */
  readonly reuse: Micros;
}

/** k8s.io/apiserver pkg/storage/etcd3/lease_manager.go defaultLeaseMaxObjectCount. */
const MAX_OBJECTS = 1000;

/** A lease of etcd: when it ends, so do the Events attached to it. */
interface EtcdLease {
  readonly expiresAt: Micros;
  readonly keys: Set<ObjectKey>;
  attached: number;
}

/** k8s.io/apiserver pkg/storage/etcd3/lease_manager.go GetLease: Events written within a minute end together, an hour later. */
export function expireEvents(simulation: Simulation, registry: Registry, { ttl, reuse }: EventExpirySettings): void {
  const leases = new Map<ObjectKey, EtcdLease>();
  let current: EtcdLease | undefined;

  const grant = (): EtcdLease => {
    const lease = { expiresAt: simulation.now + ttl + reuse, keys: new Set<ObjectKey>(), attached: 0 };
    simulation.after(ttl + reuse, () => {
      for (const key of lease.keys) {
        registry.expire('Event', key);
      }
    });
    return lease;
  };

  const attach = (event: Event): void => {
    const key = keyOf(event);
    if (current === undefined || current.expiresAt <= simulation.now + ttl || current.attached >= MAX_OBJECTS) {
      current = grant();
    }
    current.attached++;
    leases.get(key)?.keys.delete(key);
    leases.set(key, current);
    current.keys.add(key);
  };

  registry.store.watch('Event', {
    added: attach,
    modified: attach,
    deleted: (event) => {
      const key = keyOf(event);
      leases.get(key)?.keys.delete(key);
      leases.delete(key);
    },
  });
}
