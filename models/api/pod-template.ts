import type { ObjectMeta, OwnerReference, Pod, PodTemplateSpec } from './generated/types.js';
import { semanticallyEqual } from './semantic-equal.js';

/** Label by which a Deployment tells the pods of its ReplicaSets apart. */
export const POD_TEMPLATE_HASH_LABEL = 'pod-template-hash';

/** Characters of generated names and hashes: no vowels, no 0, 1, 3 (k8s.io/apimachinery pkg/util/rand alphanums). */
const SAFE_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * Ten characters or fewer that stand for a value, as controller.ComputeHash: FNV-1a (32 bits) of the value and of how often
 * the name was taken, its decimal digits written in the safe alphabet. Kubernetes dumps Go structs, so its hashes differ; equal
 * values hash equal here, whatever the order of their keys.
 */
export function computeHash(value: unknown, collisionCount?: number): string {
  let hash = 0x811c9dc5;
  const add = (byte: number): void => {
    hash = Math.imul(hash ^ byte, 0x01000193);
  };
  const text = canonicalText(value);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    add(unit & 0xff);
    if (unit > 0xff) {
      add(unit >>> 8);
    }
  }
  if (collisionCount !== undefined) {
    for (let i = 0; i < 8; i++) {
      add(i < 4 ? (collisionCount >>> (8 * i)) & 0xff : 0);
    }
  }
  return [...String(hash >>> 0)].map((digit) => SAFE_ALPHABET[digit.charCodeAt(0) % SAFE_ALPHABET.length]).join('');
}

/** JSON with sorted keys and without absent fields. */
function canonicalText(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(canonicalText).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    fields.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalText(field)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/** Whether two templates make the same pods, the hash label aside. As deploymentutil.EqualIgnoreHash. */
export const isSameTemplate = (a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean =>
  semanticallyEqual(a?.spec, b?.spec) && isSameMetadata(a?.metadata, b?.metadata);

/** What decides about a template's metadata: the API server fills nothing in there. */
function isSameMetadata(a: ObjectMeta | undefined, b: ObjectMeta | undefined): boolean {
  const { labels, ...rest } = a ?? {};
  const { labels: otherLabels, ...otherRest } = b ?? {};
  return haveLabels(labels, otherLabels) && haveLabels(otherLabels, labels) && semanticallyEqual(rest, otherRest);
}

/** Whether `labels` has all the others, the hash label aside. */
function haveLabels(labels: ObjectMeta['labels'], others: ObjectMeta['labels']): boolean {
  for (const key in others) {
    if (key !== POD_TEMPLATE_HASH_LABEL && labels?.[key] !== others[key]) {
      return false;
    }
  }
  return true;
}

export type PodDraft = Omit<Pod, 'metadata'> & { readonly metadata: Partial<ObjectMeta> };

/**
 * The pod that a controller posts for one of its replicas. Spec and labels are the template's own objects, shared by all its
 * pods. As controller.GetPodFromTemplate.
 */
export function podFromTemplate(
  template: PodTemplateSpec,
  parent: { readonly metadata: ObjectMeta },
  owner: OwnerReference,
): PodDraft {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: parent.metadata.namespace,
      generateName: `${parent.metadata.name}-`,
      labels,
      annotations,
      finalizers,
      ownerReferences: [owner],
    },
    spec: template.spec ?? { containers: [] },
  };
}
