import * as z from 'zod';
import { type Micros, seconds } from '../../engine/index.js';
import { isNodeReady, type Node } from '../../models/api/index.js';
import { mistake, strict } from '../schema/shapes.js';
import { duration, micros } from '../schema/values.js';
import { ACTION_FIELDS, type ActionContext, type ActionKind } from './action.js';
import { DRAIN_FIELDS } from './drain.js';
import { type DrainOptions, NodeDrain } from './node-drain.js';
import { removeNode, setUnschedulable } from './nodes.js';

const schema = strict({
  ...ACTION_FIELDS,
  upgradeNodes: z
    .string()
    .describe('A pool of the cluster: each of its nodes is drained and gives way to a new machine.'),
  maxSurge: z.int().min(0).optional().describe('New machines that join before an old one goes. Left out: 1.'),
  maxUnavailable: z.int().min(0).optional().describe('Old machines that go before a new one joins. Left out: 0.'),
  soak: duration.optional().describe('From a new node being Ready to the next old one. Left out: 0.'),
  afterDrainTimeout: z
    .enum(['stop', 'remove'])
    .optional()
    .describe('What a drain that fails does: stop the upgrade (left out), or take the node away all the same.'),
  ...DRAIN_FIELDS,
}).superRefine(({ maxSurge = 1, maxUnavailable = 0 }, ctx) => {
  if (maxSurge + maxUnavailable === 0) {
    mistake(ctx, 'BAD_VALUE', 'with maxSurge 0 and maxUnavailable 0 no node can ever be upgraded', undefined, [
      'maxSurge',
    ]);
  }
});
type UpgradeSpec = z.infer<typeof schema>;

export const upgradeNodes: ActionKind<UpgradeSpec> = {
  verb: 'upgradeNodes',
  help: 'a rolling upgrade of a pool, as clouds do it: DaemonSet pods and emptyDirs hold up no drain unless told so',
  schema,
  perform: (context, spec) => new Upgrade(context, spec).start(),
};

/** So many lanes work side by side, each on one old node after the other: those of the surge bring the new machine first. */
class Upgrade {
  readonly #context: ActionContext;
  readonly #spec: UpgradeSpec;
  readonly #options: DrainOptions;
  readonly #soak: Micros;
  readonly #waiting: string[];
  /** Old nodes under way, in the order they were begun. */
  readonly #begun: string[] = [];
  readonly #total: number;
  #done = 0;
  #isStopped = false;
  #end = (): void => {};

  constructor(context: ActionContext, spec: UpgradeSpec) {
    this.#context = context;
    this.#spec = spec;
    this.#options = {
      ...spec,
      ignoreDaemonSets: spec.ignoreDaemonSets ?? true,
      deleteEmptyDirData: spec.deleteEmptyDirData ?? true,
    };
    this.#soak = spec.soak === undefined ? 0 : micros(spec.soak);
    this.#waiting = [...context.nodesOf(spec.upgradeNodes)];
    this.#total = this.#waiting.length;
  }

  start(): void {
    const { upgradeNodes, maxSurge = 1, maxUnavailable = 0 } = this.#spec;
    if (this.#total === 0) {
      this.#context.say(`error: pool ${upgradeNodes} has no nodes`, 'failed');
      return;
    }
    this.#end = this.#context.unfinished(() => [
      `upgrade of ${upgradeNodes}: ${this.#done} of ${this.#total} nodes are done; ${this.#begun.join(', ') || 'none'} under way`,
    ]);
    for (let lane = 0; lane < maxSurge + maxUnavailable; lane++) {
      this.#next(lane < maxSurge);
    }
  }

  #next(isSurge: boolean): void {
    const node = this.#isStopped ? undefined : this.#waiting.shift();
    if (node === undefined) {
      if (this.#begun.length === 0) {
        this.#end();
      }
      return;
    }
    this.#begun.push(node);
    const finish = (replacement: string): void => this.#finish(node, replacement, isSurge);
    if (isSurge) {
      this.#join((replacement) => this.#vacate(node, isSurge, () => finish(replacement)));
    } else {
      this.#vacate(node, isSurge, () => this.#join(finish));
    }
  }

  /** Cordons, drains, and takes the node away. */
  #vacate(node: string, isSurge: boolean, then: () => void): void {
    const context = this.#context;
    const remove = (): void => removeNode(context, node, then);
    setUnschedulable(context, node, true, (isDone) => {
      if (!isDone) {
        this.#stop(node, isSurge);
        return;
      }
      new NodeDrain(context, this.#options, node).start((error) => {
        if (error === undefined) {
          context.say(`node/${node} drained`);
          remove();
        } else if (this.#spec.afterDrainTimeout === 'remove') {
          context.say(`Warning: node ${node} is taken away undrained: ${error}`);
          remove();
        } else {
          context.say(`error: unable to drain node "${node}" due to error: ${error}`, 'failed');
          this.#stop(node, isSurge);
        }
      });
    });
  }

  #stop(node: string, isSurge: boolean): void {
    if (!this.#isStopped) {
      this.#isStopped = true;
      const left = this.#waiting.length;
      this.#context.say(
        `error: the upgrade of ${this.#spec.upgradeNodes} stops at ${node}: ${left} nodes are left`,
        'failed',
      );
    }
    this.#begun.splice(this.#begun.indexOf(node), 1);
    this.#next(isSurge);
  }

  #finish(node: string, replacement: string, isSurge: boolean): void {
    const { say, drains, simulation } = this.#context;
    this.#done++;
    say(`${node} gave way to ${replacement} (${this.#done} of ${this.#total})`);
    const place = this.#begun.indexOf(node);
    for (const earlier of this.#begun.slice(0, place)) {
      for (const obstacle of drains.get(earlier)?.obstacles() ?? []) {
        say(`Warning: ${node} overtook ${earlier}: ${obstacle}`);
      }
    }
    this.#begun.splice(place, 1);
    simulation.after(this.#soak, () => this.#next(isSurge));
  }

  /** A new machine of the pool, from power on until its Node is Ready. */
  #join(then: (name: string) => void): void {
    const { addNodes, cluster, say, simulation, unfinished } = this.#context;
    const [name] = addNodes(this.#spec.upgradeNodes, 1);
    if (name === undefined) {
      return;
    }
    say(`machine ${name} added`);
    const stopWaiting = unfinished(() => [`node ${name} is not Ready`]);
    const look = (node: Node): void => {
      if (node.metadata.name === name && isNodeReady(node)) {
        stopWatching();
        stopWaiting();
        // What made it Ready is still being told to the others.
        simulation.after(SEEN_AFTER, () => then(name));
      }
    };
    const stopWatching = cluster.watch('Node', { added: look, modified: look, deleted: () => {} });
  }
}

/** Whoever upgrades looks at the nodes once a second. */
const SEEN_AFTER: Micros = seconds(1);
