import { parseDuration, seconds } from '../../../engine/index.js';
import type { NodeSelectorTerm, TopologySpreadConstraint } from '../../api/index.js';
import type { PluginArguments } from '../plugins/arguments.js';
import type { ResourceWeight } from '../plugins/resource-scoring.js';
import type { ShapePoint } from '../plugins/shape.js';
import { FieldErrors } from './field-error.js';
import { labelValueProblems, qualifiedNameProblems } from './names.js';
import type { Path } from './strict-reader.js';

type Check<K extends keyof PluginArguments> = (args: PluginArguments[K], path: Path, errors: FieldErrors) => void;

/** pkg/scheduler/apis/config/validation/validation_pluginargs.go, by plugin. */
const ARGUMENT_CHECKS: { readonly [K in keyof PluginArguments]: Check<K> } = {
  DefaultPreemption(args, path, errors) {
    const [percentage, absolute] = [args.minCandidateNodesPercentage, args.minCandidateNodesAbsolute];
    const [percentagePath, absolutePath] = [
      [...path, 'minCandidateNodesPercentage'],
      [...path, 'minCandidateNodesAbsolute'],
    ];
    if (percentage < 0 || percentage > 100) {
      errors.invalid(percentagePath, percentage, 'not in valid range [0, 100]');
    }
    if (absolute < 0) {
      errors.invalid(absolutePath, absolute, 'not in valid range [0, inf)');
    }
    if (percentage === 0 && absolute === 0) {
      errors.invalid(percentagePath, 0, 'cannot be zero at the same time as minCandidateNodesAbsolute');
      errors.invalid(absolutePath, 0, 'cannot be zero at the same time as minCandidateNodesPercentage');
    }
  },
  DynamicResources(args, path, errors) {
    if (parseDuration(args.filterTimeout) < 0) {
      errors.invalid([...path, 'filterTimeout'], args.filterTimeout, 'must be zero or positive');
    }
    if (parseDuration(args.bindingTimeout) < seconds(1)) {
      errors.invalid([...path, 'bindingTimeout'], args.bindingTimeout, 'must be at least 1 second');
    }
  },
  InterPodAffinity({ hardPodAffinityWeight }, path, errors) {
    if (hardPodAffinityWeight < 0 || hardPodAffinityWeight > 100) {
      errors.invalid([...path, 'hardPodAffinityWeight'], hardPodAffinityWeight, 'not in valid range [0, 100]');
    }
  },
  NodeAffinity({ addedAffinity }, path, errors) {
    const affinityPath = [...path, 'addedAffinity'];
    const required = addedAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    required?.nodeSelectorTerms?.forEach((term, i) => {
      checkTerm(
        term,
        [...affinityPath, 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms', i],
        errors,
      );
    });
    addedAffinity?.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ preference, weight }, i) => {
      if (!weight) {
        return;
      }
      checkTerm(
        preference,
        [...affinityPath, 'preferredDuringSchedulingIgnoredDuringExecution', i, 'preference'],
        errors,
      );
    });
  },
  NodeResourcesBalancedAllocation({ resources }, path, errors) {
    const seen = new Set<string>();
    resources.forEach(({ name, weight }, i) => {
      if (seen.has(name)) {
        errors.duplicate([...path, 'resources', i, 'name'], name);
      }
      seen.add(name);
      if (weight !== 1) {
        errors.invalid([...path, 'resources', i, 'weight'], weight, 'must be 1');
      }
    });
  },
  NodeResourcesFit(args, path, errors) {
    args.ignoredResources?.forEach((name, i) => {
      checkName(name, [...path, 'ignoredResources', i], errors);
    });
    args.ignoredResourceGroups?.forEach((group, i) => {
      const groupPath = [...path, 'ignoredResourceGroups', i];
      if (group.includes('/')) {
        errors.invalid(groupPath, group, "resource group name can't contain '/'");
      }
      checkName(group, groupPath, errors);
    });
    const { type, resources, requestedToCapacityRatio } = args.scoringStrategy;
    const strategyPath = [...path, 'scoringStrategy'];
    if (!STRATEGIES.includes(type)) {
      errors.notSupported([...strategyPath, 'type'], type, STRATEGIES);
    }
    checkWeights(resources, [...strategyPath, 'resources'], errors);
    const ratioPath = [...strategyPath, 'requestedToCapacityRatio'];
    if (type !== 'RequestedToCapacityRatio') {
      if (requestedToCapacityRatio !== undefined) {
        errors.forbidden(ratioPath, 'must be nil when type is not RequestedToCapacityRatio');
      }
    } else if (requestedToCapacityRatio === undefined) {
      errors.required(ratioPath, 'must be specified when type is RequestedToCapacityRatio');
    } else {
      checkShape(requestedToCapacityRatio.shape ?? [], [...ratioPath, 'shape'], errors);
    }
  },
  PodTopologySpread({ defaultConstraints = [], defaultingType }, path, errors) {
    const typePath = [...path, 'defaultingType'];
    if (!DEFAULTING_TYPES.includes(defaultingType)) {
      errors.notSupported(typePath, defaultingType, DEFAULTING_TYPES);
    } else if (defaultingType === 'System' && defaultConstraints.length > 0) {
      errors.invalid(typePath, defaultingType, 'when .defaultConstraints are not empty');
    }
    defaultConstraints.forEach((constraint, i) => {
      checkConstraint(constraint, [...path, 'defaultConstraints', i], errors);
      const isRepeated = defaultConstraints
        .slice(0, i)
        .some(
          ({ topologyKey, whenUnsatisfiable }) =>
            topologyKey === constraint.topologyKey && whenUnsatisfiable === constraint.whenUnsatisfiable,
        );
      if (isRepeated) {
        const value = `{${constraint.topologyKey}, ${constraint.whenUnsatisfiable}}`;
        errors.duplicate([...path, 'defaultConstraints', i], value);
      }
    });
  },
  VolumeBinding({ bindTimeoutSeconds, shape }, path, errors) {
    if (bindTimeoutSeconds < 0) {
      const detail = 'invalid BindTimeoutSeconds, should not be a negative value';
      errors.invalid([...path, 'bindTimeoutSeconds'], bindTimeoutSeconds, detail);
    }
    if (shape !== undefined) {
      checkShape(shape, [...path, 'shape'], errors);
    }
  },
};

