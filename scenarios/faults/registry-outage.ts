import * as z from 'zod';
import { strict } from '../schema/shapes.js';
import { FAULT_FIELDS, type FaultKind } from './fault.js';

const schema = strict({
  kind: z.literal('RegistryOutage'),
  ...FAULT_FIELDS,
  registry: z.string().min(1).optional().describe('Host as images name it: docker.io, ghcr.io. Left out: all.'),
  answer: z
    .enum(['timeout', 'error'])
    .optional()
    .describe(
      'Left out: timeout, nobody answers until the request is given up (world.registryTimeout). error: 503 at once.',
    ),
});

/** An image registry fails; what is on a machine stays there. */
export const registryOutage: FaultKind<z.infer<typeof schema>> = {
  kind: 'RegistryOutage',
  help: 'An image registry does not answer, or answers with errors. Transfers under way go on.',
  schema,
  inject({ cluster }, { answer, registry }) {
    const heal = cluster.registry.outage(registry, answer);
    return { nodes: [], pods: [], elsewhere: registry ?? 'all registries', isDeadly: false, heal };
  },
};
