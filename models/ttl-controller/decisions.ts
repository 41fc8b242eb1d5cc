import type { Seconds } from '../../engine/time/micros.js';

interface Boundary {
  readonly sizeMin: number;
  readonly sizeMax: number;
  readonly ttl: Seconds;
}

/** pkg/controller/ttl/ttl_controller.go ttlBoundaries: they overlap, lest a cluster at a boundary go to and fro. */
const BOUNDARIES: readonly Boundary[] = [
  { sizeMin: 0, sizeMax: 100, ttl: 0 },
  { sizeMin: 90, sizeMax: 500, ttl: 15 },
  { sizeMin: 450, sizeMax: 1000, ttl: 30 },
  { sizeMin: 900, sizeMax: 2000, ttl: 60 },
  { sizeMin: 1800, sizeMax: Number.POSITIVE_INFINITY, ttl: 300 },
];

const boundary = (step: number): Boundary => BOUNDARIES[step] as Boundary;

/** The step after a node came; at most one further. */
export const stepAfterAdding = (step: number, nodes: number): number =>
  nodes > boundary(step).sizeMax ? step + 1 : step;

/** The step after a node went. */
export const stepAfterDeleting = (step: number, nodes: number): number =>
  nodes < boundary(step).sizeMin ? step - 1 : step;

/** How long kubelets may keep ConfigMaps and Secrets without asking again. */
export const ttlOf = (step: number): Seconds => boundary(step).ttl;
