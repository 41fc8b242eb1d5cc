import { type Distribution, draw, entityKey, type Micros, type Simulation } from '../../engine/index.js';
import type { Kinds } from '../../models/api/index.js';
import type { Draft } from '../../models/client-go/index.js';
import type { PodTemplate } from '../sources/pod-template.js';
import { WORKLOAD_LABEL } from './label.js';
import type { Arrival, Workload } from './workload.js';

export interface ArrivalsOptions {
  readonly name: string;
  readonly namespace: string;
  readonly template: PodTemplate;
  /** Gap before each pod: exponential gaps make a Poisson process. */
  readonly every: Distribution;
  readonly from: Micros;
  readonly until: Micros;
  readonly count: number;
  /** How long each container runs before it ends with 0; none: until it is stopped. */
  readonly duration: Distribution | undefined;
}

/** Pods of one template, NAME-0, NAME-1, …, one gap after the other. */
export function arrivalsWorkload(options: ArrivalsOptions): Workload {
  const { name, namespace, duration } = options;
  return {
    name,
    namespaces: namespace === 'default' ? [] : [namespace],
    begin: (simulation) => arrivals(simulation, options),
    ...(duration && {
      behaviourOf: ({ labels }) =>
        labels[WORKLOAD_LABEL] === name ? { exits: [{ after: duration, code: 0 }] } : undefined,
    }),
  };
}

function* arrivals(simulation: Simulation, options: ArrivalsOptions): Generator<Arrival, undefined> {
  const { name, namespace, template, every, from, until, count } = options;
  const { metadata, spec } = template;
  const stream = simulation.stream('arrivals');
  const key = entityKey(name);
  const labels = { ...metadata.labels, [WORKLOAD_LABEL]: name };
  let at: Micros = from;
  for (let i = 0; i < count; i++) {
    at += Math.max(1, Math.round(draw(stream, key, i, every)));
    if (at > until) {
      return;
    }
    const pod: Draft<Kinds['Pod']> = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...metadata, labels, namespace, name: `${name}-${i}` },
      spec,
    };
    yield { at, kind: 'Pod', object: pod };
  }
}
