import type { ObjectKey } from '../../engine/index.js';
import { type ConfigMap, keyFor, type Namespace, type ServiceAccount } from '../api/index.js';
import {
  type ApiClient,
  type Component,
  Controller,
  type ControllerContext,
  type Draft,
  type Informer,
  isNamespaceTerminating,
  type Reply,
  type SyncResult,
} from '../client-go/index.js';
import type { ClientLimits } from '../versions/index.js';
import { CA_NAME, defaultAccount, isActive, rootCertificate } from './decisions.js';

type Done = (result: SyncResult) => void;

/** Keeps one object in every namespace that is not being deleted. */
abstract class NamespaceFurnisher<T extends ServiceAccount | ConfigMap> extends Controller {
  protected abstract readonly kind: T['kind'];
  protected readonly client: ApiClient;
  protected readonly objects: Informer<T>;
  readonly #namespaces: Informer<Namespace>;

  constructor(context: ControllerContext, name: string, limits: ClientLimits, kind: T['kind']) {
    super(context, { workers: 1 });
    this.client = context.api.client({ name, from: 'control-plane', ...limits });
    this.#namespaces = context.informers.informer('Namespace');
    const onNamespace = ({ metadata }: Namespace): void => this.enqueue(metadata.name);
    this.#namespaces.onChange({ added: onNamespace, modified: onNamespace, deleted: () => {} });
    this.objects = context.informers.informer(kind) as unknown as Informer<T>;
    this.objects.onChange({
      added: () => {},
      modified: (object) => this.onObject(object),
      deleted: (object) => this.onObject(object),
    });
  }

  override stop(): void {
    super.stop();
    this.client.abandon();
  }

  protected abstract draft(namespace: string): Draft<T>;

  /** One of its kind was changed or deleted. */
  protected onObject(object: T): void {
    if (object.metadata.name === this.draft('').metadata.name) {
      this.enqueue(object.metadata.namespace ?? '');
    }
  }

  protected sync(key: ObjectKey, done: Done): void {
    const namespace = this.#namespaces.get(key);
    if (namespace === undefined || !isActive(namespace)) {
      done('done');
      return;
    }
    const wanted = this.draft(key);
    const found = this.objects.get(keyFor(key, wanted.metadata.name as string));
    if (found === undefined) {
      this.client.create(this.kind, wanted as never, (reply: Reply<unknown>) => done(resultOf(reply)));
    } else {
      this.mend(found, wanted, done);
    }
  }

  /** What to do about one that is there. */
  protected mend(_found: T, _wanted: Draft<T>, done: Done): void {
    done('done');
  }
}

const resultOf = (reply: Reply<unknown>): SyncResult =>
  reply.ok || reply.error.reason === 'AlreadyExists' || isNamespaceTerminating(reply.error) ? 'done' : 'retry';

/** Makes the default ServiceAccount of every namespace. Mirrors pkg/controller/serviceaccount serviceaccounts_controller.go. */
class ServiceAccountController extends NamespaceFurnisher<ServiceAccount> {
  readonly name = 'serviceaccount-controller';
  protected readonly kind = 'ServiceAccount';

  constructor(context: ControllerContext, limits: ClientLimits) {
    super(context, 'serviceaccount-controller', limits, 'ServiceAccount');
  }

  protected draft(namespace: string): Draft<ServiceAccount> {
    return defaultAccount(namespace);
  }
}

/** Publishes the cluster's certificate in every namespace. Mirrors pkg/controller/certificates/rootcacertpublisher. */
class RootCertificatePublisher extends NamespaceFurnisher<ConfigMap> {
  readonly name = 'root-ca-certificate-publisher-controller';
  protected readonly kind = 'ConfigMap';

  constructor(context: ControllerContext, limits: ClientLimits) {
    super(context, 'root-ca-certificate-publisher-controller', limits, 'ConfigMap');
  }

  protected draft(namespace: string): Draft<ConfigMap> {
    return rootCertificate(namespace);
  }

  /** Whoever changed it sees it changed back. */
  protected override mend(found: ConfigMap, wanted: Draft<ConfigMap>, done: Done): void {
    if (found.data?.[CA_NAME] === wanted.data?.[CA_NAME] && Object.keys(found.data ?? {}).length === 1) {
      done('done');
    } else {
      this.client.update('ConfigMap', { ...found, data: wanted.data }, (reply) => done(resultOf(reply)));
    }
  }
}

/** Both controllers, not yet started. */
export const createServiceAccountControllers = (
  context: ControllerContext,
  limits: ClientLimits,
): readonly Component[] => [
  new RootCertificatePublisher(context, limits),
  new ServiceAccountController(context, limits),
];
