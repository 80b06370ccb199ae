import type { Input } from '@interlock/actors';
import type { Amounts } from '@interlock/contracts';
import type { Letter } from '../src/index.js';
import type { RunScenario } from './run-scenario.js';

interface Started {
  readonly runId: string;
  readonly budget?: Amounts;
}

/** The runs that a run starts: each ends once, in whatever way the dice say, and tells it as often as it likes. */
export class FakeChildren {
  readonly #ended = new Map<string, Letter>();
  readonly #undone = new Map<string, Letter>();

  constructor(readonly scenario: () => RunScenario) {}

  /** What the run waits to hear of its children. */
  get awaited(): readonly string[] {
    const { children = [], rollback } = this.scenario().state ?? { children: [] };
    const undoing = rollback?.child;
    return [...children.map(({ runId }) => runId), ...(undoing === undefined ? [] : [undoing])];
  }

  /** Something that a child says. @param variant 0: how it ends, or what it has undone */
  say(runId: string, variant: number): Input {
    return { kind: 'result', effectId: `letter ${runId}`, result: this.#said(runId, variant) };
  }

  /** Anything that one of them has said or may say once more. */
  sayAgain(pick: <T>(list: readonly T[]) => T | undefined, variant: number): Input | undefined {
    const child = pick(this.#requested);
    return child === undefined ? undefined : this.say(child.runId, variant);
  }

  get #requested(): readonly Started[] {
    return this.#events<Started>('child.requested');
  }

  #events<T>(type: string): readonly T[] {
    return this.scenario()
      .events.filter((event) => event.type === type)
      .map(({ data }) => data as T);
  }

  #said(runId: string, variant: number): Letter {
    const isUndoing = this.#events<Started>('child.undo_requested').some((asked) => asked.runId === runId);
    if (isUndoing) return this.#once(this.#undone, runId, () => undoneBy(runId, variant));
    if (variant % 5 === 4) return { kind: 'asks', child: runId };
    if (variant % 5 > 1 && !this.#ended.has(runId)) return { kind: 'started', child: runId };
    const child = this.#requested.find((one) => one.runId === runId);
    // A child that nobody waits for says only that it has started.
    if (child?.budget === undefined) return { kind: 'started', child: runId };
    const { budget } = child;
    return this.#once(this.#ended, runId, () => this.#endOf(runId, budget, variant));
  }

  #once(said: Map<string, Letter>, runId: string, say: () => Letter): Letter {
    const letter = said.get(runId) ?? say();
    said.set(runId, letter);
    return letter;
  }

  #endOf(child: string, budget: Amounts, variant: number): Letter {
    const told = this.#events<Started & { rollback: boolean }>('child.cancel_requested');
    const cancelled = told.find(({ runId }) => runId === child);
    const used = {
      tokens: variant % 2 === 0 ? budget.tokens : 0,
      costUsd: variant % 3 === 0 ? budget.costUsd : 0,
      steps: Math.min(1, budget.steps),
      toolCalls: Math.min(variant % 3, budget.toolCalls),
    };
    const about = { kind: 'ended' as const, child, used, shapedBy: [] };
    const failure = { class: 'domain', code: 'child.dice', message: 'dice' } as const;
    const isOver = Math.floor(variant / 10) % 3;
    // Its end and the order to end it may cross.
    if (cancelled !== undefined && isOver > 0)
      return cancelled.rollback
        ? { ...about, status: 'rolled_back', failure, wrote: false }
        : { ...about, status: isOver === 1 ? 'cancelled' : 'escalated', failure, wrote: isOver > 1 };
    if (isOver === 2) return { ...about, status: 'failed', failure, wrote: false };
    if (variant % 7 === 6) return { ...about, status: 'escalated', failure, wrote: true };
    return { ...about, status: 'completed', output: { of: child }, wrote: variant % 4 < 2 };
  }
}

const undoneBy = (child: string, variant: number): Letter =>
  variant % 4 === 3
    ? { kind: 'undone', child, failure: { class: 'internal', code: 'dice', message: 'some of it stands' } }
    : { kind: 'undone', child };
