import type * as z from 'zod';
import { chosen, isRecord, mistake } from '../schema/shapes.js';
import { didYouMean } from '../schema/suggest.js';
import type { ActionKind, ActionSpec } from './action.js';
import { apply, create, replace } from './apply.js';
import { certificateApprove, certificateDeny } from './certificate.js';
import { createConfigMap, createSecret } from './create-data.js';
import { debug } from './debug.js';
import { drain } from './drain.js';
import { autoscale, createJob, expose } from './generate.js';
import { join, tokenCreate, tokenList } from './join.js';
import { type CommandLineText, commandLineSchema, expand } from './kubectl.js';
import { nodeCondition } from './node-condition.js';
import { addNodes, cordon, deleteNode, taint, uncordon } from './nodes.js';
import { annotate, deleteManifests, deleteObjects, label } from './objects.js';
import { patch } from './patch.js';
import { rolloutPause, rolloutRestart, rolloutResume, rolloutUndo } from './rollout.js';
import { rolloutHistory, rolloutStatus } from './rollout-status.js';
import { scale } from './scale.js';
import { setImage, setResources } from './set.js';
import { setEnv } from './set-env.js';
import { setSelector, setServiceAccount, setSubject } from './set-references.js';
import { removeStaticPods, writeStaticPods } from './static-pods.js';
import { upgradeNodes } from './upgrade.js';
import { wait } from './wait.js';

const KINDS = [
  apply,
  create,
  createJob,
  createConfigMap,
  createSecret,
  replace,
  patch,
  deleteObjects,
  deleteManifests,
  scale,
  autoscale,
  expose,
  setImage,
  setResources,
  setEnv,
  setServiceAccount,
  setSelector,
  setSubject,
  wait,
  rolloutStatus,
  rolloutHistory,
  rolloutUndo,
  rolloutRestart,
  rolloutPause,
  rolloutResume,
  label,
  annotate,
  cordon,
  uncordon,
  drain,
  taint,
  addNodes,
  debug,
  certificateApprove,
  certificateDeny,
  tokenCreate,
  tokenList,
  join,
  deleteNode,
  upgradeNodes,
  nodeCondition,
  writeStaticPods,
  removeStaticPods,
] as const;

type SpecOf<Kind> = Kind extends ActionKind<infer Spec> ? Spec : never;
/** An action with a verb of its own. */
export type VerbText = SpecOf<(typeof KINDS)[number]>;
export type ActionText = VerbText | CommandLineText;

/** Every kind of action, by verb. */
export const ACTION_KINDS: ReadonlyMap<string, ActionKind<ActionSpec>> = new Map(
  KINDS.map((kind) => [kind.verb, kind as unknown as ActionKind<ActionSpec>]),
);

/** `kubectl: "…"` in place of a verb. */
export const commandLine = commandLineSchema((verb) => ACTION_KINDS.get(verb)?.schema);

/** An action as its verb has it; a command line becomes the action that it stands for. */
export const withVerb = (action: ActionText): VerbText => ('kubectl' in action ? expand(action) : action) as VerbText;

const verbsIn = (value: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.keys(value).filter((key) => ACTION_KINDS.has(key));

/** The kind of a checked action. */
export const actionKindOf = (action: VerbText): ActionKind<ActionSpec> =>
  ACTION_KINDS.get(verbsIn(action as unknown as Record<string, unknown>)[0] as string) as ActionKind<ActionSpec>;

/** An action of any kind; mistakes are told for the kind whose verb is there. */
export const action: z.ZodType<ActionText, ActionText> = chosen(
  [commandLine, ...KINDS.map((kind) => kind.schema)] as unknown as readonly z.ZodType<ActionText, ActionText>[],
  (value, ctx) => {
    if (!isRecord(value)) {
      mistake(
        ctx,
        'WRONG_TYPE',
        'an action is a mapping with a time and a verb: {at: 5m, scale: deployment/cart, replicas: 6}',
      );
      return undefined;
    }
    const verbs = verbsIn(value);
    if (Object.hasOwn(value, 'kubectl')) {
      return commandLine;
    }
    if (verbs.length === 1) {
      return ACTION_KINDS.get(verbs[0] as string)?.schema;
    }
    if (verbs.length > 1) {
      mistake(ctx, 'UNKNOWN_ACTION', `${verbs.join(' and ')} in one action: write one action each`);
      return undefined;
    }
    const words = Object.keys(value).filter((key) => key !== 'at' && key !== 'expectError');
    const hints = words.map((word) => didYouMean(word, ACTION_KINDS.keys())).filter((hint) => hint?.startsWith('Did'));
    mistake(
      ctx,
      'UNKNOWN_ACTION',
      'no verb in this action',
      hints[0] ?? `Known: kubectl, ${[...ACTION_KINDS.keys()].join(', ')}`,
    );
    return undefined;
  },
);
