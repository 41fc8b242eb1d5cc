import type { Recorder, Simulation } from '../../engine/index.js';
import type { ApiConnection } from './api-client.js';
import type { InformerFactory } from './informer.js';

/** What the process around it gives a controller: the informers are shared with the process's other controllers. */
export interface ControllerContext {
  readonly simulation: Simulation;
  readonly api: ApiConnection;
  readonly informers: InformerFactory;
  readonly recorder: Recorder;
}
