import type { QuestionChannel, StopNote } from '@interlock/contracts';
import { approvalWait } from './approval/waiting.js';
import { callAt, happenedOf } from './call/calls.js';
import { isOpen, requestAt, requestIdOf } from './call/requests.js';
import type { CallState, Unanswered } from './call/state.js';
import type { CallIndex, RequestIndex, StepIndex } from './indices.js';
import { rolesFor } from './ladder/roles.js';
import { isOfCall, type Rollback, type Write } from './rollback/state.js';
import { callWriteAt, nextWrite, stepOfChild, undoneBy, writeAt } from './rollback/writes.js';
import { actingFor, calledAt, callOf } from './scope/called.js';
import { stepIn } from './scope/workflow.index.js';
import type { RunState } from './state.js';
import { kindNamed } from './step/index.js';
import { stepAt } from './step/steps.js';

export interface WaitingFor {
  readonly kind:
    | 'operator'
    | 'approval'
    | 'wait'
    | 'body'
    | 'signal'
    | 'form'
    | 'conversation'
    | 'retry'
    | 'recovery'
    | 'call'
    | 'check'
    | 'plan'
    | 'fallback'
    | 'stop'
    | 'circuit'
    | 'unavailable'
    | 'child';
  readonly step: string;
  readonly since: number;
  readonly until?: number;
  readonly detail: string;
  /** What people are asked, for the kind `approval`. */
  readonly approvalId?: string;
  /** The run that is waited for, for the kind `child`. */
  readonly runId?: string;
  /** Whose turn it is, for the kind `operator`, where the workflow says so. */
  readonly roles?: readonly string[];
  /** When it should be done, UTC ms, where the workflow says so. */
  readonly sla?: { readonly due: number; readonly breached: boolean };
  /** What people are asked to fill in, for the kind `form`. */
  readonly form?: AskedForm;
  /** What a model asks, for the kind `conversation`. */
  readonly question?: ShownQuestion;
}

export interface ShownQuestion {
  readonly id: string;
  readonly to: string;
  readonly channel: QuestionChannel['kind'];
  /** Whose signed event may answer it too. */
  readonly trigger?: string;
  readonly text: string;
}

export interface AskedForm {
  readonly question: string;
  readonly details?: unknown;
  readonly roles: readonly string[];
  /** JSON Schema of the answer. */
  readonly schema: Readonly<Record<string, unknown>>;
}

export const lateWaits = ({ end, time }: RunState): WaitingFor[] =>
  (end?.late ?? []).map(({ step }) => ({
    kind: 'operator',
    step,
    since: time,
    detail: 'its write turned out to have happened after the run had ended without it',
  }));

/** As many are shown of one run. */
const SHOWN_MAX = 100;

/** What a person can see at a glance: a step whose body runs says less than what stands in it, so it comes last. */
export function shownWaits(waits: readonly WaitingFor[]): readonly WaitingFor[] {
  const isBody = ({ kind }: WaitingFor): boolean => kind === 'body';
  const inner = [...waits.filter((wait) => !isBody(wait)), ...waits.filter(isBody)];
  const [next] = inner.slice(SHOWN_MAX);
  if (next === undefined) return inner;
  const { since } = next;
  const more = `and ${inner.length - SHOWN_MAX} other steps`;
  return [...inner.slice(0, SHOWN_MAX), { kind: 'body', step: '', since, detail: more }];
}

/** Of a run that is not finished. Of one whose writes are being undone: only what that waits for. */
export function openWaits(state: RunState): WaitingFor[] {
  const waits = [...parkedWait(state), ...lateWait(state), ...waitsWithin(state)];
  return formsShown(waits.map((wait) => forWhom(state, wait)));
}

function forWhom(state: RunState, wait: WaitingFor): WaitingFor {
  const roles = wait.kind === 'operator' ? rolesFor(state, wait) : undefined;
  return roles === undefined ? wait : { ...wait, roles };
}

/** A loop may ask thousands at once: the rest is shown as these are answered. */
const FORMS_SHOWN_MAX = 20;

function formsShown(waits: WaitingFor[]): WaitingFor[] {
  let shown = 0;
  return waits.map((wait) => {
    if (wait.form === undefined || ++shown <= FORMS_SHOWN_MAX) return wait;
    const { form, ...rest } = wait;
    return rest;
  });
}

/** It is about the run, so it names no step. */
function parkedWait({ parked, origin }: RunState): WaitingFor[] {
  if (parked === null) return [];
  const { code, on, at } = parked;
  const until = at < origin.deadline ? { until: origin.deadline } : {};
  const detail = `a decision on ${on} broke (${code}): resume it, cancel it, or retry or skip a step`;
  return [{ kind: 'operator', step: '', since: at, ...until, detail }];
}

/** It is late, and handed to people: about the run too. */
function lateWait({ paused }: RunState): WaitingFor[] {
  if (paused?.late !== true) return [];
  const detail = 'it was not complete in time: resume it, or cancel it';
  return [{ kind: 'operator', step: '', since: paused.at, detail }];
}

function waitsWithin(state: RunState): WaitingFor[] {
  if (state.rollback !== null) return [undoingWait(state, state.rollback)];
  const waits = [...state.active, ...shadowed(state)].map((step) => stepWait(state, step));
  const listed = new Set(waits.map(({ step }) => step));
  const answers = [...state.openRequests, ...state.unjudged]
    .map((request) => answerWait(state, request))
    .filter(({ step }) => !listed.has(step));
  return [...waits, ...answers];
}