const STRATEGIES: readonly string[] = ['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio'];
const DEFAULTING_TYPES: readonly string[] = ['System', 'List'];
const ACTIONS: readonly string[] = ['DoNotSchedule', 'ScheduleAnyway'];
const FIELD_OPERATORS: readonly string[] = ['In', 'NotIn'];

function checkName(name: string, path: Path, errors: FieldErrors): void {
  for (const problem of qualifiedNameProblems(name)) {
    errors.invalid(path, name, problem);
  }
}

function checkWeights(resources: readonly ResourceWeight[], path: Path, errors: FieldErrors): void {
  resources.forEach(({ name, weight }, i) => {
    if (weight <= 0 || weight > 100) {
      errors.invalid([...path, i, 'weight'], weight, `resource weight of ${name} not in valid range (0, 100]`);
    }
  });
}

/** As validateFunctionShape. */
function checkShape(shape: readonly ShapePoint[], path: Path, errors: FieldErrors): void {
  if (shape.length === 0) {
    errors.required(path, 'at least one point must be specified');
    return;
  }
  const utilizations = shape.map(({ utilization = 0 }) => utilization);
  const unsorted = utilizations.findIndex((utilization, i) => i > 0 && (utilizations[i - 1] as number) >= utilization);
  if (unsorted > 0) {
    const detail = 'values must be sorted in increasing order';
    errors.invalid([...path, unsorted, 'utilization'], utilizations[unsorted], detail);
  }
  shape.forEach(({ utilization = 0, score = 0 }, i) => {
    if (utilization < 0 || utilization > 100) {
      errors.invalid([...path, i, 'utilization'], utilization, 'not in valid range [0, 100]');
    }
    if (score < 0 || score > 10) {
      errors.invalid([...path, i, 'score'], score, 'not in valid range [0, 10]');
    }
  });
}

