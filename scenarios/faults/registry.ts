import type * as z from 'zod';
import { chosen, isRecord, mistake } from '../schema/shapes.js';
import { didYouMean } from '../schema/suggest.js';
import { clockDrift } from './clock-drift.js';
import { containerExit } from './container-exit.js';
import { controlPlaneCrash, controlPlanePartition } from './control-plane.js';
import { diskFill } from './disk-fill.js';
import type { FaultKind, FaultSpec } from './fault.js';
import { kubeletHang } from './kubelet-hang.js';
import { kubeletRestart } from './kubelet-restart.js';
import { kubeletStop } from './kubelet-stop.js';
import { memoryLeak } from './memory-leak.js';
import { networkPartition } from './network-partition.js';
import { nodeCrash } from './node-crash.js';
import { nodeReboot } from './node-reboot.js';
import { nodeShutdown } from './node-shutdown.js';
import { probeFailure } from './probe-failure.js';
import { provisioningOutage } from './provisioning-outage.js';
import { registryOutage } from './registry-outage.js';

const KINDS = [
  nodeCrash,
  nodeReboot,
  kubeletStop,
  networkPartition,
  containerExit,
  probeFailure,
  memoryLeak,
  registryOutage,
  diskFill,
  nodeShutdown,
  kubeletRestart,
  kubeletHang,
  clockDrift,
  provisioningOutage,
  controlPlaneCrash,
  controlPlanePartition,
] as const;

type SpecOf<Kind> = Kind extends FaultKind<infer Spec> ? Spec : never;
export type FaultText = SpecOf<(typeof KINDS)[number]>;

/** Every kind of fault, by name. */
export const FAULT_KINDS: ReadonlyMap<string, FaultKind<FaultSpec>> = new Map(
  KINDS.map((kind) => [kind.kind, kind as unknown as FaultKind<FaultSpec>]),
);

/** A fault of any kind; mistakes are told for the kind that `kind` names. */
export const fault: z.ZodType<FaultText, FaultText> = chosen(
  KINDS.map((kind) => kind.schema) as unknown as readonly z.ZodType<FaultText, FaultText>[],
  (value, ctx) => {
    if (!isRecord(value) || typeof value.kind !== 'string') {
      mistake(ctx, 'MISSING_FIELD', 'a fault is a mapping with a kind', `Known: ${[...FAULT_KINDS.keys()].join(', ')}`);
      return undefined;
    }
    const kind = FAULT_KINDS.get(value.kind);
    if (kind === undefined) {
      mistake(
        ctx,
        'UNKNOWN_KIND',
        `no fault is called ${JSON.stringify(value.kind)}`,
        didYouMean(value.kind, FAULT_KINDS.keys()),
        ['kind'],
      );
    }
    return kind?.schema;
  },
);
