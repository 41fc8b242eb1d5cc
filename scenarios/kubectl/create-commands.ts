import type { ActionFields, Command } from './command.js';
import { given } from './command.js';
import type { CommandLine, FlagTable } from './flags.js';
import { amountsOf, namespaceOf, resourceOf, selectorOf } from './resources.js';
import { UsageError } from './words.js';

/** The one name a generator needs. */
export function nameOf(line: CommandLine, example: string): string {
  const [name, ...more] = line.words;
  if (name === undefined || more.length > 0) {
    throw new UsageError(`exactly one NAME is required, got ${line.words.length}`, `As in: kubectl ${example}`);
  }
  return name;
}

/** {create: [object]} in the namespace of the command line. */
export const creating = (
  line: CommandLine,
  object: Readonly<Record<string, unknown>> & { metadata: object },
): ActionFields => ({
  create: [{ ...object, metadata: { ...object.metadata, ...namespaceOf(line) } }],
});

function imagesOf(line: CommandLine): readonly string[] {
  const images = line.texts('image');
  if (images.length === 0) {
    throw new UsageError('required flag(s) "image" not set');
  }
  return images;
}

/** k8s 1.37 kubectl pkg/cmd/create/create_deployment.go buildPodSpec: without path, tag and digest. */
const containerNameOf = (image: string): string =>
  ((image.split('/').at(-1) as string).split(/[:@]/)[0] as string).replaceAll('_', '-');

const deployment: Command = {
  name: 'create deployment',
  example: 'create deployment web --image=nginx --replicas=3',
  flags: { image: { type: 'texts' }, replicas: { type: 'integer', short: 'r' }, port: { type: 'integer' } },
  toAction(line) {
    const name = nameOf(line, deployment.example);
    const images = imagesOf(line);
    if (images.length > 1 && line.afterDashes !== undefined) {
      throw new UsageError('cannot specify multiple --image options and command');
    }
    const labels = { app: name };
    const port = line.integer('port');
    const containers = images.map((image, i) => ({
      name: containerNameOf(image),
      image,
      ...(i === 0 && port !== undefined && { ports: [{ containerPort: port }] }),
      ...(line.afterDashes && { command: [...line.afterDashes] }),
    }));
    return creating(line, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, labels },
      spec: {
        replicas: line.integer('replicas') ?? 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
      },
    });
  },
};

const jobSpec = (
  name: string,
  image: string,
  restartPolicy: string,
  command: readonly string[] | undefined,
): object => ({
  template: {
    spec: { containers: [{ name, image, ...(command && { command: [...command] }) }], restartPolicy },
  },
});

const job: Command = {
  name: 'create job',
  example: 'create job report --image=busybox -- date',
  flags: { image: { type: 'text' }, from: { type: 'text' } },
  toAction(line) {
    const name = nameOf(line, job.example);
    const from = line.text('from');
    if (from !== undefined) {
      return { createJob: name, from, ...namespaceOf(line) };
    }
    const [image] = imagesOf(line);
    const spec = jobSpec(name, image as string, 'Never', line.afterDashes);
    return creating(line, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec });
  },
};

const cronJob: Command = {
  name: 'create cronjob',
  example: 'create cronjob report --image=busybox --schedule="*/5 * * * *" -- date',
  flags: { image: { type: 'text' }, schedule: { type: 'text' }, restart: { type: 'text' } },
  toAction(line) {
    const name = nameOf(line, cronJob.example);
    const [image] = imagesOf(line);
    const schedule = line.text('schedule');
    if (schedule === undefined) {
      throw new UsageError('required flag(s) "schedule" not set');
    }
    const spec = jobSpec(name, image as string, line.text('restart') ?? 'OnFailure', line.afterDashes);
    const jobTemplate = { metadata: { name }, spec };
    return creating(line, {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name },
      spec: { schedule, jobTemplate },
    });
  },
};

const SOURCES: FlagTable = {
  'from-literal': { type: 'words' },
  'from-file': { type: 'words' },
  'from-env-file': { type: 'words' },
  'append-hash': { type: 'boolean', refusal: 'give it the name that it is to have' },
};

const sourcesOf = (line: CommandLine): ActionFields => {
  const listOf = (flag: string): readonly string[] | undefined => (line.has(flag) ? line.texts(flag) : undefined);
  return {
    ...given({
      fromLiteral: listOf('from-literal'),
      fromFile: listOf('from-file'),
      fromEnvFile: listOf('from-env-file'),
    }),
    ...namespaceOf(line),
  };
};

