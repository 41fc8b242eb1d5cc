import type { PodSpec } from '../generated/types.js';
import type { PodContext } from './container.js';
import type { FieldErrors, FieldPath } from './field-errors.js';
import type { ValidationGates } from './gates.js';
import { ipProblem } from './ip.js';
import { validateLabels } from './meta.js';
import { inRange, isDnsLabel, isDnsSubdomain, isDnsSubdomainWithUnderscore, isQualifiedName } from './names.js';
import { validateContainers, validateEphemeralContainers, validateInitContainers } from './pod-containers.js';
import { validatePodResources } from './pod-resources.js';
import { validateContainerResourceName, validateRequirements } from './resources.js';
import {
  validateAffinity,
  validateSchedulingGates,
  validateTolerations,
  validateTopologySpread,
} from './scheduling.js';
import { containersOf, validateHostUsers, validateOperatingSystem, validatePodSecurityContext } from './security.js';
import { validateVolumes } from './volumes.js';

// k8s 1.37 pkg/apis/core/validation/validation.go

export interface PodSpecRules {
  readonly gates: ValidationGates;
  /** Some rules are for pods only, not for templates. */
  readonly isPod: boolean;
  readonly podName?: string | undefined;
}

/** ValidatePodSpec, in its order */
export function validatePodSpec(spec: PodSpec, rules: PodSpecRules, path: FieldPath, errors: FieldErrors): void {
  if (spec.terminationGracePeriodSeconds === undefined) {
    errors.required(path.child('terminationGracePeriodSeconds'));
  }
  const volumes = validateVolumes(spec.volumes ?? [], rules, path.child('volumes'), errors);
  const claimNames = validateResourceClaims(spec.resourceClaims ?? [], path.child('resourceClaims'), errors);
  const context: PodContext = {
    gates: rules.gates,
    volumes,
    claimNames,
    restartPolicy: spec.restartPolicy,
    gracePeriod: spec.terminationGracePeriodSeconds,
    operatingSystem: spec.os?.name,
    usesHostUsers: spec.hostUsers !== false,
  };
  validateContainers(spec.containers ?? [], context, path.child('containers'), errors);
  validateInitContainers(spec, context, path.child('initContainers'), errors);
  validateEphemeralContainers(spec, context, path.child('ephemeralContainers'), errors);
  validatePodResources(spec, claimNames, path.child('resources'), errors);
  validateHostNetworkPorts(spec, rules.isPod, path.child('containers'), errors);
  errors.oneOf(path.child('restartPolicy'), spec.restartPolicy, ['Always', 'OnFailure', 'Never']);
  errors.oneOf(path.child('dnsPolicy'), spec.dnsPolicy, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']);
  validateLabels(spec.nodeSelector, path.child('nodeSelector'), errors);
  validatePodSecurityContext(spec, path, errors);
  validateAffinity(spec.affinity, path.child('affinity'), errors);
  validateDns(spec, rules.gates, path.child('dnsConfig'), errors);
  for (const [i, { conditionType }] of (spec.readinessGates ?? []).entries()) {
    const at = path.child('readinessGates').index(i).child('conditionType');
    errors.invalidEach(at, conditionType, isQualifiedName(conditionType));
  }
  validateSchedulingGates(spec.schedulingGates ?? [], path.child('schedulingGates'), errors);
  validateTopologySpread(spec.topologySpreadConstraints ?? [], path.child('topologySpreadConstraints'), errors);
  validateHostUsers(spec, path, errors);
  validateHostnameOverride(spec, path.child('hostnameOverride'), errors);
  validatePlace(spec, path, errors);
  validateTolerations(spec.tolerations ?? [], path.child('tolerations'), errors);
  validateRest(spec, path, errors);
}

const MAX_INT32 = 2 ** 31 - 1;

/** Account, node, deadline, hostname: what stands between the constraints and the tolerations. */
function validatePlace(spec: PodSpec, path: FieldPath, errors: FieldErrors): void {
  for (const field of ['serviceAccountName', 'nodeName'] as const) {
    const name = spec[field];
    if (name) {
      errors.invalidEach(path.child(field), name, isDnsSubdomain(name));
    }
  }
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > MAX_INT32)) {
    errors.invalid(path.child('activeDeadlineSeconds'), deadline, inRange(1, MAX_INT32));
  }
  for (const field of ['hostname', 'subdomain'] as const) {
    const name = spec[field];
    if (name) {
      errors.invalidEach(path.child(field), name, isDnsLabel(name));
    }
  }
}

/** validatePodHostName */
function validateHostnameOverride(spec: PodSpec, path: FieldPath, errors: FieldErrors): void {
  const { hostnameOverride: hostname } = spec;
  if (hostname === undefined) {
    return;
  }
  if (spec.setHostnameAsFQDN) {
    errors.forbidden(path, 'may not be specified when setHostnameAsFQDN is true');
  }
  if (spec.hostNetwork) {
    errors.forbidden(path, 'may not be specified when hostNetwork is true');
  }
  if (hostname.length > MAX_HOSTNAME_BYTES) {
    errors.tooLong(path, MAX_HOSTNAME_BYTES);
  }
  errors.invalidEach(path, hostname, isDnsSubdomain(hostname));
}

const MAX_HOSTNAME_BYTES = 64;
// What the resolver of libc bears.
const MAX_NAMESERVERS = 3;
const MAX_SEARCH_PATHS = 32;
const MAX_SEARCH_CHARACTERS = 2048;

