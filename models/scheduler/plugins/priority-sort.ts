import type { Plugin } from '../framework/plugin.js';

/** Higher priority first; of equals, whoever waits longer. */
export const prioritySort = (): Plugin => ({
  name: 'PrioritySort',
  isBefore(a, b) {
    if (a.pod.priority !== b.pod.priority) {
      return a.pod.priority > b.pod.priority;
    }
    return a.timestamp !== b.timestamp ? a.timestamp < b.timestamp : a.sequence < b.sequence;
  },
});
