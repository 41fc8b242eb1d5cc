import type { ReplicaSet, ReplicationController } from '../api/index.js';
import type { Informer, Reply } from '../client-go/index.js';
import type { ReplicaSetSource } from './replica-set-source.js';

const views = new WeakMap<ReplicationController, ReplicaSet>();

/**
 * A ReplicationController as the ReplicaSet that it amounts to: kind and identity stay its own. The same view of the same version.
 * As convertRCtoRS (pkg/controller/replication/conversion.go).
 */
function viewOf(controller: ReplicationController): ReplicaSet {
  let view = views.get(controller);
  if (view === undefined) {
    const { selector = {}, ...spec } = controller.spec;
    view = { ...controller, spec: { ...spec, selector: { matchLabels: selector } } } as unknown as ReplicaSet;
    views.set(controller, view);
  }
  return view;
}

function original(view: ReplicaSet): ReplicationController {
  const { selector, ...spec } = view.spec;
  return { ...view, spec: { ...spec, selector: selector.matchLabels } } as unknown as ReplicationController;
}

const viewed = (reply: Reply<ReplicationController>): Reply<ReplicaSet> =>
  reply.ok ? { ok: true, object: viewOf(reply.object) } : reply;

function* eachView(controllers: Iterable<ReplicationController>): Iterable<ReplicaSet> {
  for (const controller of controllers) {
    yield viewOf(controller);
  }
}

const viewing = (informer: Informer<ReplicationController>): Informer<ReplicaSet> => ({
  get hasSynced() {
    return informer.hasSynced;
  },
  get size() {
    return informer.size;
  },
  has: (key) => informer.has(key),
  get: (key) => {
    const found = informer.get(key);
    return found && viewOf(found);
  },
  list: () => eachView(informer.list()),
  byIndex: (index, term) => informer.byIndex(index, term).map(viewOf),
  onChange: (watcher) =>
    informer.onChange({
      added: (controller, key) => watcher.added(viewOf(controller), key),
      modified: (controller, before, key) => watcher.modified(viewOf(controller), viewOf(before), key),
      deleted: (last, key) => watcher.deleted(viewOf(last), key),
    }),
});

/** ReplicationControllers, seen as ReplicaSets. As pkg/controller/replication. */
export const REPLICATION_CONTROLLERS: ReplicaSetSource = {
  controllerName: 'replicationcontroller-controller',
  eventSource: 'replication-controller',
  kind: 'ReplicationController',
  informer: (informers) => viewing(informers.informer('ReplicationController')),
  get: (client, key, then) => client.get('ReplicationController', key, (reply) => then(viewed(reply))),
  updateStatus: (client, changed, then) =>
    client.updateStatus('ReplicationController', original(changed), (reply) => then(viewed(reply))),
};
