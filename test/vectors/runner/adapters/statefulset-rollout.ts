import { seconds } from '../../../../engine/index.js';
import {
  byRevisionNumber,
  type ControllerRevision,
  POD_REVISION_LABEL,
  type Pod,
  type PodTemplateSpec,
  type StatefulSet,
  templateOf,
  updateRevisionOf,
  withCondition,
} from '../../../../models/api/index.js';
import {
  type Action,
  finishedStatus,
  isParallel,
  planSync,
  type Revision,
  statusAfter,
} from '../../../../models/statefulset-controller/decisions.js';
import type { Adapter, Outcome, VectorCase } from '../adapter.js';
import { compare } from '../compare.js';

interface Edit {
  readonly image?: string;
  readonly broken?: boolean;
  readonly replicas?: number;
  readonly podFailed?: string;
  readonly podUnready?: string;
  readonly podDeleted?: string;
}

interface Round {
  readonly round: number;
  readonly edit?: Edit;
}

interface RolloutCase extends VectorCase {
  readonly spec: Omit<StatefulSet['spec'], 'selector' | 'template'>;
  readonly rounds: readonly Round[];
}

const GATES = {
  MaxUnavailableStatefulSet: true,
  StatefulSetAutoDeletePVC: true,
  PodIndexLabel: true,
  replacesSucceededPods: true,
  parallelBeginsInBatches: true,
  completesAtFullSize: true,
};

export const adapter: Adapter = function* (file) {
  for (const one of file.cases as readonly RolloutCase[]) {
    yield runCase(one);
  }
};

function runCase(one: RolloutCase): Outcome {
  const played = new PlayedSet(one);
  for (const expected of one.rounds) {
    const found = { ...played.playRound(expected.round, expected.edit), ...(expected.edit && { edit: expected.edit }) };
    const outcome = compare(one.id, expected, found);
    if (!outcome.equal) {
      return { ...outcome, difference: `round ${expected.round}: ${outcome.difference}` };
    }
  }
  return { id: one.id, equal: true };
}

/** A StatefulSet whose pods are played as the file's header tells. */
class PlayedSet {
  #set: StatefulSet;
  #pods: Pod[] = [];
  #revisions: ControllerRevision[] = [];
  readonly #brokenImages = new Set<string>();

  constructor(one: RolloutCase) {
    this.#set = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 's', namespace: 'default', uid: 's', generation: 1 },
      spec: { ...one.spec, selector: { matchLabels: { app: 's' } }, template: templateWith('v1') },
    };
  }

  playRound(round: number, edit: Edit | undefined): object {
    if (edit) {
      this.#edit(edit);
    }
    const actions = this.#sync(seconds(round * 10));
    const snapshot = {
      round,
      actions: isParallel(this.#set) ? [...actions].sort() : actions,
      pods: this.#pods.map(rowOf).sort(),
      status: this.#statusRow(),
    };
    this.#pods = this.#pods.map((pod) => this.#advance(pod));
    return snapshot;
  }

  #edit({ image, broken, replicas, podFailed, podUnready, podDeleted }: Edit): void {
    const { metadata, spec } = this.#set;
    if (image && broken) {
      this.#brokenImages.add(image);
    }
    this.#set = {
      ...this.#set,
      metadata: { ...metadata, generation: (metadata.generation ?? 0) + 1 },
      spec: { ...spec, ...(replicas !== undefined && { replicas }), ...(image && { template: templateWith(image) }) },
    };
    this.#pods = this.#pods
      .filter((pod) => pod.metadata.name !== podDeleted)
      .map((pod) => (pod.metadata.name === podFailed ? withStatus(pod, 'Failed', false) : pod))
      .map((pod) => (pod.metadata.name === podUnready ? withStatus(pod, pod.status?.phase ?? '', false) : pod));
  }

  #sync(now: number): readonly string[] {
    const updateRevision = this.#updateRevision();
    const standing = this.#revisions.find((one) => one.metadata.name === this.#set.status?.currentRevision);
    const seen = {
      set: this.#set,
      pods: this.#pods,
      currentRevision: standing ? asRevision(standing) : updateRevision,
      updateRevision,
      collisionCount: 0,
      hasForeignClaims: () => false,
    };
    const plan = planSync(seen, now, GATES);
    const actions = [...plan.phases.flat(2), ...plan.updates].flatMap((action) => this.#apply(action));
    const status = statusAfter(plan.status, plan.updates.length);
    this.#set = { ...this.#set, status: finishedStatus(this.#set, status, GATES) };
    return actions;
  }

  #updateRevision(): Revision {
    this.#revisions.sort(byRevisionNumber);
    const found = updateRevisionOf(this.#set, this.#revisions, 0);
    if (found.is === 'new') {
      this.#revisions.push(found.revision);
    } else if (found.is === 'older') {
      this.#revisions = this.#revisions.map((one) =>
        one === found.revision ? { ...one, revision: found.number } : one,
      );
    }
    return asRevision(found.revision);
  }

  #apply(action: Action): readonly string[] {
    const { name } = action.pod.metadata;
    switch (action.do) {
      case 'create':
        this.#pods.push(action.pod as Pod);
        return [`create ${name} ${imageOf(action.pod)}`];
      case 'delete':
        this.#pods = this.#pods.filter((pod) => pod.metadata.name !== name);
        return [`delete ${name}`];
      default:
        return [];
    }
  }

  #advance(pod: Pod): Pod {
    if (!pod.status?.phase) {
      return withStatus(pod, 'Pending', false);
    }
    const isAlive = pod.status.phase === 'Pending' || pod.status.phase === 'Running';
    return isAlive ? withStatus(pod, 'Running', !this.#brokenImages.has(imageOf(pod))) : pod;
  }

  #statusRow(): object {
    const status = this.#set.status ?? { replicas: 0 };
    return {
      replicas: status.replicas,
      ready: status.readyReplicas ?? 0,
      available: status.availableReplicas ?? 0,
      current: status.currentReplicas ?? 0,
      updated: status.updatedReplicas ?? 0,
      updateComplete: status.currentRevision === status.updateRevision,
    };
  }
}

const templateWith = (image: string): PodTemplateSpec => ({
  metadata: { name: '', labels: { app: 's' } },
  spec: { containers: [{ name: 'c', image }] },
});

const asRevision = (one: Pick<ControllerRevision, 'data'> & { metadata: { name: string } }): Revision => ({
  name: one.metadata.name,
  template: templateOf(one),
});

const imageOf = ({ spec }: Pick<Pod, 'spec'>): string => spec.containers[0]?.image ?? '';

const withStatus = (pod: Pod, phase: string, isReady: boolean): Pod => ({
  ...pod,
  status: {
    ...pod.status,
    phase,
    conditions: withCondition(pod.status?.conditions, {
      type: 'Ready',
      status: isReady ? 'True' : 'False',
      lastTransitionTime: 0,
    }),
  },
});

/** "s-0 v1 Running ready"; without a revision label it would not be a pod of the set. */
function rowOf(pod: Pod): string {
  const isReady = pod.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True');
  const words = [pod.metadata.name, imageOf(pod), pod.status?.phase, isReady && 'ready'];
  return pod.metadata.labels?.[POD_REVISION_LABEL] ? words.filter(Boolean).join(' ') : '';
}
