import * as z from 'zod';
import type { EnvVar } from '../../models/api/index.js';
import { reference, referenceOf } from '../schema/reference.js';
import { strict } from '../schema/shapes.js';
import { ACTION_FIELDS, type ActionContext, type ActionKind, failedReply, targetOf } from './action.js';
import { CONTAINER_FIELD, setEach, templates, withContainers } from './set.js';
import { CHOICE_FIELDS, needsChoice } from './targets.js';

const envSchema = strict({
  ...ACTION_FIELDS,
  setEnv: templates(),
  ...CONTAINER_FIELD,
  env: z.record(z.string(), z.string().nullable()).optional().describe('Variable to value; null takes it away.'),
  from: reference('ConfigMap', 'Secret').optional().describe('A variable for each key of it.'),
  prefix: z.string().optional().describe('Before the names of those variables.'),
  keys: z.array(z.string()).optional().describe('Left out: every key.'),
  ...CHOICE_FIELDS,
}).superRefine(needsChoice('setEnv'));
type EnvSpec = z.infer<typeof envSchema>;

export const setEnv: ActionKind<EnvSpec> = {
  verb: 'setEnv',
  writer: { manager: 'kubectl-set' },
  help: 'kubectl set env',
  schema: envSchema,
  perform(context, spec) {
    withSource(context, spec, (taken) => {
      const given = Object.entries(spec.env ?? {});
      const set = [...taken, ...given.flatMap(([name, value]): EnvVar[] => (value === null ? [] : [{ name, value }]))];
      const removed = given.flatMap(([name, value]) => (value === null ? [name] : []));
      setEach(context, spec.setEnv, spec, 'env updated', (pod) =>
        withContainers(pod, spec.container ?? '*', ({ env: found = [], ...rest }) => {
          const env = changedEnv(found, set, removed);
          return env.length > 0 ? { ...rest, env } : rest;
        }),
      );
    });
  },
};

/** Variables that --from makes: GET, and one for each key. */
function withSource(context: ActionContext, spec: EnvSpec, then: (env: readonly EnvVar[]) => void): void {
  if (spec.from === undefined) {
    then([]);
    return;
  }
  const { kind } = referenceOf(spec.from);
  const { key, name } = targetOf(spec.from, spec.namespace);
  context.user.get(kind as 'ConfigMap', key, (reply) => {
    if (failedReply(context, reply)) {
      return;
    }
    const keys = Object.keys(reply.object.data ?? {}).filter((one) => spec.keys?.includes(one) ?? true);
    const field = kind === 'Secret' ? 'secretKeyRef' : 'configMapKeyRef';
    then(
      keys.sort().map((one) => ({
        name: `${spec.prefix ?? ''}${one.replace(/[^a-zA-Z0-9_]/g, '_').toUpperCase()}`,
        valueFrom: { [field]: { name, key: one } },
      })),
    );
  });
}

/** As updateEnv (kubectl pkg/cmd/set/env): in place where a variable is there, at the end where it is not. */
function changedEnv(found: readonly EnvVar[], set: readonly EnvVar[], removed: readonly string[]): readonly EnvVar[] {
  const kept = found
    .filter(({ name }) => !removed.includes(name))
    .map((one) => set.find(({ name }) => name === one.name) ?? one);
  return [...kept, ...set.filter(({ name }) => !found.some((one) => one.name === name))];
}
