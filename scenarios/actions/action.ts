import * as z from 'zod';
import type { Simulation } from '../../engine/index.js';
import {
  type AnyObject,
  type DecodeOptions,
  type Kind,
  type Kinds,
  keyFor,
  SERVED_KINDS,
} from '../../models/api/index.js';
import type { ApiClient, ApiError, Reply, Writer } from '../../models/client-go/index.js';
import type { Cluster } from '../../models/cluster.js';
import { type Reference, referenceOf } from '../schema/reference.js';
import { type DurationText, duration, objectName } from '../schema/values.js';

/** What every action says. */
export const ACTION_FIELDS = {
  at: duration.describe('When it is done, from the start of the run.'),
  expectError: z
    .union([z.literal(true), z.string().min(1)], { error: 'expected true, or a part of the error' })
    .optional()
    .describe('It must fail: true, or a part of its error ("Conflict"). Left out: an error makes the run fail.'),
  fieldManager: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe("Who writes, as metadata.managedFields tells. Left out: the name that kubectl's command has for it."),
};

export const NAMESPACE_FIELD = { namespace: objectName.optional().describe('Left out: default.') };

/** What actions work with: kubectl's connection, and words to the user. */
export interface ActionContext {
  readonly simulation: Simulation;
  readonly cluster: Cluster;
  readonly user: ApiClient;
  /** Objects that the action's manifests hold. */
  readonly objects: readonly AnyObject[];
  /** Who writes. */
  readonly writer: Writer;
  /** Manifests of objects that were there from the start, by uid: as good as an annotation that tells what was applied last. */
  readonly initial: Map<string, AnyObject>;
  /** How JSON becomes an object. */
  readonly decoding: DecodeOptions;
  /** Drains under way, by node. */
  readonly drains: Map<string, UnfinishedDrain>;
  /** Puts machines of a pool there; answers their names. */
  addNodes(pool: string, count: number): readonly string[];
  /** Nodes of a pool that are there, in order. */
  nodesOf(pool: string): readonly string[];
  /** Virtual time now, as RFC 3339. */
  wallClock(): string;
  /** A line as kubectl prints it; `failed` when the command would have ended with an error. */
  say(line: string, failed?: 'failed'): void;
  /** A command that goes on: what it waits for is asked should the run end before it. Answers how to say that it has ended. */
  unfinished(waitsFor: () => readonly string[]): () => void;
}

/** What is known of a drain that has not ended. */
export interface UnfinishedDrain {
  /** What holds its pods, a text each. */
  obstacles(): readonly string[];
}

export interface ActionSpec {
  readonly at: DurationText;
  readonly expectError?: true | string | undefined;
  readonly fieldManager?: string | undefined;
}

/** What actions may read when the scenario is loaded, by paths from its folder. */
export interface NearbyFiles {
  /** A file, or those of a folder in order of name; undefined when there is none, which is told. */
  read(
    path: string,
  ):
    | { readonly isFolder: boolean; readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[] }
    | undefined;
  /** Tells a mistake of the user, at the place of the action. */
  refuse(message: string): void;
}

/** A kind of action, told apart by its verb: the field whose value names what it is done to. */
export interface ActionKind<Spec extends ActionSpec> {
  readonly verb: string;
  readonly help: string;
  readonly schema: z.ZodType<Spec, Spec>;
  /** Who writes unless the action says so; left out: kubectl. */
  readonly writer?: Writer;
  perform(context: ActionContext, spec: Spec): void;
  /** Whether its objects are applied by the server, which then keeps who owns what of them. */
  appliesByServer?(spec: Spec): boolean;
  /** Manifests to be read when the scenario is loaded, by paths from the scenario's folder or in place. */
  manifests?(spec: Spec, files: NearbyFiles): readonly (string | AnyObject)[];
  /** Objects that will be there because of it, besides those of its manifests. */
  brings?(spec: Spec): readonly (Reference & { readonly namespace?: string | undefined })[];
}

const KUBECTL: Writer = { manager: 'kubectl' };

/** Who writes in an action. */
export const writerOf = ({
  kind,
  spec,
}: {
  readonly kind: Pick<ActionKind<ActionSpec>, 'writer'>;
  readonly spec: ActionSpec;
}): Writer =>
  spec.fieldManager === undefined ? (kind.writer ?? KUBECTL) : { ...kind.writer, manager: spec.fieldManager };

