import assert from 'node:assert/strict';
import { type ApprovalRequirement, type CastVoteRecord, isQuorum } from '@interlock/contracts';
import type { CompiledBudget } from '@interlock/language';
import { describeRun } from '../src/index.js';
import { findStep, stepAt } from '../src/step/steps.js';
import { checkAgents } from './agent-check.js';
import { checkLeft } from './left-check.js';
import { checkRollback } from './rollback-check.js';
import type { RunScenario } from './run-scenario.js';
import { checkTurns, givenBy } from './scope-check.js';

/** What must hold after every decision. @throws {assert.AssertionError} */
export function checkRun(
  scenario: RunScenario,
  budget: CompiledBudget,
  openRequests: readonly string[],
): void {
  assert.ok(scenario.decision.events.length <= 200, 'a decision fits into the log');
  checkBudgets(scenario, budget);
  checkRecords(scenario);
  checkDoubts(scenario);
  checkApprovals(scenario);
  checkRollback(scenario.events);
  checkAgents(scenario);
  checkCommands(scenario);
  checkGiven(scenario, checkTurns(scenario.events));
  const state = scenario.state!;
  if (state.end !== null) {
    checkEnd(scenario, openRequests);
    return;
  }
  checkLeft(state);
  const waits = (describeRun(state).waitingFor?.length ?? 0) + state.ready.length;
  assert.ok(waits > 0, 'an open run waits for something named');
}

/** What a step with a body gives is what its turns gave, each in its place. */
function checkGiven({ decision, state }: RunScenario, turns: ReturnType<typeof checkTurns>): void {
  for (const { type, data } of decision.events) {
    const { step: path, via } = data as Fields & { readonly via?: string };
    if (type !== 'step.completed' || via !== 'body' || path === undefined || state!.end !== null) continue;
    const step = findStep(state!, path);
    const at = step === undefined ? undefined : stepAt(state!, step).at;
    if (at?.status === 'completed') assert.deepEqual(at.output, givenBy(turns, path), `what ${path} gives`);
  }
}

function checkBudgets({ state }: RunScenario, budget: CompiledBudget): void {
  const { steps, toolCalls, microUsd, tokens } = state!.spent;
  const { reservedCalls, reservedMicroUsd, reservedTokens, reservedSteps = 0 } = state!.spent;
  assert.ok(steps + reservedSteps <= budget.steps, 'steps within budget');
  assert.ok(toolCalls + reservedCalls <= budget.toolCalls, 'tool calls within budget');
  assert.ok(microUsd + reservedMicroUsd <= budget.costUsd * 1_000_000, 'money within budget');
  assert.ok(
    Math.min(reservedCalls, reservedMicroUsd, reservedTokens, reservedSteps) >= 0,
    'nothing released twice',
  );
  assert.ok(tokens + reservedTokens <= budget.tokens, 'tokens within budget');
}

/** The rest is read from the log alone, in the loosest type that fits every event. */
interface Fields {
  readonly id: string;
  readonly type: string;
  readonly approvalId?: string;
  readonly approval?: ApprovalRequirement;
  readonly requirement?: ApprovalRequirement;
  readonly votes?: readonly CastVoteRecord[];
  readonly point?: string;
  readonly requestId?: string | undefined;
  readonly checkId?: string;
  readonly callHash?: string | undefined;
  readonly shapedBy?: readonly string[];
  readonly commandId?: string;
  readonly step?: string;
  readonly because?: string;
  readonly effect?: string;
  readonly recovery?: boolean;
  readonly purpose?: string;
  readonly outcome?: { readonly kind?: string; readonly ok?: boolean };
}

/** What each event says; of an outcome also the hash of its call, of a verdict always the request. */
function eventsOf({ events }: RunScenario): Fields[] {
  const hashes = new Map<string, string>();
  return events.map(({ type, id, data }) => {
    const fields: Fields = { ...(data as object), type, id };
    if (type === 'call.requested') hashes.set(id, fields.callHash ?? '');
    if (type === 'call.recorded') return { ...fields, callHash: hashes.get(fields.requestId ?? '') };
    return type === 'verdict.recorded'
      ? { ...fields, requestId: fields.requestId ?? fields.checkId }
      : fields;
  });
}

function checkRecords(scenario: RunScenario): void {
  const answers = eventsOf(scenario).filter(({ type }) => type === 'call.recorded');
  assert.equal(
    new Set(answers.map(({ requestId }) => requestId)).size,
    answers.length,
    'one record for one request',
  );
  const successes = answers.filter(({ outcome }) => outcome?.kind === 'succeeded');
  const calls = new Set(successes.map(({ callHash }) => callHash));
  assert.equal(calls.size, successes.length, 'one recorded success for one call');
}

