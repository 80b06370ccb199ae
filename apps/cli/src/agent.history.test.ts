import type { RunEvent } from '@interlock/contracts/http';
import { expect, test } from 'vitest';
import { askingEvents, assistedEvents, fallenBackEvents, shadowEvents } from './agent.fixture.js';
import { showAgents } from './agent.history.js';
import { agentsOf } from './agent.rounds.js';
import { Output } from './output.js';
import { stepRow, stepsOf } from './run.steps.js';

function shown(events: readonly RunEvent[]): string {
  let text = '';
  showAgents(
    agentsOf(events),
    new Output(false, (part) => {
      text += part;
    }),
  );
  return text;
}

test('an agent step is told round by round: what was proposed, weighed, judged and done, and at what cost', () => {
  expect(shown(assistedEvents).split('\n')).toEqual([
    '',
    'agent resolve: a model acts, and people approve its calls (assisted, openai/one; INTERLOCK_AUTONOMY is assisted); its output is the model’s',
    '  round 1, openai/one, 812 + 90 tokens, $0.0021, 412 ms',
    '    proposes    refunds.create {"id":0}',
    '    proposes    bank.rob {"id":1}',
    '    confidence  0.60',
    '    reasoning   The order is paid.',
    '    evidence    orders.get: paid',
    '    instead     0.20 ask the customer',
    '    policy      the request: allow (models): because',
    '    policy      the proposal: allow (models): because',
    '    policy      refunds.create: asks lead (agents.assisted): because',
    '    did         refunds.create {"id":0}: succeeded {"refundId":"r-1"}',
    '    did         bank.rob {"id":1}: unlisted',
    '  round 2, openai/one, 812 + 90 tokens, $0.0021, 412 ms',
    '    proposes    the output {"by":"model"}',
    '    confidence  0.90',
    '',
  ]);
});

test('a model that does not get there is told with why, what was charged, and who acted', () => {
  const text = shown(fallenBackEvents);
  expect(text).toContain('the rules took over: agent.budget: nothing left to ask with');
  expect(text).toContain('902 tokens charged, because nobody knows how many were used');
  expect(text).toContain('no plan  model.timeout: no answer');
});

test('a question of a model is told with what came of it', () => {
  const text = shown(askingEvents);
  expect(text).toMatch(/asks +Which size\?[\s\S]*heard +carla: Size 42/);
  expect(text).toMatch(/asks +Which colour\?[\s\S]*heard +nobody answered in time/);
  expect(stepsOf(askingEvents).map(stepRow)[0]?.join(' ')).toContain('nobody answered its question in time');
});

test('a plan in shadow is told as what it is, and takes nothing from what the rules did', () => {
  const text = shown(shadowEvents);
  expect(text).toContain('rules act, and a model plans beside them');
  expect(text).toContain('its output is that of the rules');
  expect(text).toContain('in shadow: nothing of it is done');
  expect(text).toContain('refunds.create {} for the 2. time');
  expect(text).toContain('gave another output');
  const [row = []] = stepsOf(shadowEvents).map(stepRow);
  expect(row).toEqual(['resolve', 'agent, shadow openai/one', 'completed', '1.0 s', 'baseline: otherwise']);
});

test('an agent is one step in the table, whatever calls it makes', () => {
  expect(stepsOf(assistedEvents).map(stepRow)).toEqual([
    ['resolve', 'agent, assisted openai/one', 'completed', '11.0 s', 'agent: act openai/one'],
  ]);
  expect(stepsOf(assistedEvents.slice(0, 7)).map(({ note }) => note)).toEqual(['refunds.create']);
  expect(stepsOf(assistedEvents.slice(0, 3)).map(({ note }) => note)).toEqual([
    'round 1: openai/one is asked',
  ]);
});
