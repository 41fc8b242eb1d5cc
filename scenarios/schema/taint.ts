import * as z from 'zod';
import type { Taint } from '../../models/api/index.js';
import { chosen, isRecord, mistake, strict } from './shapes.js';
import { isLabelKey, isLabelValue } from './values.js';

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const;

const taintObject = strict({ key: z.string(), value: z.string().optional(), effect: z.enum(EFFECTS) });

/** What one word of `kubectl taint` says: put a taint there, or take off those of a key (and an effect). */
export interface TaintChange {
  readonly key: string;
  readonly value?: string;
  readonly effect?: Taint['effect'];
  readonly isRemoval: boolean;
}

/** k8s 1.37 staging/src/k8s.io/kubectl pkg/cmd/taint/utils.go, parseTaints: "key=value:Effect", "key:Effect", "key-", "key:Effect-". */
export function parseTaint(text: string): TaintChange | undefined {
  const isRemoval = text.endsWith('-');
  const [, key, value, effect] = /^([^=:]+)(?:=([^:]*))?(?::(.+))?$/.exec(isRemoval ? text.slice(0, -1) : text) ?? [];
  const fits =
    key !== undefined &&
    isLabelKey(key) &&
    isLabelValue(value ?? '') &&
    (effect === undefined ? isRemoval && value === undefined : (EFFECTS as readonly string[]).includes(effect));
  return fits
    ? {
        key,
        isRemoval,
        ...(value !== undefined && { value }),
        ...(effect !== undefined && { effect: effect as (typeof EFFECTS)[number] }),
      }
    : undefined;
}

const taintWord = z.string().superRefine((text, ctx) => {
  const found = parseTaint(text);
  if (found === undefined || found.isRemoval) {
    mistake(
      ctx,
      'BAD_VALUE',
      `${JSON.stringify(text)} is no taint`,
      `Taints are written like key=value:${EFFECTS.join('|')}`,
    );
  }
});

/** A taint as in a Node, or as kubectl writes it: "dedicated=gpu:NoSchedule". */
export const taint = chosen([taintObject, taintWord], (value) => (isRecord(value) ? taintObject : taintWord));

export const taintChange = z.string().superRefine((text, ctx) => {
  if (parseTaint(text) === undefined) {
    mistake(
      ctx,
      'BAD_VALUE',
      `${JSON.stringify(text)} is no taint`,
      'Written like key=value:NoSchedule, or key:NoSchedule- to remove',
    );
  }
});

export function toTaint(text: z.infer<typeof taint>): Taint {
  const { key, value, effect } = typeof text === 'string' ? (parseTaint(text) as TaintChange) : text;
  return { key, effect: effect as Taint['effect'], ...(value !== undefined && { value }) };
}
