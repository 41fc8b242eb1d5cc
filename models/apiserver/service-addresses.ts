import { entityKey, type RandomStream } from '../../engine/index.js';
import { keyOf, type Service, type ServicePort, type ServiceSpec } from '../api/index.js';
import { FieldErrors, FieldPath } from '../api/validation/field-errors.js';
import type { Reply } from '../client-go/index.js';
import { type Failure, internalError, invalid } from './errors.js';
import { isHeadless, withFamilies } from './service-families.js';
import { needsClusterIP, needsHealthCheck, needsNodePort } from './service-update.js';

export interface ServiceAddressSettings {
  /** --service-cluster-ip-range, one IPv4 block. */
  readonly clusterIpRange: string;
  /** --service-node-port-range: first and last port. */
  readonly nodePortRange: readonly [number, number];
  /** Whether the beginning of the range is kept for addresses that people choose (gate ServiceIPStaticSubrange). */
  readonly keepsAddresses: boolean;
  /** The same for ports (gate ServiceNodePortStaticSubrange). */
  readonly keepsPorts: boolean;
}

/** Between the draws for the address and those for the first port. */
const HEALTH_CHECK_ORDINAL = 999;
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
  readonly #block: Block;

  constructor(settings: ServiceAddressSettings, random: RandomStream, services: () => Iterable<Service>) {
    this.#settings = settings;
    this.#random = random;
    this.#services = services;
    this.#block = blockOf(settings.clusterIpRange);
  }

  /** As allocateCreate, and allocateUpdate where there is a version of before. */
  assign(service: Service, before?: Service): Reply<Service> {
    if (service.spec === undefined || !needsClusterIP(service.spec)) {
      return { ok: true, object: service };
    }
    const old = before?.spec && needsClusterIP(before.spec) ? before.spec : undefined;
    const found = withFamilies(service, old, ['IPv4']);
    if (!found.ok) {
      return invalid('Service', service.metadata.name, found.causes);
    }
    const taken = this.#takenByOthers(service);
    const addressed = this.#withAddress(service, found.spec, old, taken);
    const opened = 'ok' in addressed ? addressed : this.#withNodePorts(service, addressed, before?.spec, taken);
    const spec = 'ok' in opened ? opened : this.#withHealthCheck(service, opened, before?.spec, taken);
    return 'ok' in spec ? spec : { ok: true, object: { ...service, spec } };
  }

  #takenByOthers(service: Service): Taken {
    const taken: Taken = { addresses: new Set(), ports: new Set() };
    const own = keyOf(service);
    for (const other of this.#services()) {
      if (keyOf(other) !== own) {
        taken.addresses.add(other.spec?.clusterIP ?? '');
        taken.ports.add(other.spec?.healthCheckNodePort ?? 0);
        for (const { nodePort } of other.spec?.ports ?? []) {
          taken.ports.add(nodePort ?? 0);
        }
      }
    }
    return taken;
  }

  #withAddress(
    service: Service,
    spec: ServiceSpec,
    old: ServiceSpec | undefined,
    { addresses }: Taken,
  ): ServiceSpec | Failure {
    const given = spec.clusterIP || spec.clusterIPs?.[0];
    if (isHeadless(spec) || (given !== undefined && given === old?.clusterIP)) {
      return { ...spec, clusterIPs: spec.clusterIPs ?? [given as string] };
    }
    if (given === undefined) {
      const clusterIP = this.#freeAddress(service, addresses);
      return clusterIP === undefined
        ? internalError('failed to allocate a serviceIP: range is full')
        : { ...spec, clusterIP, clusterIPs: [clusterIP] };
    }
    const problem = this.#addressProblem(given, addresses);
    if (problem === undefined) {
      return { ...spec, clusterIP: given, clusterIPs: spec.clusterIPs ?? [given] };
    }
    const errors = new FieldErrors();
    errors.invalid(SPEC.child('clusterIPs'), spec.clusterIPs ?? [given], `failed to allocate IP ${given}: ${problem}`);
    return invalid('Service', service.metadata.name, errors.causes);
  }

  /** ErrNotInRange and ErrAllocated of ipallocator. */
  #addressProblem(address: string, taken: ReadonlySet<string>): string | undefined {
    const offset = numberOf(address) - this.#block.first;
    if (!(offset >= 0 && offset < this.#block.size)) {
      return `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${this.#settings.clusterIpRange}`;
    }
    return taken.has(address) ? 'provided IP is already allocated' : undefined;
  }

  /** AllocateNext: at random from the upper part of the range, and from the part that is kept when that is full. */
  #freeAddress(service: Service, taken: ReadonlySet<string>): string | undefined {
    const { first, size } = this.#block;
    const kept = this.#settings.keepsAddresses ? keptPart(size + 2, 16, 256) : 0;
    const ifFree = (offset: number): string | undefined =>
      taken.has(dotted(first + offset)) ? undefined : dotted(first + offset);
    return this.#draw(service, 0, kept, size, ifFree) ?? this.#draw(service, 0, 0, kept, ifFree);
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

/** The addresses between the first and the last of a block, as numbers. */
interface Block {
  readonly first: number;
  readonly size: number;
}

function blockOf(range: string): Block {
  const [address = '', bits = '32'] = range.split('/');
  return { first: numberOf(address) + 1, size: 2 ** (32 - Number(bits)) - 2 };
}

/** NaN for what is no IPv4 address. */
const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

const dotted = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
