import type { Component, ControllerContext } from '../client-go/index.js';
import {
  createDeploymentController,
  deploymentControllerConfiguration,
  deploymentControllerFlags,
} from '../deployment-controller/index.js';
import {
  createEndpointSliceController,
  endpointSliceControllerConfiguration,
  endpointSliceControllerFlags,
} from '../endpointslice-controller/index.js';
import {
  createReplicaSetController,
  replicaSetControllerConfiguration,
  replicaSetControllerFlags,
} from '../replicaset-controller/index.js';
import type { Defaults, Flag } from '../versions/index.js';

export interface ControllerManagerOptions {
  readonly defaults: Defaults;
  /** Flag names without dashes to values, as given. */
  readonly flags: Readonly<Record<string, string>>;
  readonly elideQuietEvents: boolean;
}

/** One controller of kube-controller-manager: the flags it reads, and how it is made. */
interface ControllerEntry {
  flags(defaults: Defaults): readonly Flag[];
  create(context: ControllerContext, options: ControllerManagerOptions): Component;
}

/** In the order in which the process starts them (cmd/kube-controller-manager/app/controllermanager.go goes by name). */
const CONTROLLERS: readonly ControllerEntry[] = [
  {
    flags: deploymentControllerFlags,
    create: (context, { defaults, flags }) =>
      createDeploymentController(context, deploymentControllerConfiguration(defaults, flags)),
  },
  {
    flags: endpointSliceControllerFlags,
    create: (context, { defaults, flags }) =>
      createEndpointSliceController(context, endpointSliceControllerConfiguration(defaults, flags)),
  },
  {
    flags: replicaSetControllerFlags,
    create: (context, { defaults, flags }) =>
      createReplicaSetController(context, replicaSetControllerConfiguration(defaults, flags)),
  },
];

/** The controllers of a process, not yet started. */
export const createControllers = (context: ControllerContext, options: ControllerManagerOptions): readonly Component[] =>
  CONTROLLERS.map((entry) => entry.create(context, options));

/** Every flag that some controller reads, by name; a flag that several read stands once. */
export function kubeControllerManagerFlags(defaults: Defaults): readonly Flag[] {
  const flags = new Map(CONTROLLERS.flatMap((entry) => entry.flags(defaults)).map((flag) => [flag.name, flag]));
  return [...flags.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
