import type { ObjectKey } from '../../engine/index.js';
import { aggregatedRules, type ClusterRole, keyOf, semanticallyEqual } from '../api/index.js';
import {
  type ApiClient,
  type Component,
  Controller,
  type ControllerContext,
  type Informer,
  type SyncResult,
} from '../client-go/index.js';
import type { ClientLimits } from '../versions/index.js';

/** cmd/kube-controller-manager/app/rbac.go startClusterRoleAggregrationController. */
const WORKERS = 5;

/** Fills aggregated ClusterRoles with the rules of others. Mirrors pkg/controller/clusterroleaggregation. */
class ClusterRoleAggregationController extends Controller {
  readonly name = 'clusterrole-aggregation-controller';
  readonly #client: ApiClient;
  readonly #roles: Informer<ClusterRole>;

  constructor(context: ControllerContext, limits: ClientLimits) {
    super(context, { workers: WORKERS });
    this.#client = context.api.client({ name: this.name, from: 'control-plane', ...limits });
    this.#roles = context.informers.informer('ClusterRole');
    const onChange = (): void => this.#wakeAll();
    this.#roles.onChange({ added: onChange, modified: onChange, deleted: onChange });
  }

  override stop(): void {
    super.stop();
    this.#client.abandon();
  }

  protected sync(key: ObjectKey, done: (result: SyncResult) => void): void {
    const role = this.#roles.get(key);
    const rules = role?.aggregationRule && aggregatedRules(role, this.#roles.list());
    if (role === undefined || rules === undefined || semanticallyEqual(role.rules ?? [], rules)) {
      done('done');
      return;
    }
    this.#client.update('ClusterRole', { ...role, rules }, (reply) => done(reply.ok ? 'done' : 'retry'));
  }

  #wakeAll(): void {
    for (const role of this.#roles.list()) {
      if (role.aggregationRule !== undefined) {
        this.enqueue(keyOf(role));
      }
    }
  }
}

/** The controller, not yet started. */
export const createClusterRoleAggregationController = (context: ControllerContext, limits: ClientLimits): Component =>
  new ClusterRoleAggregationController(context, limits);
