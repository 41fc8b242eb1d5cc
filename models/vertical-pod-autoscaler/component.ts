import type { Component, ControllerContext, MetricsClient } from '../client-go/index.js';
import type { VerticalPodAutoscalerConfiguration } from './config.js';
import { Recommender } from './recommender.js';
import { Updater } from './updater.js';

/** The parts of the vertical pod autoscaler that run by themselves; its admission is a webhook of the API server. */
export const createVerticalPodAutoscaler = (
  context: ControllerContext,
  config: VerticalPodAutoscalerConfiguration,
  metrics: MetricsClient,
): readonly Component[] => [new Recommender(context, config, metrics), new Updater(context, config)];
