import { familyOf, type IpFamily, type Service, type ServiceSpec } from '../api/index.js';
import { FieldErrors, FieldPath } from '../api/validation/field-errors.js';
import type { StatusCause } from '../client-go/index.js';

type WithFamilies =
  | { readonly ok: true; readonly spec: ServiceSpec }
  | { readonly ok: false; readonly causes: readonly StatusCause[] };

const SPEC = FieldPath.of('spec');

export const HEADLESS = 'None';

export const isHeadless = ({ clusterIP }: ServiceSpec): boolean => clusterIP === HEADLESS;

export const hasSelector = ({ selector }: ServiceSpec): boolean => Object.keys(selector ?? {}).length > 0;

/**
 * The spec with its IP families and their policy, as the cluster's ranges allow: k8s 1.37 pkg/registry/core/service/storage/alloc.go
 * initIPFamilyFields. `families` are those of the cluster, its default first.
 */
export function withFamilies(
  { spec = {} }: Service,
  before: ServiceSpec | undefined,
  families: readonly IpFamily[],
): WithFamilies {
  const errors = new FieldErrors();
  const ipFamilyPolicy = spec.ipFamilyPolicy ?? before?.ipFamilyPolicy ?? defaultPolicy(spec);
  const given: ServiceSpec = before === undefined ? spec : withoutSecond(spec, before, ipFamilyPolicy, errors);
  refuseSecond(given, ipFamilyPolicy, errors);
  const inferred = inferFamilies(given, families, errors);
  if (errors.causes.length > 0) {
    return { ok: false, causes: errors.causes };
  }
  const wantsTwo = ipFamilyPolicy !== 'SingleStack';
  if (isHeadless(given) && !hasSelector(given)) {
    // Nothing of the cluster serves its addresses, so the families need not be the cluster's.
    return { ok: true, spec: { ...given, ipFamilyPolicy, ipFamilies: completed(inferred, families, wantsTwo) } };
  }
  if (ipFamilyPolicy === 'RequireDualStack' && families.length < 2) {
    const why = 'this cluster is not configured for dual-stack services';
    errors.invalid(SPEC.child('ipFamilyPolicy'), ipFamilyPolicy, why);
  }
  for (const [i, family] of inferred.entries()) {
    if (!families.includes(family)) {
      errors.invalid(SPEC.child('ipFamilies').index(i), family, 'not configured on this cluster');
    }
  }
  return errors.causes.length > 0
    ? { ok: false, causes: errors.causes }
    : {
        ok: true,
        spec: {
          ...given,
          ipFamilyPolicy,
          ipFamilies: completed(inferred, families, wantsTwo && families.length === 2),
        },
      };
}

const defaultPolicy = (spec: ServiceSpec): string =>
  isHeadless(spec) && !hasSelector(spec) ? 'RequireDualStack' : 'SingleStack';

/** What an update to SingleStack takes off; any other loss of the second address must be said so. */
function withoutSecond(spec: ServiceSpec, before: ServiceSpec, policy: string, errors: FieldErrors): ServiceSpec {
  const lost = (field: 'clusterIPs' | 'ipFamilies'): boolean =>
    before[field]?.length === 2 && spec[field]?.length === 1;
  if (policy !== 'SingleStack') {
    const path = SPEC.child('ipFamilyPolicy');
    if (lost('clusterIPs')) {
      errors.invalid(path, policy, "must be 'SingleStack' to release the secondary cluster IP");
    }
    if (lost('ipFamilies')) {
      errors.invalid(path, policy, "must be 'SingleStack' to release the secondary IP family");
    }
    return spec;
  }
  const first = (field: 'clusterIPs' | 'ipFamilies'): readonly string[] | undefined =>
    isSameList(spec[field], before[field]) ? spec[field]?.slice(0, 1) : spec[field];
  return { ...spec, clusterIPs: first('clusterIPs'), ipFamilies: first('ipFamilies') };
}

function refuseSecond({ clusterIPs, ipFamilies }: ServiceSpec, policy: string, errors: FieldErrors): void {
  if (policy !== 'SingleStack') {
    return;
  }
  const path = SPEC.child('ipFamilyPolicy');
  const why = "must be 'RequireDualStack' or 'PreferDualStack' when multiple";
  if (clusterIPs?.length === 2) {
    errors.invalid(path, policy, `${why} cluster IPs are specified`);
  }
  if (ipFamilies?.length === 2) {
    errors.invalid(path, policy, `${why} IP families are specified`);
  }
}

/** The families given, and those that the addresses given are of. */
function inferFamilies(
  { clusterIPs = [], ipFamilies = [] }: ServiceSpec,
  families: readonly IpFamily[],
  errors: FieldErrors,
): readonly IpFamily[] {
  const inferred = [...ipFamilies] as IpFamily[];
  for (const [i, address] of clusterIPs[0] === HEADLESS ? [] : clusterIPs.entries()) {
    if (i >= inferred.length) {
      const family = familyOf(address);
      if (families.includes(family)) {
        inferred.push(family);
      } else {
        errors.invalid(SPEC.child('clusterIPs').index(i), clusterIPs, `${family} is not configured on this cluster`);
      }
    }
  }
  return inferred;
}

function completed(
  inferred: readonly IpFamily[],
  families: readonly IpFamily[],
  wantsTwo: boolean,
): readonly IpFamily[] {
  const first = inferred[0] ?? (families[0] as IpFamily);
  const other = first === 'IPv4' ? 'IPv6' : 'IPv4';
  return wantsTwo && inferred.length < 2 ? [first, other] : inferred.length === 0 ? [first] : inferred;
}

export const isSameList = (a: readonly unknown[] = [], b: readonly unknown[] = []): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);
