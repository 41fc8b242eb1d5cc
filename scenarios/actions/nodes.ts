import * as z from 'zod';
import { isSameTaint, type Node, type Taint } from '../../models/api/index.js';
import { inTurn } from '../../models/client-go/index.js';
import { chosen, isRecord, strict } from '../schema/shapes.js';
import { parseTaint, type TaintChange, taintChange } from '../schema/taint.js';
import { matches, type SelectorText, selector } from '../schema/values.js';
import { ACTION_FIELDS, type ActionContext, type ActionKind, failedReply } from './action.js';

const names = z.union([z.string(), z.array(z.string()).min(1)], {
  error: 'expected the name of a node, a list of names, or labels',
});

/** One node or several, by name or by labels. */
export const nodeNames = chosen([names, selector], (value) => (isRecord(value) ? selector : names)).meta({
  description: 'A node, or several; or labels, {pool: worker}, {} for all nodes.',
});
export type NodesText = z.infer<typeof nodeNames>;

/** Hands over the names of the nodes that are meant; those with labels are asked for first. */
export function withNodes(context: ActionContext, nodes: NodesText, then: (names: readonly string[]) => void): void {
  if (!isRecord(nodes)) {
    then([nodes].flat() as readonly string[]);
    return;
  }
  context.user.list('Node', undefined, (reply) => {
    if (!failedReply(context, reply)) {
      const found = reply.object.filter(({ metadata }) => matches(nodes as SelectorText, metadata.labels));
      if (found.length === 0) {
        context.say('No resources found');
      }
      then(found.map(({ metadata }) => metadata.name));
    }
  });
}

/** Does something to each node, one after the other as kubectl does. */
export const eachNode = (
  context: ActionContext,
  nodes: NodesText,
  act: (name: string, done: () => void) => void,
): void =>
  withNodes(context, nodes, (found) =>
    inTurn<string, never>(
      found,
      (name, ended) => act(name, ended),
      () => {},
    ),
  );

const cordonSchema = strict({ ...ACTION_FIELDS, cordon: nodeNames });
const uncordonSchema = strict({ ...ACTION_FIELDS, uncordon: nodeNames });

export const cordon: ActionKind<z.infer<typeof cordonSchema>> = {
  verb: 'cordon',
  help: 'kubectl cordon',
  schema: cordonSchema,
  perform(context, { cordon }) {
    eachNode(context, cordon, (name, done) => setUnschedulable(context, name, true, done));
  },
};

export const uncordon: ActionKind<z.infer<typeof uncordonSchema>> = {
  verb: 'uncordon',
  help: 'kubectl uncordon',
  schema: uncordonSchema,
  perform(context, { uncordon }) {
    eachNode(context, uncordon, (name, done) => {
      const obstacles = context.drains.get(name)?.obstacles();
      if (obstacles !== undefined) {
        context.say(`Warning: node ${name} is still being drained: pods may come back to it`);
      }
      setUnschedulable(context, name, false, done);
    });
  },
};

/** k8s 1.37 kubectl pkg/drain/cordon.go, PatchOrReplace: no request when the node is as wanted already. */
export function setUnschedulable(
  context: ActionContext,
  name: string,
  wanted: boolean,
  then: (isDone: boolean) => void,
): void {
  const done = wanted ? 'cordoned' : 'uncordoned';
  context.user.get('Node', name, (reply) => {
    if (failedReply(context, reply)) {
      then(false);
    } else if ((reply.object.spec.unschedulable ?? false) === wanted) {
      context.say(`node/${name} already ${done}`);
      then(true);
    } else {
      context.user.patch(
        'Node',
        name,
        (node) => withUnschedulable(node, wanted),
        (patched) => {
          const hasFailed = failedReply(context, patched);
          if (!hasFailed) {
            context.say(`node/${name} ${done}`);
          }
          then(!hasFailed);
        },
      );
    }
  });
}

function withUnschedulable(node: Node, wanted: boolean): Node {
  const { unschedulable: _, ...spec } = node.spec;
  return { ...node, spec: wanted ? { ...spec, unschedulable: true } : spec };
}

