import type { Service, ServicePort, ServiceSpec } from '../generated/types.js';
import type { Labels } from '../selector.js';
import { PROTOCOLS } from './container.js';
import { type FieldErrors, FieldPath } from './field-errors.js';
import type { ValidationGates } from './gates.js';
import { validatePortReference } from './handlers.js';
import { cidrProblem, ipProblem, isIpv6, specialIpProblems } from './ip.js';
import { METADATA, validateLabels, validateObjectMeta } from './meta.js';
import { isDns1035Label, isDnsLabel, isDnsSubdomain, isPort, isQualifiedName } from './names.js';

// k8s 1.37 pkg/apis/core/validation/validation.go

const SPEC = FieldPath.of('spec');
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
const MAX_AFFINITY_SECONDS = 86_400;
const LOAD_BALANCER_ONLY = "may only be used when `type` is 'LoadBalancer'";
const SOURCE_RANGES_ANNOTATION = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** ValidateServiceCreate */
export function validateService(service: Service, gates: ValidationGates, errors: FieldErrors): void {
  const name = gates.RelaxedServiceNameValidation ? isDnsLabel : isDns1035Label;
  validateObjectMeta(service.metadata, { isNamespaced: true, name }, errors);
  validateWholeService(service, { gates, isNew: true }, errors);
}

interface ServiceRules {
  readonly gates: ValidationGates;
  /** The health check's port is given when the Service is created; one that comes to need it later goes without here. */
  readonly isNew: boolean;
}

/** ValidateService */
export function validateWholeService({ metadata, spec = {} }: Service, rules: ServiceRules, errors: FieldErrors): void {
  const { type = '', ports = [] } = spec;
  if (ports.length === 0 && !isHeadless(spec) && type !== 'ExternalName') {
    errors.required(SPEC.child('ports'));
  }
  validateType(spec, errors);
  validatePorts(ports, errors);
  validateLabels(spec.selector, SPEC.child('selector'), errors);
  validateAffinity(spec, errors);
  validateClusterIps(spec, errors);
  for (const [i, address] of (spec.externalIPs ?? []).entries()) {
    const problems = ipProblem(address);
    const path = SPEC.child('externalIPs').index(i);
    errors.invalidEach(path, address, problems.length > 0 ? problems : specialIpProblems(address));
  }
  errors.oneOf(SPEC.child('type'), type, TYPES);
  validatePortNumbers(type, ports, errors);
  validateSourceRanges(spec, metadata.annotations?.[SOURCE_RANGES_ANNOTATION], errors);
  const { allocateLoadBalancerNodePorts, loadBalancerClass } = spec;
  if (allocateLoadBalancerNodePorts !== undefined && type !== 'LoadBalancer') {
    errors.forbidden(SPEC.child('allocateLoadBalancerNodePorts'), LOAD_BALANCER_ONLY);
  }
  if (loadBalancerClass !== undefined && type !== 'LoadBalancer') {
    errors.forbidden(SPEC.child('loadBalancerClass'), LOAD_BALANCER_ONLY);
  } else if (loadBalancerClass !== undefined) {
    errors.invalidEach(SPEC.child('loadBalancerClass'), loadBalancerClass, isQualifiedName(loadBalancerClass));
  }
  validateTraffic(spec, rules, errors);
  validateTopologyAnnotations(metadata.annotations ?? {}, errors);
}

export const isHeadless = ({ clusterIPs }: ServiceSpec): boolean =>
  clusterIPs?.length === 1 && clusterIPs[0] === 'None';

function validateType(spec: ServiceSpec, errors: FieldErrors): void {
  const { type, externalName = '' } = spec;
  if ((type === 'LoadBalancer' || type === 'NodePort') && isHeadless(spec)) {
    errors.invalid(SPEC.child('clusterIPs').index(0), 'None', `may not be set to 'None' for ${type} services`);
  }
  if (type !== 'ExternalName') {
    return;
  }
  for (const field of ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const) {
    if (spec[field] !== undefined && spec[field].length > 0) {
      errors.forbidden(SPEC.child(field), 'may not be set for ExternalName services');
    }
  }
  // A dot at the end says that the name is complete.
  const name = externalName.replace(/\.$/, '');
  if (name === '') {
    errors.required(SPEC.child('externalName'));
  } else {
    errors.invalidEach(SPEC.child('externalName'), name, isDnsSubdomain(name));
  }
}

