export { hooksFor } from './admission/index.js';
export { type ApiServer, type ApiServerOptions, createApiServer } from './component.js';
export { type AdmissionReader, type Admitted, type Hooks, type KindHooks, rememberedBy } from './hooks.js';
export { OBJECT_TIMELINES } from './timelines.js';
