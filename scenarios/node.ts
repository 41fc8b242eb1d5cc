/** What the library has for Node besides `scenarios/index.ts`: scenarios from the disk, results into folders, sweeps. */
export { readSweep, type Sweep } from './experiment/expand.js';
export { runSweep, type SweepOptions } from './experiment/sweep.js';
export { loadScenario } from './load.js';
export { runToFolder, type ToFolderOptions } from './run/to-folder.js';
export { nodeFiles } from './sources/node-files.js';
