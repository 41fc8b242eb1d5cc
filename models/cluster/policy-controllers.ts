import { createBootstrapControllers } from '../bootstrap-controllers/index.js';
import type { Component } from '../client-go/index.js';
import { createClusterRoleAggregationController } from '../clusterrole-aggregation-controller/index.js';
import {
  createResourceQuotaController,
  resourceQuotaControllerConfiguration,
  resourceQuotaControllerFlags,
} from '../resourcequota-controller/index.js';
import { createServiceAccountControllers } from '../serviceaccount-controller/index.js';
import { createTtlController, ttlControllerConfiguration } from '../ttl-controller/index.js';
import { controllerClientLimits, type Defaults, type Flag } from '../versions/index.js';
import type { ControllerManagerOptions } from './kube-controller-manager.js';

/** Flags of the controllers below. */
export const policyControllerFlags = (defaults: Defaults): readonly Flag[] => resourceQuotaControllerFlags(defaults);

/** Controllers of quotas, accounts and node annotations, not yet started. */
export const policyControllers = ({
  context,
  defaults,
  flags,
  startTime,
}: ControllerManagerOptions): readonly Component[] => [
  ...createBootstrapControllers(context, controllerClientLimits(defaults, flags), startTime),
  createResourceQuotaController(context, resourceQuotaControllerConfiguration(defaults, flags)),
  ...createServiceAccountControllers(context, controllerClientLimits(defaults, flags)),
  createClusterRoleAggregationController(context, controllerClientLimits(defaults, flags)),
  createTtlController(context, ttlControllerConfiguration(defaults, flags)),
];
