import type { Actor, Context, Decision, Input, TopicMessage } from '@interlock/actors';
import {
  type ApprovalEvent,
  approvalEvents,
  approvalLifeEvents,
  ownsRunId,
  type PlanEvent,
  PlanFailed,
  PlanProposed,
  type PolicyEvent,
  planEvents,
  policyDecisionEvents,
  policyEvents,
  type RunCommand,
  runCommandMessages,
  runCommands,
  type ToolEvent,
  toolCallEvents,
  toolEvents,
} from '@interlock/contracts';
import { advance } from './decide/advance.js';
import { takeApproval } from './decide/approvals.js';
import { refuseLate, takeCommand } from './decide/commands.js';
import { takeLate } from './decide/late.js';
import { takeOutcome, takePlaceAwaited } from './decide/outcomes.js';
import { answerFault } from './decide/park.js';
import { takePlan } from './decide/plans.js';
import { takePoison } from './decide/poison.js';
import { commandIn, expired, isExpired, refuseInput, refuseStart, startRun } from './decide/start.js';
import { dueOf, fireTimers } from './decide/timers.js';
import { unpark } from './decide/unpark.js';
import { takeVerdict } from './decide/verdicts.js';
import { Emitter, evolveOnce } from './emitter.js';
import { type RunActorOptions, settingsOf } from './options.js';
import type { RunState } from './state.js';

const typesOf = (definitions: readonly { readonly type: string }[]): ReadonlySet<string> =>
  new Set(definitions.map(({ type }) => type));

const planAnswers: ReadonlySet<string> = typesOf([PlanProposed, PlanFailed]);

/** Confirmations speak to policy and executor. */
const answersOfPeople = typesOf(
  approvalLifeEvents.filter(({ type }) => type !== 'approval.confirmed' && type !== 'approval.unconfirmed'),
);

/** One run: what it does next, from its commands, verdicts, outcomes and timers. */
export function runActor(options: RunActorOptions): Actor<RunState> {
  const settings = settingsOf(options);
  // When to look again for the workflow of a start that waits. Lost with the process, as the artifacts it has read are.
  const lookAgainAt = new Map<string, number>();
  return {
    name: 'run',
    inputs: {
      [runCommands.name]: typesOf(runCommandMessages),
      [policyEvents.name]: typesOf(policyDecisionEvents),
      [toolEvents.name]: typesOf(toolCallEvents),
      [planEvents.name]: planAnswers,
      [approvalEvents.name]: answersOfPeople,
    },
    key: ({ topic, data, meta }) =>
      topic === runCommands.name ? (data as { runId: string }).runId : meta.run,
    decide(input, state, context, key) {
      const emitter = new Emitter(key, context.now, settings, state);
      if (state !== undefined) return decideFor(emitter, input, context);
      const decision = decideUnstarted(emitter, input, context);
      if (decision.hold === true) lookAgainAt.set(key, context.now + settings.artifactRetryMs);
      else lookAgainAt.delete(key);
      return decision;
    },
    answerFault,
    evolve: evolveOnce,
    isOver: ({ end }) => end !== null,
    due(state, { held }) {
      if (state !== undefined) return dueOf(state, settings);
      const [first] = held;
      return first && (lookAgainAt.get(commandIn(first).data.runId) ?? first.meta.time);
    },
  };
}

function decideUnstarted(emitter: Emitter, input: Input, { held }: Context): Decision {
  if (input.kind !== 'message') return startRun(emitter, held, held);
  if (input.message.topic !== runCommands.name) return { events: [] };
  const command = commandIn(input.message);
  if (isForeign(command)) return foreignId(command);
  if (isExpired(emitter, command)) return expiredCommand(emitter, command, held);
  return startRun(emitter, [...held, input.message], held);
}

/** Nobody starts a run under the id that somebody else's key names. */
const isForeign = (command: RunCommand): boolean => command.type === 'run.start' && !ownsRunId(command.data);
const foreignId = ({ data }: RunCommand): Decision =>
  refuseInput('run.foreign_id', `the id ${data.runId} is not the one that the key of ${data.by.sub} names`);

