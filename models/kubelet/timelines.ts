import type { TimelineSpec } from '../../engine/index.js';

/** A pod that a kubelet evicts because its node runs out of something. */
export interface KubeletEviction {
  readonly namespace: string;
  readonly pod: string;
  readonly node: string;
  readonly grace_period_seconds: number;
  readonly message: string;
}

export const KUBELET_EVICTIONS: TimelineSpec<KubeletEviction> = {
  name: 'kubelet-evictions',
  help: 'Pods that a kubelet evicts because its node runs out of something.',
  columns: {
    namespace: { type: 'text', help: 'Namespace of the pod.' },
    pod: { type: 'text', help: 'Name of the pod.' },
    node: { type: 'text', help: 'Node it runs on.' },
    grace_period_seconds: { type: 'integer', help: 'Grace the eviction manager gives; 0 in 1.23: what the pod says.' },
    message: {
      type: 'text',
      help: 'What the kubelet says: the resource, the threshold, who used more than it asked for.',
    },
  },
};

/** One attempt of a probe. */
export interface ProbeAttemptRow {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly probe: string;
  readonly outcome: string;
}

export const PROBES: TimelineSpec<ProbeAttemptRow> = {
  name: 'probes',
  help: 'Every attempt of every probe. Recording it makes each of them an event.',
  columns: {
    namespace: { type: 'text', help: 'Namespace of the pod.' },
    pod: { type: 'text', help: 'Name of the pod.' },
    container: { type: 'text', help: 'Name of the container.' },
    probe: { type: 'text', help: 'liveness, readiness or startup.' },
    outcome: { type: 'text', help: 'Success, Failure, or Error: it could not be made.' },
  },
};

/** What became of a volume whose files are made of ConfigMaps and Secrets. */
export interface VolumeRow {
  readonly node: string;
  readonly namespace: string;
  readonly pod: string;
  readonly volume: string;
  readonly outcome: string;
}

export const VOLUMES: TimelineSpec<VolumeRow> = {
  name: 'volumes',
  help: 'Volumes made of ConfigMaps, Secrets and tokens: when pods get them, and when they see a change.',
  columns: {
    node: { type: 'text', help: 'Node the pod runs on.' },
    namespace: { type: 'text', help: 'Namespace of the pod.' },
    pod: { type: 'text', help: 'Name of the pod.' },
    volume: { type: 'text', help: 'Name of the volume in the pod.' },
    outcome: { type: 'text', help: 'mounted, updated, or why that failed.' },
  },
};

/** A pull that ended. */
export interface ImagePullRow {
  readonly node: string;
  readonly image: string;
  readonly outcome: string;
  readonly took_s: number;
  readonly waited_s: number;
}

export const IMAGE_PULLS: TimelineSpec<ImagePullRow> = {
  name: 'image-pulls',
  help: 'Image pulls, at their end.',
  columns: {
    node: { type: 'text', help: 'Node that pulls.' },
    image: { type: 'text', help: 'Image as the pod names it.' },
    outcome: { type: 'text', help: 'pulled, or why not.' },
    took_s: { type: 'duration', help: 'From its turn to its end.' },
    waited_s: { type: 'duration', help: 'For its turn behind other pulls.' },
  },
};
