import { parseDuration } from '../../engine/time/duration.js';
import type { Micros } from '../../engine/time/micros.js';
import { formatRfc3339 } from '../../engine/time/rfc3339.js';
import {
  matchesRequirement,
  type NodePool,
  type NodePoolBudget,
  readCronExpression,
  type SelectorOperator,
} from '../api/index.js';

export type DisruptionReason = 'Empty' | 'Drifted' | 'Underutilized';

/** "Never" is undefined. As NillableDuration (karpenter pkg/apis/v1/duration.go). */
export const nillable = (text: string): Micros | undefined => (text === 'Never' ? undefined : parseDuration(text));

/** Defaults of the CustomResourceDefinition (pkg/apis/crds/karpenter.sh_nodepools.yaml). */
const DEFAULT_BUDGETS: readonly NodePoolBudget[] = [{ nodes: '10%' }];
export const DEFAULT_EXPIRE_AFTER = '720h';

export interface DisruptionRules {
  readonly consolidatesUnderutilized: boolean;
  /** Undefined: no consolidation at all. */
  readonly consolidateAfter: Micros | undefined;
  readonly budgets: readonly NodePoolBudget[];
}

export function disruptionRules({ spec }: NodePool): DisruptionRules {
  const { consolidationPolicy, consolidateAfter, budgets } = spec.disruption ?? {};
  return {
    consolidatesUnderutilized: consolidationPolicy !== 'WhenEmpty',
    consolidateAfter: nillable(consolidateAfter ?? '0s'),
    budgets: budgets ?? DEFAULT_BUDGETS,
  };
}

/** By weight, the heaviest first, then by name. As NodePoolList.OrderByWeight, whose equals are in any order. */
export const byWeight = (pools: Iterable<NodePool>): readonly NodePool[] =>
  [...pools].sort(
    (a, b) => (b.spec.weight ?? 0) - (a.spec.weight ?? 0) || (a.metadata.name < b.metadata.name ? -1 : 1),
  );

/** Whether the budget counts now: it has no schedule, or was opened by it less than its duration ago. As Budget.IsActive. */
export function isBudgetActive({ schedule, duration }: NodePoolBudget, unixMicros: number): boolean {
  if (schedule === undefined) {
    return true;
  }
  const expression = readCronExpression(schedule);
  const minutes = Math.floor(unixMicros / 60e6);
  const open = Math.floor(parseDuration(duration ?? '0s') / 60e6);
  for (let minute = minutes; minute >= minutes - open && minute * 60e6 + open * 60e6 > unixMicros; minute--) {
    if (expression.type === 'fields' && fires(expression, minute)) {
      return true;
    }
  }
  return false;
}

type Fields = Extract<ReturnType<typeof readCronExpression>, { type: 'fields' }>;

/** Whether the schedule fires in this minute of UTC. */
function fires({ minute, hour, dayOfMonth, month, dayOfWeek }: Fields, unixMinute: number): boolean {
  const [, months, days, hours, minutes] = /-(\d+)-(\d+)T(\d+):(\d+)/.exec(formatRfc3339(unixMinute * 60e6, 0)) ?? [];
  const weekday = (Math.floor(unixMinute / 1440) + 4) % 7;
  const [onDay, onWeekday] = [dayOfMonth.values.has(Number(days)), dayOfWeek.values.has(weekday)];
  const isDay = dayOfMonth.isStar || dayOfWeek.isStar ? onDay && onWeekday : onDay || onWeekday;
  return (
    isDay && minute.values.has(Number(minutes)) && hour.values.has(Number(hours)) && month.values.has(Number(months))
  );
}

/** How many of so many nodes the budgets let go at a time for this reason. As NodePool.MustGetAllowedDisruptions. */
export function allowedDisruptions(
  { budgets }: DisruptionRules,
  nodeCount: number,
  reason: DisruptionReason,
  unixMicros: number,
): number {
  const counting = budgets.filter(
    (budget) => isBudgetActive(budget, unixMicros) && (budget.reasons?.includes(reason) ?? true),
  );
  // GetScaledValueFromIntOrPercent rounds up: 10 % of one node is one.
  const allowed = counting.map(({ nodes }) =>
    nodes.endsWith('%') ? Math.ceil((Number(nodes.slice(0, -1)) * nodeCount) / 100) : Number(nodes),
  );
  return Math.min(Number.MAX_SAFE_INTEGER, ...allowed);
}

type Labels = Readonly<Record<string, string>>;

export interface ClaimRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

/** Whether a machine with these labels will do; undefined when one requirement is not met. Labels nobody states are made up. */
export function withRequirements(labels: Labels, requirements: readonly ClaimRequirement[]): Labels | undefined {
  const made: Record<string, string> = { ...labels };
  for (const { key, operator, values = [] } of requirements) {
    // A label of the user's own: the node gets the first value. As Requirement.Any, which takes one by chance.
    if (made[key] === undefined && operator === 'In' && values[0] !== undefined) {
      made[key] = values[0];
    }
    const isMet = matchesRequirement({ key, operator: operator as SelectorOperator, values }, made);
    if (!isMet && !(operator === 'Exists' && made[key] === undefined)) {
      return undefined;
    }
  }
  return made;
}
