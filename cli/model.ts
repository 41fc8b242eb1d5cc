import type { ClusterModel } from '../models/cluster.js';
import type { ModelSource } from '../scenarios/experiment/worker.js';

/** Where the simulated cluster comes from; also for worker threads, which load it themselves. */
export const MODEL: ModelSource = {
  module: new URL('../models/cluster/model.js', import.meta.url).href,
  name: 'clusterModel',
};

export async function loadModel(): Promise<ClusterModel> {
  const loaded = (await import(MODEL.module)) as Readonly<Record<string, ClusterModel>>;
  return loaded[MODEL.name] as ClusterModel;
}
