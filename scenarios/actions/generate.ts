import * as z from 'zod';
import {
  type CronJob,
  controllerReference,
  type Job,
  type Kind,
  type Kinds,
  type ObjectMeta,
  type PodSpec,
  SERVED_KINDS,
  type Service,
  type ServicePort,
} from '../../models/api/index.js';
import type { Then } from '../../models/client-go/index.js';
import { type Reference, reference, referenceOf } from '../schema/reference.js';
import { strict } from '../schema/shapes.js';
import { labels, objectName, quantity } from '../schema/values.js';
import {
  ACTION_FIELDS,
  type ActionContext,
  type ActionKind,
  failedReply,
  NAMESPACE_FIELD,
  shownName,
  targetOf,
} from './action.js';

/** POST, and a line about it. */
function post<K extends Kind>(context: ActionContext, kind: K, object: object, word: string): void {
  const answered: Then<Kinds[K]> = (reply) => {
    if (!failedReply(context, reply)) {
      context.say(`${shownName(kind, reply.object.metadata.name)} ${word}`);
    }
  };
  context.user.create(kind, object as never, answered, context.writer);
}

const EXPOSED = ['Deployment', 'ReplicaSet', 'ReplicationController', 'Pod', 'Service'] as const;

const exposeSchema = strict({
  ...ACTION_FIELDS,
  expose: reference(...EXPOSED),
  name: objectName.optional().describe("Left out: the object's."),
  port: z.int().min(1).max(65535).optional().describe("Left out: the container's ports."),
  targetPort: z.union([z.int(), z.string()]).optional().describe('Left out: port.'),
  protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional(),
  type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']).optional(),
  selector: labels.optional().describe("Left out: the object's."),
  sessionAffinity: z.enum(['None', 'ClientIP']).optional(),
  clusterIP: z.string().optional(),
  ...NAMESPACE_FIELD,
});

export const expose: ActionKind<z.infer<typeof exposeSchema>> = {
  verb: 'expose',
  writer: { manager: 'kubectl-expose' },
  help: 'kubectl expose',
  schema: exposeSchema,
  brings: (spec) => [{ kind: 'Service', name: spec.name ?? referenceOf(spec.expose).name, namespace: spec.namespace }],
  perform(context, spec) {
    const target = targetOf(spec.expose, spec.namespace);
    context.user.get(target.kind, target.key, (reply) => {
      if (failedReply(context, reply)) {
        return;
      }
      const object = reply.object as Kinds[(typeof EXPOSED)[number]];
      const selector = spec.selector ?? selectorOf(object);
      const ports = spec.port === undefined ? portsOf(object) : [{ port: spec.port, protocol: spec.protocol ?? 'TCP' }];
      if (selector === undefined) {
        context.say("error: couldn't retrieve selectors via --selector flag or introspection", 'failed');
        return;
      }
      if (ports.length === 0) {
        context.say("error: couldn't find port via --port flag or introspection", 'failed');
        return;
      }
      post(context, 'Service', serviceOf(object.metadata, spec, selector, ports), 'exposed');
    });
  },
};

function serviceOf(
  { name, namespace, labels: own }: ObjectMeta,
  spec: z.infer<typeof exposeSchema>,
  selector: Readonly<Record<string, string>>,
  ports: readonly { readonly port: number; readonly protocol: string }[],
): object {
  const { type, sessionAffinity, clusterIP } = spec;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: spec.name ?? name, namespace, ...(own && { labels: own }) },
    spec: {
      selector,
      ports: ports.map(({ port, protocol }, i) => ({
        ...(ports.length > 1 && { name: `port-${i + 1}` }),
        port,
        protocol,
        targetPort: spec.targetPort ?? port,
      })),
      ...(type && { type }),
      ...(sessionAffinity && { sessionAffinity }),
      ...(clusterIP && { clusterIP }),
    },
  };
}

/** k8s 1.37 kubectl pkg/polymorphichelpers/mapbasedselectorforobject.go. */
function selectorOf(object: Kinds[(typeof EXPOSED)[number]]): Readonly<Record<string, string>> | undefined {
  switch (object.kind) {
    case 'Pod':
      return object.metadata.labels;
    case 'Service':
    case 'ReplicationController':
      return object.spec?.selector;
    default:
      return object.spec.selector?.matchLabels;
  }
}

