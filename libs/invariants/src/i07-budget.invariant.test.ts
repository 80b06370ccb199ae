import type { ToolEvent } from '@interlock/contracts';
import { expect, test } from 'vitest';
import { withinBudget } from './i07-budget.invariant.js';
import type { Logged, Reading } from './reading.js';
import { readingOfRun, type Told } from './told.run.js';

const started: Told = [0, 'run.started', { budget: { toolCalls: 1 } }];
const requested = (toolCalls: 0 | 1, purpose = 'step'): Told => [
  1,
  'call.requested',
  { step: 'pay', purpose, reserved: { toolCalls } },
];
const undoing: Told = [2, 'rollback.started', {}];

/** What the executor says of the request at this place of the run. */
type Said = readonly [at: number, type: ToolEvent['type']];

function problems(told: readonly Told[], said: readonly Said[]): string[] {
  const reading = readingOfRun(started, ...told);
  const events = reading.runs.get('run') ?? [];
  const callRequests = new Map(
    events.flatMap((event) => (event.type === 'call.requested' ? [[event.meta.id, event]] : [])),
  );
  const tools = said.map(([at, type]) => ({ type, data: { requestId: `run/${at}` }, meta: { run: 'run' } }));
  const whole = { ...reading, callRequests, tools: tools as unknown as readonly Logged<ToolEvent>[] };
  return withinBudget(whole as unknown as Reading).map(({ message }) => message);
}

const attempted = (at: number): Said => [at, 'tool.attempt_started'];

test.each<[string, Told[], Said[]]>([
  ['as many calls as the run may make', [requested(1)], [attempted(2), [2, 'tool.succeeded']]],
  [
    'an attempt that was refused while it waited for its place, and another',
    [requested(1), requested(1)],
    [attempted(2), [2, 'tool.refused'], attempted(3), [3, 'tool.succeeded']],
  ],
  [
    'an undoing beyond the budget',
    [requested(1), undoing, requested(0, 'compensate')],
    [attempted(2), attempted(4)],
  ],
])('%s: within the budget', (_what, told, said) => {
  expect(problems(told, said)).toEqual([]);
});

test.each<[string, Told[], Said[], string]>([
  [
    'two calls where one is allowed',
    [requested(1), requested(1)],
    [attempted(2), attempted(3)],
    '2 calls were performed, 1 allowed',
  ],
  [
    'an undoing that the budget pays for',
    [requested(1), undoing, requested(1, 'compensate')],
    [attempted(2)],
    'a request to compensate pay came with 1 calls reserved',
  ],
  ['a step outside of the budget', [requested(0)], [], 'a request to step pay came with 0 calls reserved'],
])('%s: a violation', (_what, told, said, message) => {
  expect(problems(told, said)).toContain(message);
});
