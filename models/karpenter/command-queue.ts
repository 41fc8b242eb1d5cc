import type { EventHandle, Micros } from '../../engine/index.js';
import type { Node, NodeClaim } from '../api/index.js';
import type { ApiClient, ControllerContext } from '../client-go/index.js';
import type { ClusterState } from './cluster-state.js';
import { isTrue, without, withTrue } from './conditions.js';
import type { KarpenterConfiguration } from './config.js';
import type { Candidate, Command } from './consolidation.js';
import { DISRUPTED_TAINT } from './labels.js';
import type { Provisioner } from './provisioner.js';
import type { Teller } from './teller.js';
import type { NodeClaimRow } from './timelines.js';

export interface CommandQueueOptions {
  readonly context: ControllerContext;
  readonly client: ApiClient;
  readonly config: KarpenterConfiguration;
  readonly state: ClusterState;
  readonly provisioner: Provisioner;
  readonly teller: Teller;
  readonly onStep: (claim: NodeClaim, step: NodeClaimRow['step'], reason: string) => void;
}

interface Running {
  readonly command: Command;
  readonly startedAt: Micros;
  /** Names of the claims that come first. */
  readonly replacements: readonly string[];
}

/** Carries decisions out: the old nodes are closed, the new ones awaited, then the old ones go. As disruption.Queue (queue.go). */
export class CommandQueue {
  readonly #options: CommandQueueOptions;
  readonly #timers = new Set<EventHandle>();

  constructor(options: CommandQueueOptions) {
    this.#options = options;
  }

  stop(): void {
    for (const timer of this.#timers) {
      timer.cancel();
    }
    this.#timers.clear();
  }

  /** As StartCommand; `then` runs when the nodes are marked and replacements asked for. */
  start(command: Command, then: () => void): void {
    const { context, state, provisioner } = this.#options;
    const startedAt = context.simulation.now;
    this.#mark(command, () => {
      const replacements: string[] = [];
      let open = command.replacements.length;
      const go = (): void => {
        if (command.packing !== undefined) {
          provisioner.record({ ...command.packing, errors: new Map() });
        }
        for (const { claim } of command.candidates) {
          state.marked.add(claim.metadata.name);
        }
        this.#wait({ command, startedAt, replacements });
        then();
      };
      for (const node of command.replacements) {
        provisioner.create(node, command.reason.toLowerCase(), (claim) => {
          replacements.push(claim?.metadata.name ?? '');
          if (--open === 0) {
            go();
          }
        });
      }
      if (open === 0 && command.replacements.length === 0) {
        go();
      }
    });
  }

  /** As markDisrupted. */
  #mark({ candidates, reason }: Command, then: () => void): void {
    const { client, context } = this.#options;
    let open = candidates.length;
    for (const { name, claim } of candidates) {
      client.patch('Node', name, closed, () => {
        const change = (current: NodeClaim): NodeClaim =>
          withTrue(current, 'DisruptionReason', reason, context.simulation.now);
        client.patchStatus('NodeClaim', claim.metadata.name, change, () => {
          if (--open === 0) {
            then();
          }
        });
      });
    }
  }

  /** As waitOrTerminate: looked at every second until the replacements are initialized. */
  #wait(running: Running): void {
    const { config, context, state, teller } = this.#options;
    const { command, replacements, startedAt } = running;
    const claims = replacements.map((name) => state.claims.get(name));
    const isLate = context.simulation.now - startedAt > config.commandTimeout;
    const isLost =
      claims.some((claim) => claim === undefined) && context.simulation.now > startedAt + config.commandRequeue;
    if (isLate || isLost) {
      this.#giveUp(command);
      return;
    }
    if (claims.every((claim) => claim !== undefined && isTrue(claim, 'Initialized'))) {
      this.#terminate(command);
      return;
    }
    for (const claim of claims) {
      teller.tell([claim], 'DisruptionLaunching', `Launching NodeClaim: ${command.reason}`);
      teller.tell([claim], 'DisruptionWaitingReadiness', 'Waiting on readiness to continue disruption');
    }
    const timer: EventHandle = context.simulation.after(config.commandRequeue, () => {
      this.#timers.delete(timer);
      this.#wait(running);
    });
    this.#timers.add(timer);
  }

  #terminate({ candidates, reason, replacements }: Command): void {
    const { client, teller, onStep } = this.#options;
    for (const { claim, node } of candidates) {
      client.delete('NodeClaim', claim.metadata.name, {}, () => {});
      teller.tell([node], 'DisruptionTerminating', `Disrupting Node: ${reason}`);
      teller.tell([claim], 'DisruptionTerminating', `Disrupting NodeClaim: ${reason}`);
      onStep(claim, 'disrupting', `${reason}/${replacements.length > 0 ? 'Replace' : 'Delete'}`);
    }
  }

  #giveUp({ candidates }: Command): void {
    for (const candidate of candidates) {
      this.reopen(candidate);
    }
  }

  /** The node takes pods again. */
  reopen({ name, claim }: Pick<Candidate, 'name' | 'claim'>): void {
    const { client, state } = this.#options;
    state.marked.delete(claim.metadata.name);
    client.patch('Node', name, opened, () => {});
    client.patchStatus(
      'NodeClaim',
      claim.metadata.name,
      (current) => without(current, 'DisruptionReason'),
      () => {},
    );
  }
}

const opened = (node: Node): Node => ({
  ...node,
  spec: { ...node.spec, taints: (node.spec.taints ?? []).filter(({ key }) => key !== DISRUPTED_TAINT.key) },
});

const closed = (node: Node): Node => {
  const { spec, ...rest } = opened(node);
  return { ...rest, spec: { ...spec, taints: [...(spec.taints ?? []), DISRUPTED_TAINT] } };
};
