import type { CronJob, Job, JobSpec } from '../generated/types.js';
import { change, fill, fillUnsaid } from './fill.js';
import type { DefaultingGates } from './gates.js';
import { defaultTemplate } from './workloads.js';

// pkg/apis/batch/v1/defaults.go

/** BackoffLimit when each index has its own: never reached. */
const MAX_INT32 = 2 ** 31 - 1;

export function defaultJob(job: Job, gates: DefaultingGates): Job {
  const { metadata, spec } = job;
  const labels = spec.template.metadata?.labels;
  return change(job, {
    ...(labels && Object.keys(metadata.labels ?? {}).length === 0 && { metadata: { ...metadata, labels } }),
    spec: change(
      fillUnsaid(spec, {
        // Without either of them a Job runs one pod; with completions alone one at a time; with parallelism alone it is a work queue.
        completions: spec.parallelism === undefined ? 1 : undefined,
        parallelism: 1,
        backoffLimit: spec.backoffLimitPerIndex === undefined ? 6 : MAX_INT32,
        completionMode: 'NonIndexed',
        suspend: false,
        ...(gates.jobManualSelectorHasDefault && { manualSelector: false }),
        ...(gates.JobPodReplacementPolicy && {
          podReplacementPolicy: spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed',
        }),
      }),
      {
        template: defaultTemplate(spec.template, gates),
        ...(spec.podFailurePolicy && { podFailurePolicy: defaultPodFailurePolicy(spec.podFailurePolicy) }),
      },
    ),
  });
}

type PodFailurePolicy = NonNullable<JobSpec['podFailurePolicy']>;

/** SetDefaults_PodFailurePolicyOnPodConditionsPattern */
const defaultPodFailurePolicy = (policy: PodFailurePolicy): PodFailurePolicy => ({
  ...policy,
  rules: policy.rules.map((rule) =>
    rule.onPodConditions
      ? { ...rule, onPodConditions: rule.onPodConditions.map((pattern) => fill(pattern, { status: 'True' })) }
      : rule,
  ),
});

/** The Job inside is filled up when it is created; its pods' template at once. */
export const defaultCronJob = (cronJob: CronJob, gates: DefaultingGates): CronJob => {
  const { spec } = cronJob;
  const { jobTemplate } = spec;
  return change(cronJob, {
    spec: change(
      fill(spec, {
        concurrencyPolicy: 'Allow',
        suspend: false,
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 1,
      }),
      {
        jobTemplate: jobTemplate.spec
          ? change(jobTemplate, {
              spec: change(jobTemplate.spec, { template: defaultTemplate(jobTemplate.spec.template, gates) }),
            })
          : jobTemplate,
      },
    ),
  });
};

/** pkg/registry/batch/job/strategy.go generateSelector: pods are told apart by the Job's uid, unless the user chose the selector. */
export function prepareJobForCreate(job: Job, gates: DefaultingGates): Job {
  const { metadata, spec } = job;
  if (spec.manualSelector) {
    return job;
  }
  const uid = metadata.uid as string;
  const labels = {
    'controller-uid': uid,
    'job-name': metadata.name,
    ...(gates.jobLabelsHavePrefix && {
      'batch.kubernetes.io/controller-uid': uid,
      'batch.kubernetes.io/job-name': metadata.name,
    }),
  };
  const uidLabel = gates.jobLabelsHavePrefix ? 'batch.kubernetes.io/controller-uid' : 'controller-uid';
  const template = spec.template.metadata;
  return {
    ...job,
    spec: {
      ...spec,
      selector: spec.selector
        ? { ...spec.selector, matchLabels: { [uidLabel]: uid, ...spec.selector.matchLabels } }
        : { matchLabels: { [uidLabel]: uid } },
      template: {
        ...spec.template,
        // Labels that the template has already are left alone; validation complains when they differ.
        metadata: { ...template, name: template?.name as string, labels: { ...labels, ...template?.labels } },
      },
    },
  };
}
