import type { EndpointSlice } from '../generated/types.js';
import { PROTOCOLS } from './container.js';
import { type FieldErrors, FieldPath } from './field-errors.js';
import { ipProblem, isIpv6, specialIpProblems } from './ip.js';
import { validateObjectMeta } from './meta.js';
import { isDnsLabel, isDnsSubdomain, isPort, isPortName, isQualifiedName } from './names.js';

// k8s 1.37 pkg/apis/discovery/validation/validation.go

const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 20_000;

/** ValidateEndpointSlice, without topology and hints */
export function validateEndpointSlice(slice: EndpointSlice, errors: FieldErrors): void {
  const { metadata, addressType, endpoints = [], ports = [] } = slice;
  validateObjectMeta(metadata, { isNamespaced: true, name: isDnsSubdomain }, errors);
  errors.oneOf(FieldPath.of('addressType'), addressType, ['FQDN', 'IPv4', 'IPv6']);
  const path = FieldPath.of('endpoints');
  if ((endpoints?.length ?? 0) > MAX_ENDPOINTS) {
    errors.tooMany(path, endpoints?.length ?? 0, MAX_ENDPOINTS);
  }
  for (const [i, { addresses = [], hostname, nodeName }] of (endpoints ?? []).entries()) {
    const at = path.index(i);
    if (addresses.length === 0) {
      errors.required(at.child('addresses'), 'must contain at least 1 address');
    } else if (addresses.length > MAX_ADDRESSES) {
      errors.tooMany(at.child('addresses'), addresses.length, MAX_ADDRESSES);
    }
    for (const [j, address] of addresses.entries()) {
      errors.invalidEach(at.child('addresses').index(j), address, addressProblems(address, addressType));
    }
    if (nodeName !== undefined) {
      errors.invalidEach(at.child('nodeName'), nodeName, isDnsSubdomain(nodeName));
    }
    if (hostname !== undefined) {
      errors.invalidEach(at.child('hostname'), hostname, isDnsLabel(hostname));
    }
  }
  validateEndpointPorts(ports ?? [], errors);
}

function addressProblems(address: string, type: string): readonly string[] {
  if (type === 'FQDN') {
    return isDnsSubdomain(address);
  }
  const problems = ipProblem(address);
  if (problems.length > 0) {
    return problems;
  }
  const isRight = isIpv6(address) === (type === 'IPv6');
  return isRight ? specialIpProblems(address) : [`must be an ${type} address`];
}

function validateEndpointPorts(ports: NonNullable<EndpointSlice['ports']>, errors: FieldErrors): void {
  const path = FieldPath.of('ports');
  if (ports.length > MAX_PORTS) {
    errors.tooMany(path, ports.length, MAX_PORTS);
  }
  const names = new Set<string>();
  for (const [i, { name = '', port, protocol, appProtocol }] of ports.entries()) {
    const at = path.index(i);
    if (name !== '') {
      errors.invalidEach(at.child('name'), name, isPortName(name));
    }
    if (names.has(name)) {
      errors.duplicate(at.child('name'), name);
    }
    names.add(name);
    errors.oneOf(at.child('protocol'), protocol, PROTOCOLS);
    if (port !== undefined) {
      errors.invalidEach(at.child('port'), port, isPort(port));
    }
    if (appProtocol !== undefined) {
      errors.invalidEach(at.child('appProtocol'), appProtocol, isQualifiedName(appProtocol));
    }
  }
}

export function validateEndpointSliceUpdate(slice: EndpointSlice, before: EndpointSlice, errors: FieldErrors): void {
  validateEndpointSlice(slice, errors);
  if (slice.addressType !== before.addressType) {
    errors.invalid(FieldPath.of('addressType'), slice.addressType, 'field is immutable');
  }
}