/** "deployment.apps/cart", as kubectl names what it has done something to. */
export function shownName(kind: string, name: string): string {
  const group = Object.hasOwn(SERVED_KINDS, kind)
    ? SERVED_KINDS[kind as Kind].apiVersion.split('/').slice(-2, -1)[0]
    : '';
  return `${kind.toLowerCase()}${group ? `.${group}` : ''}/${name}`;
}

/** k8s 1.37 kubectl pkg/cmd/util/helpers.go, checkErr: what is invalid about an object is listed; other errors name their reason. */
export function errorLine({ reason, message, causes = [] }: ApiError): string {
  const [, kind, name] = /^(\w+)\S* "([^"]*)" is invalid/.exec(message) ?? [];
  if (reason === 'Invalid' && kind === undefined) {
    return `The request is invalid: ${message}`;
  }
  if (reason !== 'Invalid' || kind === undefined || causes.length === 0) {
    return `Error from server (${reason}): ${message}`;
  }
  const texts = causes.map((cause) => (cause.field ? `${cause.field}: ${cause.message}` : cause.message));
  return `The ${kind} "${name}" is invalid: ${texts.length === 1 ? texts[0] : texts.map((text) => `\n* ${text}`).join('')}`;
}

export interface Target extends Reference {
  readonly key: string;
  readonly namespace: string | undefined;
  /** As kubectl names it. */
  readonly shown: string;
}

/** The object that a checked "deployment/cart" means. */
export function targetOf(text: string, namespace = 'default'): Target {
  const { kind, name } = referenceOf(text);
  return targetNamed(kind, name, namespace);
}

export function targetNamed(kind: Kind, name: string, namespace = 'default'): Target {
  const home = SERVED_KINDS[kind].namespaced ? namespace : undefined;
  return { kind, name, namespace: home, key: keyFor(home, name), shown: shownName(kind, name) };
}

/** 'pod "web-0" deleted from shop namespace'. */
export function deletedLine({ shown, namespace }: Target, word: string): string {
  const home = namespace === undefined ? '' : ` from ${namespace} namespace`;
  return `${shown.replace('/', ' "')}" ${word}${home}`;
}

/** Says the error of a reply, if it is one. */
export function failedReply<T>(
  context: ActionContext,
  reply: Reply<T>,
): reply is { readonly ok: false; readonly error: ApiError } {
  if (!reply.ok) {
    context.say(errorLine(reply.error), 'failed');
  }
  return !reply.ok;
}

/** How a change of an object is told; undefined: nothing is said. */
export type Told<T> = string | ((before: T, after: T) => string | undefined);

/** PATCH as kubectl does it, with one line said about its outcome. */
export function patchObject<K extends Kind>(
  context: ActionContext,
  target: Target & { readonly kind: K },
  done: Told<Kinds[K]>,
  change: (current: Kinds[K]) => Kinds[K],
  then: () => void = () => {},
): void {
  let before: Kinds[K] | undefined;
  const changeSeen = (current: Kinds[K]): Kinds[K] => {
    before = current;
    return change(current);
  };
  const answered = (reply: Reply<Kinds[K]>): void => {
    if (!failedReply(context, reply)) {
      const text = typeof done === 'string' ? done : done(before as Kinds[K], reply.object);
      if (text !== undefined) {
        context.say(`${target.shown} ${text}`);
      }
    }
    then();
  };
  context.user.patch(target.kind, target.key, changeSeen, answered, context.writer);
}

/** GET, and if the change would be one, PATCH: what most of kubectl's commands do. Without a change it says `unchanged`, if anything. */
export function changeObject<K extends Kind>(
  context: ActionContext,
  target: Target & { readonly kind: K },
  words: { readonly done: Told<Kinds[K]>; readonly unchanged?: string },
  change: (current: Kinds[K]) => Kinds[K] | Refusal,
  then: () => void = () => {},
): void {
  context.user.get(target.kind, target.key, (reply) => {
    if (failedReply(context, reply)) {
      then();
      return;
    }
    const wanted = change(reply.object);
    if (isRefusal(wanted)) {
      context.say(`error: ${wanted.refusal}`, 'failed');
      then();
    } else if (JSON.stringify(wanted) === JSON.stringify(reply.object)) {
      if (words.unchanged !== undefined) {
        context.say(`${target.shown} ${words.unchanged}`);
      }
      then();
    } else {
      const again = (current: Kinds[K]): Kinds[K] => {
        const changed = change(current);
        return isRefusal(changed) ? current : changed;
      };
      patchObject(context, target, words.done, again, then);
    }
  });
}

/** Why kubectl itself does not do it. */
export interface Refusal {
  readonly refusal: string;
}

const isRefusal = (value: object): value is Refusal => Object.hasOwn(value, 'refusal');
