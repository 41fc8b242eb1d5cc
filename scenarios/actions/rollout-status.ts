import * as z from 'zod';
import type { DaemonSet, Deployment, Kinds, StatefulSet } from '../../models/api/index.js';
import { strict } from '../schema/shapes.js';
import { duration, micros } from '../schema/values.js';
import { ACTION_FIELDS, type ActionContext, type ActionKind, failedReply, type Target } from './action.js';
import { revisionsOf } from './revisions.js';
import { CHOICE_FIELDS, eachTarget, needsChoice, targets } from './targets.js';

const ROLLED_OUT = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;
type RolledOut = Target & { readonly kind: (typeof ROLLED_OUT)[number] };
type Owner = Kinds[RolledOut['kind']];

const statusSchema = strict({
  ...ACTION_FIELDS,
  rolloutStatus: targets(...ROLLED_OUT),
  revision: z.int().min(0).optional().describe('It fails if another revision is being rolled out.'),
  watch: z.boolean().optional().describe('Left out: it goes on until the rollout has ended.'),
  timeout: duration.optional().describe('Left out, or 0: for ever.'),
  ...CHOICE_FIELDS,
}).superRefine(needsChoice('rolloutStatus'));
type StatusSpec = z.infer<typeof statusSchema>;

export const rolloutStatus: ActionKind<StatusSpec> = {
  verb: 'rolloutStatus',
  help: 'kubectl rollout status: a line at every change, until the rollout has ended',
  schema: statusSchema,
  perform(context, spec) {
    eachTarget(context, spec.rolloutStatus, spec, (target, done) =>
      watchRollout(context, target as RolledOut, spec, done),
    );
  },
};

/** k8s 1.37 kubectl pkg/cmd/rollout/rollout_status.go: a line for the object as it is, and for each later version of it. */
function watchRollout(context: ActionContext, target: RolledOut, spec: StatusSpec, done: () => void): void {
  context.user.get(target.kind, target.key, (reply) => {
    if (failedReply(context, reply)) {
      done();
      return;
    }
    let last = '';
    let end = (): void => {};
    const show = (object: Owner): void => {
      const verdict = statusOf(object, spec.revision ?? 0);
      last = verdict.text;
      context.say(verdict.text, verdict.isError ? 'failed' : undefined);
      if (verdict.isDone || verdict.isError || spec.watch === false) {
        end();
      }
    };
    const isIt = (object: Owner): boolean => object.metadata.uid === reply.object.metadata.uid;
    const stopWatching = context.cluster.watch(target.kind, {
      added: () => {},
      modified: (object: Owner) => isIt(object) && show(object),
      deleted: (object: Owner) => {
        if (isIt(object)) {
          context.say('error: object has been deleted', 'failed');
          end();
        }
      },
    } as Parameters<typeof context.cluster.watch<RolledOut['kind']>>[1]);
    const stopWaiting = context.unfinished(() => [last]);
    const timeout = spec.timeout === undefined ? 0 : micros(spec.timeout);
    const timer =
      timeout > 0
        ? context.simulation.after(timeout, () => {
            context.say('error: timed out waiting for the condition', 'failed');
            end();
          })
        : undefined;
    end = () => {
      end = () => {};
      stopWatching();
      stopWaiting();
      timer?.cancel();
      done();
    };
    show(reply.object);
  });
}

interface Verdict {
  readonly text: string;
  readonly isDone?: true;
  readonly isError?: true;
}

/** k8s 1.37 kubectl pkg/polymorphichelpers/rollout_status.go. */
function statusOf(object: Owner, revision: number): Verdict {
  switch (object.kind) {
    case 'Deployment':
      return deploymentStatus(object, revision);
    case 'DaemonSet':
      return daemonSetStatus(object);
    default:
      return statefulSetStatus(object as StatefulSet);
  }
}

const failed = (why: string): Verdict => ({ text: `error: ${why}`, isError: true });
const isObserved = ({ metadata, status }: Owner): boolean =>
  (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0);

