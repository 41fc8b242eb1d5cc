import type { LimitRange, PodSpec, PriorityClass, Toleration } from '../../../../models/api/index.js';
import { defaultTolerations } from '../../../../models/apiserver/admission/default-toleration-seconds.js';
import { applyLimitRange, limitRangeViolations } from '../../../../models/apiserver/admission/limit-ranger.js';
import { resolvePriority } from '../../../../models/apiserver/admission/priority.js';
import { defaultsFor } from '../../../../models/versions/index.js';
import type { Adapter, VectorCase } from '../adapter.js';
import { compare } from '../compare.js';
import { storedObjects } from '../stored-objects.js';

interface AdmissionCase extends VectorCase {
  readonly plugin: string;
}
interface TolerationsCase extends AdmissionCase {
  readonly tolerations: readonly Toleration[] | null;
}
interface PriorityCase extends AdmissionCase {
  readonly spec: PodSpec;
  readonly priorityClasses: readonly {
    readonly name: string;
    readonly value: number;
    readonly globalDefault: boolean;
    readonly preemptionPolicy: string | null;
  }[];
}
interface LimitCase extends AdmissionCase {
  readonly spec: PodSpec;
  readonly limitRange: LimitRange['spec'];
}

const config = defaultsFor('1.37')?.apiServer.admission as NonNullable<
  ReturnType<typeof defaultsFor>
>['apiServer']['admission'];

const PLUGINS: Readonly<Record<string, (vector: never) => object>> = {
  DefaultTolerationSeconds: admitTolerations,
  LimitRanger: admitLimits,
  Priority: admitPriority,
};

export const adapter: Adapter = function* (file) {
  for (const vector of file.cases as readonly AdmissionCase[]) {
    const { id, ...expected } = vector;
    const run = PLUGINS[vector.plugin];
    yield run
      ? compare(id, expected, { ...expected, ...ABSENT, ...run(vector as never) })
      : { id, equal: false, difference: `no plugin is called ${vector.plugin}` };
  }
};

/** Outcomes that a case leaves out when they do not come about. */
const ABSENT = { result: undefined, error: undefined, errors: undefined, annotations: undefined, resources: undefined };

/** The recorder ran the plugin without its configuration: the tolerations that it adds are there, and all their fields are empty. */
function admitTolerations({ tolerations }: TolerationsCase): object {
  const own = tolerations ?? [];
  const all = defaultTolerations(own, config) ?? [];
  return { result: all.map((toleration, i) => (i < own.length ? toleration : {})) };
}

function admitPriority({ spec, priorityClasses }: PriorityCase): object {
  const classes = priorityClasses.map(
    ({ name, preemptionPolicy, ...rest }): PriorityClass => ({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      ...rest,
      ...(preemptionPolicy && { preemptionPolicy }),
    }),
  );
  const resolved = resolvePriority(spec, storedObjects({ PriorityClass: classes }));
  if (typeof resolved === 'string') {
    return { error: `pods "p" is forbidden: ${resolved}` };
  }
  const { priority, priorityClassName, preemptionPolicy } = resolved;
  return { result: { priority, priorityClassName, preemptionPolicy } };
}

function admitLimits({ spec, limitRange }: LimitCase): object {
  const object: LimitRange = { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'l' }, spec: limitRange };
  const limited = applyLimitRange(spec, object);
  const errors = [...limitRangeViolations(limited.spec, object)].sort();
  const containers = [...limited.spec.containers, ...(limited.spec.initContainers ?? [])];
  return {
    resources: Object.fromEntries(
      containers.map(({ name, resources }) => [
        name,
        { requests: nonEmpty(resources?.requests), limits: nonEmpty(resources?.limits) },
      ]),
    ),
    ...(errors.length > 0 && { errors }),
    ...(limited.set.length > 0 && {
      annotations: { 'kubernetes.io/limit-ranger': `LimitRanger plugin set: ${limited.set.join('; ')}` },
    }),
  };
}

const nonEmpty = (list: object | undefined): object | undefined =>
  list && Object.keys(list).length > 0 ? list : undefined;