const taintSchema = strict({
  ...ACTION_FIELDS,
  taint: nodeNames,
  taints: z
    .array(taintChange)
    .min(1)
    .describe('As kubectl has them: key=value:NoSchedule to add, key:NoSchedule- to remove.'),
  overwrite: z.boolean().optional(),
});

export const taint: ActionKind<z.infer<typeof taintSchema>> = {
  verb: 'taint',
  writer: { manager: 'kubectl-taint' },
  help: 'kubectl taint nodes',
  schema: taintSchema,
  perform(context, { taint, taints, overwrite = false }) {
    const changes = taints.map((text) => parseTaint(text) as TaintChange);
    eachNode(context, taint, (name, done) => taintNode(context, name, changes, overwrite, done));
  },
};

/** k8s 1.37 kubectl pkg/cmd/taint/utils.go: checkIfTaintsAlreadyExists, reorganizeTaints, deleteTaints. */
function taintNode(
  context: ActionContext,
  name: string,
  changes: readonly TaintChange[],
  overwrite: boolean,
  done: () => void,
): void {
  context.user.get('Node', name, (reply) => {
    if (failedReply(context, reply)) {
      done();
      return;
    }
    const found = reply.object.spec.taints ?? [];
    const added = changes.filter(({ isRemoval }) => !isRemoval) as readonly (TaintChange & Taint)[];
    const removed = changes.filter(({ isRemoval }) => isRemoval);
    const there = added.find((taint) => found.some((old) => isSameTaint(old, taint)));
    if (there && !overwrite) {
      context.say(
        `error: node ${name} already has ${there.key} taint(s) with same effect(s) and --overwrite is false`,
        'failed',
      );
      done();
      return;
    }
    const missing = removed.find(
      ({ key, effect }) => !found.some((old) => old.key === key && (!effect || old.effect === effect)),
    );
    if (missing) {
      const effect = missing.effect ? `:${missing.effect}` : '';
      context.say(`error: taint "${missing.key}${effect}" not found`, 'failed');
      done();
      return;
    }
    context.user.patch(
      'Node',
      name,
      (node) => withTaints(node, added, removed),
      (patched) => {
        if (!failedReply(context, patched)) {
          context.say(`node/${name} ${added.length > 0 ? (removed.length > 0 ? 'modified' : 'tainted') : 'untainted'}`);
        }
        done();
      },
      context.writer,
    );
  });
}

function withTaints(node: Node, added: readonly (TaintChange & Taint)[], removed: readonly TaintChange[]): Node {
  const fresh = added.map(({ key, value, effect }): Taint => ({ key, effect, ...(value !== undefined && { value }) }));
  const kept = (node.spec.taints ?? []).filter(
    (old) =>
      !fresh.some((taint) => isSameTaint(old, taint)) &&
      !removed.some(({ key, effect }) => old.key === key && (!effect || old.effect === effect)),
  );
  const taints = [...fresh, ...kept];
  const { taints: _, ...spec } = node.spec;
  return { ...node, spec: taints.length > 0 ? { ...spec, taints } : spec };
}

const addSchema = strict({
  ...ACTION_FIELDS,
  addNodes: z.string().describe('A pool of the cluster.'),
  count: z.int().min(1).optional(),
});

export const addNodes: ActionKind<z.infer<typeof addSchema>> = {
  verb: 'addNodes',
  help: 'more machines of a pool; their kubelets register by themselves',
  schema: addSchema,
  perform(context, { addNodes, count = 1 }) {
    for (const name of context.addNodes(addNodes, count)) {
      context.say(`machine ${name} added`);
    }
  },
};

const deleteSchema = strict({ ...ACTION_FIELDS, deleteNode: nodeNames });

export const deleteNode: ActionKind<z.infer<typeof deleteSchema>> = {
  verb: 'deleteNode',
  help: 'takes the machine away and deletes its Node, as a cloud does when it scales in',
  schema: deleteSchema,
  perform(context, { deleteNode }) {
    eachNode(context, deleteNode, (name, done) => removeNode(context, name, done));
  },
};

export function removeNode(context: ActionContext, name: string, done: () => void): void {
  context.cluster.node(name)?.machine.powerOff();
  context.user.delete('Node', name, {}, (reply) => {
    if (!failedReply(context, reply)) {
      context.say(`node "${name}" deleted`);
    }
    done();
  });
}