/** validatePodDNSConfig */
function validateDns(
  { dnsPolicy, dnsConfig }: PodSpec,
  gates: ValidationGates,
  path: FieldPath,
  errors: FieldErrors,
): void {
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {};
  if (dnsPolicy === 'None' && dnsConfig === undefined) {
    errors.required(path, 'must provide `dnsConfig` when `dnsPolicy` is None');
    return;
  }
  if (dnsPolicy === 'None' && nameservers.length === 0) {
    errors.required(path.child('nameservers'), 'must provide at least one DNS nameserver when `dnsPolicy` is None');
    return;
  }
  if (nameservers.length > MAX_NAMESERVERS) {
    errors.invalid(path.child('nameservers'), nameservers, `must not have more than ${MAX_NAMESERVERS} nameservers`);
  }
  for (const [i, address] of nameservers.entries()) {
    errors.invalidEach(path.child('nameservers').index(i), address, ipProblem(address));
  }
  const searchesPath = path.child('searches');
  if (searches.length > MAX_SEARCH_PATHS) {
    errors.invalid(searchesPath, searches, `must not have more than ${MAX_SEARCH_PATHS} search paths`);
  }
  if (searches.join(' ').length > MAX_SEARCH_CHARACTERS) {
    const message = `must not have more than ${MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list`;
    errors.invalid(searchesPath, searches, message);
  }
  const rule = gates.RelaxedDNSSearchValidation ? isDnsSubdomainWithUnderscore : isDnsSubdomain;
  for (const [i, search] of searches.entries()) {
    if (search !== '.' || !gates.RelaxedDNSSearchValidation) {
      const domain = search.replace(/\.$/, '');
      errors.invalidEach(searchesPath.index(i), domain, rule(domain));
    }
  }
  for (const [i, { name }] of options.entries()) {
    if (!name) {
      errors.required(path.child('options').index(i), 'must not be empty');
    }
  }
}

function validateRest(spec: PodSpec, path: FieldPath, errors: FieldErrors): void {
  for (const [i, { ip, hostnames }] of (spec.hostAliases ?? []).entries()) {
    const at = path.child('hostAliases').index(i);
    errors.invalidEach(at.child('ip'), ip, ipProblem(ip));
    for (const [j, hostname] of (hostnames ?? []).entries()) {
      errors.invalidEach(at.child('hostnames').index(j), hostname, isDnsSubdomain(hostname));
    }
  }
  for (const field of ['priorityClassName', 'runtimeClassName'] as const) {
    const name = spec[field];
    if (name || (field === 'runtimeClassName' && name !== undefined)) {
      errors.invalidEach(path.child(field), name, isDnsSubdomain(name ?? ''));
    }
  }
  if (spec.preemptionPolicy !== undefined) {
    errors.oneOf(path.child('preemptionPolicy'), spec.preemptionPolicy, ['PreemptLowerPriority', 'Never']);
  }
  if (spec.overhead) {
    // validateOverhead: as if it were the limits of a container
    const limits = { limits: spec.overhead };
    validateRequirements(limits, validateContainerResourceName, new Set(), path.child('overhead'), errors);
  }
  validateOperatingSystem(spec, path, errors);
  validateFileKeyVolumes(spec, path, errors);
}

/** validatePodResourceClaims */
function validateResourceClaims(
  claims: NonNullable<PodSpec['resourceClaims']>,
  path: FieldPath,
  errors: FieldErrors,
): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [i, claim] of claims.entries()) {
    const at = path.index(i);
    const { name, resourceClaimName, resourceClaimTemplateName } = claim;
    if (!name) {
      errors.required(at.child('name'));
    } else if (names.has(name)) {
      errors.duplicate(at.child('name'), name);
    } else {
      errors.invalidEach(at.child('name'), name, isDnsLabel(name));
      names.add(name);
    }
    const sources = [resourceClaimName, resourceClaimTemplateName].filter((source) => source !== undefined);
    if (sources.length !== 1) {
      const shown = {
        Name: name,
        ResourceClaimName: resourceClaimName ?? null,
        ResourceClaimTemplateName: resourceClaimTemplateName ?? null,
      };
      const message =
        sources.length === 0
          ? 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'
          : 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified';
      errors.invalid(at, shown, message);
    }
    for (const field of ['resourceClaimName', 'resourceClaimTemplateName'] as const) {
      const source = claim[field];
      if (source !== undefined) {
        errors.invalidEach(at.child(field), source, isDnsSubdomain(source));
      }
    }
  }
  return names;
}

/** validatePodHostNetworkDeps; templates may leave the host port open, pods have got one. */
function validateHostNetworkPorts(spec: PodSpec, isPod: boolean, path: FieldPath, errors: FieldErrors): void {
  if (!spec.hostNetwork) {
    return;
  }
  for (const [i, { ports }] of (spec.containers ?? []).entries()) {
    for (const [j, { hostPort = 0, containerPort }] of (ports ?? []).entries()) {
      if ((isPod || hostPort !== 0) && hostPort !== containerPort) {
        const at = path.index(i).child('ports').index(j).child('hostPort');
        errors.invalid(at, hostPort, 'must match `containerPort` when `hostNetwork` is true');
      }
    }
  }
}

/** validateFileKeyRefVolumes */
function validateFileKeyVolumes(spec: PodSpec, path: FieldPath, errors: FieldErrors): void {
  for (const [container, at] of containersOf(spec, path)) {
    for (const [i, { valueFrom }] of (container.env ?? []).entries()) {
      const name = valueFrom?.fileKeyRef?.volumeName;
      if (name === undefined) {
        continue;
      }
      const volume = spec.volumes?.find((candidate) => candidate.name === name);
      const nameAt = at.child('env').index(i).child('valueFrom', 'fileKeyRef', 'volumeName');
      if (volume === undefined) {
        errors.notFound(nameAt, name);
      } else if (!volume.emptyDir) {
        errors.invalid(nameAt, name, 'referenced volume must be of type emptyDir');
      }
    }
  }
}
