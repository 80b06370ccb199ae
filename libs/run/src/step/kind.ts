import type { AnswerForm, Failure, MessageOf, StopNote } from '@interlock/contracts';
import type { CompiledStep } from '@interlock/language';
import type { DecisionDraft } from '../decision.draft.js';
import type { CallIndex, StepIndex } from '../indices.js';
import type { Refusal } from '../life/commands.js';
import type { GivenSchema, Published } from '../migration/facts.js';
import type { Settings } from '../options.js';
import type { RunState } from '../state.js';
import type { Tell, WaitingFor } from '../waiting.js';
import type { Turns } from './body/work.js';
import type { Work } from './state.js';

/** What a person gives a step that asks for it. */
export type Answer = MessageOf<typeof AnswerForm>['data'];

/** What steps of a kind give, as far as publication has checked those that read it. */
export interface Gives {
  /** While none of these fields of its document is another, it gives the same. */
  readonly fields: readonly string[];
  /** Absent: nowhere declared, so that nobody can compare. */
  schema?(definition: CompiledStep, published: Published): GivenSchema;
}

/**
 * Everything that is particular to a kind of step. A new kind is a folder with one of these, its document form in `libs/language`, and a
 * line in the index of each. Nobody else asks what kind a step is.
 */
export interface StepKind {
  /** It completes as it starts, with no event before. */
  readonly isInstant?: true;
  /** The events that start it, and what it does then. */
  readonly starts?: Readonly<Record<string, readonly ('running' | 'waiting')[]>>;
  /** The parts of its document whose expressions may name other steps. */
  expressions(definition: CompiledStep): unknown;
  /** Starts it: all that it needs is closed, and its condition holds. */
  start(draft: DecisionDraft, step: StepIndex): undefined;
  /**
   * Starts it before these checks are decided, which its call then waits for. Nothing fails yet: what is wrong now may be right once they
   * are decided. Absent: it starts after them.
   */
  startAhead?(draft: DecisionDraft, step: StepIndex, checks: readonly string[]): undefined;
  /** Takes it as far as it can go now, while it is active and the run does not end. */
  drive?(draft: DecisionDraft, step: StepIndex): undefined;

  /** What it waits for by itself. Absent: for its turn. */
  wait?(state: RunState, step: StepIndex, tell: Tell): WaitingFor;
  /** When it goes on by itself, UTC ms. */
  due?(state: RunState, step: StepIndex, settings: Settings): readonly number[];
  /** It may be due. */
  onTimer?(draft: DecisionDraft, step: StepIndex): undefined;
  /** Its time is up while none of its calls is under way. Absent: it fails. */
  onTimeout?(draft: DecisionDraft, step: StepIndex, failure: Failure): undefined;
  /** It was told that its time is up, and ends by itself. */
  endsByItself?(state: RunState, step: StepIndex): boolean;
  /** Whether a step with this document ever waits for the signal. */
  knowsSignal?(definition: CompiledStep, signal: string): boolean;
  /** Whether it waits for the signal now. */
  awaitsSignal?(state: RunState, step: StepIndex, signal: string): boolean;
  /** The signal that it waits for has come. */
  onSignal?(draft: DecisionDraft, step: StepIndex): undefined;

  /** A person answers what it asks. @returns why not */
  onAnswer?(draft: DecisionDraft, step: StepIndex, answer: Answer): Refusal | undefined;

  /** The call that is under way for it, or whose outcome it uses. */
  call?(work: Work): CallIndex | undefined;
  /** What it has given before it is completed. */
  output?(state: RunState, step: StepIndex): unknown;
  /** What stays when it is taken back. Absent: nothing. */
  rested?(work: Work): Work | undefined;
  /** It falls under a stop, and none of its calls does. */
  stopped?(state: RunState, step: StepIndex, stop: StopNote): RunState;
  /** Of a kind whose steps have bodies. */
  readonly turns?: Turns;
  /** What is decided at the end of a turn besides its output. */
  atTurnEnd?(definition: CompiledStep): unknown;

  /** How what it gives follows from its document. Absent: from no field of its own, or nobody can say what it gives. */
  readonly gives?: Gives;

  /** It has completed by itself: nothing stands in for it. */
  completed?(state: RunState, step: StepIndex): RunState;
}
