import type { NodeInfo } from '../framework/node-info.js';
import { MAX_NODE_SCORE, type Plugin } from '../framework/plugin.js';
import type { PodInfo } from '../framework/pod-info.js';

const MEGABYTE = 1024 * 1024;
/** pkg/scheduler/framework/plugins/imagelocality/image_locality.go minThreshold, maxContainerThreshold. */
const MIN_THRESHOLD = 23 * MEGABYTE;
const MAX_CONTAINER_THRESHOLD = 1000 * MEGABYTE;

export interface ImageLocalityOptions {
  readonly countsInitContainers: boolean;
  readonly countsImageVolumes: boolean;
  /** Nodes of the current snapshot. */
  readonly nodeCount: () => number;
}

/** Prefers nodes that have the pod's images, weighed by how widespread an image is. */
export function imageLocality(options: ImageLocalityOptions): Plugin {
  let asked: PodInfo | undefined;
  let names: readonly string[] = [];
  return {
    name: 'ImageLocality',
    isLocal: true,
    isStatic: true,
    score(pod: PodInfo, node: NodeInfo): number {
      if (node.images.size === 0) {
        return 0;
      }
      if (asked !== pod) {
        asked = pod;
        names = imagesOf(pod, options);
      }
      const nodeCount = options.nodeCount();
      let sum = 0;
      for (const name of names) {
        const image = node.images.get(name);
        if (image !== undefined) {
          sum += Math.trunc(image.sizeBytes * (image.nodeCount / nodeCount));
        }
      }
      const maximum = MAX_CONTAINER_THRESHOLD * names.length;
      const clamped = sum < MIN_THRESHOLD ? MIN_THRESHOLD : Math.min(sum, maximum);
      return Math.trunc((MAX_NODE_SCORE * (clamped - MIN_THRESHOLD)) / (maximum - MIN_THRESHOLD));
    },
  };
}

function imagesOf({ pod }: PodInfo, options: ImageLocalityOptions): readonly string[] {
  const { containers, initContainers, volumes } = pod.spec;
  return [
    ...(options.countsInitContainers ? (initContainers ?? []) : []).map(({ image }) => image),
    ...containers.map(({ image }) => image),
    ...(options.countsImageVolumes ? (volumes ?? []) : []).flatMap((volume) => volume.image?.reference ?? []),
  ].map((image) => withTag(image ?? ''));
}

/** As normalizedImageName: nodes report images with their tag. A digest counts as one. */
const withTag = (image: string): string =>
  image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;
