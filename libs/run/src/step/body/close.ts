import { type Failure, ScopeClosed } from '@interlock/contracts';
import { evaluateCondition, resolve } from '@interlock/language';
import { approvalAt } from '../../approval/approvals.js';
import { callAt, happenedOf } from '../../call/calls.js';
import { requestAt } from '../../call/requests.js';
import type { DecisionDraft } from '../../decision.draft.js';
import { openChildren } from '../../family/state.js';
import type { StepIndex } from '../../indices.js';
import { fitting } from '../../output.size.js';
import { callOf, stepOf } from '../../scope/called.js';
import { scopeAtTurnEnd } from '../../scope/scope.js';
import type { ScopeState } from '../../scope/scope.state.js';
import { isEndingAt, isRunEnding, scopeHolding } from '../../scope/scopes.js';
import { bodyAt, stepPlacedAt } from '../../scope/workflow.index.js';
import type { RunState } from '../../state.js';
import { turnsOf } from '../index.js';
import { findStep, stepAt } from '../steps.js';
import { expressionFailure } from '../tool/start.js';
import type { Outcome } from './work.js';

/** Ends every turn in which nothing is left to do, the inner ones first. */
export function closeTurns(draft: DecisionDraft): undefined {
  if (isRunEnding(draft.state)) return;
  for (const scope of overIn(draft.state)) {
    if (draft.isFull) return;
    const { owner, turn } = scope.place;
    draft.whenAtHand(waitingTurn(scope), () => {
      draft.emit(
        ScopeClosed({ step: draft.definition(owner).id, ...turn, outcome: outcomeOf(draft, scope) }),
      );
    });
  }
}

/** What waits for the values that the output of a turn is made of. */
const waitingTurn = ({ place }: ScopeState): string => `${place.path}/`;

/** Whether a turn can be ended now. */
export const hasOver = (state: RunState, isAwaited: (waiting: string) => boolean): boolean =>
  !isRunEnding(state) && overIn(state).some((scope) => !isAwaited(waitingTurn(scope)));

/** Turns in which nothing is left to do. One whose steps have bodies that are open is not among them. */
function overIn(state: RunState): ScopeState[] {
  if (state.scopes.length === 0) return [];
  const busy = busyIn(state);
  return state.scopes.filter((scope) => !busy.has(scope.place.base) && isDone(state, scope)).reverse();
}

const isDone = (state: RunState, { place, closed }: ScopeState): boolean =>
  closed === place.size || isEndingAt(state, place.base);

/** The turns, by their first steps, that somebody has still to answer something about, or in which a turn is open. */
function busyIn(state: RunState): ReadonlySet<StepIndex> {
  const requests = [...state.openRequests, ...state.unjudged].map((at) =>
    stepOf(state, requestAt(state, at).call),
  );
  const asked = state.openApprovals.map((at) => stepOfApproval(state, at));
  const doubtful = state.active.filter((step) => isUnclear(state, step));
  const owners = state.scopes.map(({ place }) => place.owner);
  const parents = openChildren(state).flatMap(({ step }) => findStep(state, step) ?? []);
  const steps = [...requests, ...asked, ...doubtful, ...owners, ...parents, ...state.openPlans];
  return new Set(steps.flatMap((step) => scopeHolding(state, step)?.place.base ?? []));
}

function stepOfApproval(state: RunState, index: RunState['openApprovals'][number]): StepIndex {
  const { subject } = approvalAt(state, index);
  return subject.kind === 'question' ? subject.step : stepOf(state, subject.call);
}

/** Its call is in doubt, or the outcome of it is not judged yet. */
function isUnclear(state: RunState, step: StepIndex): boolean {
  const at = callOf(state, step);
  const call = at === undefined ? undefined : callAt(state, at);
  const check = call === undefined ? undefined : happenedOf(call)?.check;
  return call?.doubt !== undefined || (check !== undefined && !check.isAllowed);
}

function outcomeOf(draft: DecisionDraft, scope: ScopeState): Outcome {
  const { ending, place } = scope;
  if (ending?.kind === 'failed') return { kind: 'failed', at: ending.step, failure: ending.failure };
  if (isEndingAt(draft.state, place.base)) return { kind: 'stopped' };
  const given = givenBy(draft, scope);
  return 'failure' in given
    ? { kind: 'failed', at: draft.definition(place.owner).id, failure: given.failure }
    : { kind: 'completed', ...given };
}

type Given = { readonly output: unknown; readonly done?: true } | { readonly failure: Failure };

/** What a turn gives whose steps are all closed. */
function givenBy(draft: DecisionDraft, scope: ScopeState): Given {
  const { owner, body } = scope.place;
  const { output: template } = bodyAt(draft.state, body);
  try {
    const seen = scopeAtTurnEnd(draft.state, scope, draft.values);
    const whole = template === undefined ? outputsOf(draft, scope) : resolve(template, seen, ['output']);
    const fit = fitting(draft, whole);
    if ('class' in fit) return { failure: fit };
    const { output } = fit;
    const until = turnsOf(draft.state, owner).until?.(draft.state, owner);
    const isDone = until !== undefined && evaluateCondition(until, seen);
    return isDone ? { output, done: true } : { output };
  } catch (error) {
    return { failure: expressionFailure(error) };
  }
}

/** By the ids of its steps. */
function outputsOf({ state, values }: DecisionDraft, { place }: ScopeState): Record<string, unknown> {
  const { steps } = bodyAt(state, place.body);
  const outputs = steps.flatMap(({ definition: { id } }, position) => {
    const { at } = stepAt(state, stepPlacedAt(place, position));
    const output = 'output' in at ? at.output : undefined;
    return output === undefined ? [] : [[id, values.read(output)] as const];
  });
  values.allRead();
  return Object.fromEntries(outputs);
}
