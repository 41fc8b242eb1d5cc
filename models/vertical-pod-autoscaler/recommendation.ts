import { formatAmount, type LabelSelector, milliValueOf, type VerticalPodAutoscaler, valueOf } from '../api/index.js';
import type { Estimate, Resources } from './estimator.js';

type Spec = VerticalPodAutoscaler['spec'];
export type ContainerPolicy = NonNullable<NonNullable<Spec['resourcePolicy']>['containerPolicies']>[number];
export type ContainerRecommendation = NonNullable<
  NonNullable<NonNullable<VerticalPodAutoscaler['status']>['recommendation']>['containerRecommendations']
>[number];

/** CPU and memory by the names of a resource list. */
export type ResourceAmounts = Readonly<Record<string, string>>;

export const RESOURCES = ['cpu', 'memory'] as const;
export type Resource = (typeof RESOURCES)[number];

/** Milli-cores or bytes, the units that recommendations are whole in. */
export const amountIn = (resource: Resource, quantity: string | number): number =>
  resource === 'cpu' ? milliValueOf(quantity) : valueOf(quantity);

export const quantityOf = (resource: Resource, amount: number): string =>
  formatAmount({
    unscaled: BigInt(Math.trunc(amount)),
    scale: resource === 'cpu' ? -3 : 0,
    format: 'DecimalSI',
    isInt64: true,
  });

/** As GetContainerResourcePolicy: of the container, else the one named "*". */
export function policyOf({ resourcePolicy }: Spec, container: string): ContainerPolicy | undefined {
  const policies = resourcePolicy?.containerPolicies ?? [];
  return (
    policies.find(({ containerName }) => containerName === container) ??
    policies.find(({ containerName }) => containerName === '*')
  );
}

const controlled = (policy: ContainerPolicy | undefined): readonly Resource[] =>
  RESOURCES.filter((resource) => policy?.controlledResources?.includes(resource) ?? true);

/** As getCappedRecommendation and ApplyVPAPolicy: what is controlled, between minAllowed and maxAllowed. */
export function recommend(
  containerName: string,
  { target, lowerBound, upperBound }: Estimate,
  policy: ContainerPolicy | undefined,
): ContainerRecommendation {
  const listed = (resources: Resources, isCapped: boolean): ResourceAmounts =>
    Object.fromEntries(
      controlled(policy).map((resource) => {
        const amount = resources[resource];
        return [resource, quantityOf(resource, isCapped ? capped(resource, amount, policy) : amount)];
      }),
    );
  return {
    containerName,
    target: listed(target, true),
    lowerBound: listed(lowerBound, true),
    upperBound: listed(upperBound, true),
    uncappedTarget: listed(target, false),
  };
}

function capped(resource: Resource, amount: number, policy: ContainerPolicy | undefined): number {
  const least = policy?.minAllowed?.[resource];
  const most = policy?.maxAllowed?.[resource];
  const raised = least === undefined ? amount : Math.max(amount, amountIn(resource, least));
  return most === undefined ? raised : Math.min(raised, amountIn(resource, most));
}

/** How recommendations get to pods. "Auto" is the old name of "Recreate"; resizing in place falls back on it. */
export function updateModeOf({ updatePolicy }: Spec): 'Off' | 'Initial' | 'Recreate' {
  const mode = updatePolicy?.updateMode ?? 'Recreate';
  return mode === 'Off' || mode === 'Initial' ? mode : 'Recreate';
}

/** Kinds that a VerticalPodAutoscaler may point at, and where they keep their selector. */
export const TARGET_KINDS = ['DaemonSet', 'Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet'] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

export const targetKindOf = ({ targetRef }: Spec): TargetKind | undefined =>
  TARGET_KINDS.find((kind) => kind === targetRef?.kind);

/** The selector of a workload, as its kind has it. */
export function selectorOf(workload: {
  readonly kind: string;
  readonly spec?: { readonly selector?: unknown } | undefined;
}): LabelSelector | undefined {
  const selector = workload.spec?.selector;
  return workload.kind === 'ReplicationController'
    ? { matchLabels: (selector ?? {}) as Readonly<Record<string, string>> }
    : (selector as LabelSelector | undefined);
}
