import type { Fault } from '@interlock/actors';
import {
  CallRecorded,
  CommandRefused,
  type Failure,
  type RunCommand,
  type RunEvent,
  RunFailed,
  RunParked,
  RunStarted,
  StepParked,
  toolEvents,
} from '@interlock/contracts';
import { requestAt, requestIdOf } from '../call/requests.js';
import { startedBy } from '../family/child.js';
import type { Letter } from '../family/letter.js';
import { reportOf } from '../family/report.js';
import { hasWaitingParent } from '../family/state.js';
import { tellParent } from '../family/tell.js';
import type { RequestIndex } from '../indices.js';
import { ownerAt } from '../owners.js';
import {
  isCommand,
  isOfStore,
  type Received,
  type RunContext,
  type RunDecision,
  type RunInput,
} from '../run.messages.js';
import { calledAt } from '../scope/called.js';
import type { RunState } from '../state.js';
import { poisonedRequest } from './poison.js';
import { startIn, withoutSteps } from './start.js';

/**
 * What a run records when a decision on it failed. A start fails, a command is refused, and anything else parks the run: the input is kept,
 * and tried once more when an operator or the deadline lets the run go on.
 */
export function answerFault(
  fault: Fault,
  input: RunInput,
  state: RunState | undefined,
  { deferred }: RunContext,
  runId: string,
): RunDecision {
  if (state === undefined) return failStart(fault, input, deferred, runId);
  if (input.kind === 'result') return letterLost(fault, input, state);
  if (state.end !== null) return { events: [] };
  if (input.kind !== 'message') return { events: [...lostAnswer(state, input), parkedOn(fault, input)] };
  const { message } = input;
  if (isCommand(message)) return { events: refusal(fault, message, state) };
  return { events: [parkedOn(fault, input)], defer: true };
}

/** A run that has ended says once more how; one that has not asks again what it has missed when it goes on. */
function letterLost(fault: Fault, input: RunInput, state: RunState): RunDecision {
  if (state.end === null) return { events: state.parked === null ? [parkedOn(fault, input)] : [] };
  if (!hasWaitingParent(state)) return { events: [] };
  const isUndo = input.kind === 'result' && input.result.kind === 'undo' && state.undoing !== true;
  const { runId: child } = state.origin;
  const failure: Failure = { class: 'internal', code: fault.code, message: 'it could not undo what it did' };
  return {
    events: [],
    start: tellParent(state, isUndo ? { kind: 'undone', child, failure } : reportOf(state)),
  };
}

/** A repeated command was answered before. */
function refusal({ code }: Fault, { type, data }: RunCommand, { commands }: RunState): RunEvent[] {
  const { commandId } = data;
  if (commands.includes(commandId)) return [];
  const explanation = 'the run could not decide on it: nothing has changed';
  return [CommandRefused({ commandId, command: type, code, message: explanation })];
}

function parkedOn({ code }: Fault, input: RunInput): RunEvent {
  const { kind } = input;
  if (kind !== 'message' && kind !== 'poison') return RunParked({ code, input: { kind } });
  const { type, meta } = kind === 'message' ? input.message : input;
  return RunParked({ code, input: { kind, type, id: meta.id } });
}

/** Only a start is answered: there is no run that could answer other commands. */
function failStart(fault: Fault, input: RunInput, deferred: readonly Received[], runId: string): RunDecision {
  if (input.kind === 'result')
    return isOfStore(input.result) ? { events: [] } : failChild(fault, input.result, runId);
  const messages = input.kind === 'message' ? [...deferred, input.message] : deferred;
  const start = startIn(messages.filter(isCommand));
  if (start === undefined) return { events: [] };
  const { commandId, requestHash, salt, by, workflow } = start.data;
  const message = `the run could not be started (${fault.code})`;
  const failure: Failure = { class: 'internal', code: fault.code, message };
  const compiled = withoutSteps(workflow);
  const deadline = start.meta.time;
  const begun = {
    commandId,
    rootRunId: runId,
    requestHash,
    salt,
    by,
    workflow,
    compiled,
    input: null,
    deadline,
  };
  return { events: [RunStarted(begun), RunFailed({ failure })], release: deferred };
}

/** Whoever started it hears of its end. */
function failChild({ code }: Fault, letter: Letter, key: string): RunDecision {
  if (letter.kind !== 'start') return { events: [] };
  const start = startedBy({ key }, letter);
  const failure: Failure = { class: 'internal', code, message: `the run could not be started (${code})` };
  const { workflow, deadline = 0 } = start;
  const begun = { ...start, input: null, deadline, compiled: withoutSteps(workflow) };
  return { events: [RunStarted(begun), RunFailed({ failure })] };
}

/** An unreadable answer will not come again, so its step waits for an operator. */
function lostAnswer(state: RunState, input: RunInput): RunEvent[] {
  if (input.kind !== 'poison' || input.topic !== toolEvents.name) return [];
  const request = poisonedRequest(state, input.meta.cause);
  return request === undefined ? [] : answerLost(state, request);
}

/** A write may have happened; anything else has failed. Either way a person decides. */
export function answerLost(state: RunState, index: RequestIndex): RunEvent[] {
  const request = requestAt(state, index);
  const { timeoutMs, notAfter, call } = request;
  const { step, effect } = calledAt(state, call);
  const message = 'its answer could not be taken';
  const failure: Failure = { class: 'internal', code: 'answer.lost', message };
  const isWrite = effect === 'write';
  const outcome = isWrite
    ? ({ kind: 'unknown', deadline: notAfter + timeoutMs, because: message } as const)
    : ({ kind: 'failed', failure } as const);
  const because = isWrite || ownerAt(state, call).clearsDoubt ? 'in_doubt' : 'escalated';
  return [
    CallRecorded({ requestId: requestIdOf(state, request), step, outcome }),
    StepParked({ step, because, failure }),
  ];
}
