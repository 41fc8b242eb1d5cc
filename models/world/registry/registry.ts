import { fullImageName, parseImageName } from './image-name.js';

export interface ImageDescription {
  /** Compressed bytes to transfer. Default: WorldSettings.imageBytes. */
  readonly bytes?: number;
  /** False: the registry does not have it. */
  readonly exists?: boolean;
}

/** Where images come from. Every image exists until somebody says otherwise; an outage is its lever. */
export class Registry {
  readonly #described = new Map<string, ImageDescription>();
  readonly #describe: (image: string) => ImageDescription | undefined;
  readonly #outages = new Map<string, number>();

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

  /** Makes one registry host, or all of them, unreachable. Answers how to heal; healing twice is healing once. */
  outage(registry = '*'): () => void {
    this.#outages.set(registry, (this.#outages.get(registry) ?? 0) + 1);
    let isHealed = false;
    return () => {
      if (!isHealed) {
        isHealed = true;
        this.#outages.set(registry, (this.#outages.get(registry) ?? 1) - 1);
      }
    };
  }

  answers(registry: string): boolean {
    return !this.#outages.get(registry) && !this.#outages.get('*');
  }
}