/** validateServicePort */
function validatePorts(ports: readonly ServicePort[], errors: FieldErrors): void {
  const names = new Set<string>();
  for (const [i, { name, port, protocol, targetPort, appProtocol }] of ports.entries()) {
    const path = SPEC.child('ports').index(i);
    if (name) {
      errors.invalidEach(path.child('name'), name, isDnsLabel(name));
      if (names.has(name)) {
        errors.duplicate(path.child('name'), name);
      }
      names.add(name);
    } else if (ports.length > 1) {
      errors.required(path.child('name'));
    }
    errors.invalidEach(path.child('port'), port, isPort(port));
    errors.oneOf(path.child('protocol'), protocol, PROTOCOLS);
    validatePortReference(targetPort ?? 0, path.child('targetPort'), errors);
    if (appProtocol !== undefined) {
      errors.invalidEach(path.child('appProtocol'), appProtocol, isQualifiedName(appProtocol));
    }
  }
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig }: ServiceSpec, errors: FieldErrors): void {
  errors.oneOf(SPEC.child('sessionAffinity'), sessionAffinity, ['ClientIP', 'None']);
  const path = SPEC.child('sessionAffinityConfig');
  if (sessionAffinity === 'None' && sessionAffinityConfig) {
    errors.forbidden(path, 'must not be set when session affinity is None');
  }
  if (sessionAffinity !== 'ClientIP') {
    return;
  }
  const when = 'when session affinity type is ClientIP';
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  const secondsPath = path.child('clientIP', 'timeoutSeconds');
  if (!sessionAffinityConfig) {
    errors.required(path, when);
  } else if (!sessionAffinityConfig.clientIP) {
    errors.required(path.child('clientIP'), when);
  } else if (seconds === undefined) {
    errors.required(secondsPath, when);
  } else if (seconds <= 0 || seconds > MAX_AFFINITY_SECONDS) {
    errors.invalid(secondsPath, seconds, `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`);
  }
}

/** ValidateServiceClusterIPsRelatedFields */
function validateClusterIps(spec: ServiceSpec, errors: FieldErrors): void {
  if (spec.type === 'ExternalName') {
    return;
  }
  const { clusterIP, clusterIPs = [], ipFamilies = [] } = spec;
  const path = SPEC.child('clusterIPs');
  if (clusterIP && clusterIPs.length === 0) {
    errors.required(path);
  } else if (clusterIP && clusterIPs[0] !== clusterIP) {
    errors.invalid(path, clusterIPs, 'first value must match `clusterIP`');
  } else if (!clusterIP && clusterIPs.length > 0) {
    errors.invalid(path, clusterIPs, 'must be empty when `clusterIP` is not specified');
  }
  for (const [i, family] of ipFamilies.entries()) {
    errors.ifSetOneOf(SPEC.child('ipFamilies').index(i), family, ['IPv4', 'IPv6']);
    if (ipFamilies.indexOf(family) < i) {
      errors.duplicate(SPEC.child('ipFamilies').index(i), family);
    }
  }
  const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
  errors.ifSetOneOf(SPEC.child('ipFamilyPolicy'), spec.ipFamilyPolicy, policies);
  const mistakes = errors.causes.length;
  for (const [i, address] of clusterIPs.entries()) {
    if (i > 0 || address !== 'None') {
      errors.invalidEach(path.index(i), address, ipProblem(address));
    } else if (clusterIPs.length > 1) {
      errors.invalid(path, clusterIPs, "'None' must be the first and only value");
    }
  }
  const areAddresses = errors.causes.length === mistakes;
  if (clusterIPs.length > 2) {
    errors.invalid(path, clusterIPs, 'may only hold up to 2 values');
  }
  if (areAddresses) {
    validateFamilies(clusterIPs, ipFamilies, path, errors);
  }
}

function validateFamilies(
  addresses: readonly string[],
  families: readonly string[],
  path: FieldPath,
  errors: FieldErrors,
): void {
  const isDual = new Set(addresses.map(isIpv6)).size === 2;
  if (addresses.length > 1 && !isDual) {
    errors.invalid(path, addresses, 'may specify no more than one IP for each IP family');
  }
  for (const [i, address] of addresses[0] === 'None' ? [] : addresses.entries()) {
    const family = families[i];
    if ((family === 'IPv4' && isIpv6(address)) || (family === 'IPv6' && !isIpv6(address))) {
      errors.invalid(path.index(i), address, `expected an ${family} value as indicated by \`ipFamilies[${i}]\``);
    }
  }
}

