import { kubernetes } from '../models/cluster.js';
import type { ModelSource } from '../scenarios/experiment/worker.js';

/** The simulated cluster that the commands run. */
export const MODEL = kubernetes;

/** Where worker threads load it from: a model cannot travel between threads. */
export const MODEL_SOURCE: ModelSource = {
  module: new URL('../models/cluster.js', import.meta.url).href,
  name: 'kubernetes',
};
