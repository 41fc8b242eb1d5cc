import { entityKey, type RandomStream } from '../../engine/index.js';
import { AddressBlock, keyOf, type Service, type ServicePort, type ServiceSpec } from '../api/index.js';
import { FieldErrors, FieldPath } from '../api/validation/field-errors.js';
import type { Reply } from '../client-go/index.js';
import { type Failure, internalError, invalid } from './errors.js';
import { isHeadless, withFamilies } from './service-families.js';
import { needsClusterIP, needsHealthCheck, needsNodePort } from './service-update.js';

export interface ServiceAddressSettings {
  /** --service-cluster-ip-range: a block, or one of each family; the first is the cluster's own. */
  readonly clusterIpRanges: readonly string[];
  /** --service-node-port-range: first and last port. */
  readonly nodePortRange: readonly [number, number];
  /** Whether the beginning of the range is kept for addresses that people choose (gate ServiceIPStaticSubrange). */
  readonly keepsAddresses: boolean;
  /** The same for ports (gate ServiceNodePortStaticSubrange). */
  readonly keepsPorts: boolean;
}

/** Between the draws for the address and those for the first port. */
const HEALTH_CHECK_ORDINAL = 999;
/** Of the address of the second family. */
const SECOND_ORDINAL = 998;
const SPEC = FieldPath.of('spec');

/** What the Services there are hold. */
interface Taken {
  readonly addresses: Set<string>;
  readonly ports: Set<number>;
}

/**
 * Gives Services the addresses and ports that they did not come with, and refuses those that another has: k8s 1.37
 * pkg/registry/core/service/storage/alloc.go, ipallocator and portallocator. Which are free is read from the Services there are,
 * so nothing need be given back.
 */
export class ServiceAddresses {
  readonly #settings: ServiceAddressSettings;
  readonly #random: RandomStream;
  readonly #services: () => Iterable<Service>;
  readonly #ranges: readonly AddressRange[];

  constructor(settings: ServiceAddressSettings, random: RandomStream, services: () => Iterable<Service>) {
    this.#settings = settings;
    this.#random = random;
    this.#services = services;
    this.#ranges = settings.clusterIpRanges.map(rangeOf);
  }

  /** As allocateCreate, and allocateUpdate where there is a version of before. */
  assign(service: Service, before?: Service): Reply<Service> {
    if (service.spec === undefined || !needsClusterIP(service.spec)) {
      return { ok: true, object: service };
    }
    const old = before?.spec && needsClusterIP(before.spec) ? before.spec : undefined;
    const found = withFamilies(
      service,
      old,
      this.#ranges.map(({ block }) => block.family),
    );
    if (!found.ok) {
      return invalid('Service', service.metadata.name, found.causes);
    }
    const taken = this.#takenByOthers(service);
    const addressed = this.#withAddresses(service, found.spec, old, taken);
    const opened = 'ok' in addressed ? addressed : this.#withNodePorts(service, addressed, before?.spec, taken);
    const spec = 'ok' in opened ? opened : this.#withHealthCheck(service, opened, before?.spec, taken);
    return 'ok' in spec ? spec : { ok: true, object: { ...service, spec } };
  }

