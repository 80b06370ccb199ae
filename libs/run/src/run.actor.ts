import type { Actor } from '@interlock/actors';
import {
  approvalEvents,
  NAMED_WITHIN_MS,
  ownsRunId,
  planEvents,
  policyDecisionEvents,
  policyEvents,
  type RunCommand,
  type RunEvent,
  runCommandMessages,
  runCommands,
  runOrders,
  toolCallEvents,
  toolEvents,
  typesOf,
  type ValueAnswer,
  valueRequestId,
} from '@interlock/contracts';
import { onPlanAnswer } from './agent/plans.js';
import { onPeopleEvent } from './approval/decide.js';
import { onToolEvent } from './call/outcomes.js';
import { DecisionDraft } from './decision.draft.js';
import { eraseAgain, erasureEffects, onErasureAnswer } from './erasure/decide.js';
import { isErasing } from './erasure/state.js';
import { evolve } from './evolve.js';
import { onLetterOfParent, startChild } from './family/child.js';
import { onLetterOfChild } from './family/children.js';
import type { Letter } from './family/letter.js';
import { hasWaitingParent } from './family/state.js';
import { askedAgain, lettersOf, tellParent } from './family/tell.js';
import { advance } from './life/advance.js';
import { onCommand, onCommandAfterEnd } from './life/commands.js';
import { answerFault } from './life/park.js';
import { onPoison } from './life/poison.js';
import { lapse } from './life/reopen.js';
import { expired, isExpired, refuseInput, refuseStart, startDueAt, startIn, startRun } from './life/start.js';
import { dueOf, fireTimers } from './life/timers.js';
import { unpark } from './life/unpark.js';
import { onVerdict } from './life/verdicts.js';
import { type RunActorOptions, settingsOf } from './options.js';
import { ownerAt } from './owners.js';
import {
  isCommand,
  isOfPeople,
  isOfPlanner,
  isOfStore,
  isOfTool,
  isVerdict,
  peopleEvents,
  planAnswers,
  type Received,
  type RunContext,
  type RunDecision,
  type RunInput,
  type RunMessage,
  type RunResult,
} from './run.messages.js';
import type { RunState } from './state.js';

/** One run: what it does next, from its commands, verdicts, outcomes and timers. */
export function runActor(options: RunActorOptions): Actor<RunState, RunMessage, RunEvent, RunResult> {
  const settings = settingsOf(options);
  return {
    name: 'run',
    inputs: {
      [runCommands.name]: typesOf(...runCommandMessages),
      [runOrders.name]: typesOf(...runCommandMessages),
      [policyEvents.name]: typesOf(...policyDecisionEvents),
      [toolEvents.name]: typesOf(...toolCallEvents),
      [planEvents.name]: typesOf(...planAnswers),
      [approvalEvents.name]: typesOf(...peopleEvents),
    },
    key: (message) => (isCommand(message) ? message.data.runId : message.meta.run),
    decide(input, state, context, key) {
      const answer = valuesIn(input, context.now);
      const draft = new DecisionDraft(key, context.now, settings, state, ownerAt, answer, context.kin);
      const decision =
        state === undefined ? decideUnstarted(draft, input, context) : decideFor(draft, input, context);
      const start = [...draft.letters, ...draft.requests.values()];
      return { ...decision, ...(start.length === 0 ? {} : { start }), folded: draft.folded };
    },
    answerFault,
    evolve: (state, event, key) => evolve(state, event, key),
    effects: (event, state) =>
      state === undefined ? [] : [...lettersOf(event, state), ...erasureEffects(event, state)],
    isOver: (state) => state.end !== null && state.end.resumable !== true && !isErasing(state),
    due: (state, { deferred, isRunning }) =>
      state === undefined
        ? startDueAt(startIn(deferred.filter(isCommand)), settings)
        : dueOf(state, settings, (waiting) => isRunning(valueRequestId(state.origin.runId, waiting))),
  };
}

/** What the store has answered. What it was given too long ago to be named is given to it once more. */
function valuesIn(input: RunInput, now: number): ValueAnswer | undefined {
  if (input.kind !== 'result' || input.result.kind !== 'value') return undefined;
  const { keptAt = now } = input.result;
  return now - keptAt < NAMED_WITHIN_MS ? input.result : undefined;
}

function decideUnstarted(draft: DecisionDraft, input: RunInput, context: RunContext): RunDecision {
  const deferred = context.deferred.filter(isCommand);
  if (input.kind === 'result')
    return isOfStore(input.result) ? { events: [] } : startChild(draft, input.result);
  if (input.kind !== 'message') return startRun(draft, deferred, deferred);
  const { message } = input;
  if (!isCommand(message)) return { events: [] };
  if (isForeign(message)) return foreignId(message);
  if (isExpired(draft, message)) return expiredCommand(draft, message, deferred);
  return startRun(draft, [...deferred, message], deferred);
}

/** Nobody can start a run under an id that is derived from another person's key. */
const isForeign = (command: RunCommand): boolean => command.type === 'run.start' && !ownsRunId(command.data);
const foreignId = ({ data }: RunCommand): RunDecision =>
  refuseInput('run.foreign_id', `the id ${data.runId} is not the one that the key of ${data.by.sub} names`);

