import type { Component, ControllerContext } from '../client-go/index.js';
import { Attacher } from './attacher.js';
import type { CsiSidecarsConfiguration } from './config.js';
import { Provisioner } from './provisioner.js';

/** The sidecars of every driver's controller, not yet started. */
export const createCsiSidecars = (
  context: ControllerContext,
  config: CsiSidecarsConfiguration,
): readonly Component[] => [new Provisioner(context, config), new Attacher(context, config)];
