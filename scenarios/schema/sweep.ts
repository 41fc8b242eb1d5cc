import * as z from 'zod';
import { API_VERSION } from './scenario.js';
import { chosen, isRecord, strict } from './shapes.js';
import { objectName } from './values.js';

const axis = strict({
  name: z.string().optional().describe('Its column in the results. Left out: the last part of the path.'),
  path: z.string().describe('What is varied: spec.cluster.pools[0].count, or a flag, --node-monitor-grace-period.'),
  values: z.array(z.unknown()).min(1),
});

const seedList = z.array(z.int().min(0)).min(1);
const seedRange = strict({ from: z.int().min(0).optional(), count: z.int().min(1) });

/** Axes × seeds over one scenario. */
export const sweep = strict({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('Sweep'),
  metadata: strict({ name: objectName, description: z.string().optional() }),
  spec: strict({
    scenario: z.string().describe("The scenario file that is varied, from this file's folder."),
    axes: z.array(axis),
    seeds: chosen([seedList, seedRange], (value) => (isRecord(value) ? seedRange : seedList)).describe(
      '[1, 2, 3], or {from: 1, count: 20}. Every variant runs with the same seeds.',
    ),
  }),
}).describe('What kubewhen sweep runs: every combination of the axes with every seed.');

export type SweepText = z.infer<typeof sweep>;