const configMap: Command = {
  name: 'create configmap',
  example: 'create configmap settings --from-literal=mode=fast --from-file=app.conf',
  flags: SOURCES,
  toAction: (line) => ({ createConfigMap: nameOf(line, configMap.example), ...sourcesOf(line) }),
};

const secret: Command = {
  name: 'create secret generic',
  example: 'create secret generic keys --from-literal=token=abc',
  flags: { ...SOURCES, type: { type: 'text' } },
  toAction: (line) => ({
    createSecret: nameOf(line, secret.example),
    ...given({ type: line.text('type') }),
    ...sourcesOf(line),
  }),
};

const named = (word: string, kind: string, apiVersion = 'v1'): Command => {
  const example = `create ${word} shop`;
  return {
    name: `create ${word}`,
    example,
    flags: {},
    toAction: (line) => creating(line, { apiVersion, kind, metadata: { name: nameOf(line, example) } }),
  };
};

const service = (word: string, type: string): Command => {
  const example = `create service ${word} web --tcp=80:8080`;
  return {
    name: `create service ${word}`,
    example,
    flags: { tcp: { type: 'texts' }, clusterip: { type: 'text' }, 'node-port': { type: 'integer' } },
    toAction(line) {
      const name = nameOf(line, example);
      const nodePort = line.integer('node-port');
      const ports = line.texts('tcp').map((text) => {
        const [port, target = port] = text.split(':');
        const targetPort = /^\d+$/.test(target as string) ? Number(target) : target;
        return {
          name: text.replace(':', '-'),
          port: Number(port),
          protocol: 'TCP',
          targetPort,
          ...given({ nodePort }),
        };
      });
      const clusterIP = line.text('clusterip');
      if (ports.length === 0 && clusterIP !== 'None') {
        throw new UsageError('at least one tcp port specifier must be provided');
      }
      const labels = { app: name };
      return creating(line, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, labels },
        spec: { type, selector: labels, ports, ...given({ clusterIP }) },
      });
    },
  };
};

const intOrPercent = (text: string | undefined): string | number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : text;

const budget: Command = {
  name: 'create poddisruptionbudget',
  example: 'create poddisruptionbudget web --selector=app=web --min-available=2',
  flags: { selector: { type: 'text' }, 'min-available': { type: 'text' }, 'max-unavailable': { type: 'text' } },
  toAction(line) {
    const name = nameOf(line, budget.example);
    const [minAvailable, maxUnavailable] = ['min-available', 'max-unavailable'].map((flag) =>
      intOrPercent(line.text(flag)),
    );
    const selector = line.text('selector');
    if (selector === undefined) {
      throw new UsageError('a selector must be specified');
    }
    if ((minAvailable === undefined) === (maxUnavailable === undefined)) {
      throw new UsageError('one of min-available or max-unavailable must be specified');
    }
    const chosen = selectorOf(selector);
    const isLong = Object.hasOwn(chosen, 'matchExpressions');
    return creating(line, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name },
      spec: { selector: isLong ? chosen : { matchLabels: chosen }, ...given({ minAvailable, maxUnavailable }) },
    });
  },
};

const quota: Command = {
  name: 'create quota',
  example: 'create quota shop --hard=cpu=4,pods=10',
  flags: { hard: { type: 'text' }, scopes: { type: 'texts' } },
  toAction: (line) =>
    creating(line, {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: nameOf(line, quota.example) },
      spec: given({
        hard: amountsOf(line.text('hard')),
        scopes: line.has('scopes') ? [...line.texts('scopes')] : undefined,
      }),
    }),
};

const priorityClass: Command = {
  name: 'create priorityclass',
  example: 'create priorityclass urgent --value=1000',
  flags: {
    value: { type: 'integer' },
    'global-default': { type: 'boolean' },
    description: { type: 'text' },
    'preemption-policy': { type: 'text' },
  },
  toAction: (line) => ({
    create: [
      {
        apiVersion: 'scheduling.k8s.io/v1',
        kind: 'PriorityClass',
        metadata: { name: nameOf(line, priorityClass.example) },
        value: line.integer('value') ?? 0,
        ...given({
          globalDefault: line.boolean('global-default'),
          description: line.text('description'),
          preemptionPolicy: line.text('preemption-policy'),
        }),
      },
    ],
  }),
};

const namespace: Command = {
  ...named('namespace', 'Namespace'),
  toAction: (line) => ({
    create: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: nameOf(line, 'create namespace shop') } }],
  }),
};

