import type { Micros, Simulation } from '../../engine/index.js';
import type { Node, Pod, VolumeAttachment } from '../api/index.js';
import { type ApiClient, type EventRecorder, type Informer, inTurn } from '../client-go/index.js';
import type { ActualState, Attachment } from './actual-state.js';
import type { AttachDetachConfiguration } from './config.js';
import { CsiAttacher } from './csi-attacher.js';
import { decideDetach, multiAttachMessage } from './decisions.js';
import type { DesiredState, WantedVolume } from './desired-state.js';
import { type Operation, Operations } from './operations.js';

export interface ReconcilerOptions {
  readonly simulation: Simulation;
  readonly client: ApiClient;
  readonly events: EventRecorder;
  readonly nodes: Informer<Node>;
  readonly attachments: Informer<VolumeAttachment>;
  readonly desired: DesiredState;
  readonly actual: ActualState;
  readonly config: AttachDetachConfiguration;
  onOperationEnded(): void;
}

type Ended = () => void;

/** One pass: detach what nobody wants, attach what is wanted, tell nodes. Mirrors attachdetach/reconciler. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #csi: CsiAttacher;
  readonly #operations: Operations;
  /** When a pass that changes nothing else is worth while. */
  #lookAgainAt: Micros | undefined;

  constructor(options: ReconcilerOptions) {
    const { simulation, client, attachments, config } = options;
    this.#options = options;
    this.#csi = new CsiAttacher({ simulation, client, attachments, polling: config.polling });
    this.#operations = new Operations(config.operationBackOff, config.maxOperationBackOff);
  }

  /** Answers when to look again if nothing happens until then. */
  run(then: (lookAgainAt: Micros | undefined) => void): void {
    const { actual, desired } = this.#options;
    this.#lookAgainAt = undefined;
    const unwanted = actual.attachments().filter(({ volume, node }) => !desired.wants(volume.uniqueName, node));
    // Detaches come first: a pod that moved finds its volume free.
    inTurn<Attachment, never>(
      unwanted,
      (attachment, ended) => this.#considerDetach(attachment, () => ended()),
      () => {
        for (const wanted of desired.wanted()) {
          this.#considerAttach(wanted);
        }
        inTurn<string, never>(
          actual.unreportedNodes(),
          (node, ended) => this.#report(node, () => ended()),
          () => then(this.#lookAgainAt),
        );
      },
    );
  }

  /** The process dies. */
  abandon(): void {
    this.#csi.abandon();
    this.#operations.clear();
  }

  #considerDetach(attachment: Attachment, next: Ended): void {
    const { simulation, actual, nodes, config } = this.#options;
    const { volume, node } = attachment;
    if (this.#operations.isPending(volume, node)) {
      next();
      return;
    }
    attachment.detachRequestedAt ??= simulation.now;
    const verdict = decideDetach(
      {
        isMounted: actual.isInUse(volume.uniqueName, node),
        requestedAt: attachment.detachRequestedAt,
        node: nodes.get(node),
      },
      config,
      simulation.now,
    );
    if (verdict.do === 'wait') {
      this.#lookAgain(verdict.until);
      next();
    } else if (this.#isHeldUp('detach', attachment)) {
      next();
    } else {
      this.#beginDetach(attachment, verdict.verifies, next);
    }
  }

  /** The node's status goes first: its kubelet must not mount what is on its way out. */
  #beginDetach(attachment: Attachment, verifies: boolean, next: Ended): void {
    const { actual } = this.#options;
    const { volume, node } = attachment;
    actual.report(volume.uniqueName, node, false);
    this.#report(node, (isWritten) => {
      if (isWritten) {
        this.#detach(attachment, verifies);
      } else {
        actual.report(volume.uniqueName, node, true);
      }
      next();
    });
  }

  #detach({ volume, node }: Attachment, verifies: boolean): void {
    const { client } = this.#options;
    this.#operations.begin(volume, node);
    const detach = (): void =>
      this.#csi.detach(volume, node, (error) => {
        if (error === undefined) {
          this.#options.actual.markDetached(volume, node);
        } else {
          this.#options.actual.markUncertain(volume, node);
        }
        this.#end('detach', { volume, node }, error);
      });
    if (!verifies) {
      detach();
      return;
    }
    // As verifyVolumeIsSafeToDetach: a node that is gone uses nothing.
    client.get('Node', node, (reply) => {
      if (reply.ok ? !reply.object.status?.volumesInUse?.includes(volume.uniqueName) : isGone(reply.error.reason)) {
        detach();
      } else {
        this.#end('detach', { volume, node }, 'volume is still in use by node, according to Node status');
      }
    });
  }

  #considerAttach(wanted: WantedVolume): void {
    const { actual } = this.#options;
    const { volume, node } = wanted;
    if (this.#operations.isPending(volume, node)) {
      return;
    }
    const attachment = actual.get(volume.uniqueName, node);
    if (attachment?.isConfirmed) {
      attachment.detachRequestedAt = undefined;
      actual.report(volume.uniqueName, node, true);
      return;
    }
    const others = volume.allowsMultiAttach ? [] : actual.nodesOf(volume.uniqueName);
    if (others.length > 0) {
      this.#tellMultiAttach(wanted, others);
    } else if (!this.#isHeldUp('attach', wanted)) {
      this.#attach(wanted);
    }
  }

  #attach({ volume, node, pods }: WantedVolume): void {
    const { actual, events } = this.#options;
    this.#operations.begin(volume, node);
    const tell = (type: 'Normal' | 'Warning', reason: string, message: string): void => {
      for (const pod of pods) {
        events.event(pod, type, reason, message);
      }
    };
    this.#csi.attach(volume, node, (error) => {
      if (error === undefined) {
        // GenerateMsg puts a space before what it may have to add.
        tell('Normal', 'SuccessfulAttachVolume', `AttachVolume.Attach succeeded for volume "${volume.name}" `);
        actual.markAttached(volume, node);
      } else {
        tell('Warning', 'FailedAttachVolume', `AttachVolume.Attach failed for volume "${volume.name}" : ${error}`);
        actual.markUncertain(volume, node);
      }
      this.#end('attach', { volume, node }, error);
    });
  }

  #end(operation: Operation, { volume, node }: Pick<Attachment, 'volume' | 'node'>, error: string | undefined): void {
    if (error === undefined) {
      this.#operations.succeeded(volume, node);
    } else {
      this.#operations.failed(operation, volume, node, this.#options.simulation.now);
    }
    this.#options.onOperationEnded();
  }

  #tellMultiAttach(wanted: WantedVolume, others: readonly string[]): void {
    const { desired, events } = this.#options;
    if (!desired.tellMultiAttach(wanted)) {
      return;
    }
    const users: readonly Pod[] = desired.podsOn(others, wanted.volume.uniqueName);
    for (const pod of wanted.pods) {
      const message = multiAttachMessage(wanted.volume.name, pod, users);
      events.event(pod, 'Warning', 'FailedAttachVolume', message);
    }
  }

  /** Whether a failure a short while ago keeps the operation back; the pass after that looks again. */
  #isHeldUp(operation: Operation, { volume, node }: Pick<Attachment, 'volume' | 'node'>): boolean {
    const at = this.#operations.mayBeginAt(operation, volume, node);
    const isHeldUp = at > this.#options.simulation.now;
    if (isHeldUp) {
      this.#lookAgain(at);
    }
    return isHeldUp;
  }

  #lookAgain(at: Micros | undefined): void {
    if (at !== undefined) {
      this.#lookAgainAt = Math.min(this.#lookAgainAt ?? at, at);
    }
  }

  /** Writes what is attached into the node's status. As UpdateNodeStatusForNode: for a node that is gone there is nothing to do. */
  #report(node: string, then: (isWritten: boolean) => void): void {
    const { actual, client, nodes, simulation } = this.#options;
    const names = actual.takeReport(node);
    if (nodes.get(node) === undefined) {
      then(true);
      return;
    }
    const volumesAttached = names.map((name) => ({ name, devicePath: '' }));
    client.patchStatus(
      'Node',
      node,
      (current) => ({
        ...current,
        status: { ...current.status, volumesAttached: names.length === 0 ? undefined : volumesAttached },
      }),
      (reply) => {
        const isWritten = reply.ok || isGone(reply.error.reason);
        if (!isWritten) {
          actual.touch(node);
          this.#lookAgain(simulation.now);
        }
        then(isWritten);
      },
    );
  }
}

const isGone = (reason: string): boolean => reason === 'NotFound';
