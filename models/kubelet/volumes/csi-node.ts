import { entityKey, type Micros, milliseconds, type RandomStream, seconds } from '../../../engine/index.js';
import type { CSINode, Node } from '../../api/index.js';
import type { ApiClient } from '../../client-go/index.js';
import type { ProcessClock } from '../process-clock.js';

export interface CsiNodeOptions {
  readonly clock: ProcessClock;
  readonly api: ApiClient;
  readonly nodeName: string;
  /** Runs of the kubelet before this one: other draws each time. */
  readonly ordinal: number;
  /** In-tree plugins that CSI drivers have taken over, comma-separated. */
  readonly migratedPlugins: string;
  readonly pauses: RandomStream;
  /** `error` may have changed. */
  onChange(): void;
}

/** k8s 1.37 pkg/volume/csi/csi_plugin.go waitForAPIServerForever. */
const SERVER_POLL = seconds(1);
/** csi_plugin.go initializeCSINode initBackoff; 1.37 pkg/volume/csi/nodeinfomanager updateBackoff. */
const OUTER = { duration: milliseconds(15), factor: 6, steps: 6 };
const INNER = { duration: milliseconds(10), factor: 5, steps: 4 };
const JITTER = 0.1;

const MIGRATED_PLUGINS = 'storage.alpha.kubernetes.io/migrated-plugins';

/**
 * Sees to it that the node has a CSINode: until then the node is not ready. It is owned by the Node, so the first tries, made
 * before that is registered, fail. As initializeCSINode (k8s 1.37 pkg/volume/csi/csi_plugin.go).
 */
export class CsiNodeInitializer {
  readonly #options: CsiNodeOptions;
  #error: string | undefined = 'CSINode is not yet initialized';
  #tries = 0;

  constructor(options: CsiNodeOptions) {
    this.#options = options;
    options.clock.after(0, () => this.#waitForServer());
  }

  /** Why the node's storage keeps it from being ready. */
  get error(): string | undefined {
    return this.#error;
  }

  #waitForServer(): void {
    const { api, clock, nodeName } = this.#options;
    api.get('CSINode', nodeName, (reply) => {
      if (reply.ok || reply.error.reason === 'NotFound') {
        this.#attempt(0, 0);
      } else {
        clock.after(SERVER_POLL, () => this.#waitForServer());
      }
    });
  }

  /** The kubelet gives up and dies after the last try of all, to be started again; here that last pause repeats. */
  #attempt(outer: number, inner: number): void {
    this.#initialize((error) => {
      if (error === undefined) {
        this.#setError(undefined);
      } else if (inner + 1 < INNER.steps) {
        this.#after(INNER, inner, () => this.#attempt(outer, inner + 1));
      } else {
        this.#setError(
          `failed to initialize CSINode: error updating CSINode annotation: timed out waiting for the condition; caused by: ${error}`,
        );
        this.#after(OUTER, Math.min(outer, OUTER.steps - 2), () => this.#attempt(outer + 1, 0));
      }
    });
  }

  #after(backOff: typeof OUTER, step: number, then: () => void): void {
    const { clock, nodeName, ordinal, pauses } = this.#options;
    const duration: Micros = backOff.duration * backOff.factor ** step;
    clock.after(pauses.jitter(entityKey(nodeName), ordinal * 1000 + this.#tries++, duration, JITTER), then);
  }

  /** As tryInitializeCSINodeWithAnnotation. */
  #initialize(then: (error: string | undefined) => void): void {
    const { api, migratedPlugins, nodeName } = this.#options;
    api.get('CSINode', nodeName, (found) => {
      if (found.ok) {
        const { annotations } = found.object.metadata;
        if (annotations?.[MIGRATED_PLUGINS] === migratedPlugins) {
          then(undefined);
          return;
        }
        const metadata = {
          ...found.object.metadata,
          annotations: { ...annotations, [MIGRATED_PLUGINS]: migratedPlugins },
        };
        api.update('CSINode', { ...found.object, metadata }, (reply) =>
          then(reply.ok ? undefined : reply.error.message),
        );
      } else if (found.error.reason === 'NotFound') {
        this.#create(then);
      } else {
        then(found.error.message);
      }
    });
  }

  #create(then: (error: string | undefined) => void): void {
    const { api, migratedPlugins, nodeName } = this.#options;
    api.get('Node', nodeName, (read) => {
      if (!read.ok) {
        then(read.error.message);
        return;
      }
      const created = newCsiNode(read.object, migratedPlugins);
      api.create('CSINode', created, (reply) => then(reply.ok ? undefined : reply.error.message));
    });
  }

  #setError(error: string | undefined): void {
    this.#error = error;
    this.#options.onChange();
  }
}

const newCsiNode = ({ apiVersion, kind, metadata }: Node, migratedPlugins: string): CSINode => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSINode',
  metadata: {
    name: metadata.name,
    annotations: { [MIGRATED_PLUGINS]: migratedPlugins },
    ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid as string }],
  },
  spec: { drivers: [] },
});
