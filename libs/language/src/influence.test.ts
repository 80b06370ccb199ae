// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates hold expressions
import type { InfluenceFact } from '@interlock/contracts';
import { describe, expect, test } from 'vitest';
import { agent, ask, fallingBackTo, tool, valueInstead } from '../test/steps.js';
import type { CompiledStep } from './compiled.js';
import { flowOf } from './flow.js';
import { type InfluenceFacts, noFacts, withFact } from './influence.facts.js';
import { influenceOn, influenceOnCall, influenceOnOutcome } from './influence.js';

const asked = (step: string, plan = 'p1'): InfluenceFact => ({
  kind: 'asked',
  step,
  level: 'assisted',
  model: 'local/m',
  plan,
});
const used = (step: string): InfluenceFact => ({ kind: 'used', step });
const endorsed = (step: string): InfluenceFact => ({ kind: 'endorsed', step });
const requestedCall = (step: string, callHash?: string): InfluenceFact => ({
  kind: 'requested',
  step,
  ...(callHash !== undefined && { callHash }),
});
const fellBack = (step: string, to?: string, spenders: string[] = []): InfluenceFact => ({
  kind: 'fell_back',
  step,
  spenders,
  ...(to !== undefined && { to }),
});
const acted = (step: string): InfluenceFact[] => [asked(step), used(step)];

/** A workflow, what has happened in a run of it, and which models are behind what. */
function given(...steps: CompiledStep[]) {
  const flow = flowOf({ steps, output: { r: '${steps.last.output}' } });
  const having = (facts: InfluenceFacts) => ({
    having: (...more: InfluenceFact[]) => having(more.reduce(withFact, facts)),
    on: (step: string) => influenceOn(flow, facts, step).map((one) => one.step),
    onCall: (step: string) => influenceOnCall(flow, facts, step).map((one) => one.step),
    onOutcome: () => influenceOnOutcome(flow, facts).map((one) => one.step),
    facts,
    flow,
  });
  return having(noFacts);
}

const takes = (step: string, path = 'output') => ({ with: { v: `\${steps.${step}.${path}}` } });

describe('a model influences', () => {
  test('a step that takes what it gave, and what takes that', () => {
    const run = given(agent('plan'), tool('pay', takes('plan')), tool('mail', takes('pay')), tool('other'));
    const after = run.having(...acted('plan'));
    expect([after.on('pay'), after.on('mail'), after.on('other')]).toEqual([['plan'], ['plan'], []]);
  });

  test('a step that only waits for it, and one whose condition looks at it', () => {
    const run = given(
      agent('plan'),
      tool('after', {}, ['plan']),
      tool('perhaps', { when: 'steps.plan.status == "completed"' }),
    ).having(...acted('plan'));
    expect([run.on('after'), run.on('perhaps')]).toEqual([['plan'], ['plan']]);
  });

  test('its own calls as soon as it is asked, and others once something of it was used', () => {
    const run = given(agent('plan'), tool('pay', takes('plan'))).having(asked('plan'));
    expect([run.onCall('plan'), run.onCall('pay')]).toEqual([['plan'], []]);
    expect(run.having(used('plan')).onCall('pay')).toEqual(['plan']);
  });

  test('everything that takes steps without naming one', () => {
    const run = given(agent('plan'), tool('all', { with: { v: '${steps}' } })).having(...acted('plan'));
    expect(run.on('all')).toEqual(['plan']);
  });

  test('the outcome that takes it, and no other', () => {
    expect(
      given(agent('plan'), tool('last', takes('plan')))
        .having(...acted('plan'))
        .onOutcome(),
    ).toEqual(['plan']);
    expect(
      given(agent('plan'), tool('last'))
        .having(...acted('plan'))
        .onOutcome(),
    ).toEqual([]);
  });

  test('nothing while none was asked', () => {
    expect(given(agent('plan'), tool('pay', takes('plan'))).onCall('plan')).toEqual([]);
  });

  test('with the plan that was used last, and beside others by the order of their names', () => {
    const run = given(
      agent('b'),
      agent('a'),
      tool('pay', { with: { v: '${steps.b.output}${steps.a.output}' } }),
    );
    const after = run.having(...acted('b'), ...acted('a'), asked('b', 'p2'));
    expect(influenceOn(after.flow, after.facts, 'pay').map(({ step, plan }) => [step, plan])).toEqual([
      ['a', 'p1'],
      ['b', 'p2'],
    ]);
  });
});

