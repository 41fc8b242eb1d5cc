import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressSpec,
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../generated/types.js';
import { PROTOCOLS } from './container.js';
import { type FieldErrors, FieldPath } from './field-errors.js';
import type { ValidationGates } from './gates.js';
import { cidrProblem, containsCidr, parseIp } from './ip.js';
import { validateLabelSelector, validateObjectMeta, validateObjectMetaUpdate } from './meta.js';
import {
  isDns1035Label,
  isDnsLabel,
  isDnsSubdomain,
  isPathSegment,
  isPort,
  isPortName,
  isWildcardSubdomain,
} from './names.js';

// k8s 1.37 pkg/apis/networking/validation/validation.go

const SPEC = FieldPath.of('spec');
const NAMED = { isNamespaced: true, name: isDnsSubdomain };
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

export function validateIngress({ metadata, spec }: Ingress, gates: ValidationGates, errors: FieldErrors): void {
  validateObjectMeta(metadata, NAMED, errors);
  validateIngressSpec(spec ?? {}, gates, errors);
  const annotation = metadata.annotations?.[CLASS_ANNOTATION];
  if (annotation !== undefined && spec?.ingressClassName !== undefined && annotation !== spec.ingressClassName) {
    const path = FieldPath.of('annotations', CLASS_ANNOTATION);
    errors.invalid(path, annotation, 'must match `ingressClassName` when both are specified');
  }
}

export function validateIngressUpdate({ metadata, spec }: Ingress, gates: ValidationGates, errors: FieldErrors): void {
  validateObjectMetaUpdate(metadata, errors);
  validateObjectMeta(metadata, NAMED, errors);
  validateIngressSpec(spec ?? {}, gates, errors);
}

function validateIngressSpec(spec: IngressSpec, gates: ValidationGates, errors: FieldErrors): void {
  const { rules = [], defaultBackend, tls = [], ingressClassName } = spec;
  if (rules.length === 0 && defaultBackend === undefined) {
    errors.invalid(SPEC, spec.rules ?? null, 'either `defaultBackend` or `rules` must be specified');
  }
  if (defaultBackend) {
    validateBackend(defaultBackend, gates, SPEC.child('defaultBackend'), errors);
  }
  for (const [i, { host, http }] of rules.entries()) {
    const path = SPEC.child('rules').index(i);
    if (host) {
      validateHost(host, path.child('host'), errors);
    }
    const paths = http?.paths ?? [];
    if (http && paths.length === 0) {
      errors.required(path.child('http', 'paths'));
    }
    for (const [j, httpPath] of paths.entries()) {
      validateHttpPath(httpPath, gates, path.child('http', 'paths').index(j), errors);
    }
  }
  for (const [i, { hosts, secretName }] of tls.entries()) {
    const path = SPEC.child('tls').index(i);
    for (const [j, host] of (hosts ?? []).entries()) {
      errors.invalidEach(path.child('hosts').index(j), host, hostProblems(host));
    }
    if (secretName) {
      errors.invalidEach(path.child('secretName'), secretName, isDnsSubdomain(secretName));
    }
  }
  if (ingressClassName !== undefined) {
    errors.invalidEach(SPEC.child('ingressClassName'), ingressClassName, isDnsSubdomain(ingressClassName));
  }
}

const hostProblems = (host: string): readonly string[] =>
  host.includes('*') ? isWildcardSubdomain(host) : isDnsSubdomain(host);

function validateHost(host: string, path: FieldPath, errors: FieldErrors): void {
  if (parseIp(host)) {
    errors.invalid(path, host, 'must be a DNS name, not an IP address');
  }
  errors.invalidEach(path, host, hostProblems(host));
}

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];
const REFUSED_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F'];
const REFUSED_ENDINGS = ['/..', '/.'];

function validateHttpPath(
  { path: file = '', pathType, backend }: HTTPIngressPath,
  gates: ValidationGates,
  path: FieldPath,
  errors: FieldErrors,
): void {
  if (pathType === undefined) {
    errors.required(path.child('pathType'), 'pathType must be specified');
    return;
  }
  const at = path.child('path');
  const isExact = pathType === 'Exact' || pathType === 'Prefix';
  if (!PATH_TYPES.includes(pathType)) {
    errors.notSupported(path.child('pathType'), pathType, PATH_TYPES);
  } else if (!file.startsWith('/') && (isExact || file !== '')) {
    errors.invalid(at, file, 'must be an absolute path');
  }
  for (const sequence of isExact ? REFUSED_SEQUENCES : []) {
    if (file.includes(sequence)) {
      errors.invalid(at, file, `must not contain '${sequence}'`);
    }
  }
  for (const ending of isExact ? REFUSED_ENDINGS : []) {
    if (file.endsWith(ending)) {
      errors.invalid(at, file, `cannot end with '${ending}'`);
    }
  }
  validateBackend(backend, gates, path.child('backend'), errors);
}

function validateBackend(
  { resource, service }: IngressBackend,
  gates: ValidationGates,
  path: FieldPath,
  errors: FieldErrors,
): void {
  if (resource && service) {
    errors.invalid(path, '', 'cannot set both resource and service backends');
  } else if (resource) {
    if (resource.apiGroup !== undefined) {
      errors.invalidEach(path.child('resource', 'apiGroup'), resource.apiGroup, isDnsSubdomain(resource.apiGroup));
    }
    for (const field of ['kind', 'name'] as const) {
      const at = path.child('resource', field);
      if (!resource[field]) {
        errors.required(at);
      } else {
        errors.invalidEach(at, resource[field], isPathSegment(resource[field]));
      }
    }
  } else if (service) {
    validateServiceBackend(service, gates, path, errors);
  } else {
    errors.invalid(path, '', 'resource or service backend is required');
  }
}