  #takenByOthers(service: Service): Taken {
    const taken: Taken = { addresses: new Set(), ports: new Set() };
    const own = keyOf(service);
    for (const other of this.#services()) {
      if (keyOf(other) !== own) {
        for (const address of other.spec?.clusterIPs ?? [other.spec?.clusterIP ?? '']) {
          taken.addresses.add(address);
        }
        taken.ports.add(other.spec?.healthCheckNodePort ?? 0);
        for (const { nodePort } of other.spec?.ports ?? []) {
          taken.ports.add(nodePort ?? 0);
        }
      }
    }
    return taken;
  }

  /** allocIPs: an address of each of the Service's families. */
  #withAddresses(
    service: Service,
    spec: ServiceSpec,
    old: ServiceSpec | undefined,
    { addresses }: Taken,
  ): ServiceSpec | Failure {
    const given = spec.clusterIPs?.length ? spec.clusterIPs : spec.clusterIP ? [spec.clusterIP] : [];
    if (isHeadless(spec)) {
      return { ...spec, clusterIPs: given };
    }
    const clusterIPs: string[] = [];
    for (const [i, family] of (spec.ipFamilies ?? []).entries()) {
      const asked = given[i];
      const range = this.#ranges.find(({ block }) => block.family === family);
      const isStanding = asked !== undefined && (asked === old?.clusterIP || old?.clusterIPs?.includes(asked) === true);
      const problem = asked === undefined || isStanding ? undefined : addressProblem(asked, range, addresses);
      if (problem !== undefined) {
        const errors = new FieldErrors();
        errors.invalid(
          SPEC.child('clusterIPs'),
          spec.clusterIPs ?? [asked],
          `failed to allocate IP ${asked}: ${problem}`,
        );
        return invalid('Service', service.metadata.name, errors.causes);
      }
      const address = asked ?? (range && this.#freeAddress(service, range, i === 0 ? 0 : SECOND_ORDINAL, addresses));
      if (address === undefined) {
        return internalError('failed to allocate a serviceIP: range is full');
      }
      clusterIPs.push(address);
    }
    return { ...spec, clusterIP: clusterIPs[0], clusterIPs };
  }

  /** AllocateNext: at random from the upper part of the range, and from the part that is kept when that is full. */
  #freeAddress(
    service: Service,
    { block, size }: AddressRange,
    ordinal: number,
    taken: ReadonlySet<string>,
  ): string | undefined {
    const kept = this.#settings.keepsAddresses ? keptPart(size + 2, 16, 256) : 0;
    const ifFree = (offset: number): string | undefined => {
      const address = block.at(offset + 1);
      return taken.has(address) ? undefined : address;
    };
    return this.#draw(service, ordinal, kept, size, ifFree) ?? this.#draw(service, ordinal, 0, kept, ifFree);
  }

  /** initNodePorts and updateNodePorts: protocols of one port share the node's. */
  #withNodePorts(
    service: Service,
    spec: ServiceSpec,
    old: ServiceSpec | undefined,
    { ports: taken }: Taken,
  ): ServiceSpec | Failure {
    if (!needsNodePort(spec)) {
      return spec;
    }
    const mayDraw = spec.type === 'NodePort' || spec.allocateLoadBalancerNodePorts !== false;
    const standing = new Set((old?.ports ?? []).flatMap(({ nodePort }) => nodePort || []));
    const errors = new FieldErrors();
    const chosen = new Map<number, number>();
    const ports = (spec.ports ?? []).map((port, i): ServicePort => {
      if (!port.nodePort && !mayDraw) {
        return port;
      }
      const shared = chosen.get(port.port);
      if (!port.nodePort && shared !== undefined && old === undefined) {
        return { ...port, nodePort: shared };
      }
      const asked = port.nodePort || (old === undefined ? askedForPort(spec, port.port) : undefined);
      const nodePort = asked ?? this.#freePort(service, (i + 1) * 1000, taken);
      const problem = asked === undefined || standing.has(asked) ? undefined : this.#portProblem(asked, taken, chosen);
      if (problem !== undefined) {
        errors.invalid(SPEC.child('ports').index(i).child('nodePort'), asked, problem);
      }
      if (nodePort === undefined) {
        return port;
      }
      chosen.set(port.port, nodePort);
      taken.add(asked === undefined ? nodePort : 0);
      return { ...port, nodePort };
    });
    if (errors.causes.length > 0) {
      return invalid('Service', service.metadata.name, errors.causes.slice(0, 1));
    }
    return mayDraw && ports.some(({ nodePort }) => !nodePort)
      ? internalError('failed to allocate a nodePort: range is full')
      : { ...spec, ports };
  }

  /** ErrNotInRange and ErrAllocated of portallocator. */
  #portProblem(port: number, taken: ReadonlySet<number>, own: ReadonlyMap<number, number>): string | undefined {
    const [low, high] = this.#settings.nodePortRange;
    if (port < low || port > high) {
      return `provided port is not in the valid range. The range of valid ports is ${low}-${high}`;
    }
    return taken.has(port) && ![...own.values()].includes(port) ? 'provided port is already allocated' : undefined;
  }

  #withHealthCheck(
    service: Service,
    spec: ServiceSpec,
    old: ServiceSpec | undefined,
    { ports }: Taken,
  ): ServiceSpec | Failure {
    const asked = spec.healthCheckNodePort;
    if (!needsHealthCheck(spec) || (asked && asked === old?.healthCheckNodePort)) {
      return spec;
    }
    const taken = new Set([...ports, ...(spec.ports ?? []).flatMap(({ nodePort }) => nodePort || [])]);
    const problem = asked ? this.#portProblem(asked, taken, new Map()) : undefined;
    if (problem !== undefined) {
      return internalError(`failed to allocate requested HealthCheck NodePort ${asked}: ${problem}`);
    }
    const healthCheckNodePort = asked || this.#freePort(service, HEALTH_CHECK_ORDINAL, taken);
    return healthCheckNodePort === undefined
      ? internalError('failed to allocate a HealthCheck NodePort 0: range is full')
      : { ...spec, healthCheckNodePort };
  }

  #freePort(service: Service, ordinal: number, taken: ReadonlySet<number>): number | undefined {
    const [low, high] = this.#settings.nodePortRange;
    const size = high - low + 1;
    const kept = this.#settings.keepsPorts ? keptPart(size, 32, 128) : 0;
    const ifFree = (offset: number): number | undefined => (taken.has(low + offset) ? undefined : low + offset);
    return this.#draw(service, ordinal, kept, size, ifFree) ?? this.#draw(service, ordinal, 0, kept, ifFree);
  }

  /** The first of the Service's draws between two offsets that is free; when luck runs out, the next free one after it. */
  #draw<T>(
    service: Service,
    ordinal: number,
    from: number,
    to: number,
    ifFree: (offset: number) => T | undefined,
  ): T | undefined {
    const count = to - from;
    const drawn = Math.floor(this.#random.uniform(entityKey(keyOf(service)), ordinal) * count);
    for (let tried = 0; tried < count; tried++) {
      const found = ifFree(from + ((drawn + tried) % count));
      if (found !== undefined) {
        return found;
      }
    }
    return undefined;
  }
}