describe('what people approved ends it', () => {
  test('for what comes of the call, until the step is requested anew', () => {
    const run = given(agent('plan'), tool('pay', takes('plan')), tool('mail', takes('pay')));
    const approved = run.having(...acted('plan'), requestedCall('pay', 'h'), endorsed('pay'));
    expect([approved.on('pay'), approved.on('mail')]).toEqual([['plan'], []]);
    expect(approved.having(requestedCall('pay')).on('mail')).toEqual(['plan']);
  });

  test('for a value that the question showed as it is, and for no other part of it', () => {
    const gate = ask('gate', { question: 'Pay ${steps.plan.output.sum}?' }, ['plan']);
    const run = given(
      agent('plan'),
      gate,
      tool('sum', takes('plan', 'output.sum'), ['gate']),
      tool('whole', takes('plan'), ['gate']),
      tool('beside', takes('plan', 'output.sum')),
    ).having(...acted('plan'), endorsed('gate'));
    expect([run.on('sum'), run.on('whole'), run.on('beside')]).toEqual([[], ['plan'], ['plan']]);
  });

  test('for the fact that the steps before it have ended', () => {
    const run = given(
      agent('plan'),
      ask('gate', {}, ['plan']),
      tool('behind', {}, ['plan', 'gate']),
      tool('beside', {}, ['plan']),
    ).having(...acted('plan'), endorsed('gate'));
    expect([run.on('behind'), run.on('beside')]).toEqual([[], ['plan']]);
  });

  test('not when the step fails afterwards and another stands in', () => {
    const run = given(
      agent('plan'),
      fallingBackTo('slow', tool('pay', takes('plan'))),
      tool('slow', takes('plan')),
      tool('mail', takes('pay')),
    );
    const approved = run.having(...acted('plan'), endorsed('pay'));
    expect(approved.on('mail')).toEqual([]);
    expect(approved.having(fellBack('pay', 'slow')).on('mail')).toEqual(['plan']);
  });
});

describe('a step that fails', () => {
  test('passes what made it fail to the fallback that runs because of it', () => {
    const run = given(fallingBackTo('slow', agent('plan')), tool('slow'));
    expect(run.having(...acted('plan'), fellBack('plan', 'slow')).on('slow')).toEqual(['plan']);
  });

  test('passes it on where a value stands in for it', () => {
    const run = given(valueInstead(agent('plan'), { v: 1 }), tool('mail', takes('plan')));
    expect(run.having(...acted('plan'), fellBack('plan')).on('mail')).toEqual(['plan']);
  });

  test('for want of a budget was made to fail by any model that may have used it up', () => {
    const run = given(agent('plan'), fallingBackTo('slow', tool('pay')), tool('slow'), tool('other'));
    const after = run.having(asked('plan'), fellBack('pay', 'slow', ['plan']));
    expect([after.on('slow'), after.on('other')]).toEqual([['plan'], []]);
  });

  test.each([
    ['shares its fallback is known to have failed, whoever approved what the fallback gave', true, ['plan']],
    ['alone has its fallback is as good as what people approved of that', false, []],
  ])('and %s', (_sentence, isShared, expected) => {
    const beside = tool('beside');
    const run = given(
      agent('plan'),
      fallingBackTo('slow', tool('pay', takes('plan'))),
      isShared ? fallingBackTo('slow', beside) : beside,
      tool('slow'),
      tool('mail', takes('pay')),
    ).having(...acted('plan'), fellBack('pay', 'slow'), endorsed('slow'));
    expect(run.on('mail')).toEqual(expected);
  });
});

describe('facts', () => {
  test.each<[string, InfluenceFact[], InfluenceFact]>([
    ['a model that was never asked has been used', [], used('plan')],
    ['a model has been used that was used already', acted('plan'), used('plan')],
  ])('say nothing new where %s: the same object', (_sentence, before, fact) => {
    const facts = before.reduce(withFact, noFacts);
    expect(withFact(facts, fact)).toBe(facts);
  });

  test('keep that something was used when a model is asked again', () => {
    const { agents } = [...acted('plan'), asked('plan', 'p2')].reduce(withFact, noFacts);
    expect(agents).toEqual([{ step: 'plan', level: 'assisted', model: 'local/m', plan: 'p2', used: true }]);
  });
});
