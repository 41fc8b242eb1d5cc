import * as z from 'zod';
import type { Container, Kinds, PodSpec } from '../../models/api/index.js';
import { strict } from '../schema/shapes.js';
import { quantity } from '../schema/values.js';
import {
  ACTION_FIELDS,
  type ActionContext,
  type ActionKind,
  changeObject,
  type Refusal,
  type Target,
} from './action.js';
import { CHOICE_FIELDS, eachTarget, needsChoice, type TargetsText, targets } from './targets.js';

const WITH_TEMPLATES = [
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'ReplicationController',
  'Job',
  'CronJob',
  'Pod',
] as const;
export const templates = () => targets(...WITH_TEMPLATES);

type Choice = Parameters<typeof eachTarget>[2];
type WithPod = Kinds[(typeof WITH_TEMPLATES)[number]];

/** k8s 1.37 kubectl pkg/polymorphichelpers/updatepodspec.go: the object with what becomes of its pods' spec. */
function withPodSpec(object: WithPod, change: (pod: PodSpec) => PodSpec | Refusal): WithPod | Refusal {
  if (object.kind === 'Pod') {
    const spec = change(object.spec);
    return 'refusal' in spec ? spec : { ...object, spec };
  }
  if (object.kind === 'CronJob') {
    const { jobTemplate } = object.spec;
    const spec = change(jobTemplate.spec?.template.spec ?? NO_CONTAINERS);
    const template = { ...jobTemplate.spec?.template, spec };
    return 'refusal' in spec
      ? spec
      : ({
          ...object,
          spec: { ...object.spec, jobTemplate: { ...jobTemplate, spec: { ...jobTemplate.spec, template } } },
        } as WithPod);
  }
  const spec = change(object.spec.template?.spec ?? NO_CONTAINERS);
  return 'refusal' in spec
    ? spec
    : ({ ...object, spec: { ...object.spec, template: { ...object.spec.template, spec } } } as WithPod);
}

const NO_CONTAINERS: PodSpec = { containers: [] };

/** Changes the pod template of each target, as `kubectl set` does: nothing is said of what is so already. */
export function setEach(
  context: ActionContext,
  texts: TargetsText,
  choice: Choice,
  done: string,
  change: (pod: PodSpec) => PodSpec | Refusal,
): void {
  eachTarget(context, texts, choice, (target, ended) =>
    changeObject(
      context,
      target as Target & { kind: 'Pod' },
      { done },
      (current) => withPodSpec(current, change) as never,
      ended,
    ),
  );
}

const imageSchema = strict({
  ...ACTION_FIELDS,
  setImage: templates(),
  images: z.record(z.string(), z.string()).describe('Container to image; "*" is every container.'),
  ...CHOICE_FIELDS,
}).superRefine(needsChoice('setImage'));

export const setImage: ActionKind<z.infer<typeof imageSchema>> = {
  verb: 'setImage',
  writer: { manager: 'kubectl-set' },
  help: 'kubectl set image',
  schema: imageSchema,
  perform(context, spec) {
    const { images } = spec;
    setEach(context, spec.setImage, spec, 'image updated', (pod) => {
      const containers = [...pod.containers, ...(pod.initContainers ?? [])];
      const unknown = Object.keys(images).find((name) => name !== '*' && !containers.some((one) => one.name === name));
      if (unknown !== undefined) {
        return { refusal: `unable to find container named "${unknown}"` };
      }
      const renew = (container: Container): Container => {
        const image = images[container.name] ?? images['*'];
        return image === undefined ? container : { ...container, image };
      };
      return {
        ...pod,
        containers: pod.containers.map(renew),
        ...(pod.initContainers && { initContainers: pod.initContainers.map(renew) }),
      };
    });
  },
};

/** "web-*": k8s 1.37 kubectl pkg/cmd/set/helper.go selectContainers, where * stands for anything. */
function isMeant(name: string, pattern: string): boolean {
  const text = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${text}$`).test(name);
}

/** Changes the containers that are meant; refuses when there are none. */
export function withContainers(
  pod: PodSpec,
  pattern: string,
  change: (container: Container) => Container,
): PodSpec | Refusal {
  return pod.containers.some(({ name }) => isMeant(name, pattern))
    ? { ...pod, containers: pod.containers.map((one) => (isMeant(one.name, pattern) ? change(one) : one)) }
    : { refusal: `unable to find container named ${pattern}` };
}

export const CONTAINER_FIELD = {
  container: z.string().optional().describe('Left out: every container. A * stands for anything.'),
};
const amounts = z.record(z.string(), quantity).optional();

const resourcesSchema = strict({
  ...ACTION_FIELDS,
  setResources: templates(),
  ...CONTAINER_FIELD,
  requests: amounts,
  limits: amounts,
  ...CHOICE_FIELDS,
}).superRefine(needsChoice('setResources'));

export const setResources: ActionKind<z.infer<typeof resourcesSchema>> = {
  verb: 'setResources',
  writer: { manager: 'kubectl-set' },
  help: 'kubectl set resources; an amount of 0 takes it away',
  schema: resourcesSchema,
  perform(context, spec) {
    setEach(context, spec.setResources, spec, 'resource requirements updated', (pod) =>
      withContainers(pod, spec.container ?? '*', (container) => {
        const requests = changedAmounts(container.resources?.requests, spec.requests);
        const limits = changedAmounts(container.resources?.limits, spec.limits);
        return { ...container, resources: { ...container.resources, ...requests('requests'), ...limits('limits') } };
      }),
    );
  },
};

/** k8s 1.37 kubectl pkg/cmd/set/set_resources.go: amounts given replace those of the same name; zero removes. */
function changedAmounts(
  found: Readonly<Record<string, string | number>> | undefined,
  given: Readonly<Record<string, string | number>> | undefined,
): (field: 'requests' | 'limits') => object {
  if (given === undefined) {
    return () => ({});
  }
  const merged = new Map(Object.entries(found ?? {}));
  for (const [name, value] of Object.entries(given)) {
    if (String(value) === '0') {
      merged.delete(name);
    } else {
      merged.set(name, String(value));
    }
  }
  return (field) => ({ [field]: Object.fromEntries(merged) });
}
