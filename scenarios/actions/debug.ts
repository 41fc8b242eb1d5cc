import * as z from 'zod';
import { entityKey } from '../../engine/index.js';
import { type Container, keyOf, type Pod, type PodSpec } from '../../models/api/index.js';
import type { Draft } from '../../models/client-go/index.js';
import { reference } from '../schema/reference.js';
import { mistake, strict } from '../schema/shapes.js';
import { objectName } from '../schema/values.js';
import {
  ACTION_FIELDS,
  type ActionContext,
  type ActionKind,
  failedReply,
  NAMESPACE_FIELD,
  targetOf,
} from './action.js';

const debugSchema = strict({
  ...ACTION_FIELDS,
  debug: reference('Pod', 'Node'),
  image: z.string().optional().describe('What the new container runs.'),
  container: objectName.optional().describe('Its name. Left out: debugger, or debugger-x7p2k.'),
  target: z.string().optional().describe('Of a pod: the container whose processes it sees.'),
  command: z.array(z.string()).optional(),
  copyTo: objectName
    .optional()
    .describe('Of a pod: a copy of this name gets the container, and the pod is left alone.'),
  setImages: z
    .record(z.string(), z.string())
    .optional()
    .describe('With copyTo: other images in the copy; "*" is every container.'),
  sameNode: z.boolean().optional().describe('With copyTo: on the same node.'),
  replace: z.boolean().optional().describe('With copyTo: the pod is deleted at once.'),
  ...NAMESPACE_FIELD,
}).superRefine((spec, ctx) => {
  const isNode = targetOf(spec.debug).kind === 'Node';
  if (spec.copyTo === undefined) {
    for (const [field, flag] of Object.entries({ replace: 'replace', sameNode: 'same-node', setImages: 'set-image' })) {
      if (spec[field as 'replace' | 'sameNode' | 'setImages']) {
        mistake(ctx, 'BAD_VALUE', `--${flag} may only be used with --copy-to.`, undefined, [field]);
      }
    }
    if (spec.image === undefined) {
      mistake(ctx, 'MISSING_FIELD', 'you must specify --image when not using --copy-to.');
    }
  } else if (isNode) {
    mistake(ctx, 'BAD_VALUE', 'a node cannot be copied', undefined, ['copyTo']);
  } else if (spec.target !== undefined) {
    mistake(ctx, 'BAD_VALUE', '--target is incompatible with --copy-to. Use --share-processes instead.', undefined, [
      'target',
    ]);
  } else if (spec.image === undefined && spec.setImages === undefined) {
    mistake(ctx, 'MISSING_FIELD', 'you must specify --image, --set-image or command arguments.');
  }
});
type DebugSpec = z.infer<typeof debugSchema>;

/** k8s 1.37 kubectl pkg/cmd/debug, with the profile "general"; nobody is attached to what it starts. */
export const debug: ActionKind<DebugSpec> = {
  verb: 'debug',
  writer: { manager: 'kubectl-debug' },
  help: 'kubectl debug: an ephemeral container in a pod, a copy of a pod, or a pod on a node',
  schema: debugSchema,
  perform(context, spec) {
    const { kind, key } = targetOf(spec.debug, spec.namespace);
    if (spec.target !== undefined) {
      context.say(
        `Targeting container "${spec.target}". If you don't see processes from this container it may be because the container ` +
          "runtime doesn't support this feature.",
      );
    }
    if (kind === 'Node') {
      context.user.get('Node', key, (reply) => {
        if (!failedReply(context, reply)) {
          createPod(context, podOnNode(context, reply.object.metadata.name, spec), () => {});
        }
      });
      return;
    }
    context.user.get('Pod', key, (reply) => {
      if (!failedReply(context, reply)) {
        debugPod(context, reply.object, spec);
      }
    });
  },
};

function debugPod(context: ActionContext, pod: Pod, spec: DebugSpec): void {
  if (spec.copyTo !== undefined) {
    createPod(context, copyOf(context, pod, spec), () => replaced(context, pod, spec));
    return;
  }
  const target = spec.target && { targetContainerName: spec.target };
  const container = { ...newContainer(context, pod, spec), ...target };
  context.user.addEphemeralContainer(keyOf(pod), container, (reply) => failedReply(context, reply));
}

