import * as z from 'zod';
import { inlineObject, manifest } from '../actions/apply.js';
import { action } from '../actions/registry.js';
import { fault } from '../faults/registry.js';
import { behaviour, usage } from './behaviour.js';
import { distributionOf } from './distribution.js';
import { expectation } from './expectation.js';
import { metric } from './metric.js';
import { chosen, isRecord, mistake, strict } from './shapes.js';
import { taint } from './taint.js';
import { traceNodes } from './trace.js';
import { duration, labels, micros, objectName, quantity } from './values.js';
import { workload } from './workload.js';

export const API_VERSION = 'kubewhen/v1';

const time = distributionOf(duration, micros);

const seed = z
  .number({ error: (issue) => (issue.input === undefined ? undefined : 'a seed') })
  .superRefine((value, ctx) => {
    if (!Number.isSafeInteger(value) || value < 0) {
      mistake(ctx, 'BAD_SEED', `${value} is no seed: a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
    }
  });

const kubernetesVersion = chosen([z.string()], (value, ctx) => {
  if (typeof value === 'number') {
    mistake(
      ctx,
      'WRONG_TYPE',
      `the number ${value} is not a version: YAML drops a last 0`,
      `Put it in quotes: "${value}"`,
    );
    return undefined;
  }
  return z.string();
}).meta({ description: 'Picks the defaults, as in "1.37".', type: 'string' });

const startTime = z
  .string()
  .regex(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$/,
    'an RFC 3339 time is written like 2026-01-01T00:00:00Z',
  );

/** A configuration file of a component: where it stands, or what stands in it. */
const inlineConfiguration = z.record(z.string(), z.unknown());
export const configurationSource = chosen([z.string(), inlineConfiguration], (value) =>
  isRecord(value) ? inlineConfiguration : z.string(),
);

const filesystem = {
  inodes: z.int().min(1).optional().describe('Files it has room for. Left out: one for each 16 KiB.'),
  used: usage.optional().describe("Bytes of the system's own files."),
  inodesUsed: usage.optional().describe("The system's own files."),
};

const disks = strict({
  nodefs: strict(filesystem).optional().describe("The kubelet's disk; its capacity is ephemeral-storage."),
  imagefs: strict({ capacity: quantity, ...filesystem })
    .optional()
    .describe('A disk for images. Left out: they are on nodefs.'),
  writableLayers: z
    .enum(['imagefs', 'nodefs'])
    .optional()
    .describe('Where containers write. Left out: where images are.'),
}).superRefine(({ imagefs, writableLayers }, ctx) => {
  if (writableLayers === 'imagefs' && imagefs === undefined) {
    mistake(ctx, 'BAD_VALUE', 'there is no imagefs', undefined, ['writableLayers']);
  }
});
export type DisksText = z.infer<typeof disks>;

const groupSizes = strict({ min: z.int().min(0), max: z.int().min(1) });

export const pool = strict({
  name: objectName,
  count: z.int().min(0),
  zones: z.array(z.string().min(1)).optional().describe('Dealt to the nodes in turn.'),
  capacity: z
    .record(z.string(), quantity)
    .optional()
    .describe('Left out: 4 CPU, 16Gi, 110 pods, 100Gi ephemeral storage.'),
  disks: disks.optional().describe('Left out: one disk for everything.'),
  maxPID: z.int().min(1).optional().describe('Processes the kernel allows. Left out: one for each 128 KiB of memory.'),
  labels: labels.optional(),
  taints: z.array(taint).optional(),
  role: z
    .literal('controlPlane')
    .optional()
    .describe(
      'As kubeadm makes control planes: label, taint, etcd and the rest as static pods; with most of such machines the control plane dies.',
    ),
  staticPods: z
    .array(manifest)
    .optional()
    .describe('Manifests of static pods, which every node of the pool runs by itself: files, or in place.'),
  kubelet: configurationSource.optional().describe('KubeletConfiguration of this pool: a file, or in place.'),
  price: z
    .number()
    .min(0)
    .optional()
    .describe(
      'What a machine costs an hour, in whatever currency: for `--expander=price`, Karpenter and the cost of a run.',
    ),
  autoscaling: chosen([groupSizes, z.literal('karpenter')], (value) =>
    isRecord(value) ? groupSizes : z.literal('karpenter'),
  )
    .optional()
    .describe(
      'cluster-autoscaler keeps the number of machines within `min` and `max`, or Karpenter claims machines like these (instance type NAME, at `price`) for its NodePools; `count` are there at the start.',
    ),
}).superRefine(({ autoscaling, count, price }, ctx) => {
  if (autoscaling === 'karpenter') {
    if (price === undefined) {
      mistake(ctx, 'MISSING_FIELD', 'Karpenter chooses machines by their price', undefined, ['price']);
    }
    return;
  }
  if (autoscaling !== undefined && (count < autoscaling.min || count > autoscaling.max)) {
    const { min, max } = autoscaling;
    mistake(ctx, 'BAD_VALUE', `${count} machines are not within ${min} and ${max}`, undefined, ['count']);
  }
});
export type PoolText = z.infer<typeof pool>;

const nodeObjects = z.array(inlineObject);
const cluster = strict({
  pools: z.array(pool).optional().describe('Machines to make up; nodes are called POOL-0, POOL-1, …'),
  nodes: chosen([z.string(), nodeObjects, traceNodes], (value) =>
    Array.isArray(value) ? nodeObjects : isRecord(value) ? traceNodes : z.string(),
  )
    .optional()
    .describe('A file from `kubectl get nodes -o yaml`; Nodes in place; or the nodes of a trace.'),
  controlPlanes: z
    .int()
    .min(1)
    .max(9)
    .optional()
    .describe(
      'Instances of the control plane: one leads, the others wait for its Leases to run out. Left out: one for each machine of pools with role controlPlane, or 1.',
    ),
}).superRefine(({ pools, nodes }, ctx) => {
  if (pools === undefined && nodes === undefined) {
    mistake(ctx, 'MISSING_FIELD', 'a cluster needs pools, or nodes from a file');
  }
});

const configuration = strict({
  kubeControllerManager: z
    .array(z.string())
    .optional()
    .describe('Flags as on its command line: ["--node-monitor-grace-period=40s"].'),
  clusterAutoscaler: z
    .array(z.string())
    .optional()
    .describe('Flags of cluster-autoscaler, which runs where a pool has `autoscaling`: ["--expander=most-pods"].'),
  karpenter: z
    .array(z.string())
    .optional()
    .describe(
      'Settings of Karpenter, which runs where a pool has `autoscaling: karpenter`, from the first NodePool on: ["--batch-idle-duration=2s"].',
    ),
  kubelet: configurationSource.optional().describe('KubeletConfiguration of all nodes: a file, or in place.'),
  metricsServer: chosen([z.literal(false), z.array(z.string())], (value) =>
    value === false ? z.literal(false) : z.array(z.string()),
  )
    .optional()
    .describe('Flags of metrics-server: ["--metric-resolution=30s"]; false: nobody serves metrics.k8s.io.'),
  kubeProxy: configurationSource.optional().describe('KubeProxyConfiguration of all nodes: a file, or in place.'),
  kubeScheduler: configurationSource.optional().describe('KubeSchedulerConfiguration: a file, or in place.'),
  schedulerPlugins: z
    .array(z.string())
    .optional()
    .describe(
      'Modules of TypeScript or JavaScript, each a scheduler plugin; a profile that does not name one has it too.',
    ),
});

const world = strict({
  apiCall: time.optional().describe("From a request's arrival at the server to its answer at the client."),
  watchDelivery: time.optional().describe('From a write to its watch event at a client.'),
  runtimeCall: time.optional().describe('One call of the container runtime that is not named below.'),
  sandboxStart: time.optional(),
  containerStart: time.optional(),
  proxySync: time.optional().describe("One write of kube-proxy's rules."),
  containerStop: time.optional().describe('From SIGTERM to exit, for a container whose behaviour does not say.'),
  registryCall: time.optional().describe('Asking a registry for an image, before any transfer.'),
  registryTimeout: duration.optional().describe('After which a registry that does not answer is given up.'),
  pullBandwidth: quantity.optional().describe('Bytes per second of an image pull.'),
  imageBytes: quantity.optional().describe('Size of an image nobody described.'),
  loadBalancer: time
    .optional()
    .describe('One call of the cloud for a load balancer. Left out: there is no cloud, load balancers stay pending.'),
  volumeCreate: time.optional().describe('What the storage system takes to make a volume.'),
  volumeDelete: time.optional().describe('The same to delete one.'),
  volumeAttach: time.optional().describe('The same to attach one to a machine.'),
  volumeDetach: time.optional().describe('The same to detach one.'),
  volumeTopologyKey: z
    .string()
    .optional()
    .describe(
      'Label of nodes: a new volume can be used only where it has the value of the first node. Left out: anywhere.',
    ),
  images: z
    .record(
      z.string(),
      strict({
        size: quantity.optional(),
        layers: z
          .record(z.string(), quantity)
          .optional()
          .describe('Size by layer, in the place of size: those that a machine has are not pulled again.'),
        exists: z.boolean().optional(),
      }),
    )
    .optional()
    .describe('What registries know of images, by name: {app:v2: {size: 1Gi}, app:v3: {exists: false}}.'),
  extenderCall: duration
    .optional()
    .describe('One call of a scheduler extender that answers, whatever it really takes. Left out: 5ms.'),
  ingressStatusInterval: duration
    .optional()
    .describe(
      'How often an ingress controller gives Ingresses their address; 60s for ingress-nginx. Left out: there is none.',
    ),
  machineProvisioning: time.optional().describe('From asking the cloud for another machine to its power on.'),
  machineBoot: duration.optional().describe('From power on to the start of the kubelet.'),
}).describe('Latencies of the world around the components.');
export type WorldText = z.infer<typeof world>;

/** Fields that a scenario may leave to the files it includes. */
const SPEC_FIELDS = {
  include: z
    .array(z.string())
    .optional()
    .describe('Scenarios that this one builds on: lists are joined, else this file wins.'),
  kubernetesVersion: kubernetesVersion.optional(),
  seed: seed.optional(),
  startTime: startTime.optional().describe('Wall-clock time at the start of the run. Left out: 2026-01-01T00:00:00Z.'),
  runFor: duration.describe('Virtual time to run.'),
  cluster,
  world: world.optional(),
  manifests: z
    .array(manifest)
    .optional()
    .describe("Files, folders and globs from this file's folder; or objects in place."),
  workloads: z.array(workload).optional().describe('Pods and load that come while the run goes.'),
  configuration: configuration.optional(),
  behaviours: z.array(behaviour).optional(),
  metrics: z.array(metric).optional().describe('Series of the custom and external metrics APIs.'),
  actions: z.array(action).optional().describe('What is done to the cluster, as with kubectl.'),
  faults: z.array(fault).optional(),
  record: z.array(z.string()).optional().describe('Timelines to be kept. Left out: all but the noisy ones.'),
  expect: z.array(expectation).optional().describe('What must hold; a scenario is a test then.'),
};

/** Parts of a scenario that can be looked at by themselves. */
export type SoundParts = Pick<
  Partial<ScenarioText['spec']>,
  'configuration' | 'expect' | 'kubernetesVersion' | 'manifests' | 'startTime'
>;

/** Of a scenario that has mistakes, those parts that have none. */
export function soundParts(value: unknown): SoundParts {
  const spec = isRecord(value) && isRecord(value.spec) ? value.spec : {};
  const sound = <Part>(type: z.ZodType<Part>, part: unknown): Part | undefined => type.safeParse(part).data;
  return {
    configuration: sound(SPEC_FIELDS.configuration, spec.configuration),
    expect: sound(SPEC_FIELDS.expect, spec.expect),
    kubernetesVersion: sound(SPEC_FIELDS.kubernetesVersion, spec.kubernetesVersion),
    manifests: sound(SPEC_FIELDS.manifests, spec.manifests),
    startTime: sound(SPEC_FIELDS.startTime, spec.startTime),
  };
}

/** The type of a scenario file. */
export const scenario = strict({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('Scenario'),
  metadata: strict({ name: objectName, description: z.string().optional() }),
  spec: strict(SPEC_FIELDS),
}).describe('What kubewhen runs: a cluster, what is done to it, what befalls it, and what is kept of it.');

/** A scenario as written: in a file, or in TypeScript. */
export type ScenarioText = z.infer<typeof scenario>;
