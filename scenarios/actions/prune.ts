import { isKind, type Kind, type Kinds, keyOf, lastAppliedOf, SERVED_KINDS } from '../../models/api/index.js';
import { inTurn } from '../../models/client-go/index.js';
import { type ActionContext, failedReply, shownName } from './action.js';
import { type Choice, listChosen } from './targets.js';

/** k8s 1.37 kubectl pkg/util/prune GetRESTMappings: what is looked through without --prune-allowlist, in this order. */
const PRUNED: readonly Kind[] = [
  'ConfigMap',
  'Endpoints',
  'PersistentVolumeClaim',
  'Pod',
  'ReplicationController',
  'Secret',
  'Service',
  'Job',
  'CronJob',
  'Ingress',
  'DaemonSet',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'Namespace',
  'PersistentVolume',
];

/** The kind that "apps/v1/Deployment" or "core/v1/Pod" means; undefined: none is served. */
export function kindOfAllowed(text: string): Kind | undefined {
  const [group, version, kind = '', ...rest] = text.split('/');
  const apiVersion = group === 'core' || group === '' ? version : `${group}/${version}`;
  return rest.length === 0 && isKind(kind) && SERVED_KINDS[kind].apiVersion === apiVersion ? kind : undefined;
}

interface Pruning {
  readonly kinds: readonly Kind[] | undefined;
  readonly selector: Choice['selector'];
  /** Where something was applied. */
  readonly namespaces: readonly string[];
  /** What was applied, as {@link idOf} names it. */
  readonly applied: ReadonlySet<string>;
}

export const idOf = (object: { readonly kind: string; readonly metadata: Kinds[Kind]['metadata'] }): string =>
  `${object.kind} ${keyOf(object)}`;

/** The same package's pruner: deletes what was applied once, in these namespaces and outside of all, and was not applied now. */
export function prune(context: ActionContext, { kinds = PRUNED, selector, namespaces, applied }: Pruning): void {
  const inNamespaces = namespaces.flatMap((namespace) =>
    kinds.filter((kind) => SERVED_KINDS[kind].namespaced).map((kind) => ({ kind, namespace })),
  );
  const outside = kinds
    .filter((kind) => !SERVED_KINDS[kind].namespaced)
    .map((kind) => ({ kind, namespace: undefined }));
  const isForgotten = (object: Kinds[Kind]): boolean =>
    (lastAppliedOf(object) !== undefined || context.initial.has(object.metadata.uid ?? '')) &&
    !applied.has(idOf(object));
  inTurn<{ readonly kind: Kind; readonly namespace: string | undefined }, never>(
    [...inNamespaces, ...outside],
    ({ kind, namespace }, ended) =>
      listChosen(context, kind, { selector, namespace }, (found) =>
        inTurn<Kinds[Kind], never>(
          found.filter(isForgotten),
          (object, gone) => pruneObject(context, object, gone),
          ended,
        ),
      ),
    () => {},
  );
}

function pruneObject(context: ActionContext, object: Kinds[Kind], done: () => void): void {
  context.user.delete(object.kind, keyOf(object), { propagationPolicy: 'Background' }, (reply) => {
    if (!failedReply(context, reply)) {
      context.say(`${shownName(object.kind, object.metadata.name)} pruned`);
      done();
    }
  });
}
