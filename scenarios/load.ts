import type { ClusterModel } from '../models/cluster.js';
import type { Scenario } from './run/scenario.js';
import { assemble, type Override, override } from './sources/document.js';
import type { Files } from './sources/files.js';
import { nodeFiles } from './sources/node-files.js';
import { resolveScenario } from './sources/resolve.js';

/** Reads a scenario and all it names from the disk. @throws ScenarioError with every mistake. */
export const loadScenario = (
  path: string,
  model: Pick<ClusterModel, 'catalogue'>,
  overrides: readonly Override[] = [],
  files: Files = nodeFiles,
): Scenario => resolveScenario(override(assemble(files, path), overrides), files, model);