function validateServiceBackend(
  { name, port }: NonNullable<IngressBackend['service']>,
  gates: ValidationGates,
  path: FieldPath,
  errors: FieldErrors,
): void {
  const at = path.child('service');
  if (!name) {
    errors.required(at.child('name'));
  } else {
    const rule = gates.RelaxedServiceNameValidation ? isDnsLabel : isDns1035Label;
    errors.invalidEach(at.child('name'), name, rule(name));
  }
  if (port?.name && port.number) {
    errors.invalid(path, '', 'cannot set both port name & port number');
  } else if (port?.name) {
    errors.invalidEach(at.child('port', 'name'), port.name, isPortName(port.name));
  } else if (port?.number) {
    errors.invalidEach(at.child('port', 'number'), port.number, isPort(port.number));
  } else {
    errors.required(path, 'port name or number is required');
  }
}

export function validateNetworkPolicy({ metadata, spec }: NetworkPolicy, errors: FieldErrors): void {
  validateObjectMeta(metadata, NAMED, errors);
  validatePolicySpec(spec, errors);
}

export function validateNetworkPolicyUpdate({ metadata, spec }: NetworkPolicy, errors: FieldErrors): void {
  validateObjectMetaUpdate(metadata, errors);
  validatePolicySpec(spec, errors);
}

function validatePolicySpec(spec: NetworkPolicy['spec'], errors: FieldErrors): void {
  validateLabelSelector(spec?.podSelector, SPEC.child('podSelector'), errors);
  for (const [i, { ports, from }] of (spec?.ingress ?? []).entries()) {
    validatePolicyRule(ports ?? [], from ?? [], SPEC.child('ingress').index(i), 'from', errors);
  }
  for (const [i, { ports, to }] of (spec?.egress ?? []).entries()) {
    validatePolicyRule(ports ?? [], to ?? [], SPEC.child('egress').index(i), 'to', errors);
  }
  const types = spec?.policyTypes ?? [];
  const path = SPEC.child('policyTypes');
  if (types.length > 2) {
    errors.invalid(path, types, 'may not specify more than two policyTypes');
    return;
  }
  for (const [i, type] of types.entries()) {
    errors.ifSetOneOf(path.index(i), type, ['Ingress', 'Egress']);
  }
}

function validatePolicyRule(
  ports: readonly NetworkPolicyPort[],
  peers: readonly NetworkPolicyPeer[],
  path: FieldPath,
  peersField: string,
  errors: FieldErrors,
): void {
  for (const [i, port] of ports.entries()) {
    validatePolicyPort(port, path.child('ports').index(i), errors);
  }
  for (const [i, { podSelector, namespaceSelector, ipBlock }] of peers.entries()) {
    const at = path.child(peersField).index(i);
    validateLabelSelector(podSelector, at.child('podSelector'), errors);
    validateLabelSelector(namespaceSelector, at.child('namespaceSelector'), errors);
    if (ipBlock) {
      validateIpBlock(ipBlock, at.child('ipBlock'), errors);
    }
    if (!podSelector && !namespaceSelector && !ipBlock) {
      errors.required(at, 'must specify a peer');
    } else if (ipBlock && (podSelector || namespaceSelector)) {
      errors.forbidden(at, 'may not specify both ipBlock and another peer');
    }
  }
}

function validatePolicyPort(
  { protocol, port, endPort }: NetworkPolicyPort,
  path: FieldPath,
  errors: FieldErrors,
): void {
  errors.ifSetOneOf(path.child('protocol'), protocol, PROTOCOLS);
  const endPath = path.child('endPort');
  if (typeof port === 'number') {
    errors.invalidEach(path.child('port'), port, isPort(port));
    if (endPort !== undefined && endPort < port) {
      errors.invalid(endPath, endPort, 'must be greater than or equal to `port`');
    }
    errors.invalidEach(endPath, endPort, endPort === undefined ? [] : isPort(endPort));
    return;
  }
  if (endPort !== undefined) {
    const why = port === undefined ? 'not specified' : 'non-numeric';
    errors.invalid(endPath, endPort, `may not be specified when \`port\` is ${why}`);
  }
  errors.invalidEach(path.child('port'), port, port === undefined ? [] : isPortName(port));
}

function validateIpBlock({ cidr, except }: IPBlock, path: FieldPath, errors: FieldErrors): void {
  if (!cidr) {
    errors.required(path.child('cidr'));
    return;
  }
  const problems = cidrProblem(cidr);
  errors.invalidEach(path.child('cidr'), cidr, problems);
  for (const [i, part] of problems.length > 0 ? [] : (except ?? []).entries()) {
    const partProblems = cidrProblem(part);
    errors.invalidEach(path.child('except').index(i), part, partProblems);
    if (partProblems.length === 0 && !containsCidr(cidr, part)) {
      errors.invalid(path.child('except').index(i), part, 'must be a strict subset of `cidr`');
    }
  }
}
