/** What the ConfigMap of --expander=priority says: regular expressions of group names by priority. */
export type Priorities = ReadonlyMap<number, readonly RegExp[]>;

export type ReadPriorities =
  | { readonly ok: true; readonly priorities: Priorities }
  | { readonly ok: false; readonly error: string };

/** autoscaler cluster-autoscaler/expander/priority/priority.go PriorityConfigMapName, ConfigMapKey */
export const PRIORITY_CONFIG_MAP = 'cluster-autoscaler-priority-expander';
export const PRIORITIES_KEY = 'priorities';

const PRIORITY_LINE = /^(-?\d+):\s*(?:\[(.*)\])?$/;
const ITEM_LINE = /^-\s+(.+)$/;

/**
 * Reads the map of priorities to lists of regular expressions. As parsePrioritiesYAMLString; of YAML it knows what such maps are
 * written in: block or flow lists, quotes and comments.
 */
export function parsePriorities(text: string): ReadPriorities {
  if (text.trim() === '') {
    const error = `priority configuration in ${PRIORITY_CONFIG_MAP} configmap is empty; please provide valid configuration`;
    return { ok: false, error };
  }
  const priorities = new Map<number, RegExp[]>();
  let current: number | undefined;
  for (const line of text.split('\n').map((each) => each.replace(/(^|\s)#.*$/, '').trim())) {
    const [, priority, flow] = PRIORITY_LINE.exec(line) ?? [];
    const [, item] = ITEM_LINE.exec(line) ?? [];
    if (priority !== undefined) {
      current = Number(priority);
      priorities.set(current, []);
    } else if (line !== '' && line !== '---' && (item === undefined || current === undefined)) {
      return { ok: false, error: `Can't parse YAML with priorities in the configmap: ${JSON.stringify(line)}` };
    }
    const rules = item === undefined ? (flow?.split(',') ?? []) : [item];
    for (const rule of rules.map(unquoted)) {
      const expression = compiled(rule);
      if (expression === undefined) {
        return { ok: false, error: `Can't compile regexp rule for priority ${current} and rule ${rule}` };
      }
      priorities.get(current as number)?.push(expression);
    }
  }
  return { ok: true, priorities };
}

const unquoted = (text: string): string => text.trim().replace(/^(["'])(.*)\1$/, '$2');

function compiled(rule: string): RegExp | undefined {
  try {
    return new RegExp(rule);
  } catch {
    return undefined;
  }
}

/** The highest priority with a rule for the group; undefined when none has. */
export function priorityOf(group: string, priorities: Priorities): number | undefined {
  const matching = [...priorities].filter(([, rules]) => rules.some((rule) => rule.test(group)));
  return matching.length === 0 ? undefined : Math.max(...matching.map(([priority]) => priority));
}
