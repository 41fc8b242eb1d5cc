import type { v1_37 } from './v1-37.js';

type Widen<T> = T extends string
  ? string
  : T extends number
    ? number
    : T extends boolean
      ? boolean
      : { readonly [K in keyof T]: Widen<T[K]> };

/** All defaults of one Kubernetes version. Durations are written as Kubernetes writes them ("50s"); parse them with engine/time. */
export type Defaults = Widen<typeof v1_37>;

type Part<T> = T extends string | number | boolean ? T : { readonly [K in keyof T]?: Part<T[K]> };

/** A version stated as its differences from 1.37. */
export type Changes = Part<Defaults>;
