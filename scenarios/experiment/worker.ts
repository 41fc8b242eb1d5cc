import { renameSync, writeFileSync } from 'node:fs';
import type { ClusterModel } from '../../models/cluster.js';
import { type RunTask, runOne } from './run-one.js';

/** A task of the worker pool: a run, where its record goes, and where the model comes from. */
export interface WorkerTask extends RunTask {
  readonly file: string;
  readonly model: ModelSource;
}

/** A module and the name under which it exports a ClusterModel; models cannot travel between threads. */
export interface ModelSource {
  readonly module: string;
  readonly name: string;
}

const models = new Map<string, Promise<ClusterModel>>();

function modelOf({ module, name }: ModelSource): Promise<ClusterModel> {
  const id = `${module}#${name}`;
  const known =
    models.get(id) ?? import(module).then((loaded) => (loaded as Record<string, ClusterModel>)[name] as ClusterModel);
  models.set(id, known);
  return known;
}

/** Runs the task and writes its record whole or not at all. */
export default async function work(task: WorkerTask): Promise<void> {
  const record = runOne(task, await modelOf(task.model));
  const partial = `${task.file}.partial`;
  writeFileSync(partial, `${JSON.stringify(record)}\n`);
  renameSync(partial, task.file);
}