/** The command is too old to tell a repeat from a new one. A start still gets an answer: a failed run. */
function expiredCommand(
  draft: DecisionDraft,
  command: RunCommand,
  deferred: readonly Received<RunCommand>[],
): RunDecision {
  if (command.type !== 'run.start') return expired(command);
  return refuseStart(draft, command.data, deferred, 'command.expired', 'the start was issued too long ago');
}

function decideFor(draft: DecisionDraft, input: RunInput, { deferred }: RunContext): RunDecision {
  const isEnded = draft.state.end !== null;
  if (draft.state.parked !== null && isAnswer(input)) return { events: [], defer: true };
  // Whatever it waits for is asked for again once it goes on.
  if (draft.state.parked !== null && input.kind === 'result' && input.result.kind !== 'cancel')
    return { events: [] };
  const kept = deferred.filter((message) => !isCommand(message));
  const because = whyUnparked(draft, input);
  if (because !== undefined) unpark(draft, because, kept, (message) => void onMessage(draft, message));
  if (because !== undefined) askFamily(draft);
  if (input.kind === 'recovered') draft.tell(askedAgain(draft.state));
  if (input.kind === 'recovered') eraseAgain(draft);
  const hasValues = input.kind === 'result' && input.result.kind === 'value';
  if (input.kind === 'result' && input.result.kind === 'erasure') onErasureAnswer(draft, input.result);
  if (input.kind === 'result' && !isOfStore(input.result)) onLetter(draft, input.result);
  const quarantine = input.kind === 'message' ? onMessage(draft, input.message) : undefined;
  if (quarantine !== undefined) return quarantine;
  const commands = deferred.filter(isCommand);
  for (const command of commands) onCommand(draft, command);
  if (input.kind === 'poison' && !isEnded) onPoison(draft, input);
  if (isEnded && input.kind === 'due') lapse(draft);
  if (draft.state.end === null) {
    if (input.kind === 'due') fireTimers(draft);
    if (input.kind === 'due' || hasValues || draft.events.length > 0) advance(draft);
  }
  const isLetGo = because !== undefined || draft.state.end !== null;
  const release = isLetGo ? deferred : commands;
  return release.length === 0 ? { events: draft.events } : { events: draft.events, release };
}

/** A run that was parked may have missed what its parent or a child said. */
function askFamily(draft: DecisionDraft): undefined {
  draft.tell(askedAgain(draft.state));
  if (hasWaitingParent(draft.state)) draft.tell(tellParent(draft.state, { kind: 'asks', child: draft.key }));
}

function onLetter(draft: DecisionDraft, letter: Letter): undefined {
  switch (letter.kind) {
    case 'start':
    case 'report':
    case 'cancel':
    case 'undo':
    case 'erase':
      return onLetterOfParent(draft, letter);
    case 'started':
    case 'ended':
    case 'undone':
    case 'erasing':
    case 'asks':
      return onLetterOfChild(draft, letter);
  }
}

/** What other services say. While the run is parked they wait behind the input that failed, so that the order stays. */
const isAnswer = (input: RunInput): boolean => input.kind === 'message' && !isCommand(input.message);

/** Why a run that a failed decision has parked goes on now; undefined: it does not. */
function whyUnparked(draft: DecisionDraft, input: RunInput): Parameters<typeof unpark>[1] | undefined {
  const { state } = draft;
  if (state.parked === null) return undefined;
  if (input.kind === 'result') return input.result.kind === 'cancel' ? 'cancel' : undefined;
  if (input.kind === 'due') return draft.isOverdue ? 'deadline' : undefined;
  if (input.kind !== 'message' || !isCommand(input.message)) return undefined;
  const because = unparkedBy(input.message);
  if (because === undefined || state.commands.includes(input.message.data.commandId)) return undefined;
  return isExpired(draft, input.message) ? undefined : because;
}

function unparkedBy({ type }: RunCommand): Parameters<typeof unpark>[1] | undefined {
  switch (type) {
    case 'run.cancel':
      return 'cancel';
    case 'run.resume':
      return 'resume';
    case 'run.retry':
      return 'retry';
    case 'run.skip':
      return 'skip';
    case 'run.resolve':
      return 'resolve';
    case 'run.start':
    case 'run.pause':
    case 'run.signal':
    case 'run.answer':
    case 'run.reply':
    case 'run.close':
    case 'run.migrate':
    case 'run.erase':
      return undefined;
  }
}

/** Handles a message. Returns a decision of its own if the message cannot be processed. */
function onMessage(draft: DecisionDraft, message: Received): RunDecision | undefined {
  if (isCommand(message)) return onCommandMessage(draft, message);
  if (isOfTool(message)) onToolEvent(draft, message);
  else if (draft.state.end === null) {
    if (isVerdict(message)) onVerdict(draft, message.data);
    else if (isOfPeople(message)) onPeopleEvent(draft, message);
    else if (isOfPlanner(message)) onPlanAnswer(draft, message);
  }
  return undefined;
}

function onCommandMessage(draft: DecisionDraft, command: RunCommand): RunDecision | undefined {
  const { commands, end, origin } = draft.state;
  if (commands.includes(command.data.commandId)) return { events: [] };
  if (isForeign(command)) return foreignId(command);
  if (isExpired(draft, command)) return expired(command);
  if (end === null) {
    onCommand(draft, command);
    return undefined;
  }
  if (command.type === 'run.start' && command.data.requestHash === origin.requestHash) return { events: [] };
  onCommandAfterEnd(draft, command, end);
  return undefined;
}
