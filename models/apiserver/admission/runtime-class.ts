import {
  compareQuantities,
  type PodSpec,
  type ResourceList,
  type RuntimeClass,
  type Toleration,
} from '../../api/index.js';
import type { AdmissionReader } from '../hooks.js';

/** The overhead and scheduling of the pod's RuntimeClass; or why not. Plugin RuntimeClass (plugin/pkg/admission/runtimeclass). */
export function applyRuntimeClass(spec: PodSpec, reader: AdmissionReader): PodSpec | string {
  if (!spec.runtimeClassName) {
    return spec.overhead ? 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead' : spec;
  }
  const runtimeClass = reader.get('RuntimeClass', spec.runtimeClassName);
  if (runtimeClass === undefined) {
    return `pod rejected: RuntimeClass "${spec.runtimeClassName}" not found`;
  }
  const overhead = runtimeClass.overhead?.podFixed;
  if (spec.overhead && overhead === undefined) {
    return 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead';
  }
  if (spec.overhead && overhead && !isSameList(spec.overhead, overhead)) {
    return "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";
  }
  return withScheduling(overhead ? { ...spec, overhead } : spec, runtimeClass);
}

function isSameList(a: ResourceList, b: ResourceList): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => {
    const [left, right] = [a[name], b[name]];
    return left !== undefined && right !== undefined && compareQuantities(left, right) === 0;
  });
}

function withScheduling(spec: PodSpec, { scheduling }: RuntimeClass): PodSpec | string {
  if (scheduling === undefined) {
    return spec;
  }
  const wanted = scheduling.nodeSelector ?? {};
  const conflict = Object.keys(wanted).find((key) => (spec.nodeSelector?.[key] ?? wanted[key]) !== wanted[key]);
  if (conflict !== undefined) {
    return `conflict: runtimeClass.scheduling.nodeSelector[${conflict}] = ${wanted[conflict]}; pod.spec.nodeSelector[${conflict}] = ${spec.nodeSelector?.[conflict]}`;
  }
  return {
    ...spec,
    nodeSelector: { ...spec.nodeSelector, ...wanted },
    tolerations: mergeTolerations(spec.tolerations ?? [], scheduling.tolerations ?? []),
  };
}

/** The pod's tolerations and those of the class that it does not have already. */
function mergeTolerations(own: readonly Toleration[], added: readonly Toleration[]): readonly Toleration[] {
  const isSame = (a: Toleration, b: Toleration): boolean =>
    a.key === b.key &&
    a.operator === b.operator &&
    a.value === b.value &&
    a.effect === b.effect &&
    a.tolerationSeconds === b.tolerationSeconds;
  return [...own, ...added.filter((toleration) => !own.some((candidate) => isSame(candidate, toleration)))];
}
