import { hashOf, type Proposal, planLifeEvents } from '@interlock/contracts';
import { beforeEach, describe, expect, test } from 'vitest';
import type { PlanEffect } from './plan.effect.js';
import { MODEL, PlanScenario, pins } from './plan.scenario.js';

let scenario: PlanScenario;
beforeEach(() => {
  scenario = new PlanScenario();
});

const proposal: Proposal = { calls: [], confidence: 1, reasoning: '', alternatives: [], evidence: [] };
const idOf = (asked: { meta: { id?: string | undefined } }): string => asked.meta.id ?? '';

describe('a model is asked', () => {
  test('once policy has allowed exactly this request, after the intent is in the log, and answers once', () => {
    const asked = scenario.ask();
    expect(scenario.take(asked)).toEqual([]);
    expect(scenario.started).toEqual([]);
    expect(scenario.take(scenario.verdict(asked))).toEqual(['plan.attempt_started']);
    expect(scenario.started.map(({ id }) => id)).toEqual([idOf(asked)]);
    expect(scenario.deferred).toEqual([]);
    expect(scenario.ends(idOf(asked), { kind: 'proposed', proposal })).toEqual(['plan.proposed']);
    expect(scenario.ends(idOf(asked), { kind: 'proposed', proposal })).toEqual([]);
    expect(scenario.state).toBeUndefined();
  });

  test('with the body that the intent holds: its hash is there, and the parameters as they are sent', () => {
    const asked = scenario.ask({ attempt: 3 });
    scenario.take(asked);
    scenario.take(scenario.verdict(asked));
    const intent = scenario.written[0] as PlanEffect;
    const { requestHash, parameters, body, deadline, model } = intent;
    expect(requestHash).toBe(hashOf(body));
    expect(body).toMatchObject(parameters);
    expect(parameters).toMatchObject({ model: 'planner-1', temperature: 0, seed: 3, max_tokens: 4_000 });
    expect({ deadline, model }).toEqual({ deadline: 11_000, model: MODEL });
    expect(scenario.started[0]?.data).toEqual(intent);
  });

  test('for two requests of a run side by side, each with its own verdict', () => {
    const first = scenario.ask();
    const second = scenario.ask({ step: 'other' });
    scenario.take(first);
    scenario.take(second);
    expect(scenario.take(scenario.verdict(second))).toEqual(['plan.attempt_started']);
    expect(scenario.deferred).toEqual([first]);
    expect(scenario.take(scenario.verdict(first))).toEqual(['plan.attempt_started']);
  });

  test('only after every input was read to where it ended at the claim', () => {
    const asked = scenario.ask();
    scenario.caughtUp = false;
    scenario.take(asked);
    expect(scenario.take(scenario.verdict(asked))).toEqual([]);
    expect(scenario.deferred).toHaveLength(2);
    expect(scenario.recover()).toEqual(['plan.attempt_started']);
    expect(scenario.deferred).toEqual([]);
  });
});

