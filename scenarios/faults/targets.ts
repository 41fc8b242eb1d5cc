import * as z from 'zod';
import { entityKey, type ObjectKey } from '../../engine/index.js';
import { keyFor, keyOf, type Pod } from '../../models/api/index.js';
import { reference, referenceOf } from '../schema/reference.js';
import { mistake } from '../schema/shapes.js';
import { matches, type SelectorText, selector } from '../schema/values.js';
import type { FaultContext } from './fault.js';

const ZONE_LABEL = 'topology.kubernetes.io/zone';

const count = z.int().min(1).optional().describe('So many of them, drawn by the seed. Left out: all.');

/** Which nodes: by name, label, pool or zone, or so many of all. */
export const NODE_TARGET = {
  nodes: z.array(z.string()).min(1).optional().describe('Names, as in [worker-0, worker-3].'),
  selector: selector.optional().describe('Labels of the nodes.'),
  pool: z.string().optional(),
  zone: z.string().optional(),
  count,
};

export interface NodeTarget {
  readonly nodes?: readonly string[] | undefined;
  readonly selector?: SelectorText | undefined;
  readonly pool?: string | undefined;
  readonly zone?: string | undefined;
  readonly count?: number | undefined;
}

export function refuseNoNodes(target: NodeTarget, ctx: z.RefinementCtx): void {
  const { nodes, selector, pool, zone, count } = target;
  if ([nodes, selector, pool, zone, count].every((part) => part === undefined)) {
    mistake(ctx, 'MISSING_FIELD', 'which nodes? Give nodes, selector, pool, zone or count');
  }
}

/** The nodes meant, in order of name, from those that are there now. */
export function nodesMeant(context: FaultContext, target: NodeTarget): readonly string[] {
  const candidates = [...context.cluster.nodeNames()].sort().filter((name) => {
    const labels = context.cluster.get('Node', name)?.metadata.labels;
    return (
      (target.nodes === undefined || target.nodes.includes(name)) &&
      (target.selector === undefined || matches(target.selector, labels)) &&
      (target.pool === undefined || context.poolOf(name) === target.pool) &&
      (target.zone === undefined || labels?.[ZONE_LABEL] === target.zone)
    );
  });
  return drawn(context, candidates, target.count);
}

/** Which pods: by name, label, workload, so many of them. */
export const POD_TARGET = {
  pods: z.array(z.string()).min(1).optional().describe('Names, as in [cart-0, shop/web-1].'),
  selector: selector.optional().describe('Labels of the pods.'),
  workload: reference('Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'ReplicationController')
    .optional()
    .describe('As in deployment/cart.'),
  namespace: z.string().optional().describe('Left out: default, where a name or a workload is given; else all.'),
  nodes: z.array(z.string()).min(1).optional().describe('Only pods on these nodes.'),
  container: z.string().optional().describe('Left out: every container of the pod.'),
  count,
};

export interface PodTarget {
  readonly pods?: readonly string[] | undefined;
  readonly selector?: SelectorText | undefined;
  readonly workload?: string | undefined;
  readonly namespace?: string | undefined;
  readonly nodes?: readonly string[] | undefined;
  readonly container?: string | undefined;
  readonly count?: number | undefined;
}

export function refuseNoPods(target: PodTarget, ctx: z.RefinementCtx): void {
  const { pods, selector, workload, namespace, nodes, count } = target;
  if ([pods, selector, workload, namespace, nodes, count].every((part) => part === undefined)) {
    mistake(ctx, 'MISSING_FIELD', 'which pods? Give pods, selector, workload, namespace, nodes or count');
  }
}

/** A container that runs on a node, and the lever to it. */
export interface ContainerMeant {
  readonly pod: ObjectKey;
  readonly node: string;
  readonly container: string;
}

/** The containers meant among the pods that are bound now, in order of pod and container. */
export function containersMeant(context: FaultContext, target: PodTarget): readonly ContainerMeant[] {
  const candidates = new Map<ObjectKey, Pod>();
  for (const pod of context.cluster.list('Pod')) {
    if (pod.spec.nodeName && isMeant(context, target, pod)) {
      candidates.set(keyOf(pod), pod);
    }
  }
  const keys = drawn(context, [...candidates.keys()].sort(), target.count);
  return keys.flatMap((key) => {
    const pod = candidates.get(key) as Pod;
    return pod.spec.containers
      .filter(({ name }) => target.container === undefined || name === target.container)
      .map(({ name }) => ({ pod: key, node: pod.spec.nodeName as string, container: name }));
  });
}

function isMeant(context: FaultContext, target: PodTarget, pod: Pod): boolean {
  const { name, namespace = '', labels } = pod.metadata;
  const home = target.namespace ?? 'default';
  return (
    (target.pods === undefined ||
      target.pods.some((p) => (p.includes('/') ? p : `${home}/${p}`) === `${namespace}/${name}`)) &&
    (target.namespace === undefined || target.namespace === namespace) &&
    (target.selector === undefined || matches(target.selector, labels)) &&
    (target.nodes === undefined || target.nodes.includes(pod.spec.nodeName as string)) &&
    (target.workload === undefined || (namespace === home && isOf(context, target.workload, home, labels)))
  );
}

function isOf(context: FaultContext, workload: string, namespace: string, labels: Pod['metadata']['labels']): boolean {
  const { kind, name } = referenceOf(workload);
  const found = context.cluster.get(kind, keyFor(namespace, name)) as
    | { readonly spec?: { readonly selector?: SelectorText } }
    | undefined;
  return found?.spec?.selector !== undefined && matches(found.spec.selector, labels);
}

/** `count` of the names, those with the lowest draws: adding a name moves no other's luck. In the order given. */
function drawn<Name extends string>(
  context: FaultContext,
  names: readonly Name[],
  count = names.length,
): readonly Name[] {
  if (count >= names.length) {
    return names;
  }
  const stream = context.simulation.stream('faults');
  const luck = new Map(names.map((name) => [name, stream.uniform(entityKey(name), context.ordinal)]));
  const chosen = new Set([...names].sort((a, b) => (luck.get(a) as number) - (luck.get(b) as number)).slice(0, count));
  return names.filter((name) => chosen.has(name));
}
