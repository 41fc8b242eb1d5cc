import { draw, type EntityKey, entityKey, type Micros } from '../../../engine/index.js';
import { type Filesystem, NO_SPACE } from '../disk/filesystem.js';
import { fullImageName, type ImageName, parseImageName } from '../registry/image-name.js';
import { usageFrom } from '../usage-curve.js';
import type { World } from '../world.js';
import { hexId } from './identity.js';
import type { RuntimeReply } from './status.js';

/** An image on a machine. */
export interface StoredImage {
  /** "docker.io/library/nginx:1.27". */
  readonly name: string;
  /** "docker.io/library/nginx@sha256:…". */
  readonly ref: string;
  readonly bytes: number;
  readonly pulledAt: Micros;
}

export interface PulledImage {
  readonly image: StoredImage;
  /** Time of the transfer alone. */
  readonly took: Micros;
}

/** Images on one machine. They are on disk: they outlive kubelet, runtime and power. */
export class ImageStore {
  readonly #world: World;
  readonly #key: EntityKey;
  readonly #images = new Map<string, StoredImage>();
  /** Which images each layer belongs to; it is on the disk once. */
  readonly #layers = new Map<string, { readonly images: Set<string> }>();
  readonly #disk: Filesystem;
  readonly #onChange: () => void;
  /** By reference: how many containers are made of it, and since when there are any. */
  readonly #uses = new Map<string, { count: number; readonly since: Micros }>();
  #pulls = 0;

  constructor(world: World, machine: string, disk: Filesystem, onChange: () => void) {
    this.#world = world;
    this.#disk = disk;
    this.#onChange = onChange;
    this.#key = entityKey(machine);
  }

  /** In order of arrival. */
  list(): Iterable<StoredImage> {
    return this.#images.values();
  }

  /** Under any form of its name. */
  find(image: string): StoredImage | undefined {
    const name = parseImageName(image);
    return name && this.#images.get(fullImageName(name));
  }

  remove(fullName: string): void {
    const image = this.#images.get(fullName);
    if (image !== undefined) {
      this.#images.delete(fullName);
      for (const { id } of this.#layersOf(fullName)) {
        const layer = this.#layers.get(id);
        layer?.images.delete(fullName);
        if (layer?.images.size === 0) {
          this.#layers.delete(id);
          this.#disk.bytes.set(layer, []);
        }
      }
      this.#onChange();
    }
  }

  /** A container was made of this image. */
  use(ref: string): void {
    const use = this.#uses.get(ref);
    if (use === undefined) {
      this.#uses.set(ref, { count: 1, since: this.#world.simulation.now });
    } else {
      use.count++;
    }
  }

  /** A container of this image was removed. Answers, if it was the last one, since when there were any. */
  release(ref: string): Micros | undefined {
    const use = this.#uses.get(ref);
    if (use !== undefined) {
      use.count--;
    }
    if (use?.count === 0) {
      this.#uses.delete(ref);
      return use.since;
    }
    return undefined;
  }

  isInUse({ ref }: StoredImage): boolean {
    return this.#uses.has(ref);
  }

  /** Puts an image there as if it had been on the machine from the beginning. */
  preload(image: string): void {
    const name = parseImageName(image);
    if (name !== undefined) {
      this.#keep(name);
    }
  }

  /**
   * How a pull that begins now will end, and after how long: asking the registry, then the size of the layers that are not there yet ÷
   * bandwidth. Nothing is stored before `finish`.
   */
  pull(image: string): { readonly after: Micros; readonly finish: () => RuntimeReply<PulledImage> } {
    const { settings, registry, simulation } = this.#world;
    const call = draw(simulation.stream('registry call'), this.#key, this.#pulls++, settings.registryCall);
    const asking = Math.max(0, Math.round(call));
    const name = parseImageName(image);
    const fail = (message: string, after = asking) => ({ after, finish: () => ({ ok: false, message }) as const });
    if (name === undefined) {
      return fail(`invalid reference format: ${image}`);
    }
    const fullName = fullImageName(name);
    const failure = `failed to pull and unpack image "${fullName}": failed to resolve reference "${fullName}"`;
    switch (registry.outageOf(name.registry)) {
      case 'timeout':
        return fail(
          `rpc error: code = Unknown desc = ${failure}: failed to do request: Head "${manifestUrl(name)}": dial tcp: i/o timeout`,
          settings.registryTimeout,
        );
      case 'error':
        return fail(
          `rpc error: code = Unknown desc = ${failure}: unexpected status from HEAD request to ${manifestUrl(name)}: 503 Service Unavailable`,
        );
    }
    if (registry.descriptionOf(fullName).exists === false) {
      return fail(`rpc error: code = NotFound desc = ${failure}: ${fullName}: not found`);
    }
    const missing = this.#layersOf(fullName).filter(({ id }) => !this.#layers.has(id));
    const bytes = missing.reduce((sum, layer) => sum + layer.bytes, 0);
    const transfer = this.#images.has(fullName) ? 0 : Math.round((bytes / settings.pullBandwidth) * 1_000_000);
    return {
      after: asking + transfer,
      finish: () => {
        if (!this.#hasRoomFor(fullName)) {
          const path = '/var/lib/containerd/io.containerd.content.v1.content/ingest';
          return { ok: false, message: `failed to pull and unpack image "${fullName}": write ${path}: ${NO_SPACE}` };
        }
        return { ok: true, value: { image: this.#keep(name), took: asking + transfer } };
      },
    };
  }

  /** Looked at when all of it has come: by then others may have filled the disk. */
  #hasRoomFor(fullName: string): boolean {
    const missing = this.#layersOf(fullName).filter(({ id }) => !this.#layers.has(id));
    const bytes = missing.reduce((sum, layer) => sum + layer.bytes, 0);
    return this.#disk.capacity === 0 || bytes <= this.#disk.availableAt(this.#world.simulation.now);
  }

  #keep(name: ImageName): StoredImage {
    const fullName = fullImageName(name);
    const known = this.#images.get(fullName);
    if (known !== undefined) {
      return known;
    }
    const { now } = this.#world.simulation;
    const layers = this.#layersOf(fullName);
    const image: StoredImage = {
      name: fullName,
      ref: `${name.registry}/${name.repository}@sha256:${hexId(fullName)}`,
      bytes: layers.reduce((sum, { bytes }) => sum + bytes, 0),
      pulledAt: now,
    };
    this.#images.set(fullName, image);
    for (const { bytes, id } of layers) {
      const layer = this.#layers.get(id) ?? { images: new Set() };
      if (layer.images.size === 0) {
        this.#layers.set(id, layer);
        this.#disk.bytes.set(layer, [usageFrom({ base: bytes }, now)]);
      }
      layer.images.add(fullName);
    }
    this.#onChange();
    return image;
  }

  /** An image that nobody described has one layer, which is its own. */
  #layersOf(fullName: string): readonly { readonly id: string; readonly bytes: number }[] {
    const { registry, settings } = this.#world;
    const { bytes = settings.imageBytes, layers } = registry.descriptionOf(fullName);
    return layers === undefined
      ? [{ id: `image ${fullName}`, bytes }]
      : Object.entries(layers).map(([layer, size]) => ({ id: `layer ${layer}`, bytes: size }));
  }
}

const manifestUrl = ({ registry, repository, suffix }: ImageName): string =>
  `https://${registry === 'docker.io' ? 'registry-1.docker.io' : registry}/v2/${repository}/manifests/${suffix.slice(1)}`;
