import * as z from 'zod';
import { inTurn } from '../../models/client-go/index.js';
import { strict } from '../schema/shapes.js';
import { duration, selector } from '../schema/values.js';
import { ACTION_FIELDS, type ActionContext, type ActionKind } from './action.js';
import { NodeDrain } from './node-drain.js';
import { nodeNames, setUnschedulable, withNodes } from './nodes.js';

export const DRAIN_FIELDS = {
  ignoreDaemonSets: z.boolean().optional(),
  deleteEmptyDirData: z.boolean().optional(),
  force: z.boolean().optional().describe('Pods without a controller too.'),
  disableEviction: z.boolean().optional().describe('Delete, without asking disruption budgets.'),
  gracePeriod: duration.optional().describe("Left out: the pod's own."),
  timeout: duration.optional().describe('Left out, or 0: for ever.'),
  podSelector: selector.optional(),
  skipWaitForDeleteTimeout: duration
    .optional()
    .describe('Pods that have been on their way out for longer are not waited for.'),
};

const schema = strict({ ...ACTION_FIELDS, drain: nodeNames, ...DRAIN_FIELDS });

export const drain: ActionKind<z.infer<typeof schema>> = {
  verb: 'drain',
  help: 'kubectl drain',
  schema,
  perform(context, spec) {
    withNodes(context, spec.drain, (nodes) =>
      cordonAll(context, nodes, () => {
        inTurn<string, never>(
          nodes,
          (node, ended) =>
            new NodeDrain(context, spec, node).start((error) => {
              if (error === undefined) {
                context.say(`node/${node} drained`);
              } else {
                context.say(
                  `error: unable to drain node "${node}" due to error: ${error}, continuing command...`,
                  'failed',
                );
              }
              ended();
            }),
          () => {},
        );
      }),
    );
  },
};

/** k8s 1.37 kubectl pkg/cmd/drain RunDrain: all nodes are cordoned, then they are drained one after the other. */
function cordonAll(context: ActionContext, nodes: readonly string[], then: () => void): void {
  inTurn<string, true>(
    nodes,
    (node, ended) => setUnschedulable(context, node, true, (isDone) => ended(isDone ? undefined : true)),
    (hasFailed) => {
      if (!hasFailed) {
        then();
      }
    },
  );
}
