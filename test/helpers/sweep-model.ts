import { apiOnlyModel } from './api-only-model.js';

/** The model as worker threads load it: by module and name. */
export const model = apiOnlyModel();
