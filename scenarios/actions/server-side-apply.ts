import { type Kind, type Kinds, keyOf, LAST_APPLIED, type ManagedFieldsEntry } from '../../models/api/index.js';
import { unionOfFields } from '../../models/apiserver/index.js';
import type { ApplyOptions, Reply, Writer } from '../../models/client-go/index.js';
import { type ActionContext, failedReply, shownName } from './action.js';
import type { Served } from './apply.js';
import { writtenOf } from './written.js';

/** Keeps the annotation of client-side apply from being pruned: fieldManagerLastAppliedAnnotation. */
const LAST_APPLIED_MANAGER = 'kubectl-last-applied';

/** The same package's default field manager: the one that an object applied by the client is handed over to. */
const KUBECTL: Writer = { manager: 'kubectl' };

/**
 * k8s 1.37 kubectl pkg/cmd/apply with --server-side: one PATCH. An object that was applied by the client before is then migrated: the
 * annotation gets an owner, client-side managers become the one that applies, and what they set and the manifest lacks goes with a
 * second PATCH.
 */
export function applyByServer(context: ActionContext, object: Served, options: ApplyOptions, done: () => void): void {
  const { kind } = object;
  const config = writtenOf(context.decoding, object) as unknown as Kinds[Kind];
  const apply = (then: (reply: Reply<Kinds[Kind]>) => void): void => context.user.apply(kind, config, options, then);
  const ended = (reply: Reply<Kinds[Kind]>): void => {
    if (!failedApply(context, reply)) {
      context.say(`${shownName(kind, object.metadata.name)} serverside-applied`);
    }
    done();
  };
  apply((first) => {
    if (!first.ok) {
      ended(first);
      return;
    }
    keepAnnotation(context, first.object, options, (kept) => {
      const migrated = migratedEntries(kept, options.fieldManager);
      if (migrated === undefined) {
        ended(first);
        return;
      }
      const change = (current: Kinds[Kind]): Kinds[Kind] =>
        ({ ...current, metadata: { ...current.metadata, managedFields: migrated } }) as Kinds[Kind];
      context.user.patch(kind, keyOf(kept), change, (reply) => (reply.ok ? apply(ended) : ended(reply)), KUBECTL);
    });
  });
}

/** What kubectl advises when others own fields. */
const ADVICE = [
  'Please review the fields above--they currently have other managers. Here',
  'are the ways you can resolve this warning:',
  '* If you intend to manage all of these fields, please re-run the apply',
  '  command with the `--force-conflicts` flag.',
  '* If you do not intend to manage all of the fields, please edit your',
  '  manifest to remove references to the fields that should keep their',
  '  current managers.',
  '* You may co-own fields by updating your manifest to match the existing',
  "  value; in this case, you'll become the manager if the other manager(s)",
  '  stop managing the field (remove it from their configuration).',
  'See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts',
];

/** A conflict is no Status to kubectl any more when it prints it. */
function failedApply(context: ActionContext, reply: Reply<unknown>): boolean {
  if (!reply.ok && reply.error.reason === 'Conflict') {
    for (const line of `error: ${reply.error.message}`.split('\n')) {
      context.say(line, 'failed');
    }
    for (const line of ADVICE) {
      context.say(line);
    }
    return true;
  }
  return failedReply(context, reply);
}

const entriesOf = (object: Kinds[Kind]): readonly ManagedFieldsEntry[] => object.metadata.managedFields ?? [];

/** csaupgrade.FindFieldsOwners for the annotation. */
function ownsAnnotation({ fieldsV1 }: ManagedFieldsEntry): boolean {
  const metadata = (fieldsV1 as { 'f:metadata'?: { 'f:annotations'?: object } } | undefined)?.['f:metadata'];
  return Object.hasOwn(metadata?.['f:annotations'] ?? {}, `f:${LAST_APPLIED}`);
}

/** saveLastApplyAnnotationIfNecessary. */
function keepAnnotation(
  context: ActionContext,
  object: Kinds[Kind],
  { fieldManager }: ApplyOptions,
  then: (object: Kinds[Kind]) => void,
): void {
  const text = object.metadata.annotations?.[LAST_APPLIED];
  const isOwned = entriesOf(object).some((entry) => entry.operation === 'Apply' && ownsAnnotation(entry));
  if (fieldManager !== KUBECTL.manager || text === undefined || isOwned) {
    then(object);
    return;
  }
  const { apiVersion, kind } = object;
  const { name, namespace } = object.metadata;
  const config = {
    apiVersion,
    kind,
    metadata: { name, ...(namespace && { namespace }), annotations: { [LAST_APPLIED]: text } },
  };
  context.user.apply(kind, config as never, { fieldManager: LAST_APPLIED_MANAGER }, (reply) => {
    then(reply.ok ? (reply.object as Kinds[Kind]) : object);
  });
}

/** migrateToSSAIfNecessary, csaupgrade.UpgradeManagedFields; undefined: nobody is left who applied by the client. */
function migratedEntries(object: Kinds[Kind], manager: string): readonly ManagedFieldsEntry[] | undefined {
  const entries = entriesOf(object);
  const names = new Set(
    entries.filter((entry) => entry.operation === 'Update' && ownsAnnotation(entry)).map((entry) => entry.manager),
  );
  const isClientSide = (entry: ManagedFieldsEntry): boolean =>
    entry.operation === 'Update' && entry.subresource === undefined && names.has(entry.manager);
  const old = entries.filter(isClientSide);
  if (old.length === 0) {
    return undefined;
  }
  return entries
    .filter((entry) => !isClientSide(entry))
    .map((entry) =>
      entry.operation === 'Apply' && entry.manager === manager && entry.subresource === undefined
        ? { ...entry, fieldsV1: [entry, ...old].map(({ fieldsV1 = {} }) => fieldsV1).reduce(unionOfFields) }
        : entry,
    );
}
