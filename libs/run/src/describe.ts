import { type Failure, type StoredValue, storedIn } from '@interlock/contracts';
import type { RunStatus as ShownStatus } from '@interlock/contracts/http';
import { openChildren } from './family/state.js';
import type { StepIndex } from './indices.js';
import type { Migration } from './migration/state.js';
import { stepIn } from './scope/workflow.index.js';
import { type SearchValues, searchOf } from './search.js';
import type { RunState } from './state.js';
import { childrenOfSteps } from './step/workflow/work.js';
import { lateWaits, openWaits, shownWaits, type WaitingFor } from './waiting.js';

/** What a run can be once the orchestrator has taken it up. */
export type RunStatus = Exclude<ShownStatus, 'accepted' | 'refused'>;

/** A run as its state says it; instants are UTC ms. The interface shows it in ISO 8601. */
export interface Run {
  readonly runId: string;
  readonly rootRunId: string;
  /** The run that started it, in this step. */
  readonly parent?: { readonly runId: string; readonly step: string };
  /** Runs that it has started and that have not ended, and those of steps that it still knows. */
  readonly children?: readonly { readonly runId: string; readonly step: string }[];
  readonly workflow: { readonly name: string; readonly version: number; readonly hash: string };
  /** Who started it, and of which tenant it is; absent: the default one. */
  readonly by: string;
  readonly tenant?: string;
  readonly status: RunStatus;
  readonly input?: unknown;
  /** Instead of the input, where that is kept outside of the log. */
  readonly inputRef?: StoredValue;
  readonly output?: unknown;
  /** Instead of the output, where that is kept outside of the log. */
  readonly outputRef?: StoredValue;
  readonly success?: boolean;
  readonly failure?: Pick<Failure, 'class' | 'code' | 'message'> & { readonly step?: string };
  readonly waitingFor?: readonly WaitingFor[];
  /** Who paused it, and why. */
  readonly paused?: { readonly by: string; readonly reason: string };
  /** What it is found by, as far as it is known. */
  readonly search?: SearchValues;
  /** When it should be complete, where its workflow says so. */
  readonly sla?: { readonly due: number; readonly breached: boolean };
  readonly startedAt: number;
  /** An operator may take it up again. */
  readonly resumable?: true;
  /** Who has looked at it, where somebody had to. */
  readonly closed?: { readonly by: string; readonly reason: string };
  readonly endedAt?: number;
  /** The values that it kept outside of the log are erased, or are being erased. */
  readonly erased?: {
    readonly by: string;
    readonly reason: string;
    readonly since: number;
    readonly until?: number;
    readonly values?: number;
    readonly bytes?: number;
    readonly root?: string;
  };
  /** When it went on as another version of its workflow says, oldest first. */
  readonly migrated?: readonly Migration[];
  readonly usage: {
    readonly tokens: number;
    readonly costUsd: number;
    readonly steps: number;
    readonly toolCalls: number;
  };
  readonly lastSeq: number;
}

export function describeRun(state: RunState): Run {
  const { origin, spent, end } = state;
  const { runId, rootRunId, workflow, input, startedAt } = origin;
  const { sub, tenant } = origin.by;
  const waitingFor = end === null ? openWaits(state) : lateWaits(state);
  return {
    runId,
    rootRunId,
    ...familyOf(state),
    workflow,
    by: sub,
    ...(tenant === undefined ? {} : { tenant }),
    status: statusOf(state, waitingFor),
    ...inputOf(input),
    ...outputOf(end?.output),
    ...(end?.success === undefined ? {} : { success: end.success }),
    ...failureOf(state),
    ...(waitingFor.length === 0 ? {} : { waitingFor: shownWaits(waitingFor) }),
    ...pauseOf(state),
    ...searchIn(state),
    ...slaIn(state),
    startedAt,
    ...(end === null ? {} : { endedAt: end.at }),
    ...(end?.resumable === true ? { resumable: true as const } : {}),
    ...(end?.closed === undefined ? {} : { closed: { by: end.closed.by, reason: end.closed.reason } }),
    ...erasedIn(state),
    ...(state.migrations === undefined ? {} : { migrated: state.migrations }),
    usage: {
      tokens: spent.tokens,
      costUsd: (spent.microUsd + spent.undoMicroUsd) / 1_000_000,
      steps: spent.steps,
      toolCalls: spent.toolCalls + spent.undoCalls,
    },
    lastSeq: state.seq,
  };
}

