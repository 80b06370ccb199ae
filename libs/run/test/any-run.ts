import fc from 'fast-check';
import { Adversary } from './adversary.js';
import { assisted, shadow } from './agent-scenario.js';
import { anyShapes, stepsFrom } from './any-steps.js';
import type { RunScenario } from './run-scenario.js';
import { workflow } from './workflows.js';

const levels = [{}, shadow, assisted, assisted] as const;

const budget = fc.record({
  tokens: fc.constantFrom(300, 5_000, 100_000, 100_000),
  steps: fc.constantFrom(3, 12, 100, 100, 100),
  toolCalls: fc.constantFrom(3, 40, 100, 100, 100),
  costUsd: fc.constantFrom(0.03, 1, 5, 5),
  durationMs: fc.constantFrom(2_000, 100_000, 3_600_000, 3_600_000, 3_600_000),
});

const dice = fc.array(fc.nat(1_000_000), { minLength: 10, maxLength: 300, size: 'max' });

/** A run of any workflow, and what becomes of it when everybody around it does anything in any order. */
export const anyRun = fc.record({ shapes: anyShapes, limits: budget, goodMood: fc.nat(3), dice });

/** Plays it to its end. */
export function played({
  shapes,
  limits,
  goodMood,
  dice: thrown,
}: typeof anyRun extends fc.Arbitrary<infer R> ? R : never): RunScenario {
  const options = levels[thrown[0]! % levels.length]!;
  const adversary = new Adversary(workflow(stepsFrom(shapes), { budget: limits }), thrown, options, goodMood);
  adversary.play();
  adversary.settle();
  return adversary.scenario;
}
