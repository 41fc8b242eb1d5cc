/** Every kind of mistake a user can make, with what it means. Codes are stable: scripts may rely on them. */
export const ERROR_CODES = {
  ALIASES: 'YAML aliases that expand to far more than was written, or that contain themselves',
  BAD_COMMAND: 'not a command line of kubectl that does something to a cluster',
  BAD_DISTRIBUTION: 'parameters that no distribution fits',
  BAD_DURATION: 'not a duration as Go writes them ("90s", "1m30s", "1.5h")',
  BAD_EXPRESSION: 'a CEL expression that does not parse, does not type-check or is not a condition',
  BAD_FLAG: 'a command-line flag that its component would refuse',
  BAD_OPTION: 'an option of the kubewhen command line that does not fit',
  BAD_PLUGIN: 'a module that does not load, or that is no scheduler plugin',
  BAD_QUANTITY: 'not a quantity as Kubernetes writes them ("500m", "16Gi")',
  BAD_RESULTS: 'a folder that holds no results of kubewhen, or results that are broken',
  BAD_SEED: 'a seed is a whole number from 0 to 9007199254740991',
  BAD_SELECTOR: 'not a label selector',
  BAD_VALUE: 'a value outside the ones that fit',
  DISK_FULL: 'the results could not be written because the disk is full',
  DUPLICATE_KEY: 'the same key twice in one YAML mapping',
  DUPLICATE_NAME: 'two things that must have different names share one',
  FILE_BINARY: 'a file that is not UTF-8 text',
  FILE_EMPTY: 'a file without content',
  FILE_MISSING: 'a file, folder or glob that finds nothing',
  FILE_TOO_LARGE: 'a file larger than is read in one piece',
  FILE_UNREADABLE: 'a file that exists and cannot be read',
  INCLUDE_CYCLE: 'files that include one another',
  INVALID_OBJECT: 'an object that the API server would refuse',
  MISSING_FIELD: 'a field that must be there',
  NOT_AN_OBJECT: 'a YAML document that is no Kubernetes object',
  OUTPUT: 'the results could not be written',
  UNKNOWN_ACTION: 'an action without a verb that is known',
  UNKNOWN_FIELD: 'a field that does not exist here',
  UNKNOWN_KIND: 'a kind that does not exist here',
  UNKNOWN_NODE: 'a node that the cluster does not have',
  UNKNOWN_OBJECT: 'an object that no manifest and no action before it makes',
  UNKNOWN_TIMELINE: 'a timeline that nothing records',
  UNKNOWN_VERSION: 'a Kubernetes version without a profile',
  WRONG_TYPE: 'a value of another type than expected',
  YAML_SYNTAX: 'text that is neither YAML nor JSON',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** A place in a file, counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One mistake: where, what was found, what fits. */
export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
  /** Follows the message: 'Did you mean "node-3"?' */
  readonly hint?: string | undefined;
  readonly file?: string | undefined;
  readonly position?: Position | undefined;
  /** As in "spec.faults[2].nodes[0]". */
  readonly path?: string | undefined;
}

/** Of one code in one file: what people write by hand is shown whole, what a program wrote 100,000 times is counted. */
const SHOWN_PROBLEMS = 20;

/** A user's mistakes, all that were found at once. The command line prints them and exits with 2. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly problems: readonly Problem[];
  /** How many more there are that were only counted. */
  readonly more: number;

  constructor(problems: readonly Problem[], more = 0) {
    super(formatProblems(problems, more));
    this.problems = problems;
    this.more = more;
  }
}

export const throwProblem = (problem: Problem): never => {
  throw new ScenarioError([problem]);
};

/** "zone-outage.yaml:12:9 spec.faults[2].nodes[0]: no node is called "nod-3" (UNKNOWN_NODE). Did you mean "node-3"?" */
export function formatProblem(problem: Problem): string {
  const place = problem.position ? `:${problem.position.line}:${problem.position.column}` : '';
  const where = [problem.file === undefined ? '' : `${problem.file}${place}`, problem.path ?? '']
    .filter((part) => part !== '')
    .join(' ');
  return `${where === '' ? '' : `${where}: `}${problem.message} (${problem.code})${problem.hint ? `. ${problem.hint}` : ''}`;
}

function formatProblems(problems: readonly Problem[], more: number): string {
  const alike = new Map<string, number>();
  const isShown = ({ file, code }: Problem): boolean => {
    const count = (alike.get(`${code} ${file}`) ?? 0) + 1;
    alike.set(`${code} ${file}`, count);
    return count <= SHOWN_PROBLEMS;
  };
  const lines = problems.filter(isShown).map(formatProblem);
  const rest = problems.length - lines.length + more;
  return [...lines, ...(rest > 0 ? [`… and ${rest} more`] : [])].join('\n');
}

/** Steps into a document: names of fields and indexes of lists. */
export type Path = readonly (string | number)[];

/** ['spec', 'faults', 2, 'nodes'] → "spec.faults[2].nodes" */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') {
      text += `[${step}]`;
    } else if (/^[\w-]+$/.test(step)) {
      text += text === '' ? step : `.${step}`;
    } else {
      text += `[${JSON.stringify(step)}]`;
    }
  }
  return text;
}

/** Collects mistakes so that all are told at once. */
export class Problems {
  readonly #list: Problem[] = [];
  #more = 0;

  get count(): number {
    return this.#list.length;
  }

  get all(): readonly Problem[] {
    return this.#list;
  }

  add(...problems: readonly Problem[]): void {
    this.addAll(problems);
  }

  addAll(problems: Iterable<Problem>): void {
    for (const problem of problems) {
      this.#list.push(problem);
    }
  }

  /** Counts problems that are too many to be kept. */
  addMore(count: number): void {
    this.#more += count;
  }

  /** Runs what may throw a ScenarioError and keeps its problems; undefined when it threw. */
  catch<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      if (error instanceof ScenarioError) {
        this.addAll(error.problems);
        this.addMore(error.more);
        return undefined;
      }
      throw error;
    }
  }

  throwIfAny(): void {
    if (this.#list.length > 0) {
      this.throwAll();
    }
  }

  throwAll(): never {
    // Variants of a sweep have the mistakes of what they share in common.
    const told = new Map(this.#list.map((problem) => [formatProblem(problem), problem]));
    throw new ScenarioError(inOrder([...told.values()]), this.#more);
  }
}

/** By place within a file; files in the order in which they were first complained of. */
function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const files = new Map<string | undefined, number>();
  for (const { file } of problems) {
    files.set(file, files.get(file) ?? files.size);
  }
  return [...problems].sort(
    (a, b) =>
      (files.get(a.file) as number) - (files.get(b.file) as number) ||
      (a.position?.line ?? 0) - (b.position?.line ?? 0) ||
      (a.position?.column ?? 0) - (b.position?.column ?? 0),
  );
}
