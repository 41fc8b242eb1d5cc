/**
 * Why a plugin says no. 'Unschedulable': preemption may help; 'UnschedulableAndUnresolvable': it may not; 'Pending': the plugin
 * itself will tell when to try again; 'Error': it could not decide. Success is `undefined`.
 * As fwk.Code (k8s.io/kube-scheduler framework).
 */
export type StatusCode = 'Unschedulable' | 'UnschedulableAndUnresolvable' | 'Pending' | 'Error';

export interface Status {
  readonly code: StatusCode;
  /** The plugin that said so; '' for what the framework itself decides. */
  readonly plugin: string;
  readonly reasons: readonly string[];
}

export const unschedulable = (plugin: string, ...reasons: readonly string[]): Status => ({
  code: 'Unschedulable',
  plugin,
  reasons,
});

export const unresolvable = (plugin: string, ...reasons: readonly string[]): Status => ({
  code: 'UnschedulableAndUnresolvable',
  plugin,
  reasons,
});

export const failure = (plugin: string, ...reasons: readonly string[]): Status => ({ code: 'Error', plugin, reasons });

/** Reasons as one text. As Status.Message. */
export const messageOf = (status: Status): string => status.reasons.join(', ');

export const isRejection = (status: Status): boolean => status.code !== 'Error';

/** Tells a status from the result that comes otherwise. */
export const isStatus = (result: object): result is Status => 'code' in result;
