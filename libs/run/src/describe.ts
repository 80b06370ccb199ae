import type { Failure } from '@interlock/contracts';
import { approvalAt, approvalIdOf } from './evolve/approvals.js';
import { armAt } from './evolve/edit.js';
import type { RunState, StepState } from './state.js';
import { planOf, stepAt } from './workflow.plan.js';

export interface WaitingFor {
  readonly kind:
    | 'operator'
    | 'approval'
    | 'wait'
    | 'signal'
    | 'retry'
    | 'recovery'
    | 'call'
    | 'check'
    | 'fallback';
  readonly step: string;
  readonly since: number;
  readonly until?: number;
  readonly detail: string;
  /** What people are asked, for the kind `approval`. */
  readonly approvalId?: string;
}

export type RunStatus =
  | 'running'
  | 'waiting'
  | 'paused'
  | 'rolling_back'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'rolled_back'
  | 'escalated';

/** A run as the interface shows it. Instants are UTC ms. */
export interface Run {
  readonly runId: string;
  readonly rootRunId: string;
  readonly workflow: { readonly name: string; readonly version: number; readonly hash: string };
  readonly status: RunStatus;
  readonly input: unknown;
  readonly output?: unknown;
  readonly success?: boolean;
  readonly failure?: Pick<Failure, 'class' | 'code' | 'message'> & { readonly step?: string };
  readonly waitingFor?: readonly WaitingFor[];
  /** Who paused it, and why. */
  readonly paused?: { readonly by: string; readonly reason: string };
  readonly startedAt: number;
  readonly endedAt?: number;
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
  const waitingFor = end === null ? openWaits(state) : lateWaits(state);
  return {
    runId,
    rootRunId,
    workflow,
    status: statusOf(state, waitingFor),
    input,
    ...(end?.output === undefined ? {} : { output: end.output }),
    ...(end?.success === undefined ? {} : { success: end.success }),
    ...failureOf(state),
    ...(waitingFor.length === 0 ? {} : { waitingFor }),
    ...pauseOf(state),
    startedAt,
    ...(end === null ? {} : { endedAt: end.at }),
    usage: {
      tokens: 0,
      costUsd: spent.microUsd / 1_000_000,
      steps: spent.steps,
      toolCalls: spent.toolCalls,
    },
    lastSeq: state.seq,
  };
}

function failureOf({ end, failed }: RunState): Pick<Run, 'failure'> {
  const failure = end?.failure ?? (end === null ? failed?.failure : undefined);
  const step = end?.step ?? failed?.step;
  if (failure === undefined) return {};
  const { class: kind, code, message } = failure;
  return { failure: { class: kind, code, message, ...(step === undefined ? {} : { step }) } };
}

/** What only a person, a signal or the clock can move. */
const QUIET: ReadonlySet<WaitingFor['kind']> = new Set([
  'operator',
  'approval',
  'wait',
  'signal',
  'fallback',
]);

/** A run that is ending is held back no more. */
const isPaused = ({ paused, failed, cancelling }: RunState): boolean =>
  paused !== null && failed === null && cancelling === null;

function pauseOf(state: RunState): Pick<Run, 'paused'> {
  if (state.paused === null || !isPaused(state)) return {};
  const { by, reason } = state.paused;
  return { paused: { by, reason } };
}

function statusOf(state: RunState, waitingFor: readonly WaitingFor[]): RunStatus {
  const { end, ready } = state;
  if (end !== null) return end.status;
  if (isPaused(state)) return 'paused';
  const isQuiet =
    waitingFor.length > 0 && ready.length === 0 && waitingFor.every(({ kind }) => QUIET.has(kind));
  return isQuiet ? 'waiting' : 'running';
}

const lateWaits = ({ end, time }: RunState): WaitingFor[] =>
  (end?.late ?? []).map((step) => ({
    kind: 'operator',
    step,
    since: time,
    detail: 'its write turned out to have happened after the run had ended without it',
  }));

