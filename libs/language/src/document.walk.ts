import { isPlainObject } from './json-guard.js';
import type { Path } from './problem.js';

/**
 * Visits every step of a document, those in bodies too, whether or not it is well formed. Bodies stand in a step's `steps`, and in the
 * branches of its `switch`.
 */
export function walkSteps<Step>(
  steps: Readonly<Record<string, Step>>,
  visit: (step: Step, at: Path, depth: number) => void,
  at: Path = [],
  depth = 0,
): void {
  for (const [id, step] of Object.entries(steps)) {
    const here = [...at, 'steps', id];
    visit(step, here, depth);
    for (const body of bodiesIn<Step>(step)) walkSteps(body.steps, visit, [...here, ...body.at], depth + 1);
  }
}

interface BodyIn<Step> {
  readonly at: Path;
  readonly steps: Readonly<Record<string, Step>>;
}

function bodiesIn<Step>(step: unknown): BodyIn<Step>[] {
  if (!isPlainObject(step)) return [];
  const branches: readonly unknown[] = Array.isArray(step.switch) ? step.switch : [];
  return [
    ...bodyAt<Step>(step, []),
    ...branches.flatMap((branch, index) =>
      isPlainObject(branch) ? bodyAt<Step>(branch, ['switch', index]) : [],
    ),
  ];
}

const bodyAt = <Step>({ steps }: Readonly<Record<string, unknown>>, at: Path): BodyIn<Step>[] =>
  isPlainObject(steps) ? [{ at, steps: steps as Readonly<Record<string, Step>> }] : [];
