/** What an image reference says, with the defaults that make it complete. */
export interface ImageName {
  readonly registry: string;
  readonly repository: string;
  /** ":tag" or "@digest"; ":latest" when the reference says neither. */
  readonly suffix: string;
}

const REFERENCE = /^[\w.-]+(?:[:/][\w.-]+)*(?:@[a-z0-9]+:[0-9a-f]+)?$/;

/** Takes an image reference apart (github.com/distribution/reference, ParseNormalizedNamed); undefined when it is none. */
export function parseImageName(image: string): ImageName | undefined {
  if (!REFERENCE.test(image)) {
    return undefined;
  }
  const at = image.indexOf('@');
  const colon = image.indexOf(':', image.lastIndexOf('/'));
  const end = at >= 0 ? at : colon >= 0 ? colon : image.length;
  const name = image.slice(0, end);
  const first = name.split('/', 1)[0] as string;
  const hasRegistry = name.includes('/') && (first.includes('.') || first.includes(':') || first === 'localhost');
  const path = hasRegistry ? name.slice(first.length + 1) : name;
  if (path !== path.toLowerCase()) {
    return undefined;
  }
  return {
    registry: hasRegistry ? first : 'docker.io',
    repository: hasRegistry || path.includes('/') ? path : `library/${path}`,
    suffix: end < image.length ? image.slice(end) : ':latest',
  };
}

/** The reference as the runtime keeps it: "docker.io/library/nginx:1.27". */
export const fullImageName = ({ registry, repository, suffix }: ImageName): string =>
  `${registry}/${repository}${suffix}`;
