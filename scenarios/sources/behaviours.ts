import { type AnyObject, keyFor } from '../../models/api/index.js';
import type { BehaviourOf, ContainerBehaviour } from '../../models/world/index.js';
import { BEHAVIOUR_FIELDS, type BehaviourRuleText, type BehaviourText, toBehaviour } from '../schema/behaviour.js';
import type { Path } from '../schema/errors.js';
import { Problems } from '../schema/errors.js';
import { check, problemAt } from '../schema/problems.js';
import { referenceOf } from '../schema/reference.js';
import { isRecord, strict } from '../schema/shapes.js';
import { didYouMean } from '../schema/suggest.js';
import { matches, type SelectorText } from '../schema/values.js';
import { readColumn } from './csv-column.js';
import type { LoadedObject } from './manifests.js';
import type { Reading } from './resolve.js';
import { parseYaml } from './yaml.js';

/** Annotations `kubewhen/FIELD` and `kubewhen/FIELD.CONTAINER` of a pod say what its containers do. */
export const ANNOTATION_PREFIX = 'kubewhen/';

interface Rule {
  fits(pod: Parameters<BehaviourOf>[0]): boolean;
  readonly behaviour: ContainerBehaviour;
}

const fieldsType = strict(BEHAVIOUR_FIELDS);
const FIELD_NAMES = Object.keys(BEHAVIOUR_FIELDS);

/** Behaviour by annotation first, then by the scenario's entries in order; each adds to and replaces fields of those before. */
export function readBehaviours(
  reading: Reading,
  texts: readonly BehaviourRuleText[],
  objects: readonly LoadedObject[],
): BehaviourOf {
  const rules = texts.flatMap((text, i) => readRule(reading, text, ['spec', 'behaviours', i], objects) ?? []);
  refuseBadAnnotations(reading, objects);
  const annotated = new Map<string, ContainerBehaviour>();
  return (pod) => {
    let behaviour = behaviourFromAnnotations(pod.annotations, pod.container, annotated);
    for (const rule of rules) {
      if (rule.fits(pod)) {
        behaviour = { ...behaviour, ...rule.behaviour };
      }
    }
    return behaviour;
  };
}

/** Whether some behaviour asks what resolves or is reached. */
export function looksAround(texts: readonly BehaviourRuleText[], objects: readonly LoadedObject[]): boolean {
  const asks = ({ exit, probes }: BehaviourText): boolean =>
    [exit ?? []].flat().some(({ until, unless }) => until !== undefined || unless !== undefined) ||
    Object.values(probes ?? {}).some((probe) => probe?.dependsOn !== undefined);
  const isAsking = ([key, text]: readonly [string, string]): boolean =>
    key.startsWith(ANNOTATION_PREFIX) && /\b(resolves|reaches)\b/.test(text);
  return (
    texts.some(asks) ||
    objects.some(({ object }) =>
      annotationPlaces(object).some(({ annotations }) => Object.entries(annotations).some(isAsking)),
    )
  );
}

function readRule(
  reading: Reading,
  text: BehaviourRuleText,
  path: Path,
  objects: readonly LoadedObject[],
): Rule | undefined {
  const { selector, namespace, workload, container, ...fields } = text;
  const mention = reading.at(path);
  const behaviour = reading.problems.catch(() =>
    toBehaviour(fields, (csv, column) => readColumn(reading.files, reading.pathOf(csv, mention), column, mention)),
  );
  const home = workload === undefined ? namespace : (namespace ?? 'default');
  const ofWorkload = workload === undefined ? undefined : workloadPods(workload, home as string, objects);
  if (container !== undefined) {
    const isMeant = ({ key, labels }: PodTemplate): boolean =>
      (home === undefined || key.startsWith(`${home}/`)) &&
      (selector === undefined || matches(selector, labels)) &&
      (ofWorkload === undefined || ofWorkload(key, labels));
    refuseUnknownContainer(reading, container, [...path, 'container'], objects.flatMap(podTemplates).filter(isMeant));
  }
  return (
    behaviour && {
      behaviour,
      fits: ({ key, labels, container: name }) =>
        (container === undefined || container === name) &&
        (home === undefined || key.startsWith(`${home}/`)) &&
        (selector === undefined || matches(selector, labels)) &&
        (ofWorkload === undefined || ofWorkload(key, labels)),
    }
  );
}

/** A pod as a manifest describes it; the name of one that is still to be made is its owner's. */
interface PodTemplate {
  readonly key: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly containers: readonly string[];
}

/** Behaviour of a container that none of the pods meant has would never be seen. Pods that no manifest tells of may have it. */
function refuseUnknownContainer(reading: Reading, container: string, path: Path, meant: readonly PodTemplate[]): void {
  const names = [...new Set(meant.flatMap(({ containers }) => containers))];
  if (names.length > 0 && !names.includes(container)) {
    const message = `no pod that this takes in has a container ${JSON.stringify(container)}`;
    reading.tell(path, 'BAD_VALUE', message, didYouMean(container, names));
  }
}