/** Agent steps that the baseline has completed, while a model still plans beside it. */
const shadowed = ({ openPlans, active }: RunState): readonly StepIndex[] =>
  openPlans.filter((step) => !active.includes(step));

/** A request that its step does not wait for any more. */
function answerWait(state: RunState, index: RequestIndex): WaitingFor {
  const request = requestAt(state, index);
  const { call, requestedAt: since, notAfter, timeoutMs } = request;
  const { step } = calledAt(state, call);
  return isOpen(request)
    ? {
        kind: 'call',
        step,
        since,
        until: notAfter + timeoutMs,
        detail: 'the answer to a call that was taken back',
      }
    : { kind: 'check', step, since, detail: 'the verdict before its call, not recorded yet' };
}

function undoingWait(state: RunState, { call, child, startedAt: since }: Rollback): WaitingFor {
  if (child !== undefined) {
    const step = stepOfChild(state, child);
    return { kind: 'child', step, since, detail: `run ${child}, which undoes what it did`, runId: child };
  }
  if (call === undefined) {
    const next = nextWrite(state);
    const step = next === undefined ? '' : stepOfWrite(state, writeAt(state, next));
    return { kind: 'call', step, since, detail: 'its turn to be undone' };
  }
  const { tool } = calledAt(state, call);
  const undone = calledAt(state, callWriteAt(state, undoneBy(state, call)).call);
  const wait = callWait(state, call);
  return { ...wait, detail: `${tool} undoes ${undone.tool}: ${wait.detail}` };
}

const stepOfWrite = (state: RunState, write: Write): string =>
  isOfCall(write) ? calledAt(state, write.call).step : write.step;

/** Says what a step waits for. `until`: UTC ms. */
export type Tell = (kind: WaitingFor['kind'], detail: string, until?: number) => WaitingFor;

const telling =
  (step: string, since: number): Tell =>
  (kind, detail, until) =>
    until === undefined ? { kind, step, since, detail } : { kind, step, since, until, detail };

function stepWait(state: RunState, index: StepIndex): WaitingFor {
  const wait = workWait(state, index);
  const { sla } = stepAt(state, index);
  return sla === undefined ? wait : { ...wait, sla: { due: sla.due, breached: sla.at !== 'running' } };
}

function workWait(state: RunState, index: StepIndex): WaitingFor {
  const { at, since } = stepAt(state, index);
  const { id, kind } = stepIn(state, index).definition;
  const tell = telling(id, since);
  const { deadline } = state.origin;
  const call = callOf(state, index);
  if (at.status === 'parked')
    return tell('operator', at.failure.message, isInDoubt(state, call) ? undefined : deadline);
  if (at.status === 'fell_back') return tell('fallback', 'its fallback step');
  if (call !== undefined) return callWait(state, call);
  return kindNamed(kind).wait?.(state, index, tell) ?? tell('call', 'its turn', deadline);
}

const isInDoubt = (state: RunState, call: CallIndex | undefined): boolean =>
  call !== undefined && callAt(state, call).doubt !== undefined;

export const stopText = ({ stopId, reason }: StopNote): string => `stop ${stopId} to be lifted: ${reason}`;

function callWait(state: RunState, doubted: CallIndex): WaitingFor {
  const call = actingFor(state, doubted);
  const { at, approval } = callAt(state, call);
  const { since } = callAt(state, doubted);
  const { step } = calledAt(state, call);
  const tell = telling(step, since);
  const { deadline } = state.origin;
  const isDoubted = isInDoubt(state, doubted);
  const undoes = state.rollback?.call === doubted;
  if (happenedOf(callAt(state, doubted)) !== undefined) return tell('check', 'the check of its outcome');
  switch (at.phase) {
    case 'person':
      return tell('operator', at.failure.message, isDoubted || undoes ? undefined : deadline);
    case 'stopped':
      return tell('stop', stopText(at.stop), isDoubted ? undefined : deadline);
    case 'approval':
      return approval !== undefined && state.openApprovals.includes(approval)
        ? approvalWait(state, step, since, approval)
        : tell('call', 'its turn', deadline);
    case 'retry':
      if (!isDoubted) return tell('retry', 'the next attempt', at.due);
      return call === doubted
        ? tell('recovery', 'the repetition of a call in doubt', at.due)
        : tell('recovery', SETTLING, at.due);
    case 'settling':
    case 'asking':
      return tell('recovery', SETTLING, at.due);
    case 'requested':
      return requestWait(state, callAt(state, call), tell, call === doubted ? 'call' : 'recovery');
    default:
      return tell('call', 'its turn', deadline);
  }
}

const SETTLING = 'a call in doubt settles before anybody is asked';

/** undefined: it is not held back. */
const heldAs = (unanswered: Unanswered | undefined): 'circuit' | 'unavailable' | undefined => {
  if (unanswered?.heldSince === undefined) return undefined;
  return unanswered.unavailable === true ? 'unavailable' : 'circuit';
};

function requestWait(
  state: RunState,
  { request: index }: CallState,
  tell: Tell,
  kind: 'call' | 'recovery',
): WaitingFor {
  const request = requestAt(state, index);
  const { at, notAfter, timeoutMs } = request;
  const requestId = requestIdOf(state, request);
  const unanswered = at.status === 'open' || at.status === 'revoked' ? at : undefined;
  const awaited = unanswered?.awaits;
  const answer = awaited === undefined ? `the answer to ${requestId}` : `${awaited} (${requestId})`;
  const detail = unanswered?.overdue === true ? `overdue: no answer to ${requestId}` : answer;
  return tell(heldAs(unanswered) ?? kind, detail, notAfter + timeoutMs);
}
