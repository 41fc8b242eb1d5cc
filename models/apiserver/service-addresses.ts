import { entityKey, InvariantError, type RandomStream } from '../../engine/index.js';
import { keyOf, type Service, type ServicePort } from '../api/index.js';

export interface ServiceAddressSettings {
  /** --service-cluster-ip-range, one IPv4 block. */
  readonly clusterIpRange: string;
  /** --service-node-port-range: first and last port. */
  readonly nodePortRange: readonly [number, number];
}

const HEADLESS = 'None';
/** Between the draws for the address and those for the first port. */
const HEALTH_CHECK_ORDINAL = 999;

/**
 * Gives new Services the addresses that they did not come with: pkg/registry/core/service/storage/alloc.go, ipallocator and portallocator.
 * Which are free is read from the Services there are, so nothing need be given back.
 */
export class ServiceAddresses {
  readonly #settings: ServiceAddressSettings;
  readonly #random: RandomStream;
  readonly #services: () => Iterable<Service>;

  constructor(settings: ServiceAddressSettings, random: RandomStream, services: () => Iterable<Service>) {
    this.#settings = settings;
    this.#random = random;
    this.#services = services;
  }

  assign(service: Service): Service {
    const { spec } = service;
    if (spec === undefined || spec.type === 'ExternalName') {
      return service;
    }
    const clusterIP = spec.clusterIP || this.#freeAddress(service);
    return {
      ...service,
      spec: {
        ...spec,
        clusterIP,
        clusterIPs: spec.clusterIPs ?? [clusterIP],
        ipFamilies: spec.ipFamilies ?? ['IPv4'],
        ipFamilyPolicy: spec.ipFamilyPolicy ?? 'SingleStack',
        ports: needsNodePorts(service) ? this.#withNodePorts(service, spec.ports ?? []) : spec.ports,
        ...(needsHealthCheck(service) && { healthCheckNodePort: spec.healthCheckNodePort || this.#freePort(service) }),
      },
    };
  }

  /** ipallocator.go AllocateNext: at random, from the block without the part that is kept for addresses people choose. */
  #freeAddress(service: Service): string {
    const taken = new Set<string>();
    for (const { spec } of this.#services()) {
      taken.add(spec?.clusterIP ?? HEADLESS);
    }
    const { first, size } = hostsOf(this.#settings.clusterIpRange);
    const kept = size + 2 <= 16 ? 0 : Math.min(Math.max(16, Math.floor((size + 2) / 16)), 256);
    return this.#draw(service, 0, size - kept, (offset) => {
      const address = dotted(first + kept + offset);
      return taken.has(address) ? undefined : address;
    });
  }

  #withNodePorts(service: Service, ports: readonly ServicePort[]): readonly ServicePort[] {
    const taken = this.#takenPorts();
    return ports.map((port, i) => {
      if (port.nodePort) {
        return port;
      }
      const nodePort = this.#drawPort(service, (i + 1) * 1000, taken);
      taken.add(nodePort);
      return { ...port, nodePort };
    });
  }

  #takenPorts(): Set<number> {
    const taken = new Set<number>();
    for (const { spec } of this.#services()) {
      taken.add(spec?.healthCheckNodePort ?? 0);
      for (const { nodePort } of spec?.ports ?? []) {
        taken.add(nodePort ?? 0);
      }
    }
    return taken;
  }

  /** For a health check, besides the ports that the Service itself names. */
  #freePort(service: Service): number {
    const taken = this.#takenPorts();
    for (const { nodePort } of service.spec?.ports ?? []) {
      taken.add(nodePort ?? 0);
    }
    return this.#drawPort(service, HEALTH_CHECK_ORDINAL, taken);
  }

  #drawPort(service: Service, ordinal: number, taken: ReadonlySet<number>): number {
    const [low, high] = this.#settings.nodePortRange;
    return this.#draw(service, ordinal, high - low + 1, (offset) =>
      taken.has(low + offset) ? undefined : low + offset,
    );
  }

  /** The first of the Service's draws that is free; when luck runs out, the next free one after it. */
  #draw<T>(service: Service, ordinal: number, count: number, ifFree: (offset: number) => T | undefined): T {
    const drawn = Math.floor(this.#random.uniform(entityKey(keyOf(service)), ordinal) * count);
    for (let tried = 0; tried < count; tried++) {
      const found = ifFree((drawn + tried) % count);
      if (found !== undefined) {
        return found;
      }
    }
    throw new InvariantError(`no address or port is left for Service ${keyOf(service)}`);
  }
}

/** patchAllocatedValues: what a client leaves out of a PUT stays as it was given. */
export function withStandingAddresses(wanted: Service, { spec: before }: Service): Service {
  const { spec } = wanted;
  if (spec === before || spec === undefined || spec.type === 'ExternalName' || spec.clusterIP || !before?.clusterIP) {
    return wanted;
  }
  const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy } = before;
  return { ...wanted, spec: { ...spec, clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy } };
}

const needsNodePorts = ({ spec }: Service): boolean =>
  spec?.type === 'NodePort' || (spec?.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);

/** pkg/api/service NeedsHealthCheck */
const needsHealthCheck = ({ spec }: Service): boolean =>
  spec?.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';

/** The addresses between the first and the last of a block, as numbers. */
function hostsOf(range: string): { readonly first: number; readonly size: number } {
  const [address = '', bits = '32'] = range.split('/');
  const base = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return { first: base + 1, size: 2 ** (32 - Number(bits)) - 2 };
}

const dotted = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
