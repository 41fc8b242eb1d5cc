import { type Node, nodeParty } from '../api/index.js';
import type { ApiConnection, Component, InformerFactory } from '../client-go/index.js';
import type { ContainerRuntime } from '../world/index.js';

export interface NetworkPluginOptions {
  readonly api: ApiConnection;
  readonly node: string;
  readonly runtime: Pick<ContainerRuntime, 'usePodCIDRs'>;
}

/** Waits for its Node's podCIDRs and hands them to the container runtime. Mirrors flannel's subnet manager. */
export class NetworkPlugin implements Component {
  readonly name = 'network-plugin';
  readonly #informers: InformerFactory;

  constructor({ api, node, runtime }: NetworkPluginOptions) {
    this.#informers = api.informers({ name: `${this.name} ${node}`, from: nodeParty(node) });
    const onChange = ({ spec }: Node): void => {
      if (spec.podCIDR !== undefined) {
        runtime.usePodCIDRs(spec.podCIDRs ?? [spec.podCIDR]);
      }
    };
    this.#informers.informer('Node', { name: node }).onChange({
      added: onChange,
      modified: onChange,
      deleted: () => {},
    });
  }

  start(): void {
    this.#informers.start();
  }

  stop(): void {
    this.#informers.stop();
  }
}