/** No call is in doubt when the run ends, and nothing new starts once it is ending or while it is paused. */
function checkDoubts(scenario: RunScenario): void {
  const inDoubt = new Map<string, string | undefined>();
  const known = new Set<string>();
  let isEnding = false;
  let isPaused = false;
  for (const { type, callHash = '', step, outcome, effect, recovery, purpose, because } of eventsOf(
    scenario,
  )) {
    const isRecord = type === 'call.recorded';
    if (isRecord && outcome?.kind === 'unknown' && !known.has(callHash)) inDoubt.set(callHash, step);
    if (isRecord && outcome?.kind === 'succeeded') inDoubt.delete(callHash);
    if (type === 'call.doubt_resolved' || (type === 'call.late_recorded' && effect === 'answers')) {
      inDoubt.delete(callHash);
      // Whatever another attempt says now, it did happen.
      if (outcome?.ok === true) known.add(callHash);
    }
    if (type === 'step.skipped' && because === 'operator') {
      for (const [hash, of] of inDoubt) if (of === step) inDoubt.delete(hash);
    }
    const isPlan = type === 'plan.requested';
    const isNew = isPlan || (type === 'call.requested' && recovery !== true && purpose !== 'compensate');
    assert.ok(!(isNew && isEnding), 'nothing new starts in a run that is ending');
    assert.ok(!(isNew && isPaused), 'nothing new starts in a run that is paused');
    if (type === 'run.paused' || type === 'run.resumed') isPaused = type === 'run.paused';
    // That of a turn ends the turn.
    isEnding ||= type === 'run.cancelling' || (type === 'step.failed' && step?.includes('/') !== true);
  }
  if (scenario.state!.end !== null)
    assert.deepEqual([...inDoubt.values()], [], 'no call is in doubt at the end');
}

const settling = /^approval\.(granted|denied|expired|withdrawn|unneeded)$/;

/** Nothing was performed without the people its verdict requires, and at the end nobody is asked any more. */
function checkApprovals(scenario: RunScenario): void {
  const events = eventsOf(scenario);
  const requester = scenario.state!.origin.by.sub;
  const requests = new Map<string, Fields>();
  const grants = new Map<string, Fields>();
  const open = new Set<string>();
  const unneeded = new Set<string>();
  for (const event of events) {
    const { type, approvalId = '' } = event;
    if (type === 'approval.requested') {
      requests.set(approvalId, event);
      open.add(approvalId);
    }
    if (settling.test(type)) open.delete(approvalId);
    if (type === 'approval.unneeded') unneeded.add(approvalId);
    if (type === 'approval.granted') grants.set(approvalId, event);
    if (type !== 'call.requested' || approvalId === '') continue;
    const { votes = [], callHash } = grants.get(approvalId) ?? {};
    assert.equal(callHash, event.callHash, 'requested after a recorded grant for this call');
    const request = requests.get(approvalId)!;
    const on = { callHash: event.callHash!, shapedBy: [requester, ...request.shapedBy!] };
    const isMet = isQuorum(request.requirement!, votes, on);
    assert.ok(
      isMet && !unneeded.has(approvalId),
      'requested after a grant that was asked for and is still wanted',
    );
  }
  const callRequests = new Map(
    events.filter(({ type }) => type === 'call.requested').map((event) => [event.id, event]),
  );
  const performed = new Set(
    events
      .filter(({ type, outcome }) => type === 'call.recorded' && outcome?.kind !== 'refused')
      .map(({ requestId }) => requestId),
  );
  for (const { type, point, requestId = '', approval } of events) {
    if (
      type !== 'verdict.recorded' ||
      point !== 'before' ||
      approval === undefined ||
      !performed.has(requestId)
    )
      continue;
    const { approvalId = '', callHash = '', shapedBy = [] } = callRequests.get(requestId) ?? {};
    const { votes = [] } = grants.get(approvalId) ?? {};
    const on = { callHash, shapedBy: [requester, ...shapedBy] };
    assert.ok(isQuorum(approval, votes, on), 'performed by a recorded quorum');
  }
  if (scenario.state!.end !== null) assert.deepEqual([...open], [], 'people are asked nothing at the end');
}

function checkCommands(scenario: RunScenario): void {
  const ids = eventsOf(scenario).flatMap(({ commandId }) => commandId ?? []);
  assert.equal(new Set(ids).size, ids.length, 'each command is applied once');
}

function checkEnd(scenario: RunScenario, openRequests: readonly string[]): void {
  const { reservedCalls, reservedMicroUsd, reservedTokens, reservedSteps = 0 } = scenario.state!.spent;
  const reserved = [reservedCalls, reservedMicroUsd, reservedTokens, reservedSteps];
  assert.deepEqual(reserved, [0, 0, 0, 0], 'nothing stays reserved');
  assert.deepEqual(openRequests, [], 'no request is open at the end');
  const types = eventsOf(scenario).map(({ type }) => type);
  const at = types.findIndex((type) =>
    /^run\.(completed|failed|cancelled|rolled_back|escalated)$/.test(type),
  );
  const afterwards = ['call.late_recorded', 'command.refused', 'run.lapsed'];
  const later = types.slice(at + 1).filter((type) => !afterwards.includes(type));
  assert.deepEqual(later, [], 'only late outcomes and refused commands come after the end');
}
