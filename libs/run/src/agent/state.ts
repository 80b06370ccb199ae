import type { AutonomyLevel, Observation, Proposal, StopNote } from '@interlock/contracts';
import type { StepIndex } from '../indices.js';

/** What an agent step has come to know and used. Calls it proposes run one at a time, each at a place of its own. */
export interface AgentState {
  readonly level: AutonomyLevel;
  /** Asked next. */
  readonly model?: string;
  /** Rounds begun. */
  readonly rounds: number;
  /** Requests of this round that came to nothing, by the model that is asked now. */
  readonly failures: number;
  readonly reflected: number;
  /** The request nobody has answered. */
  readonly plan?: OpenPlan;
  /** The proposal that is judged, and then carried out. */
  readonly answer?: PlanAnswer;
  /** Of the call under way. */
  readonly place?: StepIndex;
  /** When the planner is asked again. */
  readonly due?: number;
  /** The request falls under this stop: asked again once that is lifted. */
  readonly stop?: StopNote;
  readonly observed: readonly Observation[];
  /** One of its writes has happened, or nobody knows: from here on rules may not act in its stead. */
  readonly wrote?: true;
  readonly tokens: number;
  readonly microUsd: number;
  readonly toolCalls: number;
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
  readonly isAllowed?: true;
  /** Index of the call whose turn it is. */
  readonly next: number;
}

/** Which proposed call runs at a place. */
export interface Acting {
  /** Place of the agent step. */
  readonly owner: StepIndex;
  /** Index of the tool in the list of the step. */
  readonly tool: number;
  readonly round: number;
  /** Index in the calls that were proposed. */
  readonly index: number;
  readonly occurrence: number;
}
