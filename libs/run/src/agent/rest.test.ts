import { expect, test } from 'vitest';
import { agent, assisted, beforePlan, callOf, pay, round } from '../../test/agent-story.js';
import { after, before, callRequestOf, deny, late, run, unknown } from '../../test/run-story.js';

test('an agent step that a person has to decide about is not due at once, again and again', () => {
  const nothing = { table: { name: 't', version: 1, hash: 'h', rules: [] } };
  const story = run([agent('resolve', { baseline: nothing }, { onFailure: { do: 'escalate' } })], assisted);
  story.when(beforePlan(story, deny));
  expect(story.decision.events.map(({ type }) => type)).toContain('step.parked');
  expect(story.due).toBeGreaterThan(story.now);
});

test('rules do not take over from an agent whose write turned out to have happened while it was repeated', () => {
  const story = run([agent('resolve')], assisted);
  round(story, { calls: [callOf(pay)] });
  const { requestId, callHash } = callRequestOf(story, 'resolve');
  story.when(before(story, 'resolve')).when(unknown(story, 'resolve')).whenDue();
  story
    .when(late(requestId, callHash, 1))
    .when(after(story, 'resolve', deny))
    .when(beforePlan(story, deny));
  expect(story.events.filter(({ type }) => type === 'step.completed')).toEqual([]);
});
