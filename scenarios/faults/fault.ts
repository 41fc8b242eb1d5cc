import * as z from 'zod';
import type { ObjectKey, Simulation } from '../../engine/index.js';
import type { Cluster } from '../../models/cluster.js';
import { type DurationText, duration } from '../schema/values.js';

/** What every fault says: when, and for how long. */
export const FAULT_FIELDS = {
  at: duration.describe('When the fault strikes, from the start of the run.'),
  for: duration.optional().describe('When it heals, from when it struck. Left out: it stays.'),
};

export interface FaultSpec {
  readonly kind: string;
  readonly at: DurationText;
  readonly for?: DurationText | undefined;
}

export interface FaultContext {
  readonly simulation: Simulation;
  readonly cluster: Cluster;
  /** The pool that a node came from; undefined for a node of no pool. */
  poolOf(node: string): string | undefined;
  /** Place of the fault in the scenario; keeps the draws of faults apart. */
  readonly ordinal: number;
}

/** A fault that struck. */
export interface Injection {
  /** Nodes it struck, in order of name. */
  readonly nodes: readonly string[];
  /** Pods it struck by themselves, not through their node. */
  readonly pods: readonly ObjectKey[];
  /** What it struck that is no node and no pod: a registry. */
  readonly elsewhere?: string;
  /** Whether the containers it struck are dead at once, before anybody notices. */
  readonly isDeadly: boolean;
  heal(): void;
}

/** A kind of fault. It pulls levers of the world, never a status: the components find out by themselves. */
export interface FaultKind<Spec extends FaultSpec> {
  readonly kind: Spec['kind'];
  readonly help: string;
  readonly schema: z.ZodType<Spec, Spec>;
  inject(context: FaultContext, spec: Spec): Injection;
}

/** Heals all, in the order struck. */
export const healAll = (heals: readonly (() => void)[]) => (): void => {
  for (const heal of heals) {
    heal();
  }
};
