import {
  type Container,
  compareQuantities,
  type LimitRange,
  type LimitRangeItem,
  milliValueOf,
  type PersistentVolumeClaim,
  type PodSpec,
  podLimits,
  podRequests,
  type Quantity,
  type ResourceList,
} from '../../api/index.js';

// Plugin LimitRanger (plugin/pkg/admission/limitranger)

/** A pod's spec with the defaults of a LimitRange, and what was set, for its annotation. */
export interface Limited {
  readonly spec: PodSpec;
  /** "cpu request for container web" */
  readonly set: readonly string[];
}

/** Fills requests and limits of containers that leave them out. As PodMutateLimitFunc. */
export function applyLimitRange(spec: PodSpec, limitRange: LimitRange): Limited {
  const items = (limitRange.spec?.limits ?? []).filter((item) => item.type === 'Container');
  const limits: ResourceList = Object.assign({}, ...items.map((item) => item.default));
  const requests: ResourceList = Object.assign({}, ...items.map((item) => item.defaultRequest));
  const set: string[] = [];
  const complete = (container: Container, what: string): Container => {
    const { resources } = container;
    const missing = (wanted: ResourceList, found: ResourceList | undefined): string[] =>
      Object.keys(wanted).filter((name) => found?.[name] === undefined);
    const missingRequests = missing(requests, resources?.requests);
    const missingLimits = missing(limits, resources?.limits);
    set.push(
      ...setText(missingRequests, 'request', what, container),
      ...setText(missingLimits, 'limit', what, container),
    );
    return missingRequests.length + missingLimits.length === 0
      ? container
      : {
          ...container,
          resources: {
            ...resources,
            limits: { ...limits, ...resources?.limits },
            requests: { ...requests, ...resources?.requests },
          },
        };
  };
  const containers = spec.containers.map((container) => complete(container, 'container'));
  const initContainers = spec.initContainers?.map((container) => complete(container, 'init container'));
  return set.length === 0
    ? { spec, set }
    : { spec: { ...spec, containers, ...(initContainers && { initContainers }) }, set };
}

const setText = (names: string[], kind: string, what: string, container: Container): string[] =>
  names.length === 0 ? [] : [`${names.sort().join(', ')} ${kind} for ${what} ${container.name}`];

/** What of a pod goes beyond a LimitRange. As PodValidateLimitFunc; in no order that means something. */
export function limitRangeViolations(spec: PodSpec, limitRange: LimitRange): readonly string[] {
  return (limitRange.spec?.limits ?? []).flatMap((item) => {
    if (item.type === 'Container') {
      return [...spec.containers, ...(spec.initContainers ?? [])].flatMap((container) =>
        violations(item, container.resources?.requests ?? {}, container.resources?.limits ?? {}),
      );
    }
    return item.type === 'Pod'
      ? violations(item, podRequests(spec, { excludeOverhead: true }), podLimits(spec, { excludeOverhead: true }))
      : [];
  });
}

/** As PersistentVolumeClaimValidateLimitFunc. */
export function claimViolations(claim: PersistentVolumeClaim, limitRange: LimitRange): readonly string[] {
  const requests = claim.spec.resources?.requests ?? {};
  return (limitRange.spec?.limits ?? [])
    .filter((item) => item.type === 'PersistentVolumeClaim')
    .flatMap(({ type, min = {}, max = {} }) => [
      ...each(min, (name, bound) => belowMinimum(type, name, bound, requests, {})),
      ...each(max, (name, bound) => {
        const request = requests[name];
        const text = `maximum ${name} usage per ${type} is ${bound}`;
        return request === undefined
          ? `${text}.  No request is specified`
          : isMore(request, bound) && `${text}, but request is ${request}`;
      }),
    ]);
}

const isMore = (a: Quantity, b: Quantity): boolean => compareQuantities(a, b) > 0;

function violations(item: LimitRangeItem, requests: ResourceList, limits: ResourceList): string[] {
  const { type, min = {}, max = {}, maxLimitRequestRatio = {} } = item;
  return [
    ...each(min, (name, bound) => belowMinimum(type, name, bound, requests, limits)),
    ...each(max, (name, bound) => aboveMaximum(type, name, bound, requests, limits)),
    ...each(maxLimitRequestRatio, (name, bound) => aboveRatio(type, name, bound, requests, limits)),
  ];
}

const each = (
  bounds: ResourceList,
  complain: (name: string, bound: Quantity) => string | false | undefined,
): string[] => Object.entries(bounds).flatMap(([name, bound]) => complain(name, bound) || []);

function belowMinimum(type: string, name: string, bound: Quantity, requests: ResourceList, limits: ResourceList) {
  const [request, limit] = [requests[name], limits[name]];
  const text = `minimum ${name} usage per ${type} is ${bound}`;
  if (request === undefined) {
    return `${text}.  No request is specified`;
  }
  if (isMore(bound, request)) {
    return `${text}, but request is ${request}`;
  }
  return limit !== undefined && isMore(bound, limit) && `${text}, but limit is ${limit}`;
}

function aboveMaximum(type: string, name: string, bound: Quantity, requests: ResourceList, limits: ResourceList) {
  const [request, limit] = [requests[name], limits[name]];
  const text = `maximum ${name} usage per ${type} is ${bound}`;
  if (limit === undefined) {
    return `${text}.  No limit is specified`;
  }
  if (isMore(limit, bound)) {
    return `${text}, but limit is ${limit}`;
  }
  return request !== undefined && isMore(request, bound) && `${text}, but request is ${request}`;
}

function aboveRatio(type: string, name: string, bound: Quantity, requests: ResourceList, limits: ResourceList) {
  const [request, limit] = [milliValueOf(requests[name] ?? 0), milliValueOf(limits[name] ?? 0)];
  const text = `${name} max limit to request ratio per ${type} is ${bound}`;
  if (request === 0) {
    return `${text}, but no request is specified or request is 0`;
  }
  if (limit === 0) {
    return `${text}, but no limit is specified or limit is 0`;
  }
  const ratio = limit / request;
  return ratio * 1000 > milliValueOf(bound) && `${text}, but provided ratio is ${ratio.toFixed(6)}`;
}
