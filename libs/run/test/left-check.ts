import assert from 'node:assert/strict';
import { callAt } from '../src/call/calls.js';
import { requestAt } from '../src/call/requests.js';
import type { RunState } from '../src/index.js';
import { scopeHolding } from '../src/scope/scopes.js';
import { isStanding, stepAt } from '../src/step/steps.js';
import { getItem, indicesOf, itemsOf } from '../src/tree.js';

/** A turn that is over leaves nothing in the state but what it wrote, so that a long loop costs no more than a short one. */
export function checkLeft(state: RunState): void {
  for (const step of indicesOf(state.steps))
    if (getItem(state.steps, step) !== undefined)
      assert.ok(isStanding(state, step), 'a step of an open turn');
  for (const step of [...state.active, ...state.ready, ...state.openPlans])
    assert.ok(isStanding(state, step), 'what goes on stands in an open turn');
  for (const index of indicesOf(state.calls)) {
    const call = getItem(state.calls, index);
    if (call === undefined) continue;
    const { owner } = call;
    if (owner.kind === 'step' || owner.kind === 'agent')
      assert.ok(isStanding(state, owner.step), 'a call of an open turn');
    if (owner.kind === 'past') {
      assert.ok(isStanding(state, owner.under), 'the step around what is over is there');
      assert.equal(call.arguments, null, 'of what is over the arguments are gone');
    }
  }
  for (const index of indicesOf(state.requests)) {
    const request = getItem(state.requests, index);
    if (request !== undefined)
      assert.ok(getItem(state.calls, request.call) !== undefined, 'its call is there');
  }
  for (const request of [...state.openRequests, ...state.unjudged]) requestAt(state, request);
  for (const { subject } of itemsOf(state.approvals)) {
    if (subject.kind === 'question')
      assert.ok(isStanding(state, subject.step), 'its question is still asked');
    else assert.notEqual(callAt(state, subject.call).owner.kind, 'past', 'nobody is asked about the past');
  }
  checkPlaces(state);
  checkCounts(state);
}

/** Turns stand in the order of their steps, and their owners know how many are open. */
function checkPlaces(state: RunState): void {
  let end = 0;
  for (const { place } of state.scopes) {
    assert.ok(place.base >= end, 'turns stand in the order of their steps');
    end = place.base + place.size;
    assert.ok(isStanding(state, place.owner), 'the step whose turn it is stands');
  }
  const owners = new Set(state.scopes.map(({ place }) => place.owner));
  for (const owner of owners) {
    const work = stepAt(state, owner).work as { readonly open?: number } | undefined;
    const open = state.scopes.filter(({ place }) => place.owner === owner).length;
    assert.equal(work?.open, open, 'a step knows how many of its turns are open');
  }
}

/** Closed steps are counted where they stand, and needs are met by what is closed. */
function checkCounts(state: RunState): void {
  const closed = new Map<object | undefined, number>();
  for (const step of indicesOf(state.steps)) {
    if (!isStanding(state, step)) continue;
    const { at } = stepAt(state, step);
    const scope = scopeHolding(state, step);
    const isClosed = at.status === 'completed' || at.status === 'skipped';
    if (isClosed) closed.set(scope, (closed.get(scope) ?? 0) + 1);
  }
  assert.equal(state.closed, closed.get(undefined) ?? 0, 'closed steps of the workflow are counted');
  for (const scope of state.scopes)
    assert.equal(scope.closed, closed.get(scope) ?? 0, 'closed steps of a turn are counted');
}