function deploymentStatus(object: Deployment, revision: number): Verdict {
  const { metadata, spec, status = {} } = object;
  const current = Number(metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
  if (revision > 0 && revision !== current) {
    return failed(`desired revision (${revision}) is different from the running revision (${current})`);
  }
  if (!isObserved(object)) {
    return { text: 'Waiting for deployment spec update to be observed...' };
  }
  const progressing = status.conditions?.find(({ type }) => type === 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') {
    return failed(`deployment "${metadata.name}" exceeded its progress deadline`);
  }
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status;
  const waiting = (what: string): Verdict => ({
    text: `Waiting for deployment "${metadata.name}" rollout to finish: ${what}...`,
  });
  if (spec.replicas !== undefined && updatedReplicas < spec.replicas) {
    return waiting(`${updatedReplicas} out of ${spec.replicas} new replicas have been updated`);
  }
  if (replicas > updatedReplicas) {
    return waiting(`${replicas - updatedReplicas} old replicas are pending termination`);
  }
  if (availableReplicas < updatedReplicas) {
    return waiting(`${availableReplicas} of ${updatedReplicas} updated replicas are available`);
  }
  return { text: `deployment "${metadata.name}" successfully rolled out`, isDone: true };
}

function daemonSetStatus(object: DaemonSet): Verdict {
  const { metadata, spec, status } = object;
  if (spec.updateStrategy?.type !== 'RollingUpdate') {
    return failed('rollout status is only available for RollingUpdate strategy type');
  }
  if (!isObserved(object)) {
    return { text: 'Waiting for daemon set spec update to be observed...' };
  }
  const { updatedNumberScheduled = 0, desiredNumberScheduled = 0, numberAvailable = 0 } = status ?? {};
  const waiting = (what: string): Verdict => ({
    text: `Waiting for daemon set "${metadata.name}" rollout to finish: ${what}...`,
  });
  if (updatedNumberScheduled < desiredNumberScheduled) {
    return waiting(`${updatedNumberScheduled} out of ${desiredNumberScheduled} new pods have been updated`);
  }
  if (numberAvailable < desiredNumberScheduled) {
    return waiting(`${numberAvailable} of ${desiredNumberScheduled} updated pods are available`);
  }
  return { text: `daemon set "${metadata.name}" successfully rolled out`, isDone: true };
}

function statefulSetStatus(object: StatefulSet): Verdict {
  const { spec, status } = object;
  const strategy = spec.updateStrategy;
  if (strategy?.type !== 'RollingUpdate') {
    return failed('rollout status is only available for RollingUpdate strategy type');
  }
  if (!status?.observedGeneration || !isObserved(object)) {
    return { text: 'Waiting for statefulset spec update to be observed...' };
  }
  const { readyReplicas = 0, updatedReplicas = 0, currentReplicas = 0, currentRevision, updateRevision } = status;
  const { replicas = 1 } = spec;
  if (readyReplicas < replicas) {
    return { text: `Waiting for ${replicas - readyReplicas} pods to be ready...` };
  }
  const partition = strategy.rollingUpdate?.partition;
  if (partition !== undefined) {
    return updatedReplicas < replicas - partition
      ? {
          text:
            `Waiting for partitioned roll out to finish: ${updatedReplicas} out of ${replicas - partition} new pods ` +
            'have been updated...',
        }
      : { text: `partitioned roll out complete: ${updatedReplicas} new pods have been updated...`, isDone: true };
  }
  return updateRevision !== currentRevision
    ? {
        text: `waiting for statefulset rolling update to complete ${updatedReplicas} pods at revision ${updateRevision}...`,
      }
    : {
        text: `statefulset rolling update complete ${currentReplicas} pods at revision ${currentRevision}...`,
        isDone: true,
      };
}

const historySchema = strict({
  ...ACTION_FIELDS,
  rolloutHistory: targets(...ROLLED_OUT),
  ...CHOICE_FIELDS,
}).superRefine(needsChoice('rolloutHistory'));

/** Columns of the table, as text/tabwriter spaces them. */
const FIRST_COLUMN = 10;

export const rolloutHistory: ActionKind<z.infer<typeof historySchema>> = {
  verb: 'rolloutHistory',
  help: 'kubectl rollout history',
  schema: historySchema,
  perform(context, spec) {
    eachTarget(context, spec.rolloutHistory, spec, (target, done) =>
      context.user.get((target as RolledOut).kind, target.key, (reply) => {
        if (failedReply(context, reply)) {
          done();
          return;
        }
        revisionsOf(context, reply.object, (revisions) => {
          const rows = (revisions ?? []).map(({ number, cause }) => [String(number), cause ?? '<none>'] as const);
          context.say(`${target.shown} `);
          for (const [number, cause] of rows.length > 0 ? [['REVISION', 'CHANGE-CAUSE'] as const, ...rows] : []) {
            context.say(`${number.padEnd(FIRST_COLUMN)}${cause}`);
          }
          if (rows.length === 0) {
            context.say('No rollout history found.');
          }
          done();
        });
      }),
    );
  },
};