function podTemplates({ object }: LoadedObject): readonly PodTemplate[] {
  const { metadata, spec } = object as AnyObject & { readonly spec?: unknown };
  const ofJob = isRecord(spec) && isRecord(spec.jobTemplate) ? spec.jobTemplate.spec : spec;
  const template = object.kind === 'Pod' ? object : isRecord(ofJob) ? ofJob.template : undefined;
  if (!isRecord(template) || !isRecord(template.spec)) {
    return [];
  }
  const labels = isRecord(template.metadata) && isRecord(template.metadata.labels) ? template.metadata.labels : {};
  const containers = [template.spec.initContainers, template.spec.containers].flat();
  return [
    {
      key: keyFor(metadata.namespace, metadata.name),
      labels: labels as PodTemplate['labels'],
      containers: containers.flatMap((one) => (isRecord(one) && typeof one.name === 'string' ? [one.name] : [])),
    },
  ];
}

/** Whether a pod is one of the workload's, by the workload's selector as its manifest has it. */
function workloadPods(
  workload: string,
  namespace: string,
  objects: readonly LoadedObject[],
): (key: string, labels: Readonly<Record<string, string>>) => boolean {
  const { kind, name } = referenceOf(workload);
  if (kind === 'Pod') {
    return (key) => key === keyFor(namespace, name);
  }
  const found = objects.find(
    ({ object }) => object.kind === kind && object.metadata.name === name && object.metadata.namespace === namespace,
  );
  const spec = (found?.object as { readonly spec?: { readonly selector?: SelectorText } } | undefined)?.spec;
  return (_, labels) => spec?.selector !== undefined && matches(spec.selector, labels);
}

function behaviourFromAnnotations(
  annotations: Readonly<Record<string, string>>,
  container: string,
  known: Map<string, ContainerBehaviour>,
): ContainerBehaviour {
  const texts = Object.entries(annotations).filter(([key]) => key.startsWith(ANNOTATION_PREFIX));
  if (texts.length === 0) {
    return {};
  }
  const id = JSON.stringify([container, texts]);
  let behaviour = known.get(id);
  if (behaviour === undefined) {
    const forAll = texts.filter(([key]) => !fieldOf(key).container);
    const forThis = texts.filter(([key]) => fieldOf(key).container === container);
    const fields = Object.fromEntries(
      [...forAll, ...forThis].map(([key, text]) => [fieldOf(key).field, valueOf(text)]),
    );
    const checked = fieldsType.safeParse(fields);
    behaviour = checked.success ? toBehaviour(checked.data as BehaviourText, () => []) : {};
    known.set(id, behaviour);
  }
  return behaviour;
}

/** 'kubewhen/ready.server' → ready of the container server. */
function fieldOf(key: string): { readonly field: string; readonly container: string | undefined } {
  const name = key.slice(ANNOTATION_PREFIX.length);
  const dot = name.indexOf('.');
  return dot < 0
    ? { field: name, container: undefined }
    : { field: name.slice(0, dot), container: name.slice(dot + 1) };
}

const valueOf = (text: string): unknown => parseYaml(text, 'annotation')[0]?.value;

function refuseBadAnnotations(reading: Reading, objects: readonly LoadedObject[]): void {
  for (const { object, origin, path } of objects) {
    for (const place of annotationPlaces(object)) {
      for (const [key, text] of Object.entries(place.annotations)) {
        if (key.startsWith(ANNOTATION_PREFIX)) {
          const problems = new Problems();
          problems.catch(() =>
            checkAnnotation(key, text, problems, () => ({ origin, path: [...path, ...place.path, key] })),
          );
          reading.problems.add(...problems.all.map((problem) => ({ ...problem, file: origin.file })));
        }
      }
    }
  }
}

function checkAnnotation(key: string, text: string, problems: Problems, at: () => ReturnType<Reading['at']>): void {
  const { field } = fieldOf(key);
  const mention = at();
  if (!FIELD_NAMES.includes(field)) {
    const message = `no behaviour is called ${JSON.stringify(field)}`;
    problems.add(
      problemAt(
        mention.origin,
        mention.path,
        { code: 'UNKNOWN_FIELD', message, hint: didYouMean(field, FIELD_NAMES) },
        'key',
      ),
    );
    return;
  }
  const value = problems.catch(() => valueOf(text));
  if (problems.count === 0) {
    check(fieldsType, { [field]: value }, problems, () => mention);
  }
}

/** Where an object has annotations of pods: its own, or its template's. */
function annotationPlaces(
  object: AnyObject,
): readonly { readonly path: Path; readonly annotations: Readonly<Record<string, string>> }[] {
  const spec = (object as { readonly spec?: unknown }).spec;
  const template = isRecord(spec) && isRecord(spec.template) ? spec.template : undefined;
  const inTemplate =
    isRecord(template?.metadata) && isRecord(template.metadata.annotations) ? template.metadata.annotations : {};
  return [
    {
      path: ['metadata', 'annotations'],
      annotations: object.kind === 'Pod' ? (object.metadata.annotations ?? {}) : {},
    },
    {
      path: ['spec', 'template', 'metadata', 'annotations'],
      annotations: inTemplate as Readonly<Record<string, string>>,
    },
  ];
}
