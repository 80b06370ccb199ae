import type { Failure, Identity, ParentOfRun } from '@interlock/contracts';
import type { CompiledBudget, CompiledWorkflow } from '@interlock/language';
import type { EndForParent } from '../family/report.js';

/** Fixed at the start. */
export interface Origin {
  readonly runId: string;
  readonly rootRunId: string;
  readonly requestHash: string;
  readonly salt: string;
  readonly by: Identity;
  readonly workflow: { readonly name: string; readonly version: number; readonly hash: string };
  readonly compiled: CompiledWorkflow;
  readonly input: unknown;
  /** The wall-time budget ends here, UTC ms. */
  readonly deadline: number;
  readonly startedAt: number;
  /** Absent: somebody started it. */
  readonly parent?: ParentOfRun;
  /** What the run above lets it use. Absent: what its workflow says. */
  readonly budget?: CompiledBudget;
  /** Who shaped its input, besides `by`. */
  readonly shapedBy?: readonly string[];
}

/** Money is counted in millionths of a dollar, so that sums are exact. */
export interface Spent {
  readonly steps: number;
  readonly toolCalls: number;
  readonly microUsd: number;
  readonly tokens: number;
  readonly reservedTokens: number;
  readonly reservedCalls: number;
  readonly reservedMicroUsd: number;
  /** For children. Absent: there was none. */
  readonly reservedSteps?: number;
  /** Of compensations and their verifications, which no budget bounds. */
  readonly undoCalls: number;
  readonly undoMicroUsd: number;
  /** Of the outputs that are kept outside of the log. Absent: there is none. */
  readonly keptBytes?: number;
  /** Calls of the tools that have a budget of their own, those under way and those that children may make included. */
  readonly byTool?: Readonly<Record<string, number>>;
  /** Budgets whose 80 % was announced. */
  readonly warned: readonly string[];
}

export interface Signal {
  readonly name: string;
  readonly data: unknown;
  readonly by: string;
}

export interface Cancelling {
  readonly by: string;
  readonly reason: string;
  readonly at: number;
  readonly rollback: boolean;
}

export interface Paused {
  readonly by: string;
  readonly reason: string;
  readonly at: number;
  /** It is late, and people are to decide. */
  readonly late?: true;
}

/** A decision broke: nothing new starts before an operator or the deadline lets the run go on. */
export interface RunParking {
  readonly code: string;
  readonly on: string;
  readonly at: number;
}

export interface RunEnd {
  readonly status: 'completed' | 'failed' | 'cancelled' | 'rolled_back' | 'escalated';
  readonly at: number;
  readonly output?: unknown;
  readonly success?: boolean;
  readonly failure?: Failure;
  readonly step?: string;
  /** An operator may take it up again. */
  readonly resumable?: true;
  /** Who has looked at it, where somebody had to. */
  readonly closed?: { readonly by: string; readonly reason: string; readonly at: number };
  /** Of a run that another one waits for. */
  readonly family?: EndForParent;
  /** Requests for writes, kept for late outcomes, with what the run knew about their calls. */
  readonly writes: readonly { readonly seq: number; readonly step: string; readonly happened: boolean }[];
  /** Calls that turned out to have happened after the run had ended otherwise. */
  readonly late: readonly { readonly step: string; readonly callHash: string }[];
}
