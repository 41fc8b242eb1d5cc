import { type Micros, parseRfc3339 } from '../../engine/index.js';
import { decode, type Kinds, type Mistake, type Node } from '../../models/api/index.js';
import type { NodeTemplate } from '../../models/cluster.js';
import { formatPath, type Problem, ScenarioError } from '../schema/errors.js';
import { isRecord } from '../schema/shapes.js';
import { didYouMean } from '../schema/suggest.js';
import { type Mention, readPieces } from './files.js';
import { type JsonItem, jsonItems } from './json-items.js';
import { toTemplate } from './nodes.js';
import { type PodForm, PodRows } from './pod-rows.js';
import type { Reading } from './resolve.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * Fields of a pod's spec that tell where it ran and what it was given there, or name objects that the dump does not hold: a replay
 * places the pod anew.
 */
const LEFT_OUT = [
  'nodeName',
  'serviceAccount',
  'serviceAccountName',
  'volumes',
  'imagePullSecrets',
  'ephemeralContainers',
  'priority',
  'preemptionPolicy',
  'runtimeClassName',
  'overhead',
];
const LEFT_OUT_OF_CONTAINERS = ['env', 'envFrom', 'volumeMounts', 'volumeDevices'];

/** Mistakes kept word by word; of more, only their number. */
const KEPT_PROBLEMS = 1_000;

/**
 * Reads the pods of `kubectl get pods -A -o json`: each arrives when it was created, and runs from its start to its end if it has
 * ended. Static pods are left out: kubelets make them. @throws ScenarioError with every mistake
 */
export function readDumpedPods(
  reading: Reading,
  path: string,
  mention: Mention,
  namespace: string | undefined,
): PodRows {
  const rows = new PodRows((text) => parseRfc3339(String(text)));
  rows.isDated = true;
  eachItem(reading, path, mention, 'Pod', (value, tell) => {
    const metadata = (value.metadata ?? {}) as Json;
    const annotations = (metadata.annotations ?? {}) as Json;
    const status = (value.status ?? {}) as Json;
    if (annotations['kubernetes.io/config.mirror'] !== undefined) {
      return;
    }
    const arrival = instantOf(metadata.creationTimestamp);
    if (arrival === undefined) {
      const message = `expected the time at which the pod was created, found ${JSON.stringify(metadata.creationTimestamp) ?? 'nothing'}`;
      tell({ code: 'MISSING_FIELD', path: ['metadata', 'creationTimestamp'], message });
      return;
    }
    const duration = durationOf(metadata, status, arrival);
    const pod = cleaned(value, metadata, namespace, duration < Number.POSITIVE_INFINITY);
    const { name, ...rest } = pod.metadata;
    const form = rows.form(JSON.stringify([rest, pod.spec]), () => {
      const decoded = decode(pod, reading);
      if (!decoded.ok) {
        decoded.mistakes.forEach(tell);
      }
      return decoded.ok
        ? formOf(decoded.object as Kinds['Pod'])
        : { namespace: '', labels: {}, spec: { containers: [] } };
    });
    rows.add(String(name), arrival, duration, form);
  });
  return rows;
}

/** Reads the machines of `kubectl get nodes -o json`. @throws ScenarioError with every mistake */
export function readDumpedNodes(reading: Reading, path: string, mention: Mention): readonly NodeTemplate[] {
  const nodes: NodeTemplate[] = [];
  eachItem(reading, path, mention, 'Node', (value, tell) => {
    const decoded = decode({ apiVersion: 'v1', kind: 'Node', ...value }, reading);
    if (decoded.ok) {
      nodes.push(toTemplate(decoded.object as unknown as Node));
    } else {
      decoded.mistakes.forEach(tell);
    }
  });
  return nodes;
}

/** Calls for each object of a kind; those of other kinds are passed over. */
function eachItem(
  { files }: Reading,
  path: string,
  mention: Mention,
  kind: string,
  read: (value: Json, tell: (mistake: Mistake) => void) => void,
): void {
  const problems: Problem[] = [];
  let more = 0;
  const told = (problem: Problem): void => {
    if (problems.length < KEPT_PROBLEMS) {
      problems.push(problem);
    } else {
      more++;
    }
  };
  for (const item of jsonItems(path, readPieces(files, path, mention))) {
    const position = { line: item.line, column: 1 };
    const value = parsed(item, path, told);
    if (value !== undefined && (value.kind ?? kind) === kind) {
      read(value, ({ code, message, path: steps, known }) => {
        const name = (value.metadata as Json | undefined)?.name;
        const hint = known && didYouMean(String(steps.at(-1)), known);
        const place = formatPath(steps);
        told({ code, file: path, position, path: `${kind} ${String(name)} ${place}`, message, hint });
      });
    }
  }
  if (problems.length > 0) {
    throw new ScenarioError(problems, more);
  }
}

function parsed({ text, line }: JsonItem, file: string, told: (problem: Problem) => void): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) {
      throw error;
    }
    told({ code: 'YAML_SYNTAX', file, position: { line, column: 1 }, message: `no JSON: ${error.message}` });
    return undefined;
  }
}

const instantOf = (text: unknown): number | undefined => (typeof text === 'string' ? parseRfc3339(text) : undefined);

/** From its start (its arrival, if it never started) to the end of its last container, or to its deletion. */
function durationOf(metadata: Json, status: Json, arrival: number): Micros {
  const hasEnded = status.phase === 'Succeeded' || status.phase === 'Failed';
  const finished = [status.containerStatuses].flat().flatMap((container) => {
    const state = isRecord(container) && isRecord(container.state) ? container.state.terminated : undefined;
    return (isRecord(state) ? instantOf(state.finishedAt) : undefined) ?? [];
  });
  const end = hasEnded && finished.length > 0 ? Math.max(...finished) : instantOf(metadata.deletionTimestamp);
  return end === undefined ? Number.POSITIVE_INFINITY : Math.max(0, end - (instantOf(status.startTime) ?? arrival));
}

function cleaned(value: Json, metadata: Json, namespace: string | undefined, ends: boolean) {
  const spec = without((value.spec ?? {}) as Json, LEFT_OUT);
  const containers = (list: unknown): unknown =>
    Array.isArray(list) ? list.map((one) => (isRecord(one) ? without(one, LEFT_OUT_OF_CONTAINERS) : one)) : list;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: metadata.name,
      namespace: namespace ?? metadata.namespace ?? 'default',
      labels: metadata.labels ?? {},
    },
    spec: {
      ...spec,
      containers: containers(spec.containers),
      ...(spec.initContainers !== undefined && { initContainers: containers(spec.initContainers) }),
      ...(ends && { restartPolicy: 'Never' }),
    },
  };
}

const without = (fields: Json, names: readonly string[]): Json =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));

const formOf = ({ metadata, spec }: Kinds['Pod']): PodForm => ({
  namespace: metadata.namespace as string,
  labels: metadata.labels ?? {},
  spec,
});