const run: Command = {
  name: 'run',
  example: 'run probe --image=busybox --restart=Never -- sleep 60',
  flags: {
    image: { type: 'text' },
    port: { type: 'integer' },
    env: { type: 'words' },
    labels: { type: 'text', short: 'l' },
    restart: { type: 'text' },
    command: { type: 'boolean' },
    annotations: { type: 'words' },
    'image-pull-policy': { type: 'text' },
    rm: { type: 'boolean', refusal: 'nobody is attached to the pod' },
    stdin: { type: 'boolean', short: 'i', refusal: 'nobody is attached to the pod' },
    tty: { type: 'boolean', short: 't', refusal: 'nobody is attached to the pod' },
  },
  toAction(line) {
    const [name, ...args] = line.words;
    if (name === undefined) {
      throw new UsageError('NAME is required for run', `As in: kubectl ${run.example}`);
    }
    const [image] = imagesOf(line);
    const words = [...args, ...(line.afterDashes ?? [])];
    const port = line.integer('port');
    const env = line
      .texts('env')
      .map((pair) => ({ name: pair.split('=')[0], value: pair.slice(pair.indexOf('=') + 1) }));
    const labels = line.text('labels');
    const annotations = line
      .texts('annotations')
      .map((pair) => [pair.split('=')[0], pair.slice(pair.indexOf('=') + 1)]);
    return creating(line, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        labels: labels === undefined ? { run: name } : selectorOf(labels),
        ...(annotations.length > 0 && { annotations: Object.fromEntries(annotations) }),
      },
      spec: {
        containers: [
          {
            name,
            image: image as string,
            ...(words.length > 0 && { [line.boolean('command') ? 'command' : 'args']: words }),
            ...(env.length > 0 && { env }),
            ...(port !== undefined && { ports: [{ containerPort: port }] }),
            ...given({ imagePullPolicy: line.text('image-pull-policy') }),
          },
        ],
        restartPolicy: line.text('restart') ?? 'Always',
      },
    });
  },
};

const expose: Command = {
  name: 'expose',
  example: 'expose deployment/web --port=80 --target-port=8080',
  flags: {
    name: { type: 'text' },
    port: { type: 'integer' },
    'target-port': { type: 'text' },
    protocol: { type: 'text' },
    type: { type: 'text' },
    selector: { type: 'text' },
    'session-affinity': { type: 'text' },
    'cluster-ip': { type: 'text' },
  },
  toAction(line) {
    const selector = line.text('selector');
    return {
      expose: resourceOf(line.words, expose.example),
      ...given({
        name: line.text('name'),
        port: line.integer('port'),
        targetPort: intOrPercent(line.text('target-port')),
        protocol: line.text('protocol'),
        type: line.text('type'),
        selector: selector === undefined ? undefined : selectorOf(selector),
        sessionAffinity: line.text('session-affinity'),
        clusterIP: line.text('cluster-ip'),
      }),
      ...namespaceOf(line),
    };
  },
};

const autoscale: Command = {
  name: 'autoscale',
  example: 'autoscale deployment/web --min=2 --max=10 --cpu=80%',
  flags: {
    name: { type: 'text' },
    min: { type: 'integer' },
    max: { type: 'integer' },
    'cpu-percent': { type: 'integer' },
    cpu: { type: 'text' },
    memory: { type: 'text' },
  },
  toAction(line) {
    const max = line.integer('max');
    if (max === undefined || max < 1) {
      throw new UsageError('--max=MAXPODS is required and must be at least 1');
    }
    const min = line.integer('min');
    const percent = (text: string | undefined): number | undefined =>
      text?.endsWith('%') ? Number(text.slice(0, -1)) : undefined;
    const amount = (text: string | undefined): string | undefined => (text?.endsWith('%') ? undefined : text);
    const [cpu, memory] = [line.text('cpu'), line.text('memory')];
    return {
      autoscale: resourceOf(line.words, autoscale.example),
      max,
      ...given({
        name: line.text('name'),
        min: min !== undefined && min > 0 ? min : undefined,
        cpuPercent: percent(cpu) ?? line.integer('cpu-percent'),
        memoryPercent: percent(memory),
        cpu: amount(cpu),
        memory: amount(memory),
      }),
      ...namespaceOf(line),
    };
  },
};

export const CREATE_COMMANDS: readonly Command[] = [
  deployment,
  job,
  cronJob,
  configMap,
  secret,
  namespace,
  named('serviceaccount', 'ServiceAccount'),
  service('clusterip', 'ClusterIP'),
  service('nodeport', 'NodePort'),
  service('loadbalancer', 'LoadBalancer'),
  budget,
  quota,
  priorityClass,
  run,
  expose,
  autoscale,
];
