import { people } from '@interlock/contracts';
import type { CallState, Owner } from '../call/state.js';
import type { CallIndex, RequestIndex, StepIndex } from '../indices.js';
import { without } from '../lists.js';
import type { RunState } from '../state.js';
import { putStep, stepAt } from '../step/steps.js';
import { getItem, indexIn, removeItem, setItem } from '../tree.js';
import { calledAt } from './called.js';
import type { ScopeState } from './scope.state.js';
import { scopesAround } from './scopes.js';
import { stepIn, stepPlacedAt } from './workflow.index.js';

/**
 * The run without a turn that is over: its steps and what they read are gone, so that a long loop costs no more than a short one. What it
 * wrote stays, for it may have to be undone; who shaped its steps has shaped the step whose body it is.
 */
export function leaveTurn(state: RunState, scope: ScopeState): RunState {
  const { base, size, owner } = scope.place;
  const isOfTurn = (step: StepIndex): boolean => step >= base && step < base + size;
  const shapedBy = stepsOf(scope).flatMap((step) => getItem(state.steps, step)?.shapedBy ?? []);
  const calls = leaveApprovals(leaveCalls(state, scope, isOfTurn), scope, isOfTurn);
  const kept = leaveRequests(calls, scope);
  const left: RunState = {
    ...kept,
    steps: stepsOf(scope).reduce(removeItem, kept.steps),
    scopes: state.scopes.filter((other) => other !== scope),
    active: state.active.filter((step) => !isOfTurn(step)),
    ready: state.ready.filter((step) => !isOfTurn(step)),
  };
  if (shapedBy.length === 0) return left;
  const { shapedBy: before = [] } = stepAt(left, owner);
  return putStep(left, owner, { shapedBy: people([...before, ...shapedBy]) });
}

const stepsOf = ({ place }: ScopeState): StepIndex[] =>
  [...Array(place.size).keys()].map((position) => stepPlacedAt(place, position));

/** A read leaves no trace, a write is from now on one of the past. */
function leaveCalls(state: RunState, scope: ScopeState, isOfTurn: (step: StepIndex) => boolean): RunState {
  let { calls } = state;
  for (let at: number = scope.calls; at < state.calls.size; at += 1) {
    const index = indexIn(state.calls, at);
    const call = index === undefined ? undefined : getItem(state.calls, index);
    if (index === undefined || call === undefined) continue;
    const step = ownStep(state, call.owner);
    if (step === undefined || !isOfTurn(step)) continue;
    const isKept = call.owner.kind !== 'verification' && calledAt(state, index).effect === 'write';
    calls = isKept
      ? setItem(calls, index, pastCall(call, pastOf(state, scope, step, call.owner)))
      : removeItem(calls, index);
  }
  return { ...state, calls };
}

const pastCall = (call: CallState, owner: Owner): CallState => ({
  ...without(call, 'approval'),
  arguments: null,
  owner,
});

/** Nobody waits for what people say about it any more. */
function leaveApprovals(
  state: RunState,
  scope: ScopeState,
  isOfTurn: (step: StepIndex) => boolean,
): RunState {
  let { approvals } = state;
  for (let at: number = scope.approvals; at < state.approvals.size; at += 1) {
    const index = indexIn(state.approvals, at);
    const subject = index === undefined ? undefined : getItem(state.approvals, index)?.subject;
    if (index === undefined || subject === undefined) continue;
    const isLeft = subject.kind === 'question' ? isOfTurn(subject.step) : isGone(state, subject.call);
    if (isLeft) approvals = removeItem(approvals, index);
  }
  return { ...state, approvals };
}

function isGone(state: RunState, call: CallIndex): boolean {
  const found = getItem(state.calls, call);
  return found === undefined || found.owner.kind === 'past';
}

/** The step that makes it, or that the call in doubt behind it was made for. */
function ownStep(state: RunState, owner: Owner): StepIndex | undefined {
  if (owner.kind === 'step' || owner.kind === 'agent') return owner.step;
  if (owner.kind !== 'verification') return undefined;
  const doubted = getItem(state.calls, owner.call);
  return doubted === undefined ? undefined : ownStep(state, doubted.owner);
}

function pastOf(state: RunState, { place }: ScopeState, step: StepIndex, owner: Owner): Owner {
  const under = scopesAround(state, step).at(-1)?.place.owner ?? place.owner;
  return {
    kind: 'past',
    path: stepIn(state, step).definition.id,
    body: place.body,
    position: step - place.base,
    ...(owner.kind === 'agent' ? { tool: owner.tool } : {}),
    under,
  };
}

/** Requests whose call is not there any more. */
function leaveRequests(state: RunState, scope: ScopeState): RunState {
  let { requests } = state;
  for (let at: number = scope.requests; at < state.requests.size; at += 1) {
    const index: RequestIndex | undefined = indexIn(state.requests, at);
    const request = index === undefined ? undefined : getItem(state.requests, index);
    if (index === undefined || request === undefined) continue;
    const call: CallIndex = request.call;
    if (getItem(state.calls, call) === undefined) requests = removeItem(requests, index);
  }
  return { ...state, requests };
}
