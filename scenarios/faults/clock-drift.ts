import * as z from 'zod';
import { parseDuration } from '../../engine/index.js';
import { mistake, strict } from '../schema/shapes.js';
import { FAULT_FIELDS, type FaultKind, healAll } from './fault.js';
import { NODE_TARGET, nodesMeant, refuseNoNodes } from './targets.js';

const offset = z.string().superRefine((text, ctx) => {
  try {
    parseDuration(text);
  } catch (error) {
    if (!(error instanceof RangeError)) {
      throw error;
    }
    mistake(ctx, 'BAD_DURATION', error.message, 'Offsets are written like 30s, or -10m for a clock that is late');
  }
});

const schema = strict({
  kind: z.literal('ClockDrift'),
  ...FAULT_FIELDS,
  ...NODE_TARGET,
  offset: offset.describe('How far the clock is ahead: "30s", "-10m".'),
}).superRefine(refuseNoNodes);

/** The machine's clock jumps; Leases are stamped by it. It is right again when the fault heals. */
export const clockDrift: FaultKind<z.infer<typeof schema>> = {
  kind: 'ClockDrift',
  help: "The machines' clocks jump ahead or back, and the renewal times of their Leases with them.",
  schema,
  inject(context, spec) {
    const nodes = nodesMeant(context, spec);
    const machines = nodes.flatMap((name) => context.cluster.node(name)?.machine ?? []);
    for (const machine of machines) {
      machine.setClock(parseDuration(spec.offset));
    }
    return { nodes, pods: [], isDeadly: false, heal: healAll(machines.map((machine) => () => machine.setClock(0))) };
  },
};
