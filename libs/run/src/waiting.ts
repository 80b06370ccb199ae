import type { StopNote } from '@interlock/contracts';
import type { CompiledToolStep } from '@interlock/language';
import type { AgentState } from './agent/state.js';
import { approvalAt, approvalIdOf, requestAt } from './edit.js';
import type { ApprovalIndex, RequestIndex, StepIndex } from './indices.js';
import { nextWrite, writeAt } from './rollback/evolve.js';
import type { Rollback } from './rollback/state.js';
import { definitionAt, stepAt } from './scope/workflow.index.js';
import type { RunState, StepState } from './state.js';

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
    | 'plan'
    | 'fallback'
    | 'stop';
  readonly step: string;
  readonly since: number;
  readonly until?: number;
  readonly detail: string;
  /** What people are asked, for the kind `approval`. */
  readonly approvalId?: string;
}

export const lateWaits = ({ end, time }: RunState): WaitingFor[] =>
  (end?.late ?? []).map(({ step }) => ({
    kind: 'operator',
    step,
    since: time,
    detail: 'its write turned out to have happened after the run had ended without it',
  }));

/** Of a run that is not finished. Of one whose writes are being undone: only what that waits for. */
export function openWaits(state: RunState): WaitingFor[] {
  return [...parkedWait(state), ...waitsWithin(state)];
}

/** It is about the run, so it names no step. */
function parkedWait({ parked, origin }: RunState): WaitingFor[] {
  if (parked === null) return [];
  const { code, on, at } = parked;
  const until = at < origin.deadline ? { until: origin.deadline } : {};
  const detail = `a decision on ${on} broke (${code}): resume it, cancel it, or retry or skip a step`;
  return [{ kind: 'operator', step: '', since: at, ...until, detail }];
}

function waitsWithin(state: RunState): WaitingFor[] {
  if (state.rollback !== null) return undoingWaits(state, state.rollback);
  const waits = [...state.active, ...shadowed(state)]
    .filter((place) => stepAt(state, place).agent?.place === undefined)
    .map((place) => waitOf(state, definitionAt(state, place).id, stepAt(state, place)));
  const listed = new Set(waits.map(({ step }) => step));
  const answers = [...state.openRequests, ...state.unjudged]
    .map((ordinal) => requestAt(state, ordinal))
    .filter(({ step }) => !listed.has(definitionAt(state, step).id))
    .map(
      ({ step, at, open, notAfter, timeoutMs }): WaitingFor => ({
        kind: open ? 'call' : 'check',
        step: definitionAt(state, step).id,
        since: at,
        ...(open ? { until: notAfter + timeoutMs } : {}),
        detail: open
          ? 'the answer to a call that was taken back'
          : 'the verdict before its call, not recorded yet',
      }),
    );
  return [...waits, ...answers];
}

/** Agent steps that the baseline has completed, while a model still plans beside it. */
const shadowed = ({ openPlans, active }: RunState): readonly StepIndex[] =>
  openPlans.filter((place) => !active.includes(place));

function undoingWaits(state: RunState, { place, at }: Rollback): WaitingFor[] {
  if (place === undefined) {
    const next = nextWrite(state);
    const step = next === undefined ? '' : definitionAt(state, writeAt(state, next).step).id;
    return [{ kind: 'call', step, since: at, detail: 'its turn to be undone' }];
  }
  const { id, tool } = definitionAt(state, place) as CompiledToolStep;
  const undone = definitionAt(state, writeAt(state, stepAt(state, place).undoes!).step) as CompiledToolStep;
  const wait = waitOf(state, id, stepAt(state, place));
  return [{ ...wait, detail: `${tool} undoes ${undone.tool}: ${wait.detail}` }];
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
  if (at.agent?.stop !== undefined) return kindOf('stop', stopText(at.agent.stop), deadline);
  if (at.agent !== undefined) return kindOf('plan', ...planWait(at.agent, deadline));
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
function askedFor({ openApprovals }: RunState, { call, verify }: StepState): ApprovalIndex | undefined {
  if (call?.phase !== 'approval') return undefined;
  return [call.approval, verify?.approval].find(
    (ordinal) => ordinal !== undefined && openApprovals.includes(ordinal),
  );
}

/** People are waited for once the approval service has opened what the run asked for. */
function approvalWait(
  state: RunState,
  step: string,
  { since }: StepState,
  ordinal: ApprovalIndex,
): WaitingFor {
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

const stopText = ({ stopId, reason }: StopNote): string => `stop ${stopId} to be lifted: ${reason}`;

function planWait({ plan, answer, due }: AgentState, deadline: number): [string, number] {
  if (plan !== undefined) return [`a proposal of ${plan.model}`, plan.notAfter + plan.timeoutMs];
  if (answer !== undefined && answer.isAllowed !== true) return ['the check of what was proposed', deadline];
  return due === undefined ? ['its turn', deadline] : ['the planner to be asked again', due];
}

function callWait(
  state: RunState,
  { call, verify }: StepState,
  kindOf: (kind: WaitingFor['kind'], detail: string, until?: number) => WaitingFor,
): WaitingFor {
  const { deadline } = state.origin;
  if (call?.stop !== undefined)
    return kindOf('stop', stopText(call.stop), call.doubt === undefined ? deadline : undefined);
  switch (call?.phase) {
    case 'retry':
      return call.doubt === undefined
        ? kindOf('retry', 'the next attempt', call.due)
        : kindOf('recovery', 'the repetition of a call in doubt', call.due);
    case 'settling':
    case 'asking':
      return kindOf('recovery', 'a call in doubt settles before anybody is asked', call.due);
    case 'verifying':
      return requestWait(state, verify!.callRequest, kindOf, 'recovery');
    case 'requested':
      return requestWait(state, call.callRequest, kindOf, 'call');
    default:
      return kindOf('call', 'its turn', deadline);
  }
}

function requestWait(
  state: RunState,
  ordinal: RequestIndex,
  kindOf: (kind: WaitingFor['kind'], detail: string, until?: number) => WaitingFor,
  kind: 'call' | 'recovery',
): WaitingFor {
  const { notAfter, timeoutMs, overdue, awaits, seq } = requestAt(state, ordinal);
  const requestId = `${state.origin.runId}/${seq}`;
  const answer = awaits === undefined ? `the answer to ${requestId}` : `${awaits} (${requestId})`;
  const detail = overdue === true ? `overdue: no answer to ${requestId}` : answer;
  return kindOf(kind, detail, notAfter + timeoutMs);
}