function openWaits(state: RunState): WaitingFor[] {
  const { steps } = planOf(state.origin.compiled);
  const waits = state.active.map((place) => waitOf(state, steps[place]!.id, stepAt(state, place)));
  const listed = new Set(waits.map(({ step }) => step));
  const answers = [...state.openArms, ...state.unjudged]
    .map((ordinal) => armAt(state, ordinal))
    .filter(({ step }) => !listed.has(steps[step]!.id))
    .map(
      ({ step, at, open, notAfter, timeoutMs }): WaitingFor => ({
        kind: open ? 'call' : 'check',
        step: steps[step]!.id,
        since: at,
        ...(open ? { until: notAfter + timeoutMs } : {}),
        detail: open
          ? 'the answer to a call that was taken back'
          : 'the verdict before its call, not recorded yet',
      }),
    );
  return [...waits, ...answers];
}

function waitOf(state: RunState, step: string, at: StepState): WaitingFor {
  const { deadline } = state.origin;
  const { since, call } = at;
  const kindOf = (kind: WaitingFor['kind'], detail: string, until?: number): WaitingFor =>
    until === undefined ? { kind, step, since, detail } : { kind, step, since, until, detail };
  if (at.status === 'parked') {
    const until = call?.doubt === undefined ? deadline : undefined;
    return kindOf('operator', at.failure?.message ?? 'a person must decide', until);
  }
  if (at.status === 'fell_back') return kindOf('fallback', 'its fallback step');
  if (at.wait?.signal !== undefined) return kindOf('signal', at.wait.signal, at.wait.until);
  if (at.status === 'waiting' && at.question !== undefined) return approvalWait(state, step, at, at.question);
  if (at.status === 'waiting') return kindOf('wait', 'a time to come', at.wait?.until);
  if (at.check !== undefined || call?.result === 'happened') {
    return kindOf('check', 'the check of its outcome');
  }
  const asked = askedFor(state, at);
  return asked === undefined ? callWait(state, at, kindOf) : approvalWait(state, step, at, asked);
}

/** Ordinal of the approval that a call, or the question to its verify tool, waits for. */
function askedFor({ openApprovals }: RunState, { call, verify }: StepState): number | undefined {
  if (call?.phase !== 'approval') return undefined;
  return [call.approval, verify?.approval].find(
    (ordinal) => ordinal !== undefined && openApprovals.includes(ordinal),
  );
}

/** People are waited for once the approval service has opened what the run asked for. */
function approvalWait(state: RunState, step: string, { since }: StepState, ordinal: number): WaitingFor {
  const approval = approvalAt(state, ordinal);
  const { openedAt, expiresAt, escalated, requirement } = approval;
  const approvalId = approvalIdOf(state, approval);
  if (openedAt === undefined)
    return { kind: 'call', step, since, detail: `people to be asked: ${approvalId}` };
  const { kind, approvers, escalateTo = [] } = requirement;
  const roles = escalated === true ? [...approvers, ...escalateTo] : approvers;
  const detail = `${kind} approval by ${roles.join(' or ')}: ${approvalId}`;
  const until = expiresAt === undefined ? {} : { until: expiresAt };
  return { kind: 'approval', step, since: openedAt, ...until, detail, approvalId };
}

function callWait(
  state: RunState,
  { call, verify }: StepState,
  kindOf: (kind: WaitingFor['kind'], detail: string, until?: number) => WaitingFor,
): WaitingFor {
  const { deadline } = state.origin;
  switch (call?.phase) {
    case 'retry':
      return call.doubt === undefined
        ? kindOf('retry', 'the next attempt', call.due)
        : kindOf('recovery', 'the repetition of a call in doubt', call.due);
    case 'settling':
    case 'asking':
      return kindOf('recovery', 'a call in doubt settles before anybody is asked', call.due);
    case 'verifying':
      return armWait(state, verify!.arm, kindOf, 'recovery');
    case 'armed':
      return armWait(state, call.arm, kindOf, 'call');
    default:
      return kindOf('call', 'its turn', deadline);
  }
}

function armWait(
  state: RunState,
  ordinal: number,
  kindOf: (kind: WaitingFor['kind'], detail: string, until?: number) => WaitingFor,
  kind: 'call' | 'recovery',
): WaitingFor {
  const { notAfter, timeoutMs, overdue, seq } = armAt(state, ordinal);
  const armId = `${state.origin.runId}/${seq}`;
  const detail = overdue === true ? `overdue: no answer to ${armId}` : `the answer to ${armId}`;
  return kindOf(kind, detail, notAfter + timeoutMs);
}
