import * as z from 'zod';
import { encode, type Kind, type Kinds, type KubeObject, SERVED_KINDS } from '../../models/api/index.js';
import { mistake, strict } from '../schema/shapes.js';
import { duration, micros } from '../schema/values.js';
import { ACTION_FIELDS, type ActionContext, type ActionKind, failedReply, type Target } from './action.js';
import { found, parseJsonPath } from './json-path.js';
import { CHOICE_FIELDS, eachTarget, needsChoice, targets } from './targets.js';

/** What `for` means. */
type Wanted =
  | { readonly kind: 'create' | 'delete' }
  | { readonly kind: 'condition'; readonly type: string; readonly status: string }
  | {
      readonly kind: 'jsonpath';
      readonly path: NonNullable<ReturnType<typeof parseJsonPath>>;
      readonly value: string | undefined;
    };

/** k8s 1.37 kubectl pkg/cmd/wait conditionFuncFor; undefined when it is nothing to wait for. */
function wantedOf(text: string): Wanted | undefined {
  if (/^(create|delete)$/i.test(text)) {
    return { kind: text.toLowerCase() as 'create' | 'delete' };
  }
  const [, type, status = 'true'] = /^condition=([^=]+)(?:=(.*))?$/s.exec(text) ?? [];
  if (type !== undefined) {
    return { kind: 'condition', type, status };
  }
  // The value stands after the first = outside of braces and brackets.
  const [, path = '', value] = /^jsonpath=(\{[^{}]*\}|(?:[^=[\]]|\[[^\]]*\])+)(?:=(.*))?$/s.exec(text) ?? [];
  const steps = path === '' ? undefined : parseJsonPath(path);
  return steps && { kind: 'jsonpath', path: steps, value };
}

const waitSchema = strict({
  ...ACTION_FIELDS,
  wait: targets(),
  for: z
    .string()
    .describe('delete, create, condition=Ready, condition=Ready=False, or jsonpath={.status.phase}=Running.')
    .superRefine((text, ctx) => {
      if (wantedOf(text) === undefined) {
        mistake(ctx, 'BAD_VALUE', `unrecognized condition: ${JSON.stringify(text)}`);
      }
    }),
  timeout: duration.optional().describe('For each object. Left out: 30s. 0: it looks once.'),
  ...CHOICE_FIELDS,
}).superRefine(needsChoice('wait'));
type WaitSpec = z.infer<typeof waitSchema>;

const DEFAULT_TIMEOUT = '30s';

export const wait: ActionKind<WaitSpec> = {
  verb: 'wait',
  help: 'kubectl wait: until a condition holds, or its time-out',
  schema: waitSchema,
  perform(context, spec) {
    const wanted = wantedOf(spec.for) as Wanted;
    const none = (): void => {
      if (wanted.kind !== 'delete') {
        context.say('error: no matching resources found', 'failed');
      }
    };
    eachTarget(context, spec.wait, spec, (target, done) => waitFor(context, target, wanted, spec, done), none);
  },
};

/** GET, then a watch until the condition holds: an object after the other, each with the whole time. */
function waitFor(context: ActionContext, target: Target, wanted: Wanted, spec: WaitSpec, done: () => void): void {
  context.user.get(target.kind, target.key, (reply) => {
    if (!reply.ok && reply.error.reason === 'NotFound' && wanted.kind === 'delete') {
      done(); // nothing is printed of what is not there
      return;
    }
    const mayCome = wanted.kind === 'create' && !reply.ok && reply.error.reason === 'NotFound';
    if (!mayCome && failedReply(context, reply)) {
      done();
      return;
    }
    if (reply.ok && isMet(context, wanted, reply.object)) {
      context.say(`${target.shown} condition met`);
      done();
      return;
    }
    watch(
      context,
      target,
      wanted,
      micros(spec.timeout ?? DEFAULT_TIMEOUT),
      reply.ok ? reply.object.metadata.uid : undefined,
      done,
    );
  });
}

function watch(
  context: ActionContext,
  target: Target,
  wanted: Wanted,
  timeout: number,
  uid: string | undefined,
  done: () => void,
): void {
  const { kind, name, key } = target;
  const end = (line: string, failed?: 'failed'): void => {
    stopWatching();
    stopWaiting();
    timer.cancel();
    context.say(line, failed);
    done();
  };
  const look = (object: KubeObject): void => {
    if (isIt(object) && isMet(context, wanted, object)) {
      end(`${target.shown} condition met`);
    }
  };
  const isIt = ({ metadata }: KubeObject): boolean => metadata.name === name && metadata.namespace === target.namespace;
  const stopWatching = context.cluster.watch(kind, {
    added: look,
    modified: look,
    deleted: (object: KubeObject) => {
      if (wanted.kind === 'delete' && object.metadata.uid === uid) {
        end(`${target.shown} condition met`);
      }
    },
  } as Parameters<typeof context.cluster.watch<Kind>>[1]);
  const stopWaiting = context.unfinished(() => [`waiting for ${target.shown}`]);
  const timer = context.simulation.after(Math.max(0, timeout), () =>
    end(`error: timed out waiting for the condition on ${SERVED_KINDS[kind].plural}/${name}`, 'failed'),
  );
  const now = context.cluster.get(kind, key);
  if (now === undefined ? wanted.kind === 'delete' : isMet(context, wanted, now)) {
    end(`${target.shown} condition met`);
  }
}

interface Conditioned {
  readonly observedGeneration?: number;
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly observedGeneration?: number;
  }[];
}

function isMet(context: ActionContext, wanted: Wanted, object: Kinds[Kind]): boolean {
  switch (wanted.kind) {
    case 'create':
      return true;
    case 'delete':
      return false;
    case 'condition':
      return hasCondition(object, wanted.type, wanted.status);
    default: {
      const values = found(encode(object, context.decoding.startTime), wanted.path);
      return wanted.value === undefined ? values.length > 0 : values.length === 1 && String(values[0]) === wanted.value;
    }
  }
}

/** checkCondition: names and states in any case; what tells of an older generation does not count. */
function hasCondition(object: Kinds[Kind], type: string, status: string): boolean {
  const { conditions, observedGeneration } = (object as { status?: Conditioned }).status ?? {};
  const condition = conditions?.find((one) => one.type.toLowerCase() === type.toLowerCase());
  const observed = condition?.observedGeneration ?? observedGeneration;
  const isOld = observed !== undefined && observed < (object.metadata.generation ?? 0);
  return condition !== undefined && !isOld && condition.status.toLowerCase() === status.toLowerCase();
}
