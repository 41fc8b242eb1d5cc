import {
  type AnyObject,
  addQuantities,
  compareQuantities,
  computeUsage,
  isInQuotaScope,
  type Kind,
  type Pod,
  quotaResourcesOf,
  type ResourceList,
  type ResourceQuota,
  usageOf,
} from '../../api/index.js';
import type { AdmissionReader } from '../hooks.js';

/** Resources that every container must name once a quota limits them (pods.go validationSet). */
const MUST_BE_NAMED: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
]);

/** A quota as it was read, and with the object's usage added. */
export interface Charge {
  readonly before: ResourceQuota;
  readonly after: ResourceQuota;
}

/**
 * What a new object is charged to its namespace's quotas, or why it does not fit. Plugin ResourceQuota (k8s.io/apiserver
 * pkg/admission/plugin/resourcequota CheckRequest): it knows only what the status of a quota says, which the quota controller keeps.
 */
export function chargesFor<K extends Kind>(
  kind: K,
  object: AnyObject,
  reader: AdmissionReader,
): readonly Charge[] | string {
  const charges: Charge[] = [];
  const { namespace } = object.metadata;
  for (const quota of reader.list('ResourceQuota')) {
    const charge = quota.metadata.namespace === namespace ? chargeTo(quota, kind, object, reader) : undefined;
    if (typeof charge === 'string') {
      return charge;
    }
    if (charge !== undefined) {
      charges.push(charge);
    }
  }
  return charges;
}

function chargeTo(
  quota: ResourceQuota,
  kind: Kind,
  object: AnyObject,
  reader: AdmissionReader,
): Charge | string | undefined {
  const { hard = {}, used = {} } = quota.status ?? {};
  const restricted = quotaResourcesOf(kind, Object.keys(hard));
  if (restricted.length === 0 || !isInQuotaScope(quota, kind, object)) {
    return undefined;
  }
  const { name } = quota.metadata;
  const missing = kind === 'Pod' ? unnamedResources(object as Pod, hard) : undefined;
  if (missing !== undefined) {
    return `failed quota: ${name}: must specify ${missing}`;
  }
  if (restricted.some((resource) => used[resource] === undefined)) {
    return `status unknown for quota: ${name}, resources: ${[...restricted].sort().join(',')}`;
  }
  const requested = Object.fromEntries(
    Object.entries(usageOf(kind, object, reader.now)).filter(
      ([resource, amount]) => hard[resource] !== undefined && compareQuantities(amount, 0) !== 0,
    ),
  );
  const names = Object.keys(requested);
  const total = Object.fromEntries(
    names.map((resource) => [resource, addQuantities(used[resource] ?? '0', requested[resource] ?? '0')]),
  );
  const exceeded = names.filter((resource) => compareQuantities(total[resource] ?? '0', hard[resource] ?? '0') > 0);
  if (exceeded.length > 0) {
    return `exceeded quota: ${name}, requested: ${show(requested, exceeded)}, used: ${show(used, exceeded)}, limited: ${show(hard, exceeded)}`;
  }
  return names.length === 0
    ? undefined
    : { before: quota, after: { ...quota, status: { ...quota.status, used: { ...used, ...total } } } };
}

/** "cpu=1,memory=2Gi" */
const show = (list: ResourceList, names: readonly string[]): string =>
  [...names]
    .sort()
    .map((name) => `${name}=${list[name] ?? '0'}`)
    .join(',');

/** "requests.cpu for: a,b; requests.memory for: a" of the containers that leave out what the quota limits. */
function unnamedResources(pod: Pod, hard: ResourceList): string | undefined {
  const required = Object.keys(hard)
    .filter((name) => MUST_BE_NAMED.has(name))
    .sort();
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const texts = required.flatMap((name) => {
    const silent = containers.filter(
      ({ resources }) => computeUsage(resources?.requests ?? {}, resources?.limits ?? {})[name] === undefined,
    );
    return silent.length === 0 ? [] : [`${name} for: ${[...new Set(silent.map((c) => c.name))].sort().join(',')}`];
  });
  return texts.length === 0 ? undefined : texts.join('; ');
}
