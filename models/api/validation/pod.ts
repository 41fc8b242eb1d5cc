import { isSameValue } from '../equality.js';
import type { Affinity, Container, Pod, PodSpec, PodTemplateSpec } from '../generated/types.js';
import type { Labels } from '../selector.js';
import { semanticallyEqual } from '../semantic-equal.js';
import { FieldErrors, FieldPath, sorted } from './field-errors.js';
import type { ValidationGates } from './gates.js';
import { METADATA, validateAnnotations, validateLabels, validateObjectMeta, validateObjectMetaUpdate } from './meta.js';
import { inRange, isDnsSubdomain } from './names.js';
import { validateImageSpaces } from './pod-containers.js';
import { type PodSpecRules, validatePodSpec } from './pod-spec.js';
import { validateTolerations } from './scheduling.js';

// k8s 1.37 pkg/apis/core/validation/validation.go

const SPEC = FieldPath.of('spec');
const MIRROR = 'kubernetes.io/config.mirror';
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const MAX_INT32 = 2 ** 31 - 1;

/** ValidatePodCreate */
export function validatePodCreate(pod: Pod, gates: ValidationGates, errors: FieldErrors): void {
  validateWholePod(pod, gates, errors);
  const { spec } = pod;
  if (spec.ephemeralContainers?.length) {
    errors.forbidden(SPEC.child('ephemeralContainers'), 'cannot be set on create');
  }
  if (spec.nodeName && spec.schedulingGates?.length) {
    errors.forbidden(SPEC.child('nodeName'), 'cannot be set until all schedulingGates have been cleared');
  }
}

/** validatePodMetadataAndSpec */
function validateWholePod({ metadata, spec }: Pod, gates: ValidationGates, errors: FieldErrors): void {
  validateObjectMeta(metadata, { isNamespaced: true, name: isDnsSubdomain }, errors);
  validatePodAnnotations(metadata.annotations, spec, METADATA.child('annotations'), errors);
  const isNamed = spec.volumes?.some(({ ephemeral }) => ephemeral) === true;
  const rules = { gates, isPod: true, podName: isNamed ? metadata.name : undefined };
  if (isNamed) {
    validateSpecOfPod(spec, rules, errors);
  } else {
    errors.addAll(causesOf(spec, rules));
  }
}

/** What is wrong with specs: pods of one template share theirs, and only claims of ephemeral volumes tell pods apart. */
const remembered = new WeakMap<ValidationGates, WeakMap<PodSpec, FieldErrors['causes']>>();

function causesOf(spec: PodSpec, rules: PodSpecRules): FieldErrors['causes'] {
  let known = remembered.get(rules.gates);
  if (known === undefined) {
    known = new WeakMap();
    remembered.set(rules.gates, known);
  }
  let causes = known.get(spec);
  if (causes === undefined) {
    const own = new FieldErrors();
    validateSpecOfPod(spec, rules, own);
    causes = own.causes;
    known.set(spec, causes);
  }
  return causes;
}

function validateSpecOfPod(spec: PodSpec, rules: PodSpecRules, errors: FieldErrors): void {
  validatePodSpec(spec, rules, SPEC, errors);
  for (const [i, { projected }] of spec.serviceAccountName ? [] : (spec.volumes ?? []).entries()) {
    for (const [j, { serviceAccountToken }] of (projected?.sources ?? []).entries()) {
      if (serviceAccountToken) {
        const at = SPEC.child('volumes').index(i).child('projected', 'sources').index(j).child('serviceAccountToken');
        errors.forbidden(at, 'must not be specified when serviceAccountName is not set');
      }
    }
  }
  for (const field of ['containers', 'initContainers'] as const) {
    for (const [i, container] of (spec[field] ?? []).entries()) {
      validateImageSpaces(container, SPEC.child(field).index(i), errors);
    }
  }
}

