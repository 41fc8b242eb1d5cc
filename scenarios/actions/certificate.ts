import * as z from 'zod';
import { wholeSecond } from '../../engine/index.js';
import type { CertificateSigningRequest } from '../../models/api/index.js';
import { strict } from '../schema/shapes.js';
import { ACTION_FIELDS, type ActionContext, type ActionKind, failedReply, type Target } from './action.js';
import { CHOICE_FIELDS, eachTarget, needsChoice, targets } from './targets.js';

const { namespace: _, allNamespaces: __, ...CHOICE } = CHOICE_FIELDS;
const FIELDS = {
  ...CHOICE,
  force: z.boolean().optional().describe('Writes it again though it is there.'),
};

const approveSchema = strict({
  ...ACTION_FIELDS,
  certificateApprove: targets('CertificateSigningRequest'),
  ...FIELDS,
}).superRefine(needsChoice('certificateApprove'));
const denySchema = strict({
  ...ACTION_FIELDS,
  certificateDeny: targets('CertificateSigningRequest'),
  ...FIELDS,
}).superRefine(needsChoice('certificateDeny'));

/** What a verdict is called, and what must not be there. k8s 1.37 kubectl pkg/cmd/certificates. */
interface Decision {
  readonly type: 'Approved' | 'Denied';
  readonly opposite: 'Approved' | 'Denied';
  readonly reason: string;
  readonly message: string;
  readonly word: string;
}

const APPROVAL: Decision = {
  type: 'Approved',
  opposite: 'Denied',
  reason: 'KubectlApprove',
  message: 'This CSR was approved by kubectl certificate approve.',
  word: 'approved',
};
const DENIAL: Decision = {
  type: 'Denied',
  opposite: 'Approved',
  reason: 'KubectlDeny',
  message: 'This CSR was denied by kubectl certificate deny.',
  word: 'denied',
};

export const certificateApprove: ActionKind<z.infer<typeof approveSchema>> = {
  verb: 'certificateApprove',
  help: 'kubectl certificate approve',
  schema: approveSchema,
  perform(context, spec) {
    const act = (target: Target, done: () => void): void =>
      decide(context, target, APPROVAL, spec.force ?? false, done);
    eachTarget(context, spec.certificateApprove, spec, act);
  },
};

export const certificateDeny: ActionKind<z.infer<typeof denySchema>> = {
  verb: 'certificateDeny',
  help: 'kubectl certificate deny',
  schema: denySchema,
  perform(context, spec) {
    const act = (target: Target, done: () => void): void => decide(context, target, DENIAL, spec.force ?? false, done);
    eachTarget(context, spec.certificateDeny, spec, act);
  },
};

/** The same package, addConditionIfNeeded. */
function decide(context: ActionContext, target: Target, decision: Decision, force: boolean, done: () => void): void {
  const { type, opposite, reason, message, word } = decision;
  const decided = (): void => {
    context.say(`${target.shown} ${word}`);
    done();
  };
  context.user.get('CertificateSigningRequest', target.key, (reply) => {
    if (failedReply(context, reply)) {
      done();
      return;
    }
    if (hasCondition(reply.object, opposite)) {
      context.say(`error: certificate signing request "${target.name}" is already ${opposite}`, 'failed');
      done();
    } else if (hasCondition(reply.object, type) && !force) {
      decided();
    } else {
      const now = wholeSecond(context.simulation.now);
      const condition = { type, status: 'True', reason, message, lastUpdateTime: now, lastTransitionTime: now };
      const change = (current: CertificateSigningRequest): CertificateSigningRequest =>
        hasCondition(current, type)
          ? current
          : {
              ...current,
              status: { ...current.status, conditions: [...(current.status?.conditions ?? []), condition] },
            };
      context.user.patchStatus('CertificateSigningRequest', target.key, change, (written) => {
        if (failedReply(context, written)) {
          done();
        } else {
          decided();
        }
      });
    }
  });
}

const hasCondition = ({ status }: CertificateSigningRequest, wanted: string): boolean =>
  status?.conditions?.some(({ type }) => type === wanted) ?? false;