/** The same package, portsforobject.go and protocolsforobject.go. */
function portsOf(object: Kinds[(typeof EXPOSED)[number]]): readonly { port: number; protocol: string }[] {
  if (object.kind === 'Service') {
    return ((object as Service).spec.ports ?? []).map(({ port, protocol }: ServicePort) => ({
      port,
      protocol: protocol ?? 'TCP',
    }));
  }
  const pod: PodSpec | undefined = object.kind === 'Pod' ? object.spec : object.spec?.template?.spec;
  return (pod?.containers ?? []).flatMap(({ ports }) =>
    (ports ?? []).map(({ containerPort, protocol }) => ({ port: containerPort, protocol: protocol ?? 'TCP' })),
  );
}

const target = z.union([z.int().min(1), quantity]);

const autoscaleSchema = strict({
  ...ACTION_FIELDS,
  autoscale: reference('Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController'),
  name: objectName.optional().describe("Left out: the object's."),
  min: z.int().min(1).optional(),
  max: z.int().min(1),
  cpuPercent: z.int().min(1).optional().describe('Utilisation of the CPU requested, in percent.'),
  memoryPercent: z.int().min(1).optional().describe('Utilisation of the memory requested, in percent.'),
  cpu: target.optional().describe('CPU a pod, on average: 500m.'),
  memory: target.optional().describe('Memory a pod, on average: 200Mi.'),
  ...NAMESPACE_FIELD,
});

export const autoscale: ActionKind<z.infer<typeof autoscaleSchema>> = {
  verb: 'autoscale',
  writer: { manager: 'kubectl-autoscale' },
  help: 'kubectl autoscale',
  schema: autoscaleSchema,
  perform(context, spec) {
    const scaled = targetOf(spec.autoscale, spec.namespace);
    context.user.get(scaled.kind, scaled.key, (reply) => {
      if (failedReply(context, reply)) {
        return;
      }
      const metrics = [
        ...metric('cpu', spec.cpuPercent, spec.cpu),
        ...metric('memory', spec.memoryPercent, spec.memory),
      ];
      const object = {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: spec.name ?? scaled.name, namespace: scaled.namespace },
        spec: {
          scaleTargetRef: { apiVersion: SERVED_KINDS[scaled.kind].apiVersion, kind: scaled.kind, name: scaled.name },
          ...(spec.min !== undefined && { minReplicas: spec.min }),
          maxReplicas: spec.max,
          ...(metrics.length > 0 && { metrics }),
        },
      };
      post(context, 'HorizontalPodAutoscaler', object, 'autoscaled');
    });
  },
};

function metric(
  name: string,
  averageUtilization: number | undefined,
  average: string | number | undefined,
): readonly object[] {
  const targets = [
    ...(averageUtilization === undefined ? [] : [{ type: 'Utilization', averageUtilization }]),
    ...(average === undefined ? [] : [{ type: 'AverageValue', averageValue: String(average) }]),
  ];
  return targets.map((wanted) => ({ type: 'Resource', resource: { name, target: wanted } }));
}

const jobSchema = strict({
  ...ACTION_FIELDS,
  createJob: objectName.describe('Name of the new Job.'),
  from: reference('CronJob').describe('The CronJob whose Job is run now.'),
  ...NAMESPACE_FIELD,
});

export const createJob: ActionKind<z.infer<typeof jobSchema>> = {
  verb: 'createJob',
  writer: { manager: 'kubectl-create' },
  help: 'kubectl create job --from=cronjob/…',
  schema: jobSchema,
  brings: ({ createJob, namespace }): readonly (Reference & { namespace?: string | undefined })[] => [
    { kind: 'Job', name: createJob, namespace },
  ],
  perform(context, spec) {
    const source = targetOf(spec.from, spec.namespace);
    context.user.get('CronJob', source.key, (reply) => {
      if (!failedReply(context, reply)) {
        post(context, 'Job', jobOf(reply.object, spec.createJob), 'created');
      }
    });
  },
};

/** k8s 1.37 kubectl pkg/cmd/create/create_job.go, createJobFromCronJob: the CronJob owns it. */
function jobOf(cronJob: CronJob, name: string): Omit<Job, 'metadata' | 'status'> & { readonly metadata: object } {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace: cronJob.metadata.namespace,
      ...(metadata?.labels && { labels: metadata.labels }),
      annotations: { 'cronjob.kubernetes.io/instantiate': 'manual', ...metadata?.annotations },
      ownerReferences: [{ ...controllerReference(cronJob), blockOwnerDeletion: undefined }],
    },
    spec: spec as Job['spec'],
  };
}
