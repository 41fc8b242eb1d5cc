import { milliseconds } from '../../engine/index.js';
import { defaultingWith, preparationWith } from '../../models/api/defaults/index.js';
import type { Kind } from '../../models/api/index.js';
import type { Hooks } from '../../models/apiserver/index.js';
import type { Component, ControllerContext } from '../../models/client-go/index.js';
import { type Defaults, defaultsFor } from '../../models/versions/index.js';
import { type AnApiServer, anApiServer } from './an-api-server.js';
import { PlayedNodes } from './played-node.js';

export interface AControlPlaneOptions {
  readonly kubernetesVersion?: string;
  readonly seed?: number;
  /** Names of played nodes; none: pods stay pending. */
  readonly nodes?: readonly string[];
  readonly controllers: readonly ((context: ControllerContext, defaults: Defaults) => Component)[];
}

/** An API server with the latencies of an idle cluster (4 ms a call, 3 ms to a watcher), these controllers, and played nodes. */
export function aControlPlane(options: AControlPlaneOptions): AnApiServer {
  const { kubernetesVersion = '1.37' } = options;
  const defaults = defaultsFor(kubernetesVersion) as Defaults;
  const cluster = anApiServer({
    kubernetesVersion,
    ...(options.seed !== undefined && { seed: options.seed }),
    hooks: defaultingHooks(defaults),
    apiCall: milliseconds(4),
    watchDelivery: milliseconds(3),
  });
  if (options.nodes) {
    new PlayedNodes(cluster, options.nodes);
  }
  const controllers = options.controllers.map((create) => create(cluster.context, defaults));
  cluster.informers.start();
  for (const controller of controllers) {
    controller.start();
  }
  return cluster;
}

/** Defaults of every kind and what its strategy adds on create, without admission or validation. */
function defaultingHooks({ features }: Defaults): Hooks {
  const applied = defaultingWith(features);
  const prepared = preparationWith(features);
  const kinds = new Set([...Object.keys(applied), ...Object.keys(prepared)]) as Set<Kind>;
  const hooksOf = (kind: Kind): object => ({
    ...(applied[kind] && { applyDefaults: applied[kind] }),
    ...(prepared[kind] && { prepareForCreate: prepared[kind] }),
  });
  return Object.fromEntries([...kinds].map((kind) => [kind, hooksOf(kind)])) as Hooks;
}