function checkConstraint(constraint: Partial<TopologySpreadConstraint>, path: Path, errors: FieldErrors): void {
  const { maxSkew = 0, topologyKey = '', whenUnsatisfiable = '', labelSelector } = constraint;
  if (maxSkew <= 0) {
    errors.invalid([...path, 'maxSkew'], maxSkew, 'not in valid range (0, inf)');
  }
  if (topologyKey === '') {
    errors.required([...path, 'topologyKey'], 'can not be empty');
  } else {
    checkName(topologyKey, [...path, 'topologyKey'], errors);
  }
  if (whenUnsatisfiable === '') {
    errors.required([...path, 'whenUnsatisfiable'], 'can not be empty');
  } else if (!ACTIONS.includes(whenUnsatisfiable)) {
    errors.notSupported([...path, 'whenUnsatisfiable'], whenUnsatisfiable, ACTIONS);
  }
  if (labelSelector !== undefined) {
    const detail = 'constraint must not define a selector, as they deduced for each pod';
    errors.forbidden([...path, 'labelSelector'], detail);
  }
}

/** As newNodeSelectorTerm (k8s.io/component-helpers scheduling/corev1/nodeaffinity): a term that does not parse. */
function checkTerm(term: NodeSelectorTerm, path: Path, errors: FieldErrors): void {
  term.matchExpressions?.forEach((expression, i) => {
    checkExpression(expression, [...path, 'matchExpressions', i], errors);
  });
  term.matchFields?.forEach(({ operator = '', values }, i) => {
    const here = [...path, 'matchFields', i];
    if (!FIELD_OPERATORS.includes(operator)) {
      errors.notSupported([...here, 'operator'], operator, FIELD_OPERATORS);
    } else if (values?.length !== 1) {
      errors.invalid([...here, 'values'], values ?? null, 'must have one element');
    }
  });
}

type NodeSelectorRequirement = NonNullable<NodeSelectorTerm['matchExpressions']>[number];

/** How many values an operator takes, and what is said otherwise. */
const VALUE_COUNTS: Readonly<Record<string, readonly [(count: number) => boolean, string]>> = {
  In: [(count) => count > 0, "for 'in', 'notin' operators, values set can't be empty"],
  NotIn: [(count) => count > 0, "for 'in', 'notin' operators, values set can't be empty"],
  Exists: [(count) => count === 0, 'values set must be empty for exists and does not exist'],
  DoesNotExist: [(count) => count === 0, 'values set must be empty for exists and does not exist'],
  Gt: [(count) => count === 1, "for 'Gt', 'Lt' operators, exactly one value is required"],
  Lt: [(count) => count === 1, "for 'Gt', 'Lt' operators, exactly one value is required"],
};

/** As NewRequirement (k8s.io/apimachinery pkg/labels). */
function checkExpression({ key, operator, values }: NodeSelectorRequirement, path: Path, errors: FieldErrors): void {
  const expected = VALUE_COUNTS[operator ?? ''];
  if (expected === undefined) {
    errors.notSupported([...path, 'operator'], operator ?? '', Object.keys(VALUE_COUNTS));
    return;
  }
  const keyProblems = qualifiedNameProblems(key ?? '');
  if (keyProblems.length > 0) {
    errors.invalid([...path, 'key'], key ?? '', keyProblems.join('; '));
  }
  const [fits, text] = expected;
  if (!fits(values?.length ?? 0)) {
    errors.invalid([...path, 'values'], values ?? null, text);
  }
  const mustBeInteger = operator === 'Gt' || operator === 'Lt';
  values?.forEach((value, i) => {
    if (mustBeInteger && !/^[-+]?\d+$/.test(value)) {
      errors.invalid([...path, 'values', i], value, "for 'Gt', 'Lt' operators, the value must be an integer");
    }
  });
  values?.forEach((value, i) => {
    const problems = labelValueProblems(value);
    if (problems.length > 0) {
      errors.invalid([...path, 'values', i], value, problems.join('; '));
    }
  });
}

/** Mistakes in the args of one plugin. */
export function checkArguments<K extends keyof PluginArguments>(
  name: K,
  args: PluginArguments[K],
  path: Path,
): FieldErrors['found'] {
  const errors = new FieldErrors();
  ARGUMENT_CHECKS[name](args, path, errors);
  return errors.found;
}
