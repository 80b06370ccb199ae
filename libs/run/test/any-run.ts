import type { CompiledAgentStep, CompiledCompensation, CompiledStep } from '@interlock/language';
import fc from 'fast-check';
import { Adversary } from './adversary.js';
import { agent, assisted, shadow } from './agent-scenario.js';
import type { RunScenario } from './run-scenario.js';
import { ask, askable, decide, read, undoable, verifiable, wait, workflow, write } from './workflows.js';

const kinds = [read, write, verifiable, askable] as const;
const failures = [
  undefined,
  { do: 'fail' },
  { do: 'escalate' },
  { do: 'value', value: 1 },
  { do: 'fallback', step: 'other' },
] as const;

const shape = fc.array(
  fc.record({
    kind: fc.nat(8),
    needs: fc.array(fc.nat(7), { maxLength: 3 }),
    failure: fc.nat(4),
    undo: fc.nat(4),
    pivot: fc.nat(9),
    totalMs: fc.option(fc.integer({ min: 500, max: 20_000 }), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 7 },
);

type Shape = typeof shape extends fc.Arbitrary<infer S> ? S : never;

/** A compensation with one of the kinds of recovery. */
const compensation = (id: string, undo: number): CompiledCompensation =>
  undoable(id, {}, kinds[Math.min(undo, 3) as 1 | 2 | 3]).compensate!;

function stepsOf(shapes: Shape): CompiledStep[] {
  const steps = shapes.map(({ kind, needs, failure, undo, pivot, totalMs }, place) => {
    const earlier = [...new Set(needs.filter((need) => need < place))].map((need) => `s${need}`);
    const onFailure = failures[failure];
    const extra = { needs: earlier, ...(onFailure === undefined ? {} : { onFailure }) };
    if (kind === 4) return decide(`s${place}`, { rules: [], otherwise: 1 }, extra);
    if (kind === 5) return wait(`s${place}`, { signal: 'go', deadlineMs: 60_000 }, extra);
    if (kind === 6) return ask(`s${place}`, {}, extra);
    if (kind > 6)
      return agentOf(
        `s${place}`,
        { ...extra, timeout: totalMs === undefined ? {} : { totalMs } },
        undo,
        pivot,
      );
    const timeout = totalMs === undefined ? { attemptMs: 1_000 } : { attemptMs: 1_000, totalMs };
    const undone = kind > 0 && undo > 0 ? { compensate: compensation(`s${place}`, undo) } : {};
    const last = pivot === 0 ? ({ pivot: true } as const) : {};
    return kinds[kind]!(`s${place}`, { ...extra, ...undone, ...last, timeout });
  });
  const isCalled = shapes.some(({ failure }) => failure === 4);
  return isCalled ? [...steps, read('other', { fallbackOnly: true })] : steps;
}

const agentOf = (id: string, extra: Partial<CompiledAgentStep>, undo: number, pivot: number) =>
  agent(
    id,
    {
      budget: { tokens: 2_000 + 3_000 * undo, costUsd: 0.01 + undo, steps: 1 + undo, toolCalls: 1 + pivot },
      minConfidence: pivot / 30,
      reflectRounds: undo % 3,
    },
    extra,
  );

const levels = [{}, shadow, assisted, assisted] as const;

const budget = fc.record({
  tokens: fc.constantFrom(300, 5_000, 100_000),
  steps: fc.integer({ min: 1, max: 8 }),
  toolCalls: fc.integer({ min: 1, max: 20 }),
  costUsd: fc.constantFrom(0.015, 0.05, 1),
  durationMs: fc.constantFrom(2_000, 100_000, 3_600_000),
});

const dice = fc.array(fc.nat(1_000_000), { minLength: 10, maxLength: 120 });

/** A run of any workflow, and what becomes of it when everybody around it does anything in any order. */
export const anyRun = fc.record({ shapes: shape, limits: budget, dice });

/** Plays it to its end. */
export function played({
  shapes,
  limits,
  dice: thrown,
}: typeof anyRun extends fc.Arbitrary<infer R> ? R : never): RunScenario {
  const options = levels[thrown[0]! % levels.length]!;
  const adversary = new Adversary(workflow(stepsOf(shapes), { budget: limits }), thrown, options);
  adversary.play();
  adversary.settle();
  return adversary.scenario;
}