/** ValidatePodSpecificAnnotations, without the annotations that seccomp and AppArmor had before they had fields */
export function validatePodAnnotations(
  annotations: Labels | undefined,
  spec: PodSpec,
  path: FieldPath,
  errors: FieldErrors,
): void {
  if (annotations?.[MIRROR] !== undefined && !spec.nodeName) {
    const message = 'must set spec.nodeName if mirror pod annotation is set';
    errors.invalid(path.key(MIRROR), annotations[MIRROR], message);
  }
  const cost = annotations?.[DELETION_COST];
  if (cost !== undefined && !isInt32(cost)) {
    errors.invalid(path.key(DELETION_COST), cost, 'must be a 32bit integer');
  }
}

const isInt32 = (text: string): boolean =>
  /^(-\d+|0|[1-9]\d*)$/.test(text) && Number(text) <= MAX_INT32 && Number(text) >= -MAX_INT32 - 1;

/** ValidatePodTemplateSpec */
export function validatePodTemplate(
  { metadata, spec }: PodTemplateSpec,
  gates: ValidationGates,
  path: FieldPath,
  errors: FieldErrors,
): void {
  validateLabels(metadata?.labels, path.child('labels'), errors);
  validateAnnotations(metadata?.annotations, path.child('annotations'), errors);
  if (spec === undefined) {
    validatePodSpec({ containers: [] }, { gates, isPod: false }, path.child('spec'), errors);
    return;
  }
  validatePodAnnotations(metadata?.annotations, spec, path.child('annotations'), errors);
  validatePodSpec(spec, { gates, isPod: false }, path.child('spec'), errors);
  if (spec.ephemeralContainers?.length) {
    errors.forbidden(path.child('spec', 'ephemeralContainers'), 'ephemeral containers not allowed in pod template');
  }
}

const UPDATABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
];

/** ValidatePodUpdate; the message about other fields does not show them. */
export function validatePodUpdate(pod: Pod, before: Pod, gates: ValidationGates, errors: FieldErrors): void {
  validateObjectMetaUpdate(pod.metadata, errors);
  validateWholePod(pod, gates, errors);
  if (pod.metadata.annotations?.[MIRROR] !== before.metadata.annotations?.[MIRROR]) {
    const isAdded = before.metadata.annotations?.[MIRROR] === undefined;
    const message = `may not ${isAdded ? 'add' : 'remove or update'} mirror pod annotation`;
    errors.forbidden(METADATA.child('annotations').key(MIRROR), message);
  }
  const [spec, old] = [pod.spec, before.spec];
  for (const field of ['containers', 'initContainers'] as const) {
    const path = SPEC.child(field);
    if ((spec[field]?.length ?? 0) !== (old[field]?.length ?? 0)) {
      errors.forbidden(path, 'pod updates may not add or remove containers');
      return;
    }
    for (const [i, container] of (spec[field] ?? []).entries()) {
      if (!container.image) {
        errors.required(path.index(i).child('image'));
      }
      validateImageSpaces(container, path.index(i), errors);
    }
  }
  if (!validateDeadlineUpdate(spec.activeDeadlineSeconds, old.activeDeadlineSeconds, errors)) {
    return;
  }
  validateAddedTolerations(spec, old, errors);
  validateRemovedGates(spec, old, errors);
  if (semanticallyEqual(spec, old)) {
    return;
  }
  if (!semanticallyEqual(withUpdatable(spec, old, errors), old)) {
    errors.forbidden(SPEC, `pod updates may not change fields other than ${UPDATABLE.join(',')}`);
  }
}

/** A deadline can be set and be brought forward. */
function validateDeadlineUpdate(deadline: number | undefined, old: number | undefined, errors: FieldErrors): boolean {
  const path = SPEC.child('activeDeadlineSeconds');
  if (deadline === undefined) {
    if (old !== undefined) {
      errors.invalid(path, undefined, 'must not update from a positive integer to nil value');
    }
    return true;
  }
  if (deadline < 0 || deadline > MAX_INT32) {
    errors.invalid(path, deadline, inRange(0, MAX_INT32));
    return false;
  }
  if (old !== undefined && old < deadline) {
    errors.invalid(path, deadline, 'must be less than or equal to previous value');
    return false;
  }
  return true;
}

