import { defaultingWith, preparationWith } from '../../api/defaults/index.js';
import { type AnyObject, type Kind, type Kinds, type Pod, SERVED_KINDS } from '../../api/index.js';
import { validationWith } from '../../api/validation/index.js';
import type { Defaults } from '../../versions/index.js';
import { forbidden } from '../errors.js';
import type { AdmissionReader, Admitted, Hooks, KindHooks, Review } from '../hooks.js';
import { withDefaultStorageClass } from './default-storage-class.js';
import { claimViolations } from './limit-ranger.js';
import { limitRangeObjection, podAdmission } from './pod-admission.js';
import { priorityClassObjection } from './priority.js';
import { chargesFor } from './resource-quota.js';
import { awaitsServiceAccount } from './service-account.js';
import { protectedClaim, protectedVolume } from './storage-object-in-use-protection.js';
import { withNotReadyTaint } from './taint-nodes-by-condition.js';

type Admit<T> = (object: T, reader: AdmissionReader) => Admitted<T>;
type Objection<T> = (object: T, reader: AdmissionReader) => string | undefined;

const admitted = <T>(object: T): Admitted<T> => ({ ok: true, object });

/** Defaulting, preparation, validation and the admission plugins that are on by default, as the server of one version runs them. */
export function hooksFor(defaults: Defaults): Hooks {
  const { features, apiServer } = defaults;
  const defaulting = defaultingWith(features);
  const preparation = preparationWith(features);
  const validation = validationWith(features);
  const admission: { readonly [K in Kind]?: Admit<Kinds[K]> } = {
    Node: (node) => admitted(withNotReadyTaint(node)),
    PersistentVolume: (volume) => admitted(protectedVolume(volume)),
    PersistentVolumeClaim: (claim, reader) => admitted(protectedClaim(withDefaultStorageClass(claim, reader))),
    Pod: podAdmission(apiServer.admission),
  };
  const hooks: Partial<Record<Kind, KindHooks<AnyObject>>> = {};
  for (const kind of Object.keys(SERVED_KINDS) as Kind[]) {
    const prepare = preparation[kind] as ((object: AnyObject) => AnyObject) | undefined;
    const admit = admission[kind] as Admit<AnyObject> | undefined;
    const applyDefaults = defaulting[kind] as ((object: AnyObject) => AnyObject) | undefined;
    hooks[kind] = {
      ...(applyDefaults && { applyDefaults }),
      ...(admit && { admit }),
      ...(prepare && { prepareForCreate: (object) => prepare(object) }),
      validate: (object) => validation.create(kind, object),
      validateUpdate: (object, before) => validation.update(kind, object, before),
      review: (object, reader) => review(kind, object, reader),
      ...(kind === 'Pod' && { awaits: (object, reader) => awaitsServiceAccount(object as Pod, reader) }),
    };
  }
  return hooks as unknown as Hooks;
}

/** Validating plugins by kind; quotas are for all. */
const OBJECTIONS: { readonly [K in Kind]?: Objection<Kinds[K]> } = {
  PersistentVolumeClaim: (claim, reader) => {
    for (const limitRange of reader.list('LimitRange')) {
      const [violation] =
        limitRange.metadata.namespace === claim.metadata.namespace ? claimViolations(claim, limitRange) : [];
      if (violation !== undefined) {
        return violation;
      }
    }
    return undefined;
  },
  Pod: limitRangeObjection,
  PriorityClass: priorityClassObjection,
};

function review(kind: Kind, object: AnyObject, reader: AdmissionReader): Review {
  const objection = OBJECTIONS[kind] as Objection<AnyObject> | undefined;
  const outcome = objection?.(object, reader) ?? chargesFor(kind, object, reader);
  return typeof outcome === 'string'
    ? { error: forbidden(kind, object.metadata.name, outcome).error }
    : { charges: outcome };
}
