import type { AnyObject } from '../../models/api/index.js';
import type { ClusterModel } from '../../models/cluster.js';
import { DEFAULT_KUBERNETES_VERSION } from '../../models/versions/index.js';
import { Problems } from '../schema/errors.js';
import { API_VERSION } from '../schema/scenario.js';
import { isRecord } from '../schema/shapes.js';
import { assemble } from './document.js';
import { type Files, readText } from './files.js';
import { loadManifests } from './manifests.js';
import { resolveScenario } from './resolve.js';
import { parseYaml } from './yaml.js';

/** The objects of scenarios and of manifest files, folders and globs, in order. @throws ScenarioError with every mistake. */
export function loadUserObjects(
  files: Files,
  paths: readonly string[],
  model: Pick<ClusterModel, 'catalogue'>,
): readonly AnyObject[] {
  const problems = new Problems();
  const options = { kubernetesVersion: DEFAULT_KUBERNETES_VERSION, startTime: 0 };
  const objects = paths.flatMap((path) => {
    if (isScenario(files, path)) {
      return resolveScenario(assemble(files, path), files, model).objects;
    }
    const mention = { origin: {}, path: [] };
    return loadManifests(files, [{ manifest: path, mention }], options, problems);
  });
  problems.throwIfAny();
  return objects.map(({ object }) => object);
}

function isScenario(files: Files, path: string): boolean {
  if (files.kindOf(path) !== 'file') {
    return false;
  }
  const [first] = parseYaml(readText(files, path), path);
  return isRecord(first?.value) && first.value['apiVersion'] === API_VERSION;
}
