import type { TimelineSpec } from '../../engine/index.js';

/** A step of cluster-autoscaler. */
export interface NodeScalingRow {
  readonly group: string;
  readonly step: 'scale-up' | 'given-up' | 'unneeded' | 'needed' | 'removing' | 'removed' | 'removal-failed';
  readonly node: string;
  readonly target: number;
  readonly reason: string;
}

export const NODE_SCALING: TimelineSpec<NodeScalingRow> = {
  name: 'node-scaling',
  help: 'What cluster-autoscaler does: groups that grow, nodes that become unneeded and go.',
  columns: {
    group: { type: 'text', help: 'The node group, a pool of the scenario.' },
    step: {
      type: 'text',
      help: 'scale-up, given-up (never joined), unneeded, needed (again), removing, removed or removal-failed.',
    },
    node: { type: 'text', help: 'The node concerned; empty for scale-up.' },
    target: { type: 'integer', help: 'Machines that the group is to have from now on.' },
    reason: { type: 'text', help: 'Why.' },
  },
};
