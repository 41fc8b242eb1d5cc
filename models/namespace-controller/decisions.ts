import { type Micros, type Seconds, seconds } from '../../engine/time/micros.js';
import {
  type AnyObject,
  type Kind,
  type NamespaceCondition,
  type NamespaceStatus,
  type Pod,
  SERVED_KINDS,
} from '../api/index.js';

/** pkg/controller/namespace/deletion finalizerEstimateSeconds: so long finalizers of content are given. */
export const FINALIZER_ESTIMATE: Seconds = 15;

/** v1.FinalizerKubernetes: what the controller takes off when all content is gone. */
export const FINALIZER = 'kubernetes';

/** What is left of the content after one pass over some kinds. */
export interface Remains {
  /** Objects by resource: "pods.", "deployments.apps". */
  readonly resources: Map<string, number>;
  readonly finalizers: Map<string, number>;
  readonly errors: string[];
  /** Seconds until what remains should be gone; 0: nothing is expected to remain. */
  estimate: Seconds;
}

export const noRemains = (): Remains => ({ resources: new Map(), finalizers: new Map(), errors: [], estimate: 0 });

/** Longest grace period of pods that still run, unless it has passed since the deletion. As estimateGracefulTermination. */
export function estimateForPods(pods: readonly Pod[], deletedAt: Micros, now: Micros): Seconds {
  let estimate = 0;
  for (const { spec, status } of pods) {
    if (status?.phase !== 'Succeeded' && status?.phase !== 'Failed') {
      estimate = Math.max(estimate, spec.terminationGracePeriodSeconds ?? 0);
    }
  }
  return now - deletedAt >= seconds(estimate) ? 0 : estimate;
}

/** Adds what is left of one kind after its collection was deleted. As the end of deleteAllContentForGroupVersionResource. */
export function noteRemains(
  remains: Remains,
  kind: Kind,
  namespace: string,
  left: readonly AnyObject[],
  estimate: Seconds,
): void {
  for (const { metadata } of left) {
    for (const finalizer of metadata.finalizers ?? []) {
      remains.finalizers.set(finalizer, (remains.finalizers.get(finalizer) ?? 0) + 1);
    }
  }
  if (left.length > 0) {
    const { group, plural } = resourceOf(kind);
    remains.resources.set(`${plural}.${group}`, left.length);
  }
  const hasFinalizers = left.some(({ metadata }) => metadata.finalizers?.length);
  if (left.length > 0 && estimate === 0 && !hasFinalizers) {
    remains.errors.push(unexpectedItems(kind, namespace));
  }
  remains.estimate = Math.max(remains.estimate, estimate === 0 && hasFinalizers ? FINALIZER_ESTIMATE : estimate);
}

function unexpectedItems(kind: Kind, namespace: string): string {
  const { group, version, plural } = resourceOf(kind);
  return `unexpected items still remain in namespace: ${namespace} for gvr: ${group}/${version}, Resource=${plural}`;
}

function resourceOf(kind: Kind): { readonly group: string; readonly version: string; readonly plural: string } {
  const { apiVersion, plural } = SERVED_KINDS[kind];
  const [group = '', version] = apiVersion.split('/');
  return version === undefined ? { group: '', version: group, plural } : { group, version, plural };
}

type Verdict = Pick<NamespaceCondition, 'reason' | 'message'>;

// pkg/controller/namespace/deletion/status_condition_utils.go conditionTypes, okReasons, okMessages
const WELL: readonly (readonly [type: string, verdict: Verdict])[] = [
  [
    'NamespaceDeletionDiscoveryFailure',
    { reason: 'ResourcesDiscovered', message: 'All resources successfully discovered' },
  ],
  [
    'NamespaceDeletionGroupVersionParsingFailure',
    { reason: 'ParsedGroupVersions', message: 'All legacy kube types successfully parsed' },
  ],
  [
    'NamespaceDeletionContentFailure',
    { reason: 'ContentDeleted', message: 'All content successfully deleted, may be waiting on finalization' },
  ],
  ['NamespaceContentRemaining', { reason: 'ContentRemoved', message: 'All content successfully removed' }],
  [
    'NamespaceFinalizersRemaining',
    { reason: 'ContentHasNoFinalizers', message: 'All content-preserving finalizers finished' },
  ],
];

/**
 * The conditions after a pass; undefined when nothing about them changes. Totals are told only of a pass over all kinds: while
 * pods hold the others up, the conditions say that all is gone (kubernetes/kubernetes#138208).
 */
export function conditionsAfter(
  status: NamespaceStatus | undefined,
  { errors, resources, finalizers }: Remains,
  tellsTotals: boolean,
  now: Micros,
): readonly NamespaceCondition[] | undefined {
  const trouble = new Map<string, Verdict>();
  if (errors.length > 0) {
    const message = `Failed to delete all resource types, ${errors.length} remaining: ${[...errors].sort().join(', ')}`;
    trouble.set('NamespaceDeletionContentFailure', { reason: 'ContentDeletionFailed', message });
  }
  if (tellsTotals && resources.size > 0) {
    const message = `Some resources are remaining: ${listed(resources, 'has', ' resource instances')}`;
    trouble.set('NamespaceContentRemaining', { reason: 'SomeResourcesRemain', message });
  }
  if (tellsTotals && finalizers.size > 0) {
    const message = `Some content in the namespace has finalizers remaining: ${listed(finalizers, 'in', ' resource instances')}`;
    trouble.set('NamespaceFinalizersRemaining', { reason: 'SomeFinalizersRemain', message });
  }
  return updated(status?.conditions ?? [], trouble, now);
}

const listed = (counts: ReadonlyMap<string, number>, verb: string, unit: string): string =>
  [...counts]
    .map(([name, count]) => `${name} ${verb} ${count}${unit}`)
    .sort()
    .join(', ');

/** As updateConditions. */
function updated(
  before: readonly NamespaceCondition[],
  trouble: ReadonlyMap<string, Verdict>,
  now: Micros,
): readonly NamespaceCondition[] | undefined {
  const conditions = [...before];
  let hasChanged = false;
  for (const [type, well] of WELL) {
    const verdict = trouble.get(type) ?? well;
    const status = trouble.has(type) ? 'True' : 'False';
    const at = conditions.findIndex((condition) => condition.type === type);
    const old = conditions[at];
    if (old === undefined) {
      conditions.push({ type, status, ...verdict, lastTransitionTime: now });
      hasChanged = true;
    } else if (old.status !== status || old.message !== verdict.message || old.reason !== verdict.reason) {
      const lastTransitionTime = old.status === status ? old.lastTransitionTime : now;
      conditions[at] = { type, status, ...verdict, lastTransitionTime };
      hasChanged = true;
    }
  }
  return hasChanged ? conditions : undefined;
}
