import type { EventHandle, Micros, Simulation } from '../../../engine/index.js';
import { isNodeReady, type Node } from '../../api/index.js';
import { type Informer, LoopGrid } from '../../client-go/index.js';
import type { HeartbeatSettings } from './config.js';
import type { NodeReporter } from './node-reporter.js';
import type { StatusLoop } from './status-loop.js';

export interface FastStatusUpdateOptions {
  readonly simulation: Simulation;
  readonly nodes: Informer<Node>;
  readonly node: string;
  readonly settings: HeartbeatSettings;
  readonly reporter: NodeReporter;
  readonly loop: StatusLoop;
  /** Asks the runtime how it is, as the kubelet otherwise does each 5 s. */
  readonly updateRuntimeUp: () => void;
  readonly elides: boolean;
}

/**
 * At the start of a kubelet asks its runtime every 0.1 s, for two minutes, whether the node has become ready, to report that
 * without waiting for the status loop; 1.23 waits for the node's pod CIDR instead. Happens once in a process's life. As
 * fastStatusUpdateOnce (k8s 1.37 pkg/kubelet/kubelet.go) and fastNodeStatusUpdate (kubelet_node_status.go). Looks happen only after
 * a change of what they look at; one at the very instant of a change sees it.
 */
export class FastStatusUpdate {
  readonly #options: FastStatusUpdateOptions;
  #ticks: LoopGrid | undefined;
  #endsAt: Micros = 0;
  #timer: EventHandle | undefined;
  /** The runtime may answer otherwise than when it was last asked. */
  #isRuntimeNews = false;

  constructor(options: FastStatusUpdateOptions) {
    this.#options = options;
  }

  start(): void {
    const { simulation, settings } = this.#options;
    const { now } = simulation;
    // [23] sleeps before the first look.
    const isPatient = settings.fastStatusUpdateWaitsFor === 'podCIDR';
    const first = isPatient ? now + settings.fastStatusUpdatePeriod : now;
    this.#ticks = new LoopGrid(first, settings.fastStatusUpdatePeriod, 0);
    this.#endsAt = isPatient ? Number.POSITIVE_INFINITY : now + settings.fastStatusUpdateTimeout;
    this.#arm(first);
  }

  stop(): void {
    this.#ticks = undefined;
    this.#timer?.cancel();
  }

  /** Something that the look depends on may have changed. */
  look(): void {
    if (this.#ticks !== undefined && (this.#hasSomethingToDo() || (this.#isRuntimeNews && this.#waitsForReady()))) {
      this.#arm(this.#ticks.from(this.#options.simulation.now));
    }
  }

  /** The runtime, or its network, began or ceased to work: nobody knows before it is asked. */
  runtimeChanged(): void {
    this.#isRuntimeNews = true;
    this.look();
  }

  #arm(at: Micros): void {
    const { simulation } = this.#options;
    this.#timer?.cancel();
    this.#timer = simulation.after(at - simulation.now, () => this.#look());
  }

  #look(): void {
    const { simulation, settings, loop, elides } = this.#options;
    const ticks = this.#ticks;
    if (ticks === undefined || simulation.now >= this.#endsAt) {
      this.stop();
      return;
    }
    if (this.#waitsForReady()) {
      this.#isRuntimeNews = false;
      this.#options.updateRuntimeUp();
    }
    if (!this.#hasSomethingToDo()) {
      if (!elides) {
        this.#arm(ticks.after(simulation.now));
      }
      return;
    }
    this.stop();
    if (settings.fastStatusUpdateWaitsFor === 'podCIDR') {
      this.#options.updateRuntimeUp();
      loop.syncNow();
    } else {
      this.#reportReady();
    }
  }

  /** The API shows the node, and that it is not ready. */
  #waitsForReady(): boolean {
    const { nodes, node, settings } = this.#options;
    const found = nodes.get(node);
    return settings.fastStatusUpdateWaitsFor === 'ready' && found !== undefined && !isNodeReady(found);
  }

  #hasSomethingToDo(): boolean {
    const { nodes, node, settings, reporter } = this.#options;
    const found = nodes.get(node);
    if (found === undefined) {
      return false;
    }
    return settings.fastStatusUpdateWaitsFor === 'podCIDR'
      ? (found.spec.podCIDRs ?? []).length > 0
      : isNodeReady(found) || isNodeReady(reporter.compute(found).node);
  }

  #reportReady(): void {
    const { nodes, node, reporter, loop } = this.#options;
    loop.exclusively((done) => {
      const found = nodes.get(node);
      const computed = found && reporter.compute(found);
      if (found === undefined || computed === undefined || isNodeReady(found)) {
        done();
        return;
      }
      reporter.tell(computed);
      loop.report(computed, (ok) => {
        done();
        if (!ok) {
          loop.syncNow();
        }
      });
    });
  }
}
