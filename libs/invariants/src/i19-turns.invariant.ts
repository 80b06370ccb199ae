import { hashOf, type RunEvent, segmentsOf } from '@interlock/contracts';
import type { RunState } from '@interlock/run';
import type { Logged } from './reading.js';
import { RunTurns } from './turns.js';
import type { Invariant, Violation } from './view.js';

/**
 * I19: the turns of a body begin and end as its document says.
 *
 *   a  No more of them are open than may be, each begins once and when it is its turn, and none where something ends.
 *   b  A turn ends when nothing in it is open, and nothing starts in one that ends.
 *   c  A step of a turn that is over is named no more, but by what undoes it or comes too late.
 *   d  A step completes with what its turns gave, each in its place, once all of them are done.
 */
export const turnsHold: Invariant = ({ runs, states }) =>
  [...runs].flatMap(([run, events]) => {
    const check = new TurnCheck(states.get(run) ?? []);
    for (const [at, event] of events.entries()) check.take(event, at);
    return check.problems.map((message): Violation => ({ invariant: 'I19', run, message }));
  });

/** What is said of writes, children and requests after the turn in which they stood. */
const ofThePast: ReadonlySet<RunEvent['type']> = new Set([
  'verdict.recorded',
  'call.late_recorded',
  'child.undo_requested',
  'child.undone',
  'step.compensated',
  'step.compensation_failed',
]);

class TurnCheck {
  readonly #turns = new RunTurns();
  /** Requests without an answer, with their steps. */
  readonly #asked = new Map<string, string>();
  /** Checks that requests need besides their own. */
  readonly #needs = new Map<string, readonly string[]>();
  readonly #undone = new Set<string>();
  #isUndoing = false;

  constructor(readonly states: readonly (RunState | undefined)[]) {}

  get problems(): readonly string[] {
    return this.#turns.problems;
  }

  take(event: Logged<RunEvent>, at: number): undefined {
    if (event.type === 'run.started' || event.type === 'run.migrated')
      return this.#turns.start(event.data.compiled);
    if (!this.#turns.hasBodies) return;
    this.#named(event);
    switch (event.type) {
      case 'scope.started':
        return this.#turns.started(event.data.step, event.data.items ?? 0);
      case 'scope.opened':
        return this.#turns.opened(event.data);
      case 'scope.stopping':
        return this.#turns.stopping(event.data.step);
      case 'scope.closed':
        return this.#turns.closed(event.data, this.#asked.values());
      case 'step.failed':
        return this.#turns.failed(event.data.step);
      case 'run.cancelling':
      case 'run.undoing':
        return this.#turns.ending();
      case 'run.reopened':
        // It begins its bodies anew.
        this.#turns.anew();
        this.#isUndoing = false;
        this.#asked.clear();
        return;
      case 'rollback.started':
        this.#isUndoing = true;
        for (const { step } of event.data.writes) this.#undone.add(step);
        return;
      case 'call.late_recorded':
        this.#undone.add(event.data.step);
        return;
      case 'step.completed':
        return this.#completed(event.data, at);
      case 'plan.requested':
      case 'child.requested':
        return this.#starts(event.type, event.data.step);
      default:
        return this.#requests(event);
    }
  }

  #requests(event: Logged<RunEvent>): undefined {
    switch (event.type) {
      case 'call.requested': {
        const { step, purpose, recovery, needs = [] } = event.data;
        if (!this.#isUndoing) this.#asked.set(event.meta.id, step);
        if (needs.length > 0) this.#needs.set(event.meta.id, needs);
        if (purpose === 'step' && !recovery) this.#starts(event.type, step);
        return;
      }
      case 'call.recorded':
        this.#asked.delete(event.data.requestId);
        return;
      case 'verdict.recorded': {
        const { point, verdict, approval, checkId } = event.data;
        // Nobody answers what was denied, or what people are asked about first.
        if (point === 'before' && (verdict !== 'allow' || approval !== undefined))
          this.#asked.delete(checkId);
        // Nor what was requested ahead of a check that is denied now.
        if (point === 'after' && verdict === 'deny')
          for (const [id, needs] of this.#needs) if (needs.includes(checkId)) this.#asked.delete(id);
        return;
      }
    }
  }

  /** c */
  #named({ type, data }: Logged<RunEvent>): void {
    if (!('step' in data) || typeof data.step !== 'string' || type.startsWith('run.')) return;
    const { step } = data;
    if (segmentsOf(step) === undefined || ofThePast.has(type)) return;
    if (this.#isUndoing && this.#undone.has(step)) return;
    const over = this.#turns.around(step).find((turn) => !this.#turns.isOpen(turn));
    if (over !== undefined) this.#turns.problems.push(`${type} names ${step}, and ${over} is over`);
  }

  #starts(type: string, step: string): undefined {
    if (this.#turns.isEndingAt(step))
      this.#turns.problems.push(`${type} of ${step}, where nothing may start any more`);
  }

  /** d */
  #completed({ step, via }: Extract<RunEvent, { type: 'step.completed' }>['data'], at: number): undefined {
    if (via !== 'body') return;
    this.#turns.completed(step);
    const state = this.states[at];
    const output = state === undefined ? undefined : outputAt(state, step);
    if (output === undefined || hashOf(output.value) === hashOf(this.#turns.givenBy(step))) return;
    this.#turns.problems.push(`${step} gives something else than its turns gave`);
  }
}

/** What a step of the workflow itself has given. */
function outputAt(state: RunState, step: string): { readonly value: unknown } | undefined {
  const place = state.origin.compiled.steps.findIndex(({ id }) => id === step);
  if (place < 0 || state.steps.depth > 1) return undefined;
  const at = (state.steps.root[place] as { readonly at?: { readonly output?: unknown } } | null | undefined)
    ?.at;
  return at === undefined || !('output' in at) ? undefined : { value: at.output };
}
