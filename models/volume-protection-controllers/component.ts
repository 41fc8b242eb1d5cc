import type { Component, ControllerContext } from '../client-go/index.js';
import type { ClientLimits } from '../versions/index.js';
import { ClaimProtection } from './claim-protection.js';
import { VolumeProtection } from './volume-protection.js';

/** Both controllers, not yet started. */
export const createVolumeProtectionControllers = (
  context: ControllerContext,
  limits: ClientLimits,
): readonly Component[] => [new VolumeProtection(context, limits), new ClaimProtection(context, limits)];
