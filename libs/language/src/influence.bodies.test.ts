// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates hold expressions
import type { InfluenceFact } from '@interlock/contracts';
import { describe, expect, test } from 'vitest';
import { agent, ask, tool, valueInstead } from '../test/steps.js';
import type { CompiledBody, CompiledStep } from './compiled.js';
import { flowOf } from './flow.js';
import { factsIn, type InfluenceFacts, noFacts, withFact } from './influence.facts.js';
import { influenceOn, influenceOnCompletion, influenceOnOutcome } from './influence.js';

const forEach = (id: string, needs: readonly string[], body: CompiledBody): CompiledStep => ({
  kind: 'forEach',
  id,
  needs,
  timeout: {},
  forEach: { in: [1, 2], as: 'item', concurrency: 1, failAfter: { items: 1 } },
  body,
});
const repeat = (id: string, needs: readonly string[], until: string, body: CompiledBody): CompiledStep => ({
  kind: 'repeat',
  id,
  needs,
  timeout: {},
  repeat: { until, max: 3 },
  body,
});
const choice = (id: string, needs: readonly string[], body: CompiledBody): CompiledStep => ({
  kind: 'switch',
  id,
  needs,
  timeout: {},
  branches: [body],
});

const acted: readonly InfluenceFact[] = [
  { kind: 'asked', step: 'plan', level: 'assisted', model: 'local/m', plan: 'p1' },
  { kind: 'used', step: 'plan' },
];
const gate = ask('gate', {}, ['plan']);
const approved: readonly InfluenceFact[] = [...acted, { kind: 'endorsed', step: 'gate' }];
const known = (facts: readonly InfluenceFact[]): InfluenceFacts => facts.reduce(withFact, noFacts);

const marksOn = (steps: readonly CompiledStep[], facts: readonly InfluenceFact[], step: string) =>
  influenceOn(flowOf({ steps }), known(facts), step).map((mark) => mark.step);

const AMOUNT = '${steps.plan.output.amount}';
const pays = (from: string) => tool('pay', { with: { v: `\${steps.${from}.output}` } }, [from]);

describe('behind people who approved something else, what a model said reaches', () => {
  test.each([
    ['each item of a list', forEach('body', ['gate'], { steps: [tool('x')], output: AMOUNT })],
    ['a pass', repeat('body', ['gate'], 'true', { steps: [tool('x')], output: AMOUNT })],
    ['a branch', choice('body', ['gate'], { steps: [tool('x')], output: AMOUNT })],
    [
      'a body in a body',
      choice('body', ['gate'], { steps: [forEach('in', [], { steps: [tool('x')], output: AMOUNT })] }),
    ],
  ])('what follows from the output of %s that takes it', (_what, body) => {
    expect(marksOn([agent('plan'), gate, body, pays('body')], approved, 'pay')).toEqual(['plan']);
  });

  test('what a loop does once more because of it, and what follows from the loop', () => {
    const until = 'steps.plan.output.amount < 3';
    const steps = [
      agent('plan'),
      gate,
      repeat('again', ['gate'], until, { steps: [tool('charge')] }),
      pays('again'),
    ];
    expect(marksOn(steps, approved, 'again/charge')).toEqual(['plan']);
    expect(marksOn(steps, approved, 'pay')).toEqual(['plan']);
  });

  test('a step of a pass that takes what the pass before gave', () => {
    const body = { steps: [tool('charge', { with: { v: '${steps.again.output}' } })], output: AMOUNT };
    const steps = [agent('plan'), gate, repeat('again', ['gate'], 'true', body)];
    expect(marksOn(steps, approved, 'again/charge')).toEqual(['plan']);
  });

  test('nothing where the body takes what people were shown', () => {
    const shown = ask('gate', { question: AMOUNT }, ['plan']);
    const body = forEach('body', ['gate'], { steps: [tool('x')], output: AMOUNT });
    expect(marksOn([agent('plan'), shown, body, pays('body')], approved, 'pay')).toEqual([]);
  });
});

test('what one turn lacked because of a model is not forgotten when another turn fails of something else', () => {
  const steps = [agent('plan'), forEach('lines', [], { steps: [valueInstead(tool('x'), 1)] }), pays('lines')];
  const facts: InfluenceFact[] = [
    ...acted,
    { kind: 'fell_back', step: 'lines[0]/x', spenders: ['plan'] },
    { kind: 'fell_back', step: 'lines[1]/x', spenders: [] },
  ];
  expect(marksOn(steps, facts, 'pay')).toEqual(['plan']);
});

describe('that a run has completed', () => {
  const ofCompletion = (steps: readonly CompiledStep[], facts: readonly InfluenceFact[]) => {
    const flow = flowOf({ steps, output: { ok: true } });
    expect(influenceOnOutcome(flow, known(facts))).toEqual([]);
    return influenceOnCompletion(flow, known(facts)).map(({ step }) => step);
  };

  test('follows from models that could have made it fail, whatever its output takes', () => {
    expect(ofCompletion([agent('plan'), tool('x')], acted)).toEqual(['plan']);
    const inside = acted.map((fact) => ({ ...fact, step: 'route/plan' }));
    expect(ofCompletion([choice('route', [], { steps: [agent('plan')] })], inside)).toEqual(['route/plan']);
  });

  test('follows from none that people have answered for', () => {
    expect(ofCompletion([agent('plan'), gate], acted)).toEqual(['plan']);
    expect(ofCompletion([agent('plan'), gate], approved)).toEqual([]);
    expect(ofCompletion([agent('plan'), gate, tool('x')], approved)).toEqual([]);
  });
});

test('what people approved in a body does not count once the step around it is retried', () => {
  const facts = known([...approved, { kind: 'endorsed', step: 'route/gate' }]);
  const retried = { type: 'step.resumed', data: { step: 'route' } } as never;
  const after = factsIn(retried, 'run-1/9', () => false, facts).reduce(withFact, facts);
  expect(after.endorsed).toEqual(['gate']);
});

describe('when a run is taken up again', () => {
  const reopened = (anew?: string[]) => ({ type: 'run.reopened', data: { anew } }) as never;
  const after = (facts: InfluenceFacts, anew?: string[]) =>
    factsIn(reopened(anew), 'run-1/9', () => false, facts).reduce(withFact, facts).endorsed;

  test.each([
    ['begins anew', ['gate', 'pay'], []],
    ['does not', ['pay'], ['gate']],
    ['may, since nobody has said which do', undefined, []],
  ])('what people approved of a step that %s', (_what, anew, left) => {
    expect(after(known(approved), anew)).toEqual(left);
  });

  test('what people approved in the body of a step that begins anew no longer counts', () => {
    const facts = known([...acted, { kind: 'endorsed', step: 'route/gate' }]);
    expect(after(facts, ['route'])).toEqual([]);
    expect(after(facts, ['gate'])).toEqual(['route/gate']);
  });
});