/** findRequestedNodePort: another protocol of the same port may name the node's. */
const askedForPort = ({ ports }: ServiceSpec, port: number): number | undefined =>
  ports?.find((other) => other.port === port && other.nodePort)?.nodePort;

/** calculateRangeOffset of ipallocator and portallocator: a share of the range, at least 16; nothing of a small one. */
const keptPart = (size: number, share: number, most: number): number =>
  size <= 16 ? 0 : Math.min(Math.max(16, Math.floor(size / share)), most);

/** What may be given away of a block: all but its first address, and the last of an IPv4 one. */
interface AddressRange {
  readonly block: AddressBlock;
  readonly size: number;
}

/** NewInMemory of ipallocator: of a large IPv6 block, only so many are kept track of. */
const MOST_IPV6 = 2 ** 16;

function rangeOf(cidr: string): AddressRange {
  const block = new AddressBlock(cidr);
  return { block, size: block.family === 'IPv4' ? block.size - 2 : Math.min(block.size, MOST_IPV6) - 1 };
}

/** ErrNotInRange and ErrAllocated of ipallocator. */
function addressProblem(
  address: string,
  range: AddressRange | undefined,
  taken: ReadonlySet<string>,
): string | undefined {
  const offset = (range?.block.offsetOf(address) ?? Number.NaN) - 1;
  if (range === undefined || !(offset >= 0 && offset < range.size)) {
    return `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${range?.block.cidr}`;
  }
  return taken.has(address) ? 'provided IP is already allocated' : undefined;
}
