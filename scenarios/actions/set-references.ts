import * as z from 'zod';
import type { V1Subject } from '../../models/api/index.js';
import { semanticallyEqual } from '../../models/api/index.js';
import { mistake, strict } from '../schema/shapes.js';
import { labels, objectName } from '../schema/values.js';
import { ACTION_FIELDS, type ActionKind, changeObject, type Target } from './action.js';
import { setEach, templates } from './set.js';
import { CHOICE_FIELDS, eachTarget, needsChoice, targets } from './targets.js';

const WRITER = { manager: 'kubectl-set' };

const accountSchema = strict({
  ...ACTION_FIELDS,
  setServiceAccount: templates(),
  serviceAccount: objectName,
  ...CHOICE_FIELDS,
}).superRefine(needsChoice('setServiceAccount'));

export const setServiceAccount: ActionKind<z.infer<typeof accountSchema>> = {
  verb: 'setServiceAccount',
  writer: WRITER,
  help: 'kubectl set serviceaccount',
  schema: accountSchema,
  perform(context, spec) {
    const { serviceAccount } = spec;
    // The deprecated field says the same: defaulting keeps the two together.
    setEach(context, spec.setServiceAccount, spec, 'serviceaccount updated', (pod) => ({
      ...pod,
      serviceAccountName: serviceAccount,
      ...(pod.serviceAccount !== undefined && { serviceAccount }),
    }));
  },
};

const selectorSchema = strict({
  ...ACTION_FIELDS,
  setSelector: targets('Service'),
  to: labels.describe('The selector that takes the place of the old one.'),
  ...CHOICE_FIELDS,
}).superRefine(needsChoice('setSelector'));

export const setSelector: ActionKind<z.infer<typeof selectorSchema>> = {
  verb: 'setSelector',
  writer: WRITER,
  help: 'kubectl set selector',
  schema: selectorSchema,
  perform(context, spec) {
    eachTarget(context, spec.setSelector, spec, (target, done) =>
      changeObject(
        context,
        target as Target & { kind: 'Service' },
        { done: 'selector updated' },
        (current) => ({ ...current, spec: { ...current.spec, selector: spec.to } }),
        done,
      ),
    );
  },
};

const names = z.array(z.string().min(1)).optional();

const subjectSchema = strict({
  ...ACTION_FIELDS,
  setSubject: targets('RoleBinding', 'ClusterRoleBinding'),
  users: names,
  groups: names,
  serviceAccounts: names.describe('As namespace:name.'),
  ...CHOICE_FIELDS,
})
  .superRefine(needsChoice('setSubject'))
  .superRefine(({ users = [], groups = [], serviceAccounts = [] }, ctx) => {
    if (users.length + groups.length + serviceAccounts.length === 0) {
      mistake(ctx, 'MISSING_FIELD', 'you must specify at least one value of user, group or serviceaccount');
    }
    for (const text of serviceAccounts.filter((one) => !/^[^:]+:[^:]+$/.test(one))) {
      mistake(ctx, 'BAD_VALUE', `serviceaccount must be <namespace>:<name>, not ${JSON.stringify(text)}`);
    }
  });

const RBAC = 'rbac.authorization.k8s.io';

/** As kubectl writes them down. */
export function subjectsOf(given: {
  readonly users?: readonly string[] | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly serviceAccounts?: readonly string[] | undefined;
}): readonly V1Subject[] {
  return [
    ...(given.users ?? []).map((name) => ({ kind: 'User', apiGroup: RBAC, name })),
    ...(given.groups ?? []).map((name) => ({ kind: 'Group', apiGroup: RBAC, name })),
    ...(given.serviceAccounts ?? []).map((text) => {
      const [namespace, name = ''] = text.split(':');
      return { kind: 'ServiceAccount', namespace, name };
    }),
  ];
}

export const setSubject: ActionKind<z.infer<typeof subjectSchema>> = {
  verb: 'setSubject',
  writer: WRITER,
  help: 'kubectl set subject: adds users, groups and accounts to a binding',
  schema: subjectSchema,
  perform(context, spec) {
    const added = subjectsOf(spec);
    eachTarget(context, spec.setSubject, spec, (target, done) =>
      changeObject(
        context,
        target as Target & { kind: 'RoleBinding' },
        { done: 'subjects updated', unchanged: 'not changed' },
        (current) => {
          const { subjects = [] } = current;
          const news = added.filter((one) => !subjects.some((standing) => semanticallyEqual(standing, one)));
          return news.length === 0 ? current : { ...current, subjects: [...subjects, ...news] };
        },
        done,
      ),
    );
  },
};
