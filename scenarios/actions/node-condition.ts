import * as z from 'zod';
import { wholeSecond } from '../../engine/index.js';
import { conditionOf, type Node, type NodeCondition, withCondition } from '../../models/api/index.js';
import { strict } from '../schema/shapes.js';
import { ACTION_FIELDS, type ActionKind, failedReply } from './action.js';
import { eachNode, nodeNames } from './nodes.js';

const schema = strict({
  ...ACTION_FIELDS,
  nodeCondition: nodeNames,
  type: z.string().min(1).describe('KernelDeadlock, ReadonlyFilesystem, FrequentKubeletRestart …'),
  status: z.enum(['True', 'False', 'Unknown']).optional().describe('Left out: True.'),
  reason: z.string().optional(),
  message: z.string().optional(),
});

/** Sets a condition on nodes, as node-problem-detector does when it finds a problem (pkg/exporters/k8sexporter). */
export const nodeCondition: ActionKind<z.infer<typeof schema>> = {
  verb: 'nodeCondition',
  help: 'sets a condition of a Node, as node-problem-detector does',
  schema,
  perform(context, { nodeCondition, type, status = 'True', reason, message }) {
    eachNode(context, nodeCondition, (name, done) => {
      const now = wholeSecond(context.simulation.now);
      const change = (before: NodeCondition | undefined): NodeCondition => ({
        type,
        status,
        lastHeartbeatTime: now,
        lastTransitionTime: before?.status === status ? before.lastTransitionTime : now,
        reason: reason ?? `${type}${status === 'True' ? 'Found' : 'Gone'}`,
        message: message ?? '',
      });
      const withChange = (node: Node): Node => {
        const { conditions = [] } = node.status ?? {};
        const next = withCondition(conditions, change(conditionOf(conditions, type)));
        return { ...node, status: { ...node.status, conditions: next } };
      };
      context.user.patchStatus('Node', name, withChange, (reply) => {
        if (!failedReply(context, reply)) {
          context.say(`node/${name} condition ${type}=${status}`);
        }
        done();
      });
    });
  },
};
