import { type Deployment, scaledIntOrPercent } from '../api/index.js';

/** How far a rollout may go above and below the wanted number of pods. */
export interface Fenceposts {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

export const replicasOf = (object: { readonly spec: { readonly replicas?: number | undefined } }): number =>
  object.spec.replicas ?? 1;

/**
 * Surge rounds up, unavailability down; when both come to nothing one pod may be unavailable, or nothing could ever move.
 * As MaxSurge, MaxUnavailable and ResolveFenceposts (pkg/controller/deployment/util/deployment_util.go).
 */
export function fencepostsOf(deployment: Deployment): Fenceposts {
  const replicas = replicasOf(deployment);
  const { type, rollingUpdate } = deployment.spec.strategy ?? {};
  if (type !== 'RollingUpdate') {
    return { maxSurge: 0, maxUnavailable: 0 };
  }
  const maxSurge = scaledIntOrPercent(rollingUpdate?.maxSurge ?? 0, replicas, 'up');
  const resolved = scaledIntOrPercent(rollingUpdate?.maxUnavailable ?? 0, replicas, 'down');
  const maxUnavailable = maxSurge === 0 && resolved === 0 ? 1 : resolved;
  return { maxSurge, maxUnavailable: Math.min(maxUnavailable, replicas) };
}