describe('no model is asked', () => {
  test.each([
    ['denies', { verdict: 'deny' as const }],
    [
      'wants people to approve, which nobody can',
      { approval: { kind: 'single' as const, approvers: ['x'] } },
    ],
  ])('when policy %s: the request is forgotten and not answered', (_name, said) => {
    const asked = scenario.ask();
    scenario.take(asked);
    expect(scenario.take(scenario.verdict(asked, said))).toEqual([]);
    expect(scenario).toMatchObject({ deferred: [], started: [], state: undefined });
  });

  test.each([
    ['the verdict is for another request', {}, { callHash: 'of another' }],
    ['the verdict speaks about an output', {}, { point: 'after' as const }],
    ['the verdict speaks about another request', {}, { requestId: 'run-1/9' }],
    ['the hash in the request is made up', { callHash: 'made up' }, {}],
    ['hash and verdict are made up alike', { callHash: 'made up' }, { callHash: 'made up' }],
  ])('when %s', (_name, request, said) => {
    const asked = scenario.ask(request);
    scenario.take(asked);
    expect(scenario.take(scenario.verdict(asked, said))).toEqual(['plan.failed: planner.wrong_hash']);
    expect(scenario).toMatchObject({ deferred: [], started: [] });
  });

  test('when the verdict has not come by notAfter', () => {
    const asked = scenario.ask();
    scenario.take(asked);
    expect(scenario.nextDue()).toBe(60_000);
    expect(scenario.due(59_999)).toEqual([]);
    expect(scenario.due(60_000)).toEqual(['plan.failed: planner.no_verdict']);
    expect(scenario.take(scenario.verdict(asked))).toEqual([]);
    expect(scenario).toMatchObject({ deferred: [], started: [] });
  });

  test('when the verdict comes too late', () => {
    const asked = scenario.ask();
    scenario.take(asked);
    scenario.now = 60_000;
    expect(scenario.take(scenario.verdict(asked))).toEqual([]);
    expect(scenario.due(60_000)).toEqual(['plan.failed: planner.too_late']);
    expect(scenario).toMatchObject({ deferred: [], started: [] });
  });

  test('because of a shadow verdict, or of one that nobody waits for', () => {
    const asked = scenario.ask();
    expect(scenario.take(scenario.verdict(asked))).toEqual([]);
    scenario.take(asked);
    expect(scenario.take(scenario.verdict(asked, { mode: 'shadow' }))).toEqual([]);
    expect(scenario.deferred).toEqual([asked]);
    expect(scenario.started).toEqual([]);
  });

  test.each([
    ['the planner is not set up for it', { model: 'other/model' }, 'planner.unknown_model'],
    ['its prompt is not published', { promptHash: 'f'.repeat(64) }, 'planner.not_read'],
    [
      'one of its tools is not published',
      { tools: [...pins, { name: 'mail.send', version: 1, toolHash: 'f'.repeat(64) }] },
      'planner.not_read',
    ],
    [
      'a tool is pinned under another name',
      { tools: [{ name: 'mail.send', version: 1, toolHash: pins[0]?.toolHash ?? '' }] },
      'planner.not_read',
    ],
    ['prompt and answer do not fit', { reserved: { tokens: 900, costUsd: 1 } }, 'planner.prompt_too_long'],
    ['they may cost too much', { reserved: { tokens: 20_000, costUsd: 0.001 } }, 'planner.too_expensive'],
  ])('when %s', (_name, request, code) => {
    const asked = scenario.ask(request);
    scenario.take(asked);
    expect(scenario.take(scenario.verdict(asked))).toEqual([`plan.failed: ${code}`]);
    expect(scenario).toMatchObject({ deferred: [], started: [], state: undefined });
  });
});

describe('a host that dies', () => {
  test('while a model answers: the attempt is charged, and the model is not asked again', () => {
    const asked = scenario.ask();
    scenario.take(asked);
    scenario.take(scenario.verdict(asked));
    expect(scenario.crash()).toEqual(['plan.failed: planner.crashed, called']);
    expect(scenario.written.at(-1)).not.toHaveProperty('usage');
    expect(scenario.started).toHaveLength(1);
    expect(scenario.ends(idOf(asked), { kind: 'proposed', proposal })).toEqual([]);
    expect(scenario).toMatchObject({ deferred: [], state: undefined });
  });

  test('before the verdict: the next one still asks', () => {
    const asked = scenario.ask();
    scenario.take(asked);
    expect(scenario.crash()).toEqual([]);
    expect(scenario.take(scenario.verdict(asked))).toEqual(['plan.attempt_started']);
  });

  test('is not what a host is that only claims again: what it performs goes on', () => {
    const asked = scenario.ask();
    scenario.take(asked);
    scenario.take(scenario.verdict(asked));
    expect(scenario.recover()).toEqual([]);
    expect(scenario.ends(idOf(asked), { kind: 'proposed', proposal })).toEqual(['plan.proposed']);
  });

  test('is noticed by the deadline at the latest', () => {
    const asked = scenario.ask();
    scenario.take(asked);
    scenario.take(scenario.verdict(asked));
    scenario.running.clear();
    expect(scenario.nextDue()).toBe(16_000);
    expect(scenario.due(15_999)).toEqual([]);
    expect(scenario.due(16_000)).toEqual(['plan.failed: planner.crashed, called']);
  });
});

test('everything it writes is what its contract says', () => {
  const asked = scenario.ask();
  scenario.take(asked);
  scenario.take(scenario.verdict(asked));
  scenario.crash();
  const [started, failed] = scenario.written;
  expect(planLifeEvents[0].schema.safeParse(started).success).toBe(true);
  expect(planLifeEvents[2].schema.safeParse(failed).success).toBe(true);
});
