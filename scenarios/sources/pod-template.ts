import { decode, type Kinds } from '../../models/api/index.js';
import type { Path } from '../schema/errors.js';
import { problemAt } from '../schema/problems.js';
import { didYouMean } from '../schema/suggest.js';
import type { Reading } from './resolve.js';

/** A PodTemplateSpec as written. */
export interface PodTemplateText {
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly spec?: Readonly<Record<string, unknown>> | undefined;
}

export type PodTemplate = Pick<Kinds['Pod'], 'spec'> & {
  readonly metadata: Pick<Kinds['Pod']['metadata'], 'labels' | 'annotations'>;
};

/** What a container is when nobody says: one process of an image that every node pulls once. */
const CONTAINER = { name: 'main', image: 'kubewhen/task:v1' };

/** Checks a template by the API's schema; its pods are not started again when they end, unless it says otherwise. */
export function readTemplate(reading: Reading, text: PodTemplateText | undefined, path: Path): PodTemplate {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...text?.metadata, name: 'template' },
    spec: { restartPolicy: 'Never', containers: [CONTAINER], ...text?.spec },
  };
  const decoded = decode(pod, reading);
  if (!decoded.ok) {
    for (const { code, path: place, message, known } of decoded.mistakes) {
      const hint = known && didYouMean(String(place.at(-1)), known);
      const { origin, path: at } = reading.at([...path, ...place]);
      reading.problems.add(problemAt(origin, at, { code, message, hint }, code === 'UNKNOWN_FIELD' ? 'key' : 'value'));
    }
    return { metadata: {}, spec: { containers: [] } };
  }
  const { metadata, spec } = decoded.object as Kinds['Pod'];
  const { labels, annotations } = metadata;
  return { metadata: { ...(labels && { labels }), ...(annotations && { annotations }) }, spec };
}
