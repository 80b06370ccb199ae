import type { Effect, Folded, Kin } from '@interlock/actors';
import { type RunEvent, requestValues, type ValueAnswer } from '@interlock/contracts';
import type { CompiledStep, Scope } from '@interlock/language';
import { callAt } from './call/calls.js';
import type { CallOwner, OwnerAt } from './call/owner.js';
import { requestAt } from './call/requests.js';
import type { CallState, RequestState } from './call/state.js';
import { evolve } from './evolve.js';
import type { CallIndex, RequestIndex, StepIndex } from './indices.js';
import { jsonBytes } from './json-bytes.js';
import type { Settings } from './options.js';
import { type Called, calledAt, stepOf } from './scope/called.js';
import { type DefinitionOf, definitionAt } from './scope/definition.js';
import { scopeOf } from './scope/scope.js';
import { isEndingAt, isRunEnding } from './scope/scopes.js';
import { type IndexedStep, stepIn, type WorkflowIndex, workflowIndexOf } from './scope/workflow.index.js';
import type { RunState } from './state.js';
import type { StepState } from './step/state.js';
import { stepAt } from './step/steps.js';
import { RunValues, ValuesAwaited } from './values/run.values.js';

/**
 * A decision goes on to another call, step or timer until it has this many events or bytes of data; the rest is due at
 * once. One more of them still fits into the limits of a decision, 200 events and 512 KB.
 */
const EVENTS_SOFT_MAX = 90;
const BYTES_SOFT_MAX = 96 * 1024;

/** One decision in the making: the events so far, and the state as if they had been accepted. */
export class DecisionDraft {
  readonly events: RunEvent[] = [];
  /** Calls performed by this decision whose after-check it has just asked for. */
  readonly fresh: CallIndex[] = [];
  /** What the run tells its parent or a child besides. */
  readonly letters: Effect[] = [];
  /** What it asks of the store, by what waits for it. */
  readonly requests = new Map<string, Effect>();
  readonly values: RunValues;
  readonly #before: RunState | undefined;
  #bytes = 0;

  constructor(
    readonly key: string,
    readonly now: number,
    readonly settings: Settings,
    private current: RunState | undefined,
    private readonly ownerAt: OwnerAt,
    answer?: ValueAnswer,
    /** The other runs of the family. */
    readonly kin: () => readonly Kin<RunState>[] = () => [],
  ) {
    this.#before = current;
    this.values = new RunValues(settings.values, answer);
  }

  get exists(): boolean {
    return this.current !== undefined;
  }

  get state(): RunState {
    if (this.current === undefined) throw new Error(`run ${this.key} has not started`);
    return this.current;
  }

  get workflow(): WorkflowIndex {
    return workflowIndexOf(this.state.origin.compiled);
  }

  step(step: StepIndex): StepState {
    return stepAt(this.state, step);
  }

  /** How the step stands to the other steps of its workflow. */
  indexed(step: StepIndex): IndexedStep {
    return stepIn(this.state, step);
  }

  definition(step: StepIndex): CompiledStep {
    return this.indexed(step).definition;
  }

  /** @throws it is of another kind */
  definitionOf<K extends CompiledStep['kind']>(step: StepIndex, kind: K): DefinitionOf<K> {
    return definitionAt(this.state, step, kind);
  }

  call(call: CallIndex): CallState {
    return callAt(this.state, call);
  }

  /** How the call is made. */
  called(call: CallIndex): Called {
    return calledAt(this.state, call);
  }

  /** The step in whose name it is made. */
  stepOf(call: CallIndex): StepIndex {
    return stepOf(this.state, call);
  }

  request(request: RequestIndex): RequestState {
    return requestAt(this.state, request);
  }

  /** Nothing new starts: the run ends once everything open has been answered. */
  get isEnding(): boolean {
    return isRunEnding(this.state);
  }

  /** What the call belongs to. */
  owner(call: CallIndex): CallOwner {
    return this.ownerAt(this.state, call);
  }

  /** Nothing new starts for the step: the run is ending, or a turn around it is. */
  isEndingAt(step: StepIndex): boolean {
    return isEndingAt(this.state, step);
  }

  /** Its step is ending: this call is not attempted again. */
  isStopped(call: CallIndex): boolean {
    return !this.owner(call).outlastsRun && this.isEndingAt(this.stepOf(call));
  }

  /** What the expressions of a step see. */
  scopeOf(step: StepIndex): Scope {
    return scopeOf(this.state, step, this.values);
  }

  get isOverdue(): boolean {
    return this.now >= this.state.origin.deadline;
  }

  /** Nothing new starts until it is resumed, or ends. A pause stops no clock. */
  get isPaused(): boolean {
    const { paused, parked } = this.state;
    return (paused !== null || parked !== null) && !this.isEnding && !this.isOverdue;
  }

  /** The decision is full: what can wait is left for the next one. */
  get isFull(): boolean {
    return this.events.length >= EVENTS_SOFT_MAX || this.#bytes >= BYTES_SOFT_MAX;
  }

  /** The id its next event will have. */
  get nextId(): string {
    return `${this.key}/${(this.current?.seq ?? 0) + 1}`;
  }

  /** Does `work`, or undoes all of it and returns false when it throws. */
  attempt(work: () => void): boolean {
    return this.#unless(work, () => undefined);
  }

  /**
   * Does `work`, unless it needs values that are not at hand: then it is undone, they are asked for in the name of `waiting`, and it is
   * done in a later decision.
   * @returns whether it was done
   */
  whenAtHand(waiting: string, work: () => void): boolean {
    if (this.requests.has(waiting)) return false;
    this.values.begin();
    return this.#unless(work, (thrown) => {
      if (!(thrown instanceof ValuesAwaited)) throw thrown;
      const request = { ...thrown.request, family: this.state.origin.rootRunId };
      this.requests.set(waiting, requestValues(this.key, waiting, request));
    });
  }

  #unless(work: () => void, otherwise: (thrown: unknown) => void): boolean {
    const [events, fresh, bytes, before] = [this.events.length, this.fresh.length, this.#bytes, this.current];
    try {
      work();
      return true;
    } catch (thrown) {
      this.events.length = events;
      this.fresh.length = fresh;
      this.#bytes = bytes;
      this.current = before;
      otherwise(thrown);
      return false;
    }
  }

  /** What was emitted so far, and what follows from it. */
  get folded(): Folded<RunState> {
    return { before: this.#before, events: this.events, after: this.current };
  }

  tell(letters: readonly Effect[]): undefined {
    this.letters.push(...letters);
  }

  emit(message: RunEvent): string {
    const before = this.current;
    const seq = (before?.seq ?? 0) + 1;
    const event = { ...message, id: `${this.key}/${seq}`, seq, time: this.now };
    this.events.push(message);
    this.#bytes += jsonBytes(message.data);
    this.current = evolve(before, event, this.key);
    return event.id;
  }
}