/** debugByCopy with --replace. */
function replaced(context: ActionContext, pod: Pod, { replace }: DebugSpec): void {
  if (replace) {
    context.user.delete('Pod', keyOf(pod), { gracePeriodSeconds: 0 }, (reply) => failedReply(context, reply));
  }
}

function createPod(context: ActionContext, pod: Draft<Pod>, then: () => void): void {
  const created = (reply: Parameters<Parameters<typeof context.user.create<'Pod'>>[2]>[0]): void => {
    if (!failedReply(context, reply)) {
      then();
    }
  };
  context.user.create('Pod', pod, created, context.writer);
}

const withCommand = ({ command }: DebugSpec): Pick<Container, 'command'> => (command === undefined ? {} : { command });

/** generateNodeDebugPod: in the namespaces of the host, with its disk, whatever taints there are. */
function podOnNode(context: ActionContext, node: string, spec: DebugSpec): Draft<Pod> {
  const name = `node-debugger-${node}-${randomSuffix(context, node)}`;
  const container = spec.container ?? 'debugger';
  context.say(`Creating debugging pod ${name} with container ${container} on node ${node}.`);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: spec.namespace ?? 'default',
      labels: { 'app.kubernetes.io/managed-by': 'kubectl-debug' },
    },
    spec: {
      nodeName: node,
      restartPolicy: 'Never',
      hostNetwork: true,
      hostPID: true,
      hostIPC: true,
      tolerations: [{ operator: 'Exists' }],
      volumes: [{ name: 'host-root', hostPath: { path: '/' } }],
      containers: [
        {
          name: container,
          image: spec.image as string,
          terminationMessagePolicy: 'File',
          volumeMounts: [{ name: 'host-root', mountPath: '/host' }],
          ...withCommand(spec),
        },
      ],
    },
  };
}

/** generatePodCopyWithDebugContainer: without labels, owners and probes, so that no Service and no controller sees it. */
function copyOf(context: ActionContext, pod: Pod, spec: DebugSpec): Draft<Pod> {
  const { ephemeralContainers: _, nodeName, ...rest } = pod.spec;
  const named = spec.setImages ?? {};
  const kept = rest.containers.map(({ livenessProbe: _l, readinessProbe: _r, startupProbe: _s, ...container }) => ({
    ...container,
    image: named[container.name] ?? named['*'] ?? container.image,
  }));
  const isThere = kept.some(({ name }) => name === spec.container);
  const containers: PodSpec['containers'] = isThere
    ? kept.map((container) =>
        container.name === spec.container
          ? {
              ...container,
              ...(spec.image && { image: spec.image }),
              ...(spec.command && { command: spec.command, args: undefined }),
            }
          : container,
      )
    : spec.image === undefined
      ? kept
      : [...kept, newContainer(context, pod, spec)];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: spec.copyTo as string, namespace: pod.metadata.namespace },
    spec: { ...rest, ...(spec.sameNode && { nodeName }), shareProcessNamespace: true, containers },
  };
}

function newContainer(context: ActionContext, pod: Pod, spec: DebugSpec): Container {
  const name = spec.container ?? freeName(context, pod);
  return { name, image: spec.image as string, terminationMessagePolicy: 'File', ...withCommand(spec) };
}

/** computeDebugContainerName */
function freeName(context: ActionContext, pod: Pod): string {
  const name = `debugger-${randomSuffix(context, pod.metadata.name)}`;
  context.say(`Defaulting debug container name to ${name}.`);
  return name;
}

// k8s.io/apimachinery pkg/util/rand: no vowels, no 0, 1 and 3
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** Five characters that differ by what is debugged and when. */
function randomSuffix({ simulation }: ActionContext, name: string): string {
  const draw = (i: number): number =>
    Math.floor(simulation.stream('kubectl debug').uniform(entityKey(`${name}/${simulation.now}`), i) * ALPHABET.length);
  return [0, 1, 2, 3, 4].map((i) => ALPHABET[draw(i)]).join('');
}
