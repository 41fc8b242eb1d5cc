import { type Micros, type Seconds, seconds, wholeSecond } from '../../engine/index.js';
import type { ObjectMeta, Pod } from '../api/index.js';
import type { DeleteOptions } from '../client-go/index.js';
import type { Strategy } from './strategy.js';

const ORPHAN_DEPENDENTS = 'orphan';
const DELETE_DEPENDENTS = 'foregroundDeletion';

/** What one DELETE does to an object: first the write that marks it (if any), then whether it goes. */
export interface Deletion {
  /** Metadata with the marks of deletion; undefined when nothing is to be written. */
  readonly marked?: ObjectMeta;
  readonly isRemoved: boolean;
}

/** What the rule looks at. */
export interface DeletedObject {
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/**
 * k8s 1.37 k8s.io/apiserver pkg/registry/generic/registry/store.go Delete, updateForGracefulDeletionAndFinalizers; rest/delete.go
 * BeforeDelete. Where grace is known (pods), even a removal at once is first written as a deletionTimestamp, so watchers hear of a
 * change and then of the end.
 */
export function decideDeletion(
  object: DeletedObject,
  strategy: Strategy,
  options: DeleteOptions,
  now: Micros,
): Deletion {
  const grace = decideGrace(object, strategy, options, now);
  if (grace === 'pending') {
    return { isRemoved: false };
  }
  const finalizers = finalizersFor(object.metadata, strategy, options);
  const isHeld = finalizers.length > 0;
  if (grace !== 'none') {
    const marked = withFinalizers({ ...object.metadata, ...grace }, finalizers);
    return { marked, isRemoved: !isHeld && grace.deletionGracePeriodSeconds === 0 };
  }
  return isHeld
    ? { marked: withFinalizers(markedAsDeleting(object.metadata, now), finalizers), isRemoved: false }
    : { isRemoved: true };
}

type Grace = Pick<ObjectMeta, 'deletionTimestamp' | 'generation'> & { readonly deletionGracePeriodSeconds: Seconds };

/** BeforeDelete: marks to set, 'pending' when an earlier request stands, 'none' when grace is not a matter. */
function decideGrace(
  { kind, metadata, ...rest }: DeletedObject,
  strategy: Strategy,
  options: DeleteOptions,
  now: Micros,
): Grace | 'pending' | 'none' {
  if (!strategy.deletesGracefully) {
    return 'none';
  }
  const asked = options.gracePeriodSeconds === undefined ? undefined : atLeastOne(options.gracePeriodSeconds);
  if (metadata.deletionTimestamp === undefined) {
    const period = podGracePeriod({ kind, metadata, ...rest } as Pod, asked);
    return {
      deletionTimestamp: wholeSecond(now) + seconds(period),
      deletionGracePeriodSeconds: period,
      generation: metadata.generation && metadata.generation + 1,
    };
  }
  const standing = metadata.deletionGracePeriodSeconds;
  if (!standing) {
    return 'none';
  }
  // Only a shorter period may be asked for; the timestamp moves by the difference.
  return asked === undefined || asked >= standing
    ? 'pending'
    : {
        deletionTimestamp: metadata.deletionTimestamp - seconds(standing) + seconds(asked),
        deletionGracePeriodSeconds: asked,
        generation: metadata.generation,
      };
}

/** k8s 1.37 pkg/registry/core/pod/strategy.go CheckGracefulDelete. */
export function podGracePeriod(pod: Pick<Pod, 'spec' | 'status'>, asked: Seconds | undefined): Seconds {
  const phase = pod.status?.phase;
  if (!pod.spec.nodeName || phase === 'Failed' || phase === 'Succeeded') {
    return 0;
  }
  return atLeastOne(asked ?? pod.spec.terminationGracePeriodSeconds ?? 0);
}

/** Negative periods count as one second; zero stays zero. */
const atLeastOne = (period: Seconds): Seconds => (period < 0 ? 1 : period);

/** store.go deletionFinalizersForGarbageCollection: the options replace what the object carries. */
function finalizersFor(metadata: ObjectMeta, strategy: Strategy, options: DeleteOptions): readonly string[] {
  const present = metadata.finalizers ?? [];
  if (strategy.garbageCollection === 'Unsupported') {
    return present;
  }
  const policy = options.propagationPolicy ?? policyOf(present) ?? strategy.garbageCollection;
  const wanted = policy === 'Orphan' ? ORPHAN_DEPENDENTS : policy === 'Foreground' ? DELETE_DEPENDENTS : undefined;
  const others = present.filter((finalizer) => finalizer !== ORPHAN_DEPENDENTS && finalizer !== DELETE_DEPENDENTS);
  const isAsPresent = others.length + (wanted ? 1 : 0) === present.length && (!wanted || present.includes(wanted));
  return isAsPresent ? present : wanted ? [...others, wanted] : others;
}

function policyOf(finalizers: readonly string[]): 'Orphan' | 'Foreground' | undefined {
  const decisive = finalizers.find((finalizer) => finalizer === ORPHAN_DEPENDENTS || finalizer === DELETE_DEPENDENTS);
  return decisive && (decisive === ORPHAN_DEPENDENTS ? 'Orphan' : 'Foreground');
}

function withFinalizers(metadata: ObjectMeta, finalizers: readonly string[]): ObjectMeta {
  return finalizers === metadata.finalizers || (finalizers.length === 0 && metadata.finalizers === undefined)
    ? metadata
    : { ...metadata, finalizers };
}

/** store.go markAsDeleting: gone but for its finalizers. */
export function markedAsDeleting(metadata: ObjectMeta, now: Micros): ObjectMeta {
  const { deletionTimestamp, generation } = metadata;
  return {
    ...metadata,
    deletionTimestamp: Math.min(deletionTimestamp ?? now, wholeSecond(now)),
    deletionGracePeriodSeconds: 0,
    generation: deletionTimestamp === undefined && generation ? generation + 1 : generation,
  };
}

/** store.go ShouldDeleteDuringUpdate: the update that takes the last finalizer off an object that waits for it alone. */
export const isRemovedByUpdate = (before: ObjectMeta, wanted: ObjectMeta): boolean =>
  !wanted.finalizers?.length && before.deletionTimestamp !== undefined && !before.deletionGracePeriodSeconds;
