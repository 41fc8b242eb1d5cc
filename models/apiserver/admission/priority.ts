import { type PodSpec, type PriorityClass, SYSTEM_CRITICAL_PRIORITY } from '../../api/index.js';
import type { AdmissionReader } from '../hooks.js';

/** pkg/apis/scheduling/v1/helpers.go: there from the start in every cluster. */
const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  'system-cluster-critical': SYSTEM_CRITICAL_PRIORITY,
  'system-node-critical': SYSTEM_CRITICAL_PRIORITY + 1000,
};

type Policy = Pick<PriorityClass, 'value' | 'preemptionPolicy'> & { readonly name: string };

/** The pod's priority from its class, the cluster's default class or 0; or why not. */
export function resolvePriority(spec: PodSpec, reader: AdmissionReader): PodSpec | string {
  const policy = spec.priorityClassName ? namedPolicy(spec.priorityClassName, reader) : defaultPolicy(reader);
  if (policy === undefined) {
    return `no PriorityClass with name ${spec.priorityClassName} was found`;
  }
  const computed = 'priority admission controller computed';
  if (spec.priority !== undefined && spec.priority !== policy.value) {
    return `the integer value of priority (${spec.priority}) must not be provided in pod spec; ${computed} ${policy.value} from the given PriorityClass name`;
  }
  const { preemptionPolicy } = policy;
  if (preemptionPolicy && spec.preemptionPolicy && spec.preemptionPolicy !== preemptionPolicy) {
    return `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; ${computed} ${preemptionPolicy} from the given PriorityClass name`;
  }
  return {
    ...spec,
    priorityClassName: policy.name,
    priority: policy.value,
    ...(preemptionPolicy && { preemptionPolicy }),
  };
}

function namedPolicy(name: string, reader: AdmissionReader): Policy | undefined {
  const found = reader.get('PriorityClass', name);
  const system = SYSTEM_PRIORITIES[name];
  return found
    ? { name, value: found.value ?? 0, preemptionPolicy: found.preemptionPolicy }
    : system === undefined
      ? undefined
      : { name, value: system };
}

/** Of several default classes, left by a race, the one of lowest value. */
export function defaultPriorityClass(reader: AdmissionReader): PriorityClass | undefined {
  let found: PriorityClass | undefined;
  for (const candidate of reader.list('PriorityClass')) {
    if (candidate.globalDefault && (found === undefined || (found.value ?? 0) > (candidate.value ?? 0))) {
      found = candidate;
    }
  }
  return found;
}

function defaultPolicy(reader: AdmissionReader): Policy {
  const found = defaultPriorityClass(reader);
  return found
    ? { name: found.metadata.name, value: found.value ?? 0, preemptionPolicy: found.preemptionPolicy }
    : { name: '', value: 0, preemptionPolicy: 'PreemptLowerPriority' };
}

/** Why a PriorityClass cannot be: there is only one default. */
export function priorityClassObjection(priorityClass: PriorityClass, reader: AdmissionReader): string | undefined {
  const existing = priorityClass.globalDefault ? defaultPriorityClass(reader) : undefined;
  return existing && existing.metadata.name !== priorityClass.metadata.name
    ? `PriorityClass ${existing.metadata.name} is already marked as default. Only one default can exist`
    : undefined;
}
