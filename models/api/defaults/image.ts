const DOMAIN =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::\d+)?$/;
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

/**
 * The tag that an image reference means: "latest" when it has neither tag nor digest, undefined when it has a digest only or is no
 * reference at all. As ParseImageName (pkg/util/parsers), which normalises as docker does.
 */
export function imageTag(reference: string): string | undefined {
  const [named, digest] = splitAt(reference, reference.indexOf('@'));
  // A colon before the last slash belongs to the registry's port.
  const colon = named.lastIndexOf(':');
  const [name, tag] = splitAt(named, colon > named.lastIndexOf('/') ? colon : -1);
  const isReference =
    isName(name) && (tag === undefined || TAG.test(tag)) && (digest === undefined || DIGEST.test(digest));
  if (!isReference) {
    return undefined;
  }
  return tag ?? (digest === undefined ? 'latest' : undefined);
}

const splitAt = (text: string, at: number): [string, string?] =>
  at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];

function isName(name: string): boolean {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(0, slash));
  const hasDomain = slash >= 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  const path = hasDomain ? name.slice(slash + 1) : name;
  // 64 hexadecimal digits would be taken for an image's id.
  return (!hasDomain || DOMAIN.test(first)) && PATH.test(path) && !/^[a-f0-9]{64}$/.test(name);
}

/** SetDefaults_Container: an image that may change under its tag is pulled anew each time. */
export const defaultPullPolicy = (image: string | undefined): 'Always' | 'IfNotPresent' =>
  imageTag(image ?? '') === 'latest' ? 'Always' : 'IfNotPresent';
