import type * as z from 'zod';
import type { Simulation } from '../../engine/index.js';
import { type AnyObject, type Kind, type Kinds, keyFor, SERVED_KINDS } from '../../models/api/index.js';
import type { ApiClient, ApiError } from '../../models/client-go/index.js';
import type { Cluster } from '../../models/cluster.js';
import { type Reference, referenceOf } from '../schema/reference.js';
import { type DurationText, duration, objectName } from '../schema/values.js';

/** What every action says. */
export const ACTION_FIELDS = {
  at: duration.describe('When it is done, from the start of the run.'),
};

export const NAMESPACE_FIELD = { namespace: objectName.optional().describe('Left out: default.') };

/** What actions work with: kubectl's connection, and words to the user. */
export interface ActionContext {
  readonly simulation: Simulation;
  readonly cluster: Cluster;
  readonly user: ApiClient;
  /** Objects that the action's manifests hold. */
  readonly objects: readonly AnyObject[];
  /** What was last applied of an object, as kubectl keeps it in an annotation. */
  readonly lastApplied: Map<string, AnyObject>;
  /** Puts machines of a pool there; answers their names. */
  addNodes(pool: string, count: number): readonly string[];
  /** Virtual time now, as RFC 3339. */
  wallClock(): string;
  /** A line as kubectl prints it; `failed` when the command would have ended with an error. */
  say(line: string, failed?: 'failed'): void;
}

export interface ActionSpec {
  readonly at: DurationText;
}

/** A kind of action, told apart by its verb: the field whose value names what it is done to. */
export interface ActionKind<Spec extends ActionSpec> {
  readonly verb: string;
  readonly help: string;
  readonly schema: z.ZodType<Spec, Spec>;
  perform(context: ActionContext, spec: Spec): void;
  /** Manifests to be read when the scenario is loaded, by paths from the scenario's folder or in place. */
  manifests?(spec: Spec): readonly (string | AnyObject)[];
}

/** "deployment.apps/cart", as kubectl names what it has done something to. */
export function shownName(kind: string, name: string): string {
  const group = Object.hasOwn(SERVED_KINDS, kind)
    ? SERVED_KINDS[kind as Kind].apiVersion.split('/').slice(-2, -1)[0]
    : '';
  return `${kind.toLowerCase()}${group ? `.${group}` : ''}/${name}`;
}

export const errorLine = (error: ApiError): string => `Error from server (${error.reason}): ${error.message}`;

export interface Target extends Reference {
  readonly key: string;
  /** As kubectl names it. */
  readonly shown: string;
}

/** The object that a checked "deployment/cart" means. */
export function targetOf(text: string, namespace = 'default'): Target {
  const { kind, name } = referenceOf(text);
  const key = keyFor(SERVED_KINDS[kind].namespaced ? namespace : undefined, name);
  return { kind, name, key, shown: shownName(kind, name) };
}

/** PATCH as kubectl does it, with one line said about its outcome. */
export function patchObject<K extends Kind>(
  context: ActionContext,
  target: Target & { readonly kind: K },
  done: string,
  change: (current: Kinds[K]) => Kinds[K],
): void {
  context.user.patch(target.kind, target.key, change, (reply) => {
    if (reply.ok) {
      context.say(`${target.shown} ${done}`);
    } else {
      context.say(errorLine(reply.error), 'failed');
    }
  });
}
