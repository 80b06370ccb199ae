import type { Actor } from '@interlock/actors';
import {
  approvalEvents,
  ownsRunId,
  planEvents,
  policyDecisionEvents,
  policyEvents,
  type RunCommand,
  type RunEvent,
  runCommandMessages,
  runCommands,
  toolCallEvents,
  toolEvents,
  typesOf,
} from '@interlock/contracts';
import { takePlan } from './agent/plans.js';
import { takeApproval } from './approval/decide.js';
import { takeToolEvent } from './call/outcomes.js';
import { Emitter, evolveOnce } from './emitter.js';
import { advance } from './life/advance.js';
import { refuseLate, takeCommand } from './life/commands.js';
import { answerFault } from './life/park.js';
import { takePoison } from './life/poison.js';
import { expired, isExpired, refuseInput, refuseStart, startDueAt, startIn, startRun } from './life/start.js';
import { dueOf, fireTimers } from './life/timers.js';
import { unpark } from './life/unpark.js';
import { takeVerdict } from './life/verdicts.js';
import { type RunActorOptions, settingsOf } from './options.js';
import { ownerAt } from './owners.js';
import {
  isCommand,
  isOfPeople,
  isOfPlanner,
  isOfTool,
  isVerdict,
  peopleEvents,
  planAnswers,
  type Received,
  type RunContext,
  type RunDecision,
  type RunInput,
  type RunMessage,
} from './run.messages.js';
import type { RunState } from './state.js';

/** One run: what it does next, from its commands, verdicts, outcomes and timers. */
export function runActor(options: RunActorOptions): Actor<RunState, RunMessage, RunEvent> {
  const settings = settingsOf(options);
  return {
    name: 'run',
    inputs: {
      [runCommands.name]: typesOf(...runCommandMessages),
      [policyEvents.name]: typesOf(...policyDecisionEvents),
      [toolEvents.name]: typesOf(...toolCallEvents),
      [planEvents.name]: typesOf(...planAnswers),
      [approvalEvents.name]: typesOf(...peopleEvents),
    },
    key: (message) => (isCommand(message) ? message.data.runId : message.meta.run),
    decide(input, state, context, key) {
      const emitter = new Emitter(key, context.now, settings, state, ownerAt);
      return state === undefined
        ? decideUnstarted(emitter, input, context)
        : decideFor(emitter, input, context);
    },
    answerFault,
    evolve: evolveOnce,
    isOver: ({ end }) => end !== null,
    due: (state, { held }) =>
      state === undefined ? startDueAt(startIn(held.filter(isCommand)), settings) : dueOf(state, settings),
  };
}

function decideUnstarted(emitter: Emitter, input: RunInput, context: RunContext): RunDecision {
  const held = context.held.filter(isCommand);
  if (input.kind !== 'message') return startRun(emitter, held, held);
  const { message } = input;
  if (!isCommand(message)) return { events: [] };
  if (isForeign(message)) return foreignId(message);
  if (isExpired(emitter, message)) return expiredCommand(emitter, message, held);
  return startRun(emitter, [...held, message], held);
}

/** Nobody starts a run under the id that somebody else's key names. */
const isForeign = (command: RunCommand): boolean => command.type === 'run.start' && !ownsRunId(command.data);
const foreignId = ({ data }: RunCommand): RunDecision =>
  refuseInput('run.foreign_id', `the id ${data.runId} is not the one that the key of ${data.by.sub} names`);

/** Too old to tell a repeat from a new one. A start still gets its answer: a run that failed. */
function expiredCommand(
  emitter: Emitter,
  command: RunCommand,
  held: readonly Received<RunCommand>[],
): RunDecision {
  if (command.type !== 'run.start') return expired(command);
  return refuseStart(emitter, command.data, held, 'command.expired', 'the start was issued too long ago');
}

function decideFor(emitter: Emitter, input: RunInput, { held }: RunContext): RunDecision {
  const isEnded = emitter.state.end !== null;
  if (emitter.state.parked !== null && isAnswer(input)) return { events: [], hold: true };
  const kept = held.filter((message) => !isCommand(message));
  const because = whyUnparked(emitter, input);
  if (because !== undefined) unpark(emitter, because, kept, (message) => void take(emitter, message));
  const quarantine = input.kind === 'message' ? take(emitter, input.message) : undefined;
  if (quarantine !== undefined) return quarantine;
  const commands = held.filter(isCommand);
  for (const command of commands) takeCommand(emitter, command);
  if (input.kind === 'poison' && !isEnded) takePoison(emitter, input);
  if (!isEnded && emitter.state.end === null) {
    if (input.kind === 'due') fireTimers(emitter);
    if (input.kind === 'due' || emitter.events.length > 0) advance(emitter);
  }
  const isLetGo = because !== undefined || emitter.state.end !== null;
  const release = isLetGo ? held : commands;
  return release.length === 0 ? { events: emitter.events } : { events: emitter.events, release };
}

/** What other services say. While the run is parked it waits behind what could not be taken, so that its order stays. */
const isAnswer = (input: RunInput): boolean => input.kind === 'message' && !isCommand(input.message);

/** What lets a run go on that a broken decision has parked; undefined: nothing does. */
function whyUnparked(emitter: Emitter, input: RunInput): Parameters<typeof unpark>[1] | undefined {
  const { state } = emitter;
  if (state.parked === null) return undefined;
  if (input.kind === 'due') return emitter.isOverdue ? 'deadline' : undefined;
  if (input.kind !== 'message' || !isCommand(input.message)) return undefined;
  const because = unparkedBy(input.message);
  if (because === undefined || state.commands.includes(input.message.data.commandId)) return undefined;
  return isExpired(emitter, input.message) ? undefined : because;
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
    case 'run.start':
    case 'run.pause':
    case 'run.signal':
      return undefined;
  }
}

/** What a message says. Answers with a decision of its own where the message cannot be taken. */
function take(emitter: Emitter, message: Received): RunDecision | undefined {
  if (isCommand(message)) return takeCommandMessage(emitter, message);
  if (isOfTool(message)) takeToolEvent(emitter, message);
  else if (emitter.state.end === null) {
    if (isVerdict(message)) takeVerdict(emitter, message.data);
    else if (isOfPeople(message)) takeApproval(emitter, message);
    else if (isOfPlanner(message)) takePlan(emitter, message);
  }
  return undefined;
}

function takeCommandMessage(emitter: Emitter, command: RunCommand): RunDecision | undefined {
  const { commands, end, origin } = emitter.state;
  if (commands.includes(command.data.commandId)) return { events: [] };
  if (isForeign(command)) return foreignId(command);
  if (isExpired(emitter, command)) return expired(command);
  if (end === null) {
    takeCommand(emitter, command);
    return undefined;
  }
  if (command.type === 'run.start' && command.data.requestHash === origin.requestHash) return { events: [] };
  refuseLate(emitter, command, end.status);
  return undefined;
}
