import { type Micros, seconds } from '../../../../engine/index.js';
import type { IntOrString, OwnerReference, Pod, PodDisruptionBudget } from '../../../../models/api/index.js';
import { assess, type Scale } from '../../../../models/disruption-controller/decisions.js';
import type { Adapter, VectorCase } from '../adapter.js';
import { compare } from '../compare.js';

interface RecordedPod {
  readonly name: string;
  readonly ready: boolean;
  readonly deleting?: boolean;
  readonly phase?: string;
}

interface BudgetCase extends VectorCase {
  readonly minAvailable?: IntOrString;
  readonly maxUnavailable?: IntOrString;
  readonly owner: string;
  readonly ownerReplicas: number;
  readonly pods: readonly RecordedPod[] | null;
  readonly disruptedPodsAgo: Readonly<Record<string, number>>;
  readonly status: unknown;
  readonly error?: unknown;
}

const NOW: Micros = seconds(1_000_000);

export const adapter: Adapter = function* (file) {
  for (const one of file.cases as readonly BudgetCase[]) {
    const pods = (one.pods ?? []).map((pod) => asPod(pod, one.owner));
    const scaleOf = ({ uid }: OwnerReference): Scale => ({ uid, replicas: one.ownerReplicas });
    const { status, error } = assess(asBudget(one), pods, scaleOf, NOW);
    const condition = status.conditions?.find(({ type }) => type === 'DisruptionAllowed');
    const found = {
      currentHealthy: status.currentHealthy,
      desiredHealthy: status.desiredHealthy,
      expectedPods: status.expectedPods,
      disruptionsAllowed: status.disruptionsAllowed,
      disruptedPods: Object.keys(status.disruptedPods ?? {}).sort(),
      condition: `${condition?.status}/${condition?.reason}`,
    };
    yield compare(one.id, { status: one.status, error: one.error }, { status: found, error });
  }
};

const asBudget = ({ minAvailable, maxUnavailable, disruptedPodsAgo }: BudgetCase): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'pdb', namespace: 'default', generation: 1 },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    ...(minAvailable !== undefined && { minAvailable }),
    ...(maxUnavailable !== undefined && { maxUnavailable }),
  },
  status: {
    disruptedPods: Object.fromEntries(
      Object.entries(disruptedPodsAgo).map(([name, ago]) => [name, NOW - seconds(ago)]),
    ),
  },
});

const asPod = ({ name, ready, deleting, phase }: RecordedPod, owner: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'default',
    labels: { app: 'web' },
    ...(deleting && { deletionTimestamp: NOW }),
    ...(owner !== 'none' && {
      ownerReferences: [{ apiVersion: 'apps/v1', kind: owner, name: 'owner', uid: 'owner', controller: true }],
    }),
  },
  spec: { containers: [] },
  status: { phase: phase ?? 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});
