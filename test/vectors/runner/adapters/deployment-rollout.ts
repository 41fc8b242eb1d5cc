import { seconds } from '../../../../engine/index.js';
import type { Deployment, IntOrString, ReplicaSet } from '../../../../models/api/index.js';
import { type Plan, planSync, type Step } from '../../../../models/deployment-controller/decisions.js';
import type { Adapter, Outcome, VectorCase } from '../adapter.js';
import { compare } from '../compare.js';

interface Edit {
  readonly image?: string;
  readonly broken?: boolean;
  readonly replicas?: number;
  readonly paused?: boolean;
}

interface Round {
  readonly at: number;
  readonly round: number;
  readonly edit?: Edit;
}

interface RolloutCase extends VectorCase {
  readonly replicas: number;
  readonly maxSurge: IntOrString;
  readonly maxUnavailable: IntOrString;
  readonly progressDeadlineSeconds: number;
  readonly revisionHistoryLimit: number;
  readonly speed: number;
  readonly rounds: readonly Round[];
}

const GATES = { DeploymentReplicaSetTerminatingReplicas: true, scalingEventTellsOldSize: true };

export const adapter: Adapter = function* (file) {
  for (const one of file.cases as readonly RolloutCase[]) {
    yield runCase(one);
  }
};

function runCase(one: RolloutCase): Outcome {
  const played = new PlayedRollout(one);
  for (const expected of one.rounds) {
    const found = { ...played.playRound(expected.at, expected.edit), at: expected.at, round: expected.round };
    const outcome = compare(one.id, expected, { ...found, ...(expected.edit && { edit: expected.edit }) });
    if (!outcome.equal) {
      return { ...outcome, difference: `round ${expected.round}: ${outcome.difference}` };
    }
  }
  return { id: one.id, equal: true };
}

/** A Deployment whose ReplicaSets are played as the file's header tells. */
class PlayedRollout {
  readonly #speed: number;
  readonly #brokenImages = new Set<string>();
  #deployment: Deployment;
  #replicaSets: ReplicaSet[] = [];
  /** Names in order of first creation: one that is made again after its deletion keeps its place. */
  readonly #names: string[] = [];

  constructor(one: RolloutCase) {
    this.#speed = one.speed;
    this.#deployment = deploymentOf(one);
  }

  playRound(at: number, edit: Edit | undefined): object {
    if (edit) {
      this.#edit(edit);
    }
    const now = seconds(at);
    let syncs = 0;
    while (this.#sync(now)) {
      syncs++;
    }
    const snapshot = { syncs, ...this.#snapshot() };
    this.#replicaSets = this.#replicaSets.map((one) => this.#advance(one));
    return snapshot;
  }

  #edit({ image, broken, replicas, paused }: Edit): void {
    const { metadata, spec } = this.#deployment;
    if (image && broken) {
      this.#brokenImages.add(image);
    }
    this.#deployment = {
      ...this.#deployment,
      metadata: { ...metadata, generation: (metadata.generation ?? 0) + 1 },
      spec: {
        ...spec,
        ...(replicas !== undefined && { replicas }),
        ...(paused !== undefined && { paused }),
        ...(image !== undefined && { template: templateOf(image) }),
      },
    };
  }

  #sync(now: number): boolean {
    const seen = { deployment: this.#deployment, replicaSets: this.#replicaSets, podsOf: () => [] };
    const { steps }: Plan = planSync(seen, now, GATES);
    const writes = steps.filter((step) => step.do !== 'event');
    for (const write of writes) {
      this.#apply(write);
    }
    return writes.length > 0;
  }

  #apply(step: Step): void {
    switch (step.do) {
      case 'createReplicaSet': {
        const { name } = step.replicaSet.metadata;
        if (!this.#names.includes(name)) {
          this.#names.push(name);
        }
        const place = this.#names.indexOf(name);
        const metadata = { ...step.replicaSet.metadata, uid: name, creationTimestamp: seconds(place) };
        this.#replicaSets.push({ ...step.replicaSet, metadata, status: { replicas: 0 } });
        break;
      }
      case 'updateReplicaSet':
        this.#replicaSets = this.#replicaSets.map((one) =>
          one.metadata.uid === step.replicaSet.metadata.uid ? { ...step.replicaSet, status: one.status } : one,
        );
        break;
      case 'deleteReplicaSet':
        this.#replicaSets = this.#replicaSets.filter((one) => one.metadata.uid !== step.replicaSet.metadata.uid);
        break;
      case 'updateDeployment':
      case 'updateStatus':
        this.#deployment = step.deployment;
        break;
      case 'event':
        break;
    }
  }

  #advance(one: ReplicaSet): ReplicaSet {
    const replicas = one.spec.replicas ?? 0;
    const available = one.status?.availableReplicas ?? 0;
    const notYet = (one.status?.replicas ?? 0) - available;
    const more = this.#brokenImages.has(imageOf(one)) ? 0 : Math.ceil(this.#speed * notYet);
    const ready = Math.min(replicas, available + more);
    return { ...one, status: { replicas, readyReplicas: ready, availableReplicas: ready } };
  }

  #inOrder(): readonly ReplicaSet[] {
    const place = (one: ReplicaSet): number => this.#names.indexOf(one.metadata.name);
    return [...this.#replicaSets].sort((a, b) => place(a) - place(b));
  }

  #snapshot(): object {
    const status = this.#deployment.status ?? {};
    const conditions = (status.conditions ?? []).map(({ type, status, reason }) => [type, `${status}/${reason}`]);
    return {
      status: {
        replicas: status.replicas ?? 0,
        updated: status.updatedReplicas ?? 0,
        ready: status.readyReplicas ?? 0,
        available: status.availableReplicas ?? 0,
        unavailable: status.unavailableReplicas ?? 0,
      },
      conditions: Object.fromEntries(conditions),
      replicaSets: this.#inOrder().map((one) => ({
        image: imageOf(one),
        replicas: one.spec.replicas,
        status: [one.status?.replicas ?? 0, one.status?.availableReplicas ?? 0],
        revision: one.metadata.annotations?.['deployment.kubernetes.io/revision'],
        desired: one.metadata.annotations?.['deployment.kubernetes.io/desired-replicas'],
        max: one.metadata.annotations?.['deployment.kubernetes.io/max-replicas'],
      })),
    };
  }
}

const imageOf = (one: ReplicaSet): string => one.spec.template?.spec?.containers[0]?.image ?? '';

const templateOf = (image: string): Deployment['spec']['template'] => ({
  metadata: { name: '', labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image }] },
});

const deploymentOf = (one: RolloutCase): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default', uid: 'web', generation: 1 },
  spec: {
    replicas: one.replicas,
    progressDeadlineSeconds: one.progressDeadlineSeconds,
    revisionHistoryLimit: one.revisionHistoryLimit,
    strategy: {
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: one.maxSurge, maxUnavailable: one.maxUnavailable },
    },
    selector: { matchLabels: { app: 'web' } },
    template: templateOf('v1'),
  },
});
