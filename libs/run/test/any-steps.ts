import type {
  CompiledAgentStep,
  CompiledCompensation,
  CompiledStep,
  CompiledWorkflow,
} from '@interlock/language';
import fc from 'fast-check';
import { agent } from './agent-scenario.js';
import { child } from './family-scenario.js';
import {
  ask,
  askable,
  decide,
  forEach,
  read,
  repeat,
  switchOn,
  undoable,
  verifiable,
  wait,
  workflow,
  write,
} from './workflows.js';

const tools = [read, write, verifiable, askable] as const;
const KINDS = [
  ...['read', 'write', 'verifiable', 'askable', 'write', 'verifiable'],
  ...['decide', 'wait', 'ask', 'agent', 'agent', 'child'],
  ...['forEach', 'forEach', 'repeat', 'switch'],
] as const;
type KindName = (typeof KINDS)[number];

/** A step in numbers, so that chance makes it smaller when it looks for the smallest run that breaks. */
interface Shape {
  readonly kind: number;
  readonly needs: readonly number[];
  readonly failure: number;
  readonly undo: number;
  readonly pivot: number;
  readonly totalMs: number | undefined;
  readonly when: number;
  readonly turns: number;
  readonly width: number;
  readonly failAfter: number;
  readonly gives: number;
  readonly body: readonly Shape[];
}

const BODY_DEPTH_MAX = 3;

/** @param depth bodies around */
const shapeAt = (depth: number): fc.Arbitrary<Shape> =>
  fc.record({
    kind: fc.nat(KINDS.length - 1),
    needs: fc.array(fc.nat(5), { maxLength: 2 }),
    failure: fc.nat(6),
    undo: fc.nat(4),
    pivot: fc.nat(30),
    totalMs: fc.option(fc.integer({ min: 500, max: 20_000 }), { nil: undefined, freq: 3 }),
    when: fc.nat(11),
    turns: fc.nat(4),
    width: fc.integer({ min: 1, max: 3 }),
    failAfter: fc.nat(3),
    gives: fc.nat(5),
    body:
      depth >= BODY_DEPTH_MAX
        ? fc.constant([])
        : fc.array(shapeAt(depth + 1), { minLength: 1, maxLength: 3, size: 'max' }),
  });

export const anyShapes = fc.array(shapeAt(0), { minLength: 1, maxLength: 4 });

/** What children run: what they do is said by the dice. */
export const childWorkflow: CompiledWorkflow = workflow([read('work')], {
  name: 'child',
  budget: { tokens: 500, costUsd: 0.01, steps: 2, toolCalls: 2, durationMs: 60_000 },
});

/** A list of steps that stand together, each named by its place in it. */
export function stepsFrom(
  shapes: readonly Shape[],
  within = 's',
  as: readonly string[] = [],
): CompiledStep[] {
  const steps = shapes.map((shape, place) => stepFrom(shape, place, within, as));
  const isCalled = shapes.some(({ failure }) => failure === 4);
  return isCalled ? [...steps, read(`${within}other`, { fallbackOnly: true })] : steps;
}

function stepFrom(shape: Shape, place: number, within: string, as: readonly string[]): CompiledStep {
  const { needs, failure, totalMs, undo, pivot, gives } = shape;
  const id = `${within}${place}`;
  const earlier = [...new Set(needs.filter((need) => need < place))].map((need) => `${within}${need}`);
  const extra = {
    needs: earlier,
    timeout: totalMs === undefined ? {} : { totalMs },
    ...whenOf(shape, earlier, as),
    ...failureOf(failure, within),
  };
  const kind = kindOf(shape);
  const seen = { from: id, of: as.map((name) => `\${${name}}`), gave: earlier.map(readingOf) };
  switch (kind) {
    case 'decide':
      return decide(id, { rules: [], otherwise: gives }, extra);
    case 'wait':
      return wait(id, gives === 0 ? { forMs: 2_000 } : { signal: 'go', deadlineMs: 60_000 }, extra);
    case 'ask':
      return ask(id, {}, extra);
    case 'agent':
      return agentOf(id, extra, undo, pivot);
    case 'child':
      return child(id, childWorkflow, { ...extra, with: seen, ...(gives === 0 ? { detached: true } : {}) });
    case 'forEach':
    case 'repeat':
    case 'switch':
      return bodied(kind, shape, id, as, extra);
    default: {
      const make = tools[Math.max(0, ['read', 'write', 'verifiable', 'askable'].indexOf(kind))] ?? read;
      const undone = kind !== 'read' && undo > 0 ? { compensate: compensation(id, undo) } : {};
      const last = pivot === 0 ? ({ pivot: true } as const) : {};
      return make(id, {
        ...extra,
        ...undone,
        ...last,
        with: seen,
        timeout: { attemptMs: 1_000, ...extra.timeout },
      });
    }
  }
}