/** Too old to tell a repeat from a new one. A start still gets its answer: a run that failed. */
function expiredCommand(emitter: Emitter, command: RunCommand, held: Context['held']): Decision {
  if (command.type !== 'run.start') return expired(command);
  return refuseStart(emitter, command.data, held, 'command.expired', 'the start was issued too long ago');
}

function decideFor(emitter: Emitter, input: Input, { held }: Context): Decision {
  const isEnded = emitter.state.end !== null;
  if (emitter.state.parked !== null && isAnswer(input)) return { events: [], hold: true };
  const kept = held.filter(({ topic }) => topic !== runCommands.name);
  const because = whyUnparked(emitter, input);
  if (because !== undefined) unpark(emitter, because, kept, (message) => void take(emitter, message));
  const quarantine = input.kind === 'message' ? take(emitter, input.message) : undefined;
  if (quarantine !== undefined) return quarantine;
  const commands = held.filter(({ topic }) => topic === runCommands.name);
  for (const message of commands) takeCommand(emitter, commandIn(message));
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
const isAnswer = (input: Input): boolean =>
  input.kind === 'message' && input.message.topic !== runCommands.name;

const unparking = {
  'run.cancel': 'cancel',
  'run.resume': 'resume',
  'run.retry': 'retry',
  'run.skip': 'skip',
} as const satisfies Partial<Record<RunCommand['type'], string>>;

/** What lets a run go on that a broken decision has parked; undefined: nothing does. */
function whyUnparked(emitter: Emitter, input: Input): Parameters<typeof unpark>[1] | undefined {
  const { state } = emitter;
  if (state.parked === null) return undefined;
  if (input.kind === 'due') return emitter.isOverdue ? 'deadline' : undefined;
  if (input.kind !== 'message' || !(input.message.type in unparking)) return undefined;
  const { data } = commandIn(input.message);
  if (state.commands.includes(data.commandId) || isExpired(emitter, commandIn(input.message)))
    return undefined;
  return unparking[input.message.type as keyof typeof unparking];
}

/** What a message says. Answers with a decision of its own where the message cannot be taken. */
function take(emitter: Emitter, message: TopicMessage): Decision | undefined {
  if (message.topic === runCommands.name) return takeCommandMessage(emitter, message);
  if (message.topic === policyEvents.name) {
    const { data } = message as unknown as PolicyEvent;
    if (emitter.state.end === null) takeVerdict(emitter, data);
  } else if (message.topic === approvalEvents.name) {
    if (emitter.state.end === null) takeApproval(emitter, message as unknown as ApprovalEvent);
  } else if (message.topic === planEvents.name) {
    const event = message as unknown as PlanEvent;
    if (emitter.state.end === null && event.type !== 'plan.attempt_started') takePlan(emitter, event);
  } else takeToolEvent(emitter, message as unknown as ToolEvent);
  return undefined;
}

function takeCommandMessage(emitter: Emitter, message: TopicMessage): Decision | undefined {
  const command = commandIn(message);
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

function takeToolEvent(emitter: Emitter, { type, data }: ToolEvent): undefined {
  if (type === 'tool.outcome_late') return takeLate(emitter, data);
  if (type === 'tool.attempt_started' || emitter.state.end !== null) return;
  switch (type) {
    case 'tool.succeeded': {
      const { compensation } = data;
      const undo = compensation === undefined ? {} : { compensation };
      const outcome = { kind: 'succeeded', output: data.output ?? null, ...undo } as const;
      return takeOutcome(emitter, data.armId, outcome, data.tookMs);
    }
    case 'tool.failed':
      return takeOutcome(emitter, data.armId, { kind: 'failed', failure: data.failure }, data.tookMs);
    case 'tool.outcome_unknown': {
      const { deadline, because, code } = data;
      const outcome = { kind: 'unknown', deadline, because, ...(code !== undefined && { code }) } as const;
      return takeOutcome(emitter, data.armId, outcome);
    }
    case 'tool.place_awaited':
      return takePlaceAwaited(emitter, data.armId, data.for);
    case 'tool.refused': {
      const { code, message, unsafe, stop } = data;
      const stopped = stop === undefined ? {} : { stop };
      return takeOutcome(emitter, data.armId, { kind: 'refused', code, message, unsafe, ...stopped });
    }
  }
}
