import type { Identity, ScheduleSpec } from '@interlock/contracts';
import { type Bulks, noBulks } from './bulk/bulk.state.js';
import type { ScheduleId } from './schedule.id.js';

/** What a schedule does at the moment. */
export type Phase =
  | { readonly kind: 'active' }
  | { readonly kind: 'paused' }
  /** What was due could not be decided on. */
  | { readonly kind: 'halted'; readonly code: string; readonly message: string }
  /** It is gone; orders are still to be confirmed. */
  | { readonly kind: 'deleted' };

/** The order that starts a run, as it was decided: a later change of the schedule does not change it. */
export interface StartOrder {
  readonly kind: 'starting';
  readonly key: string;
  readonly workflow: { readonly name: string; readonly version: number; readonly hash: string };
  readonly input: unknown;
  readonly requestHash: string;
}

/** A run that a schedule has started, while it still has to do with it. */
export interface StartedRun {
  readonly runId: string;
  readonly due: number;
  readonly by: Identity;
  /** Whether its end is waited for. */
  readonly watched: boolean;
  readonly phase:
    | StartOrder
    | { readonly kind: 'running' }
    /** `isOrdered`: the order to cancel it is given. */
    | { readonly kind: 'cancelling'; readonly due: number; readonly isOrdered: boolean };
}

/** What came of the last due times, for people. */
export interface LastDue {
  readonly due: number;
  readonly outcome: string;
  readonly runId?: string;
}

export interface Schedule {
  readonly id: ScheduleId;
  readonly spec: ScheduleSpec;
  readonly by: Identity;
  readonly revision: number;
  readonly anchor: number;
  readonly createdAt: number;
  readonly phase: Phase;
  /** UTC ms; null: never again. */
  readonly next: number | null;
  readonly runs: ReadonlyMap<string, StartedRun>;
  /** Due times that wait for a run to end, oldest first. */
  readonly queue: readonly number[];
  /** The newest commands that changed it. */
  readonly commands: readonly string[];
  readonly last: readonly LastDue[];
}

/** The schedules and bulk orders of one partition: the fold of its `schedule.events`. */
export interface Schedules {
  readonly byKey: ReadonlyMap<string, Schedule>;
  /** Runs of `Schedule.runs`, with the key of the schedule. */
  readonly runs: ReadonlyMap<string, string>;
  readonly bulks: Bulks;
}

export const noSchedules: Schedules = { byKey: new Map(), runs: new Map(), bulks: noBulks };

/** The runs whose end is waited for, oldest first. */
export const watchedRuns = ({ runs }: Schedule): StartedRun[] =>
  [...runs.values()].filter(({ watched }) => watched);
