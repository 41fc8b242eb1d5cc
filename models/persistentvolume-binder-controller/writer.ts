import { type Simulation, wholeSecond } from '../../engine/index.js';
import {
  compareQuantities,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type PersistentVolumeClaimStatus,
  semanticallyEqual,
  volumeBoundTo,
} from '../api/index.js';
import type { ApiClient, EventRecorder, Reply } from '../client-go/index.js';
import { claimBoundTo, type Telling, unbound } from './decisions.js';
import type { NewestObjects } from './newest-objects.js';

export interface WriterOptions {
  readonly simulation: Simulation;
  readonly client: ApiClient;
  readonly events: EventRecorder;
  readonly volumes: NewestObjects<PersistentVolume>;
  readonly claims: NewestObjects<PersistentVolumeClaim>;
  readonly tellsPhaseTransition: boolean;
}

/** What a write came to: the object as it is now; undefined when it failed. */
type Outcome<T> = (object: T | undefined) => void;

/** The writes of the binder. What fails is left as it is: the next look at the claim or volume goes on from there. */
export class Writer {
  readonly #options: WriterOptions;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  tell(regarding: PersistentVolume | PersistentVolumeClaim, { type, reason, message }: Telling): void {
    this.#options.events.event(regarding, type, reason, message);
  }

  /** Volume first, then claim, each with its status: whoever dies in between can be completed. As bind. */
  bind(volume: PersistentVolume, claim: PersistentVolumeClaim, done: () => void): void {
    this.putVolume(volume, volumeBoundTo(volume, claim), (reserved) => {
      if (reserved === undefined) {
        done();
        return;
      }
      this.setPhase(reserved, 'Bound', undefined, (bound) => {
        if (bound === undefined) {
          done();
          return;
        }
        this.putClaim(claim, claimBoundTo(claim, bound), (named) => {
          if (named === undefined) {
            done();
          } else {
            this.setClaimStatus(named, 'Bound', bound, () => done());
          }
        });
      });
    });
  }

  /** As unbindVolume. */
  unbind(volume: PersistentVolume, done: () => void): void {
    this.putVolume(volume, unbound(volume), (free) => {
      if (free === undefined) {
        done();
      } else {
        this.setPhase(free, 'Available', undefined, () => done());
      }
    });
  }

  putVolume(before: PersistentVolume, wanted: PersistentVolume, then: Outcome<PersistentVolume>): void {
    if (wanted === before) {
      then(before);
    } else {
      this.#options.client.update('PersistentVolume', wanted, this.#rememberVolume(then));
    }
  }

  putClaim(before: PersistentVolumeClaim, wanted: PersistentVolumeClaim, then: Outcome<PersistentVolumeClaim>): void {
    if (wanted === before) {
      then(before);
    } else {
      this.#options.client.update('PersistentVolumeClaim', wanted, this.#rememberClaim(then));
    }
  }

  /** As updateVolumePhase, and with a telling as updateVolumePhaseWithEvent. */
  setPhase(
    volume: PersistentVolume,
    phase: string,
    telling: Telling | undefined,
    then: Outcome<PersistentVolume>,
  ): void {
    if (volume.status?.phase === phase) {
      then(volume);
      return;
    }
    const { simulation, client, tellsPhaseTransition } = this.#options;
    const status = {
      phase,
      ...(telling && { message: telling.message }),
      ...(tellsPhaseTransition && { lastPhaseTransitionTime: wholeSecond(simulation.now) }),
    };
    const remember = this.#rememberVolume((written) => {
      if (written !== undefined && telling !== undefined) {
        this.tell(written, telling);
      }
      then(written);
    });
    client.updateStatus('PersistentVolume', { ...volume, status }, remember);
  }

  /** As updateClaimStatus. */
  setClaimStatus(
    claim: PersistentVolumeClaim,
    phase: string,
    volume: PersistentVolume | undefined,
    then: Outcome<PersistentVolumeClaim>,
  ): void {
    const status = statusOf(claim, phase, volume);
    if (semanticallyEqual(status, claim.status)) {
      then(claim);
    } else {
      this.#options.client.updateStatus('PersistentVolumeClaim', { ...claim, status }, this.#rememberClaim(then));
    }
  }

  #rememberVolume =
    (then: Outcome<PersistentVolume>) =>
    (reply: Reply<PersistentVolume>): void => {
      if (reply.ok) {
        this.#options.volumes.accept(reply.object);
      }
      then(reply.ok ? reply.object : undefined);
    };

  #rememberClaim =
    (then: Outcome<PersistentVolumeClaim>) =>
    (reply: Reply<PersistentVolumeClaim>): void => {
      if (reply.ok) {
        this.#options.claims.accept(reply.object);
      }
      then(reply.ok ? reply.object : undefined);
    };
}

/** The capacity is told when the claim becomes bound; later on only a resize changes it. */
function statusOf(
  { status = {} }: PersistentVolumeClaim,
  phase: string,
  volume: PersistentVolume | undefined,
): PersistentVolumeClaimStatus {
  const { accessModes: _, capacity, ...rest } = status;
  if (volume === undefined) {
    return { ...rest, phase };
  }
  const { accessModes, capacity: offered } = volume.spec;
  const isKept =
    status.phase === phase &&
    capacity?.['storage'] !== undefined &&
    compareQuantities(capacity['storage'], offered?.['storage'] ?? 0) <= 0;
  return { ...rest, phase, accessModes, capacity: isKept ? capacity : offered };
}
