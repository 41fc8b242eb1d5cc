import { fullImageName, parseImageName } from './image-name.js';

/** Nobody answers, or 503 Service Unavailable comes back. */
export type OutageKind = 'timeout' | 'error';

export interface ImageDescription {
  /** Compressed bytes to transfer. Default: WorldSettings.imageBytes. */
  readonly bytes?: number;
  /** Bytes by layer, in the place of one for the whole; layers of the same name are shared between images. */
  readonly layers?: { readonly [name: string]: number };
  /** False: the registry does not have it. */
  readonly exists?: boolean;
}

/** Where images come from. Every image exists until somebody says otherwise; an outage is its lever. */
export class Registry {
  readonly #described = new Map<string, ImageDescription>();
  readonly #describe: (image: string) => ImageDescription | undefined;
  readonly #outages = new Map<string, Set<{ readonly kind: OutageKind }>>();

  /** `describe` is asked, with the full name, for images that nobody described by name. */
  constructor(describe: (image: string) => ImageDescription | undefined = () => undefined) {
    this.#describe = describe;
  }

  /** Tells about one image, under any form of its name. */
  describe(image: string, description: ImageDescription): void {
    const name = parseImageName(image);
    this.#described.set(name === undefined ? image : fullImageName(name), description);
  }

  descriptionOf(fullName: string): ImageDescription {
    return this.#described.get(fullName) ?? this.#describe(fullName) ?? {};
  }

  /**
   * One registry host, or all of them, answers no request, or each with an error. Answers how to heal; healing twice is healing
   * once.
   */
  outage(registry = '*', kind: OutageKind = 'timeout'): () => void {
    const outage = { kind };
    const outages = this.#outages.get(registry) ?? new Set();
    this.#outages.set(registry, outages.add(outage));
    return () => {
      outages.delete(outage);
    };
  }

  /** What is wrong with a registry host now; the latest of several. */
  outageOf(registry: string): OutageKind | undefined {
    const outages = [...(this.#outages.get('*') ?? []), ...(this.#outages.get(registry) ?? [])];
    return outages.at(-1)?.kind;
  }
}
