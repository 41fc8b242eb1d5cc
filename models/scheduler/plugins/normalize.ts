import { MAX_NODE_SCORE } from '../framework/plugin.js';

/**
 * Scales scores so that the largest becomes 100, or with `reverse` the largest 0 and none 100.
 * As DefaultNormalizeScore (pkg/scheduler/framework/plugins/helper/normalize_score.go).
 */
export function normalizeByMaximum(scores: number[], reverse: boolean): void {
  let maximum = 0;
  for (const score of scores) {
    maximum = score > maximum ? score : maximum;
  }
  if (maximum === 0) {
    if (reverse) {
      scores.fill(MAX_NODE_SCORE);
    }
    return;
  }
  for (let i = 0; i < scores.length; i++) {
    const scaled = Math.trunc((MAX_NODE_SCORE * (scores[i] as number)) / maximum);
    scores[i] = reverse ? MAX_NODE_SCORE - scaled : scaled;
  }
}
