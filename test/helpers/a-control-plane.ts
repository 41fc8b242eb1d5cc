import { milliseconds } from '../../engine/index.js';
import { defaultingWith } from '../../models/api/defaults/index.js';
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

/** Defaults of every kind, without admission or validation. */
function defaultingHooks({ features }: Defaults): Hooks {
  const changes = Object.entries(defaultingWith(features));
  return Object.fromEntries(changes.map(([kind, applyDefaults]) => [kind, { applyDefaults }])) as Hooks;
}
