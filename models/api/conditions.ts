/** What node, pod and workload conditions have in common. */
export interface ConditionLike {
  readonly type?: string | undefined;
  readonly status?: string | undefined;
}

export function conditionOf<C extends ConditionLike>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined {
  for (const condition of conditions ?? []) {
    if (condition.type === type) {
      return condition;
    }
  }
  return undefined;
}

/** The list with this condition put in the place of the one of its type, or at the end. */
export function withCondition<C extends ConditionLike>(
  conditions: readonly C[] | undefined,
  condition: C,
): readonly C[] {
  const list = conditions ?? [];
  const at = list.findIndex((c) => c.type === condition.type);
  // concat makes a list of exactly that length; a spread leaves room for a dozen more, in every object that keeps it.
  return at < 0 ? list.concat(condition) : list.map((c, i) => (i === at ? condition : c));
}
