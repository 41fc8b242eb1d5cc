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
  let countedNodes = 0;
  let names: readonly string[] = [];
  /** Many nodes show the same images, and one after the other is asked for the same pod. */
  let shown: NodeInfo['images'] | undefined;
  let scored = 0;
  return {
    name: 'ImageLocality',
    isLocal: true,
    isByImages: true,
    score(pod: PodInfo, node: NodeInfo): number {
      if (node.images.size === 0) {
        return 0;
      }
      const nodeCount = options.nodeCount();
      if (asked !== pod || countedNodes !== nodeCount) {
        asked = pod;
        countedNodes = nodeCount;
        names = imagesOf(pod, options);
        shown = undefined;
      }
      if (shown === node.images) {
        return scored;
      }
      let sum = 0;
      for (const name of names) {
        const image = node.images.get(name);
        if (image !== undefined) {
          sum += Math.trunc(image.sizeBytes * (image.nodeCount / nodeCount));
        }
      }
      const maximum = MAX_CONTAINER_THRESHOLD * names.length;
      const clamped = sum < MIN_THRESHOLD ? MIN_THRESHOLD : Math.min(sum, maximum);
      shown = node.images;
      scored = Math.trunc((MAX_NODE_SCORE * (clamped - MIN_THRESHOLD)) / (maximum - MIN_THRESHOLD));
      return scored;
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
