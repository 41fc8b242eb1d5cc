import type { Job, JobSpec, LabelSelector, ObjectMeta, PodTemplateSpec } from '../generated/types.js';
import { matchesLabelSelector } from '../selector.js';
import { FieldErrors, FieldPath, sorted } from './field-errors.js';
import type { ValidationGates } from './gates.js';
import { validateJobPolicies } from './job-policies.js';
import {
  METADATA,
  shownSelector,
  validateImmutable,
  validateLabelSelector,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from './meta.js';
import { isDnsLabel, isDnsSubdomain } from './names.js';
import { validatePodTemplate } from './pod.js';

// k8s 1.37 pkg/apis/batch/validation/validation.go

const SPEC = FieldPath.of('spec');
const NAMED = { isNamespaced: true, name: isDnsSubdomain };
const EMPTY_SPEC = { template: {} } as JobSpec;
const MAX_INDEXED_PARALLELISM = 100_000;
/** From here on, limits per index must be tighter. */
const MANY_COMPLETIONS = 100_000;
const MAX_PARALLELISM_OF_MANY = 10_000;
const MAX_FAILED_INDEXES = 100_000;
const MAX_FAILED_INDEXES_OF_MANY = 10_000;
const MAX_MANAGED_BY = 63;

/** ValidateJob */
export function validateJob(job: Job, gates: ValidationGates, errors: FieldErrors): void {
  const { metadata, spec = EMPTY_SPEC } = job;
  validateObjectMeta(metadata, NAMED, errors);
  validateGeneratedSelector(job, gates, errors);
  validateSpecWithSelector(spec, gates, errors);
  if (spec.completionMode === 'Indexed' && (spec.completions ?? 0) > 0) {
    const lastHostname = `${metadata.name}-${(spec.completions as number) - 1}`;
    if (isDnsLabel(lastHostname).length > 0) {
      const message = `will not able to create pod with invalid DNS label: ${lastHostname}`;
      errors.invalid(METADATA.child('name'), metadata.name, message);
    }
  }
}

/** What the server put there itself must still be there: labels of the pods, and a selector that finds them. */
function validateGeneratedSelector({ metadata, spec }: Job, gates: ValidationGates, errors: FieldErrors): void {
  if (spec?.manualSelector || spec?.selector === undefined) {
    return;
  }
  const uid = metadata.uid ?? '';
  const prefixed = { 'batch.kubernetes.io/controller-uid': uid, 'batch.kubernetes.io/job-name': metadata.name };
  const expected: Readonly<Record<string, string | undefined>> = {
    'controller-uid': uid,
    'job-name': metadata.name,
    ...(gates.jobLabelsHavePrefix && prefixed),
  };
  const labels = spec.template?.metadata?.labels;
  const path = SPEC.child('template', 'metadata', 'labels');
  for (const [key, value] of Object.entries(expected)) {
    if (labels?.[key] === undefined) {
      errors.required(path.key(key), `must be '${value}'`);
    } else if (labels[key] !== value) {
      errors.invalid(path.key(key), sorted(labels), `must be '${value}'`);
    }
  }
  if (isUsable(spec.selector) && !matchesLabelSelector(spec.selector, expected as Record<string, string>)) {
    errors.invalid(SPEC.child('selector'), shownSelector(spec.selector), '`selector` not auto-generated');
  }
}

/** Whether a selector can be made of it at all: LabelSelectorAsSelector */
function isUsable(selector: LabelSelector): boolean {
  const errors = new FieldErrors();
  validateLabelSelector(selector, SPEC, errors);
  return errors.causes.length === 0;
}

/** ValidateJobSpec */
function validateSpecWithSelector(spec: JobSpec, gates: ValidationGates, errors: FieldErrors): void {
  validateJobSpec(spec, gates, SPEC, errors);
  if (spec.selector === undefined) {
    errors.required(SPEC.child('selector'));
  } else {
    validateLabelSelector(spec.selector, SPEC.child('selector'), errors);
  }
  const labels = spec.template?.metadata?.labels;
  if ((spec.selector === undefined || isUsable(spec.selector)) && !matchesLabelSelector(spec.selector, labels)) {
    const path = SPEC.child('template', 'metadata', 'labels');
    errors.invalid(path, sorted(labels), '`selector` does not match template `labels`');
  }
}

/** validateJobSpec, which Jobs and templates of CronJobs share */
export function validateJobSpec(spec: JobSpec, gates: ValidationGates, path: FieldPath, errors: FieldErrors): void {
  for (const field of [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const) {
    errors.nonNegative(path.child(field), spec[field]);
  }
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.required(path.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified');
  }
  validateManagedBy(spec.managedBy, path.child('managedBy'), errors);
  const { completionMode = 'NonIndexed' } = spec;
  errors.ifSetOneOf(path.child('completionMode'), completionMode, ['NonIndexed', 'Indexed']);
  if (completionMode === 'Indexed') {
    validateIndexed(spec, path, errors);
  } else if (completionMode === 'NonIndexed') {
    for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
      if (spec[field] !== undefined) {
        errors.invalid(path.child(field), spec[field], 'requires indexed completion mode');
      }
    }
  }
  validateJobPolicies(spec, path, errors);
  validatePodTemplate(spec.template ?? {}, gates, path.child('template'), errors);
  validateRestartPolicy(spec, path.child('template', 'spec', 'restartPolicy'), errors);
}

/** IsDomainPrefixedPath, and not too long */
function validateManagedBy(managedBy: string | undefined, path: FieldPath, errors: FieldErrors): void {
  if (managedBy === undefined) {
    return;
  }
  const [domain, rest] = managedBy.split(/\/(.*)/s) as [string, string?];
  if (managedBy === '') {
    errors.required(path);
  } else if (!domain || !rest) {
    errors.invalid(path, managedBy, 'must be a domain-prefixed path (such as "acme.io/foo")');
  } else {
    errors.invalidEach(path, domain, isDnsSubdomain(domain));
    if (!/^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(rest)) {
      errors.invalid(path, rest, "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')");
    }
  }
  if (managedBy.length > MAX_MANAGED_BY) {
    errors.tooLong(path, MAX_MANAGED_BY);
  }
}

function validateIndexed(spec: JobSpec, path: FieldPath, errors: FieldErrors): void {
  const { completions, parallelism, maxFailedIndexes } = spec;
  if (completions === undefined) {
    errors.required(path.child('completions'), 'when completion mode is Indexed');
  }
  const atMost = (field: 'parallelism' | 'maxFailedIndexes', max: number, when = ''): void => {
    const value = spec[field];
    if (value !== undefined && value > max) {
      errors.invalid(path.child(field), value, `must be less than or equal to ${max}${when}`);
    }
  };
  atMost('parallelism', MAX_INDEXED_PARALLELISM, ' when completion mode is Indexed');
  if (completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > completions) {
    errors.invalid(path.child('maxFailedIndexes'), maxFailedIndexes, 'must be less than or equal to completions');
  }
  atMost('maxFailedIndexes', MAX_FAILED_INDEXES);
  if ((completions ?? 0) > MANY_COMPLETIONS && spec.backoffLimitPerIndex !== undefined) {
    if (maxFailedIndexes === undefined) {
      const message = `must be specified when completions is above ${MANY_COMPLETIONS}`;
      errors.required(path.child('maxFailedIndexes'), message);
    }
    const when = ` when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
    if (parallelism !== undefined) {
      atMost('parallelism', MAX_PARALLELISM_OF_MANY, when);
    }
    atMost('maxFailedIndexes', MAX_FAILED_INDEXES_OF_MANY, when);
  }
}

function validateRestartPolicy({ template, podFailurePolicy }: JobSpec, path: FieldPath, errors: FieldErrors): void {
  const restartPolicy = template?.spec?.restartPolicy ?? '';
  if (restartPolicy === '' || restartPolicy === 'Always') {
    errors.required(path, 'valid values: "OnFailure", "Never"');
  } else if (restartPolicy !== 'OnFailure' && restartPolicy !== 'Never') {
    errors.notSupported(path, restartPolicy, ['OnFailure', 'Never']);
  } else if (podFailurePolicy && restartPolicy !== 'Never') {
    errors.invalid(path, restartPolicy, 'only "Never" is supported when podFailurePolicy is specified');
  }
}

/** ValidateJobUpdate */
export function validateJobUpdate(job: Job, before: Job, gates: ValidationGates, errors: FieldErrors): void {
  validateObjectMetaUpdate(job.metadata, errors);
  const [spec, old] = [job.spec ?? EMPTY_SPEC, before.spec ?? EMPTY_SPEC];
  validateSpecWithSelector(spec, gates, errors);
  const isElastic = gates.ElasticIndexedJob && spec.completionMode === 'Indexed' && spec.completions !== undefined;
  if (!isElastic) {
    validateImmutable(spec.completions, old.completions, SPEC.child('completions'), errors);
  } else if (spec.completions !== old.completions && spec.completions !== spec.parallelism) {
    const message = 'can only be modified in tandem with spec.parallelism';
    errors.invalid(SPEC.child('completions'), spec.completions, message);
  }
  validateImmutable(spec.selector, old.selector, SPEC.child('selector'), errors, shownSelector(spec.selector));
  const template = isWaiting(before) ? withSchedulingOf(old.template, spec.template) : old.template;
  validateImmutable(spec.template, template, SPEC.child('template'), errors);
  for (const field of [
    'completionMode',
    'podFailurePolicy',
    'backoffLimitPerIndex',
    'managedBy',
    'successPolicy',
  ] as const) {
    validateImmutable(spec[field], old[field], SPEC.child(field), errors);
  }
}

/** pkg/registry/batch/job/strategy.go: Jobs that never started may still be told where their pods go. */
const isWaiting = ({ spec, status }: Job): boolean => spec?.suspend === true && status?.startTime === undefined;

/** The old template with what decides where its pods go as the new one has it. */
function withSchedulingOf(
  old: PodTemplateSpec | undefined,
  template: PodTemplateSpec | undefined,
): PodTemplateSpec | undefined {
  const { nodeAffinity, ...affinity } = old?.spec?.affinity ?? {};
  const changed = template?.spec?.affinity?.nodeAffinity;
  const merged = { ...affinity, ...(changed && { nodeAffinity: changed }) };
  const hasAffinity = Object.keys(merged).length > 0;
  const { labels, annotations } = template?.metadata ?? {};
  return {
    ...old,
    // A template has no name of its own, and must not get one here: it would differ from what is compared with it.
    metadata: { ...old?.metadata, labels, annotations } as ObjectMeta,
    spec: {
      ...old?.spec,
      containers: old?.spec?.containers ?? [],
      affinity: hasAffinity ? merged : undefined,
      nodeSelector: template?.spec?.nodeSelector,
      tolerations: template?.spec?.tolerations,
      schedulingGates: template?.spec?.schedulingGates,
    },
  };
}
