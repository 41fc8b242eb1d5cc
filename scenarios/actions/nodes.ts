import * as z from 'zod';
import { isSameTaint, type Node, type Taint } from '../../models/api/index.js';
import { strict } from '../schema/shapes.js';
import { parseTaint, type TaintChange, taintChange } from '../schema/taint.js';
import { ACTION_FIELDS, type ActionContext, type ActionKind, errorLine, targetOf } from './action.js';

/** One node or several. */
export const nodeNames = z
  .union([z.string(), z.array(z.string()).min(1)], { error: 'expected the name of a node, or a list of names' })
  .describe('A node, or several.');
export const eachNode = (names: string | readonly string[]): readonly string[] => [names].flat() as readonly string[];

const cordonSchema = strict({ ...ACTION_FIELDS, cordon: nodeNames });
const uncordonSchema = strict({ ...ACTION_FIELDS, uncordon: nodeNames });

export const cordon: ActionKind<z.infer<typeof cordonSchema>> = {
  verb: 'cordon',
  help: 'kubectl cordon',
  schema: cordonSchema,
  perform(context, { cordon }) {
    for (const name of eachNode(cordon)) {
      setUnschedulable(context, name, true);
    }
  },
};

export const uncordon: ActionKind<z.infer<typeof uncordonSchema>> = {
  verb: 'uncordon',
  help: 'kubectl uncordon',
  schema: uncordonSchema,
  perform(context, { uncordon }) {
    for (const name of eachNode(uncordon)) {
      setUnschedulable(context, name, false);
    }
  },
};

/** k8s 1.37 kubectl pkg/drain/cordon.go, PatchOrReplace: no request when the node is as wanted already. */
export function setUnschedulable(
  context: ActionContext,
  name: string,
  wanted: boolean,
  then: () => void = () => {},
): void {
  const done = wanted ? 'cordoned' : 'uncordoned';
  context.user.get('Node', name, (reply) => {
    if (!reply.ok) {
      context.say(errorLine(reply.error), 'failed');
    } else if ((reply.object.spec.unschedulable ?? false) === wanted) {
      context.say(`node/${name} already ${done}`);
      then();
    } else {
      context.user.patch(
        'Node',
        name,
        (node) => withUnschedulable(node, wanted),
        (patched) => {
          if (patched.ok) {
            context.say(`node/${name} ${done}`);
            then();
          } else {
            context.say(errorLine(patched.error), 'failed');
          }
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
  help: 'kubectl taint nodes',
  schema: taintSchema,
  perform(context, { taint, taints, overwrite = false }) {
    const changes = taints.map((text) => parseTaint(text) as TaintChange);
    for (const name of eachNode(taint)) {
      taintNode(context, name, changes, overwrite);
    }
  },
};

/** k8s 1.37 kubectl pkg/cmd/taint/utils.go: checkIfTaintsAlreadyExists, reorganizeTaints, deleteTaints. */
function taintNode(context: ActionContext, name: string, changes: readonly TaintChange[], overwrite: boolean): void {
  context.user.get('Node', name, (reply) => {
    if (!reply.ok) {
      context.say(errorLine(reply.error), 'failed');
      return;
    }
    const found = reply.object.spec.taints ?? [];
    const added = changes.filter(({ isRemoval }) => !isRemoval) as readonly (TaintChange & Taint)[];
    const removed = changes.filter(({ isRemoval }) => isRemoval);
    const there = added.find((taint) => found.some((old) => isSameTaint(old, taint)));
    if (there && !overwrite) {
      context.say(
        `error: node ${name} already has ${there.key} taint(s) with same effect(s) and overwrite is false`,
        'failed',
      );
      return;
    }
    const missing = removed.find(
      ({ key, effect }) => !found.some((old) => old.key === key && (!effect || old.effect === effect)),
    );
    if (missing) {
      const effect = missing.effect ? `:${missing.effect}` : '';
      context.say(`error: taint "${missing.key}${effect}" not found`, 'failed');
      return;
    }
    context.user.patch(
      'Node',
      name,
      (node) => withTaints(node, added, removed),
      (patched) => {
        if (patched.ok) {
          context.say(`node/${name} ${added.length > 0 ? (removed.length > 0 ? 'modified' : 'tainted') : 'untainted'}`);
        } else {
          context.say(errorLine(patched.error), 'failed');
        }
      },
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
    for (const name of eachNode(deleteNode)) {
      context.cluster.node(name)?.machine.powerOff();
      context.user.delete('Node', targetOf(`node/${name}`).key, {}, (reply) =>
        reply.ok ? context.say(`node "${name}" deleted`) : context.say(errorLine(reply.error), 'failed'),
      );
    }
  },
};