/** validateOnlyAddedTolerations */
function validateAddedTolerations(spec: PodSpec, old: PodSpec, errors: FieldErrors): void {
  const path = SPEC.child('tolerations');
  const isKept = (toleration: NonNullable<PodSpec['tolerations']>[number]): boolean =>
    spec.tolerations?.some((other) =>
      isSameValue({ ...toleration, tolerationSeconds: other.tolerationSeconds }, other),
    ) === true;
  if (!(old.tolerations ?? []).every(isKept)) {
    errors.forbidden(path, 'existing toleration can not be modified except its tolerationSeconds');
    return;
  }
  validateTolerations(spec.tolerations ?? [], path, errors);
}

/** validateOnlyDeletedSchedulingGates */
function validateRemovedGates(spec: PodSpec, old: PodSpec, errors: FieldErrors): void {
  for (const [i, { name }] of (spec.schedulingGates ?? []).entries()) {
    if (!old.schedulingGates?.some((gate) => gate.name === name)) {
      const message = `only deletion is allowed, but found new scheduling gate '${name}'`;
      errors.forbidden(SPEC.child('schedulingGates').index(i).child('name'), message);
    }
  }
}

/** The spec with what may change put back to what it was; whatever else differs is too much. */
function withUpdatable(spec: PodSpec, old: PodSpec, errors: FieldErrors): PodSpec {
  const withImages = (containers: readonly Container[] | undefined, others: readonly Container[] | undefined) =>
    containers?.map((container, i) => ({ ...container, image: others?.[i]?.image }));
  const isRaisedToOne = (old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1;
  const masked: PodSpec = {
    ...spec,
    containers: withImages(spec.containers, old.containers) ?? [],
    initContainers: withImages(spec.initContainers, old.initContainers),
    activeDeadlineSeconds: old.activeDeadlineSeconds,
    tolerations: old.tolerations,
    schedulingGates: old.schedulingGates,
    ...(isRaisedToOne && { terminationGracePeriodSeconds: old.terminationGracePeriodSeconds }),
  };
  return old.schedulingGates?.length ? withNarrowedPlacement(masked, old, errors) : masked;
}

/** Pods that wait for their gates may be narrowed down to fewer nodes. */
function withNarrowedPlacement(spec: PodSpec, old: PodSpec, errors: FieldErrors): PodSpec {
  const isWidened = Object.entries(old.nodeSelector ?? {}).some(([key, value]) => spec.nodeSelector?.[key] !== value);
  if (isWidened) {
    const message = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
    errors.invalid(SPEC.child('nodeSelector'), sorted(spec.nodeSelector), message);
  }
  const oldAffinity = old.affinity?.nodeAffinity;
  validateNarrowedAffinity(spec.affinity?.nodeAffinity, oldAffinity, errors);
  const { nodeAffinity, ...others } = spec.affinity ?? {};
  const affinity: Affinity = { ...others, ...(oldAffinity && { nodeAffinity: oldAffinity }) };
  const hasAffinity = Object.keys(affinity).length > 0 || old.affinity !== undefined;
  return { ...spec, nodeSelector: old.nodeSelector, affinity: hasAffinity ? affinity : undefined };
}

type NodeAffinity = Affinity['nodeAffinity'];

/** validateNodeAffinityMutation */
function validateNarrowedAffinity(affinity: NodeAffinity, old: NodeAffinity, errors: FieldErrors): void {
  const required = (of: NodeAffinity) => of?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const [terms, oldTerms] = [required(affinity), required(old)];
  const path = SPEC.child('affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution').child(
    'nodeSelectorTerms',
  );
  if (oldTerms.length > 0 && oldTerms.length !== terms.length) {
    errors.invalid(path, terms, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed');
    return;
  }
  for (const [i, oldTerm] of oldTerms.entries()) {
    const term = terms[i] ?? {};
    const wasEmpty = !oldTerm.matchExpressions?.length && !oldTerm.matchFields?.length;
    const startsWith = (field: 'matchExpressions' | 'matchFields'): boolean =>
      isSameValue(term[field]?.slice(0, oldTerm[field]?.length ?? 0), oldTerm[field]);
    const isNarrowed = wasEmpty
      ? isSameValue(term, oldTerm)
      : startsWith('matchExpressions') && startsWith('matchFields');
    if (!isNarrowed) {
      errors.invalid(path.index(i), term, 'only additions are allowed (no mutations or deletions)');
    }
  }
}
