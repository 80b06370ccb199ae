import type { JsonSchema } from '@interlock/schema';

/** A published workflow, as far as a schedule has to know it. */
export interface StartableWorkflow {
  readonly name: string;
  readonly version: number;
  readonly hash: string;
  readonly inputSchema: JsonSchema;
}

/** What a decision about schedules depends on besides the log. */
export interface ScheduleSettings {
  /** The named version, or the newest. */
  workflow(name: string, version: number | undefined): StartableWorkflow | undefined;
  partitionOf(key: string): number;
}

/** Of one partition; a tenant’s limit is the gateway’s to keep. */
export const SCHEDULES_MAX = 1_000;
export const QUEUE_MAX = 100;
/** Due times of one decision; the others follow in the next. */
export const DUE_AT_ONCE = 50;
