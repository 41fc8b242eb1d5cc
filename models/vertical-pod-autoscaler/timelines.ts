import type { TimelineSpec } from '../../engine/index.js';

/** A recommendation for one container, when its target changes. */
export interface RecommendationRow {
  readonly namespace: string;
  readonly autoscaler: string;
  readonly container: string;
  readonly target_cpu: string;
  readonly target_memory: string;
  readonly lower_cpu: string;
  readonly upper_cpu: string;
  readonly lower_memory: string;
  readonly upper_memory: string;
}

export const RECOMMENDATIONS: TimelineSpec<RecommendationRow> = {
  name: 'recommendations',
  help: 'Vertical pod autoscalers: what each container should request, a row whenever the target changes.',
  columns: {
    namespace: { type: 'text', help: 'Namespace of the autoscaler.' },
    autoscaler: { type: 'text', help: 'Name of the autoscaler.' },
    container: { type: 'text', help: 'Name of the container.' },
    target_cpu: { type: 'text', help: 'CPU that it should request.' },
    target_memory: { type: 'text', help: 'Memory that it should request.' },
    lower_cpu: { type: 'text', help: 'A pod that requests less is made anew.' },
    upper_cpu: { type: 'text', help: 'A pod that requests more is made anew.' },
    lower_memory: { type: 'text', help: 'The same for memory.' },
    upper_memory: { type: 'text', help: 'The same for memory.' },
  },
};