function validatePortNumbers(type: string, ports: readonly ServicePort[], errors: FieldErrors): void {
  const at = (i: number): FieldPath => SPEC.child('ports').index(i);
  for (const [i, { nodePort }] of ports.entries()) {
    if (type === 'ClusterIP' && nodePort) {
      errors.forbidden(at(i).child('nodePort'), "may not be used when `type` is 'ClusterIP'");
    }
  }
  const isBefore = (i: number, field: 'nodePort' | 'port'): boolean => {
    const own = ports[i] as ServicePort;
    return ports.slice(0, i).some((other) => other[field] === own[field] && other.protocol === own.protocol);
  };
  for (const [i, { nodePort }] of ports.entries()) {
    if (nodePort && isBefore(i, 'nodePort')) {
      errors.duplicate(at(i).child('nodePort'), nodePort);
    }
  }
  for (const [i, { port, protocol }] of ports.entries()) {
    if (isBefore(i, 'port')) {
      const shown = { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
      errors.duplicate(at(i), shown);
    }
  }
}

function validateSourceRanges(
  { type, loadBalancerSourceRanges: ranges = [] }: ServiceSpec,
  annotation: string | undefined,
  errors: FieldErrors,
): void {
  const path =
    ranges.length > 0
      ? SPEC.child('LoadBalancerSourceRanges')
      : METADATA.child('annotations').key(SOURCE_RANGES_ANNOTATION);
  if ((ranges.length > 0 || annotation !== undefined) && type !== 'LoadBalancer') {
    errors.forbidden(path, LOAD_BALANCER_ONLY);
  }
  for (const [i, range] of ranges.entries()) {
    errors.invalidEach(path.index(i), range.trim(), cidrProblem(range.trim()));
  }
  for (const range of ranges.length === 0 && annotation?.trim() ? annotation.split(',') : []) {
    errors.invalidEach(path, range.trim(), cidrProblem(range.trim()));
  }
}

/** validateServiceExternalTrafficPolicy and what follows it */
function validateTraffic(spec: ServiceSpec, { gates, isNew }: ServiceRules, errors: FieldErrors): void {
  const { type, externalTrafficPolicy: external, internalTrafficPolicy: internal, healthCheckNodePort } = spec;
  const isReached =
    type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0);
  const path = SPEC.child('externalTrafficPolicy');
  if (isReached) {
    errors.oneOf(path, external, ['Cluster', 'Local']);
  } else if (external) {
    errors.invalid(path, external, 'may only be set for externally-accessible services');
  }
  const needsHealthCheck = type === 'LoadBalancer' && external === 'Local';
  if (healthCheckNodePort && !needsHealthCheck) {
    const message = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.invalid(SPEC.child('healthCheckNodePort'), healthCheckNodePort, message);
  } else if (healthCheckNodePort) {
    errors.invalidEach(SPEC.child('healthCheckNodePort'), healthCheckNodePort, isPort(healthCheckNodePort));
  } else if (needsHealthCheck && isNew) {
    errors.required(SPEC.child('healthCheckNodePort'));
  }
  if (internal === undefined && type !== 'ExternalName' && TYPES.includes(type ?? '')) {
    errors.required(SPEC.child('internalTrafficPolicy'));
  }
  errors.ifSetOneOf(SPEC.child('internalTrafficPolicy'), internal, ['Cluster', 'Local']);
  const distributions = gates.PreferSameTrafficDistribution ? DISTRIBUTIONS : DISTRIBUTIONS.slice(0, 1);
  errors.ifSetOneOf(SPEC.child('trafficDistribution'), spec.trafficDistribution, distributions);
}

const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints';
const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode';

/** The older annotation and the newer one must agree. */
function validateTopologyAnnotations(annotations: Labels, errors: FieldErrors): void {
  const [mode, hints] = [annotations[TOPOLOGY_MODE], annotations[TOPOLOGY_HINTS]];
  if (mode !== undefined && hints !== undefined && mode !== hints) {
    const message = `must match annotations[${TOPOLOGY_HINTS}] when both are specified`;
    errors.invalid(METADATA.child('annotations').key(TOPOLOGY_MODE), mode, message);
  }
}
