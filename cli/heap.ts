import { setFlagsFromString } from 'node:v8';

/**
 * V8 learns which places of a program make what is kept for long, and soon makes all of that among old objects, which only the slow
 * collections look at. Here the same places make nearly everything: while a cluster fills up it is kept, later most of it is
 * thrown away at once. Left to itself, the heap of a large cluster with crash loops is half as large again, and a day of it takes a
 * sixth longer. To be called before a model is loaded; threads started later have it, too.
 */
export const keepYoungObjectsYoung = (): void => setFlagsFromString('--no-allocation-site-pretenuring');
