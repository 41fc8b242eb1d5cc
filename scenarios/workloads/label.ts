/** Label of every pod that a workload makes; its value is the workload's name. */
export const WORKLOAD_LABEL = 'kubewhen/workload';
