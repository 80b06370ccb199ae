import type {
  AskedQuestion,
  AutonomyLevel,
  Observation,
  Proposal,
  QuestionChannel,
  StopNote,
} from '@interlock/contracts';
import type { CallIndex } from '../indices.js';

/** What an agent step has come to know and used. Calls it proposes run one at a time. */
export interface AgentState {
  readonly level: AutonomyLevel;
  /** Asked next. */
  readonly model?: string;
  /** Rounds begun. */
  readonly rounds: number;
  /** Requests of this round that came to nothing, by the model that is asked now. */
  readonly failures: number;
  readonly reflected: number;
  readonly observed: readonly Observation[];
  /** Questions that are over. Absent: none. */
  readonly asked?: readonly AskedQuestion[];
  /** One of its writes has happened, or nobody knows: from here on rules may not act in its stead. */
  readonly wrote?: true;
  readonly tokens: number;
  readonly microUsd: number;
  readonly toolCalls: number;
  /** Of the tools that have a budget of their own in the step. */
  readonly byTool?: Readonly<Record<string, number>>;
  readonly at: AgentPhase;
}

export type AgentPhase =
  /** The planner is asked next. */
  | { readonly phase: 'ready' }
  /** It is asked again at `due`, UTC ms. */
  | { readonly phase: 'retry'; readonly due: number }
  /** It is asked again once this stop is lifted. */
  | { readonly phase: 'stopped'; readonly stop: StopNote }
  /** Nobody has answered the request yet. */
  | { readonly phase: 'asked'; readonly plan: OpenPlan }
  /** The proposal waits for its verdict. */
  | { readonly phase: 'proposed'; readonly answer: PlanAnswer }
  /** The proposal is carried out. `call`: the one under way. */
  | { readonly phase: 'acting'; readonly answer: PlanAnswer; readonly call?: CallIndex }
  /** Whom it serves is to answer a question of the model. */
  | { readonly phase: 'asking'; readonly question: OpenQuestion };

export interface OpenQuestion {
  /** Of its `question.asked`: its id. */
  readonly seq: number;
  readonly round: number;
  readonly to: string;
  readonly channel: QuestionChannel;
  readonly text: string;
  /** UTC ms */
  readonly until: number;
  readonly since: number;
}

export interface OpenPlan {
  /** Of its `plan.requested`; the planId is the id of that event. */
  readonly seq: number;
  readonly round: number;
  readonly purpose: 'act' | 'reflect' | 'shadow';
  readonly model: string;
  readonly hash: string;
  /** Reserved. */
  readonly tokens: number;
  readonly microUsd: number;
  readonly notAfter: number;
  readonly timeoutMs: number;
  readonly isAllowed?: true;
}

export interface PlanAnswer {
  /** Of its `plan.recorded`: the id of the check that asks whether it may be acted on. */
  readonly seq: number;
  /** Of its `plan.requested`. */
  readonly planSeq: number;
  readonly round: number;
  readonly purpose: 'act' | 'reflect';
  readonly model: string;
  readonly proposal: Proposal;
  /** Index of the call that is made next. */
  readonly next: number;
}
