import * as z from 'zod';
import { strict } from '../schema/shapes.js';
import { FAULT_FIELDS, type FaultKind, healAll } from './fault.js';

const schema = strict({
  kind: z.literal('ProvisioningOutage'),
  ...FAULT_FIELDS,
  pools: z.array(z.string()).min(1).describe('Pools with `autoscaling`.'),
});

/** The cloud has no machines: those that are asked for do not come, until the fault heals. */
export const provisioningOutage: FaultKind<z.infer<typeof schema>> = {
  kind: 'ProvisioningOutage',
  help: 'The cloud has no machines for these pools: those that an autoscaler asks for do not come.',
  schema,
  inject({ cluster }, { pools }) {
    const groups = pools.flatMap((name) => cluster.nodeGroup(name) ?? []);
    const heals = groups.map((group) => group.withhold());
    return {
      nodes: [],
      pods: [],
      ...(groups.length > 0 && { elsewhere: `the cloud of ${pools.join(', ')}` }),
      isDeadly: false,
      heal: healAll(heals),
    };
  },
};