/** Where bodies may stand in bodies no more, a tool stands in. */
function kindOf({ kind, body }: Shape): KindName {
  const named = KINDS[kind] ?? 'read';
  const hasBody = named === 'forEach' || named === 'repeat' || named === 'switch';
  return hasBody && body.length === 0 ? 'write' : named;
}

/** Reads what has a value in every case. */
const readingOf = (id: string): string => `\${has(steps.${id}.output) ? 1 : 0}`;

function whenOf({ when, gives }: Shape, earlier: readonly string[], as: readonly string[]) {
  const [read] = earlier;
  const item = as.at(-1);
  if (when === 0) return { when: 'false' };
  if (when === 1 && read !== undefined) return { when: `steps.${read}.output == ${gives}` };
  if (when === 2 && item !== undefined) return { when: `${item} != ${gives}` };
  return {};
}

function failureOf(failure: number, within: string): Pick<CompiledStep, 'onFailure'> {
  switch (failure) {
    case 1:
      return { onFailure: { do: 'fail' } };
    case 2:
      return { onFailure: { do: 'escalate' } };
    case 3:
      return { onFailure: { do: 'value', value: 1 } };
    case 4:
      return { onFailure: { do: 'fallback', step: `${within}other` } };
    default:
      return {};
  }
}

type Extra = Parameters<typeof wait>[2];

function bodied(
  kind: 'forEach' | 'repeat' | 'switch',
  { body, turns, width, failAfter, gives }: Shape,
  id: string,
  as: readonly string[],
  extra: Extra,
): CompiledStep {
  const first = body[0] === undefined ? '' : `${id}x0`;
  if (kind === 'forEach') {
    const name = `item${as.length}`;
    const steps = stepsFrom(body, `${id}x`, [...as, name]);
    const shown = gives < 3 ? { output: { of: `\${${name}}` } } : {};
    const limit = failAfter === 3 ? { share: 0.5 } : { items: failAfter };
    const list = [...Array(turns).keys()];
    return forEach(id, list, steps, { ...extra, as: name, concurrency: width, failAfter: limit, ...shown });
  }
  if (kind === 'repeat') {
    const steps = stepsFrom(body, `${id}x`, as);
    const until = [`has(steps.${first}.output) && steps.${first}.output == ${gives}`, 'true', 'false'];
    const every = gives === 1 ? { everyMs: 3_000 } : {};
    return repeat(id, { until: until[gives % 3] ?? 'true', max: 1 + turns, ...every }, steps, extra);
  }
  // One branch is called as the other: of each turn only one is taken.
  const otherwise = failAfter === 0 ? [] : [[undefined, stepsFrom(body, `${id}x`, as)] as const];
  const [taken] = as;
  const condition = taken === undefined ? `${turns} > 1` : `${taken} > ${turns}`;
  return switchOn(id, [[condition, stepsFrom(body.slice(0, 1), `${id}x`, as)], ...otherwise], extra);
}

/** A compensation with one of the kinds of recovery. */
function compensation(id: string, undo: number): CompiledCompensation {
  const like = [write, verifiable, askable][Math.min(undo, 3) - 1] ?? write;
  const { compensate } = undoable(id, {}, like);
  if (compensate === undefined) throw new Error('what can be undone says how');
  return compensate;
}

const agentOf = (id: string, extra: Partial<CompiledAgentStep> | undefined, undo: number, pivot: number) =>
  agent(
    id,
    {
      budget: { tokens: 2_000 + 3_000 * undo, costUsd: 0.01 + undo, steps: 1 + undo, toolCalls: 1 + pivot },
      minConfidence: (pivot % 10) / 30,
      reflectRounds: undo % 3,
    },
    extra,
  );
