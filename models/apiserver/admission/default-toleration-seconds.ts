import type { Toleration } from '../../api/index.js';

export interface DefaultTolerationConfig {
  readonly defaultNotReadyTolerationSeconds: number;
  readonly defaultUnreachableTolerationSeconds: number;
}

const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';

/**
 * Lets a pod stay on a node that is not ready or unreachable for a while, unless it says itself how long.
 * Plugin DefaultTolerationSeconds (plugin/pkg/admission/defaulttolerationseconds): any toleration of the key counts, whatever its
 * operator.
 */
export function defaultTolerations(
  tolerations: readonly Toleration[] | undefined,
  config: DefaultTolerationConfig,
): readonly Toleration[] | undefined {
  const found = tolerations ?? [];
  const isCovered = (key: string): boolean =>
    found.some(
      (toleration) =>
        (!toleration.key || toleration.key === key) && (!toleration.effect || toleration.effect === 'NoExecute'),
    );
  const added = [
    { key: NOT_READY, tolerationSeconds: config.defaultNotReadyTolerationSeconds },
    { key: UNREACHABLE, tolerationSeconds: config.defaultUnreachableTolerationSeconds },
  ].flatMap(({ key, tolerationSeconds }): Toleration[] =>
    isCovered(key) ? [] : [{ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds }],
  );
  return added.length === 0 ? tolerations : [...found, ...added];
}