function inputOf(input: unknown): Pick<Run, 'input' | 'inputRef'> {
  const inputRef = storedIn(input);
  return inputRef === undefined ? { input } : { inputRef };
}

function outputOf(output: unknown): Pick<Run, 'output' | 'outputRef'> {
  const outputRef = storedIn(output);
  if (outputRef !== undefined) return { outputRef };
  return output === undefined ? {} : { output };
}

function erasedIn({ erasure }: RunState): Pick<Run, 'erased'> {
  if (erasure === undefined) return {};
  const { phase, at: since, ...erased } = erasure;
  return { erased: { ...erased, since } };
}

function slaIn({ origin, breached }: RunState): Pick<Run, 'sla'> {
  const { completeMs } = origin.compiled.sla ?? {};
  return completeMs === undefined
    ? {}
    : { sla: { due: origin.startedAt + completeMs, breached: breached === true } };
}

function searchIn(state: RunState): Pick<Run, 'search'> {
  const search = searchOf(state);
  return search === undefined ? {} : { search };
}

/** How many children are named at most. */
const CHILDREN_SHOWN_MAX = 100;

function familyOf(state: RunState): Pick<Run, 'parent' | 'children'> {
  const { parent } = state.origin;
  const open = openChildren(state).map(({ runId, step }) => ({ runId, step }));
  const known = new Set(open.map(({ runId }) => runId));
  const nameOf = (step: StepIndex) => stepIn(state, step).definition.id;
  const ended = childrenOfSteps(state, nameOf).filter(({ runId }) => !known.has(runId));
  const children = [...open, ...ended].slice(0, CHILDREN_SHOWN_MAX);
  return {
    ...(parent === undefined ? {} : { parent: { runId: parent.runId, step: parent.step } }),
    ...(children.length === 0 ? {} : { children }),
  };
}

function failureOf({ end, failed }: RunState): Pick<Run, 'failure'> {
  const failure = end?.failure ?? (end === null ? failed?.failure : undefined);
  const step = end?.step ?? failed?.step;
  if (failure === undefined) return {};
  const { class: kind, code, message } = failure;
  return { failure: { class: kind, code, message, ...(step === undefined ? {} : { step }) } };
}

/** Waits that only a person, a signal or the clock can end. */
const QUIET: ReadonlySet<WaitingFor['kind']> = new Set([
  'operator',
  'approval',
  'wait',
  'body',
  'signal',
  'form',
  'conversation',
  'fallback',
  'stop',
]);

/** A pause does not hold back a run that is ending. */
const isPaused = ({ paused, failed, cancelling }: RunState): boolean =>
  paused !== null && failed === null && cancelling === null;

function pauseOf(state: RunState): Pick<Run, 'paused'> {
  if (state.paused === null || !isPaused(state)) return {};
  const { by, reason } = state.paused;
  return { paused: { by, reason } };
}

function statusOf(state: RunState, waitingFor: readonly WaitingFor[]): RunStatus {
  const { end, ready } = state;
  if (end !== null) return end.closed === undefined ? end.status : 'closed';
  if (state.parked !== null) return 'waiting';
  if (state.rollback !== null) return 'rolling_back';
  if (isPaused(state)) return 'paused';
  const isQuiet =
    waitingFor.length > 0 && ready.length === 0 && waitingFor.every(({ kind }) => QUIET.has(kind));
  return isQuiet ? 'waiting' : 'running';
}
