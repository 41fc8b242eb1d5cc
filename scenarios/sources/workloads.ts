import { constant, type Distribution } from '../../engine/index.js';
import type { AnyObject } from '../../models/api/index.js';
import type { BehaviourOf } from '../../models/world/index.js';
import { type DistributionText, toDistribution } from '../schema/distribution.js';
import type { Path } from '../schema/errors.js';
import type { TraceText } from '../schema/trace.js';
import { micros } from '../schema/values.js';
import type { ArrivalsText, ReplicasText, WorkloadText } from '../schema/workload.js';
import { arrivalsWorkload } from '../workloads/arrivals.js';
import { replicasWorkload } from '../workloads/replicas.js';
import { traceWorkload } from '../workloads/trace.js';
import type { Workload } from '../workloads/workload.js';
import { readColumn } from './csv-column.js';
import { loadManifests } from './manifests.js';
import { type PodTemplateText, readTemplate } from './pod-template.js';
import type { Reading } from './resolve.js';
import { readTrace } from './trace.js';

/** The generators of a scenario; names are theirs, or their kind and place: trace-0. */
export function readWorkloads(reading: Reading, texts: readonly WorkloadText[]): readonly Workload[] {
  const names = new Set<string>();
  return texts.flatMap((text, i) => {
    const path: Path = ['spec', 'workloads', i];
    const name = text.name ?? `${text.kind.toLowerCase()}-${i}`;
    if (names.has(name)) {
      reading.tell([...path, 'name'], 'DUPLICATE_NAME', `there is a workload ${name} already`);
    }
    names.add(name);
    return readWorkload(reading, text, name, path) ?? [];
  });
}

function readWorkload(reading: Reading, text: WorkloadText, name: string, path: Path): Workload | undefined {
  switch (text.kind) {
    case 'Trace':
      return readTraceWorkload(reading, text, name, path);
    case 'Arrivals':
      return readArrivals(reading, text, name, path);
    case 'Replicas':
      return readReplicas(reading, text, name, path);
  }
}

function readTraceWorkload(reading: Reading, text: TraceText, name: string, path: Path): Workload | undefined {
  const pods = readTrace(reading, text, name, path);
  const every = law(reading, text.every as DistributionText | undefined, [...path, 'every']);
  return pods && traceWorkload({ name, pods, every, isShuffled: text.order === 'shuffled' });
}

function readArrivals(reading: Reading, text: ArrivalsText, name: string, path: Path): Workload {
  const template = readTemplate(reading, text.template as PodTemplateText | undefined, [...path, 'template']);
  return arrivalsWorkload({
    name,
    namespace: text.namespace ?? 'default',
    template,
    every: law(reading, text.every as DistributionText, [...path, 'every']) ?? constant(0),
    from: text.from === undefined ? 0 : micros(text.from),
    until: text.until === undefined ? Number.POSITIVE_INFINITY : micros(text.until),
    count: text.count ?? Number.POSITIVE_INFINITY,
    duration: law(reading, text.duration as DistributionText | undefined, [...path, 'duration']),
  });
}

function readReplicas(reading: Reading, text: ReplicasText, name: string, path: Path): Workload | undefined {
  const manifest = text.object as unknown as AnyObject;
  const mention = reading.at([...path, 'object']);
  const [loaded] = loadManifests(reading.files, [{ manifest, mention }], reading, reading.problems);
  if (loaded?.isInert) {
    const message = `no component acts on a ${loaded.object.kind}: copies of it would lie there`;
    reading.tell([...path, 'object', 'kind'], 'UNKNOWN_KIND', message);
    return undefined;
  }
  const at = text.at === undefined ? 0 : micros(text.at);
  return loaded && replicasWorkload(name, loaded.object, text.count, at);
}

function law(reading: Reading, text: DistributionText | undefined, path: Path): Distribution | undefined {
  if (text === undefined) {
    return undefined;
  }
  const mention = reading.at(path);
  return reading.problems.catch(() =>
    toDistribution(text, micros, (csv, column) =>
      readColumn(reading.files, reading.pathOf(csv, mention), column, mention),
    ),
  );
}

/** What the scenario says of a container goes before what its workload says. */
export function withWorkloads(behaviourOf: BehaviourOf, workloads: readonly Workload[]): BehaviourOf {
  const speakers = workloads.flatMap((workload) => workload.behaviourOf ?? []);
  if (speakers.length === 0) {
    return behaviourOf;
  }
  return (pod) => {
    for (const speaker of speakers) {
      const found = speaker(pod);
      if (found !== undefined) {
        return { ...found, ...behaviourOf(pod) };
      }
    }
    return behaviourOf(pod);
  };
}
