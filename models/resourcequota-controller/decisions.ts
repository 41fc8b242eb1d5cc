import type { Micros } from '../../engine/time/micros.js';
import {
  type AnyObject,
  isCharged,
  isInQuotaScope,
  KINDS_IN_QUOTAS,
  type Kind,
  type Pod,
  quotaResourcesOf,
  type ResourceList,
  type ResourceQuota,
  type ResourceQuotaStatus,
  type Service,
  semanticallyEqual,
  totalUsage,
  usageOf,
} from '../api/index.js';

/** Kinds whose objects count against the quota. */
export const countedKinds = ({ spec }: Pick<ResourceQuota, 'spec'>): readonly Kind[] =>
  KINDS_IN_QUOTAS.filter((kind) => quotaResourcesOf(kind, Object.keys(spec?.hard ?? {})).length > 0);

/**
 * The status as it should be, counted from the objects of the quota's namespace. As syncResourceQuota and CalculateUsage: what nobody
 * can count keeps the usage that was told before.
 */
export function quotaStatus(
  quota: ResourceQuota,
  objectsOf: (kind: Kind) => Iterable<AnyObject>,
  now: Micros,
): ResourceQuotaStatus {
  const hard = quota.spec?.hard ?? {};
  const names = Object.keys(hard);
  const used: Record<string, ResourceList[string]> = {};
  for (const name of names) {
    const known = quota.status?.used?.[name];
    if (known !== undefined) {
      used[name] = known;
    }
  }
  for (const kind of countedKinds(quota)) {
    const usages: ResourceList[] = [];
    for (const object of objectsOf(kind)) {
      if (isInQuotaScope(quota, kind, object)) {
        usages.push(usageOf(kind, object, now));
      }
    }
    const total = totalUsage(usages);
    for (const name of quotaResourcesOf(kind, names)) {
      used[name] = total[name] ?? '0';
    }
  }
  return { hard, used };
}

/** Whether the quota was never counted as it is now. As addQuota: such a one does not wait behind the others. */
export function lacksUsage({ spec, status }: ResourceQuota): boolean {
  const hard = status?.hard ?? {};
  return (
    !semanticallyEqual(spec?.hard ?? {}, hard) || Object.keys(hard).some((name) => status?.used?.[name] === undefined)
  );
}

/** Whether a change may have freed something before the object is deleted. As the update filters of replenishment. */
export function mayReplenish(kind: Kind, object: AnyObject, before: AnyObject, now: Micros): boolean {
  if (kind === 'Pod') {
    return isCharged(before as Pod, now) && !isCharged(object as Pod, now);
  }
  return kind === 'Service' && (object as Service).spec?.type !== (before as Service).spec?.type;
}
