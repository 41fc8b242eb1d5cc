export const ACTING_KINDS = [];
export const TIMELINES = [];
