import { requestedStorage, storageCapacity, storageClassOf, valueOf } from '../../../api/index.js';
import { percentOf } from '../../framework/resources.js';
import { piecewiseLinear, type ShapePoint } from '../shape.js';
import type { NodeVolumes } from './find-volumes.js';

const MAX_UTILIZATION = 100;

interface Storage {
  requested: number;
  capacity: number;
}

/** Mean over storage classes of how well what is asked for fits what there is. As buildScorerFunction (volumebinding/scorer.go). */
export function volumeScorer(shape: readonly ShapePoint[]): (volumes: NodeVolumes) => number {
  const scoreAt = piecewiseLinear(shape);
  return (volumes) => {
    const classes = storageByClass(volumes);
    if (classes.size === 0) {
      return 0;
    }
    let sum = 0;
    for (const { requested, capacity } of classes.values()) {
      sum += scoreAt(capacity === 0 || requested > capacity ? MAX_UTILIZATION : percentOf(requested, capacity));
    }
    return Math.round(sum / classes.size);
  };
}

/** Existing volumes if any are bound; else what would be provisioned where the capacity is known. */
function storageByClass({ bindings, provisions }: NodeVolumes): ReadonlyMap<string, Storage> {
  const classes = new Map<string, Storage>();
  const of = (name: string): Storage => {
    let storage = classes.get(name);
    if (storage === undefined) {
      storage = { requested: 0, capacity: 0 };
      classes.set(name, storage);
    }
    return storage;
  };
  if (bindings.length > 0) {
    for (const { claim, volume } of bindings) {
      const storage = of(storageClassOf(volume));
      storage.requested += valueOf(requestedStorage(claim));
      storage.capacity += valueOf(storageCapacity(volume));
    }
    return classes;
  }
  for (const { claim, capacity } of provisions) {
    if (capacity !== undefined) {
      const storage = of(claim.spec.storageClassName ?? '');
      // What the class has is told once, however many claims ask for it.
      storage.capacity = valueOf(capacity.capacity ?? 0);
      storage.requested += valueOf(requestedStorage(claim));
    }
  }
  return classes;
}
