import type { Context, Decision as DecisionOf, Input, TopicMessage } from '@interlock/actors';
import {
  ApprovalDenied,
  ApprovalEscalated,
  ApprovalExpired,
  ApprovalGranted,
  ApprovalOpened,
  ApprovalReminded,
  ApprovalVoted,
  ApprovalVoteRefused,
  ApprovalWithdrawn,
  approvalEvents,
  type ErasureAnswer,
  type MessageOf,
  PlanFailed,
  PlanProposed,
  type PolicyEvent,
  planEvents,
  policyEvents,
  type RunCommand,
  type RunEvent,
  runCommands,
  runOrders,
  type ToolEvent,
  toolEvents,
  type ValueAnswer,
} from '@interlock/contracts';
import type { Letter } from './family/letter.js';
import type { RunState } from './state.js';

/** Answers of the approval service to the run; confirmations are for policy and the executor. */
export const peopleEvents = [
  ApprovalOpened,
  ApprovalVoted,
  ApprovalVoteRefused,
  ApprovalReminded,
  ApprovalEscalated,
  ApprovalGranted,
  ApprovalDenied,
  ApprovalExpired,
  ApprovalWithdrawn,
] as const;
export type PeopleEvent = MessageOf<(typeof peopleEvents)[number]>;

/** What a planner answers. */
export const planAnswers = [PlanProposed, PlanFailed] as const;
export type PlanAnswered = MessageOf<(typeof planAnswers)[number]>;

/** What other services say to a run. */
export type RunAnswer = PolicyEvent | ToolEvent | PlanAnswered | PeopleEvent;

/** Everything that a run reads. */
export type RunMessage = RunCommand | RunAnswer;

/** What its effects end with. */
export type RunResult = Letter | ValueAnswer | ErasureAnswer;

export type RunInput = Input<RunMessage, RunResult>;
export type RunContext = Context<RunMessage, RunState>;
export type RunDecision = DecisionOf<RunEvent, RunState>;
export type Received<Messages extends RunMessage = RunMessage> = TopicMessage<Messages>;

export const isCommand = (message: Received): message is Received<RunCommand> =>
  message.topic === runCommands.name || message.topic === runOrders.name;

export const isVerdict = (message: Received): message is Received<PolicyEvent> =>
  message.topic === policyEvents.name;

export const isOfTool = (message: Received): message is Received<ToolEvent> =>
  message.topic === toolEvents.name;

export const isOfPlanner = (message: Received): message is Received<PlanAnswered> =>
  message.topic === planEvents.name;

export const isOfPeople = (message: Received): message is Received<PeopleEvent> =>
  message.topic === approvalEvents.name;

/** Not a letter of another run. */
export const isOfStore = (result: RunResult): result is ValueAnswer | ErasureAnswer =>
  result.kind === 'value' || result.kind === 'erasure';
