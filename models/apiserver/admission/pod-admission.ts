import type { Pod, PodSpec } from '../../api/index.js';
import { podOf } from '../copies.js';
import { forbidden } from '../errors.js';
import type { AdmissionReader, Admitted } from '../hooks.js';
import { type DefaultTolerationConfig, defaultTolerations } from './default-toleration-seconds.js';
import { applyLimitRange, limitRangeViolations } from './limit-ranger.js';
import { resolvePriority } from './priority.js';
import { applyRuntimeClass } from './runtime-class.js';
import { applyServiceAccount } from './service-account.js';

const LIMIT_RANGER_ANNOTATION = 'kubernetes.io/limit-ranger';

interface Outcome {
  /** What it depends on besides the spec: the latest write of any of the kinds that are looked at. */
  readonly version: number;
  readonly namespace: string;
  readonly spec: PodSpec | string;
  readonly set: readonly string[];
}

/** The name that a refusal speaks of: generateName where the name is still to be made (admission.extractResourceName). */
export const nameOf = ({ metadata }: Pod): string => metadata.name || metadata.generateName || '';

/**
 * The mutating plugins that are on by default and look at pods, in the server's order (pkg/kubeapiserver/options/plugins.go):
 * LimitRanger, ServiceAccount, Priority, DefaultTolerationSeconds, RuntimeClass. Pods of one template share what comes of their spec
 * as long as none of the objects asked for changes.
 */
export function podAdmission(config: DefaultTolerationConfig): (pod: Pod, reader: AdmissionReader) => Admitted<Pod> {
  const outcomes = new WeakMap<PodSpec, Outcome>();
  return (pod, reader) => {
    const namespace = pod.metadata.namespace ?? '';
    const version = Math.max(
      reader.versionOf('LimitRange'),
      reader.versionOf('PriorityClass'),
      reader.versionOf('RuntimeClass'),
      reader.versionOf('ServiceAccount'),
    );
    let outcome = outcomes.get(pod.spec);
    if (outcome?.version !== version || outcome.namespace !== namespace) {
      outcome = { namespace, version, ...admit(pod.spec, namespace, reader, config) };
      outcomes.set(pod.spec, outcome);
    }
    if (typeof outcome.spec === 'string') {
      return forbidden('Pod', nameOf(pod), outcome.spec);
    }
    return { ok: true, object: podOf(pod, annotated(pod, outcome.set), outcome.spec, pod.status) };
  };
}

function admit(
  sent: PodSpec,
  namespace: string,
  reader: AdmissionReader,
  config: DefaultTolerationConfig,
): Pick<Outcome, 'spec' | 'set'> {
  let set: readonly string[] = [];
  let spec: PodSpec | string = sent;
  for (const limitRange of reader.list('LimitRange')) {
    if (limitRange.metadata.namespace === namespace) {
      const limited = applyLimitRange(spec, limitRange);
      spec = limited.spec;
      // The annotation tells what the last LimitRange with something to set did.
      set = limited.set.length > 0 ? limited.set : set;
    }
  }
  const steps: readonly ((spec: PodSpec) => PodSpec | string)[] = [
    (found) => applyServiceAccount(found, namespace, reader),
    (found) => resolvePriority(found, reader),
    (found) => ({ ...found, tolerations: defaultTolerations(found.tolerations, config) }),
    (found) => applyRuntimeClass(found, reader),
  ];
  for (const step of steps) {
    if (typeof spec !== 'string') {
      spec = step(spec);
    }
  }
  return { spec, set };
}

const annotated = ({ metadata }: Pod, set: readonly string[]): Pod['metadata'] =>
  set.length === 0
    ? metadata
    : {
        ...metadata,
        annotations: {
          ...metadata.annotations,
          [LIMIT_RANGER_ANNOTATION]: `LimitRanger plugin set: ${set.join('; ')}`,
        },
      };

/** What of the pod goes beyond the first LimitRange of its namespace that it does not keep to, told as one text. */
export function limitRangeObjection(pod: Pod, reader: AdmissionReader): string | undefined {
  for (const limitRange of reader.list('LimitRange')) {
    if (limitRange.metadata.namespace === pod.metadata.namespace) {
      // utilerrors.NewAggregate: several are listed in brackets, each text once.
      const texts = [...new Set(limitRangeViolations(pod.spec, limitRange))];
      if (texts.length > 0) {
        return texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
      }
    }
  }
  return undefined;
}
