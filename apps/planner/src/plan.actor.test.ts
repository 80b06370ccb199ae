import { hashOf, type Proposal, planLifeEvents } from '@interlock/contracts';
import { beforeEach, describe, expect, test } from 'vitest';
import type { PlanEffect } from './plan.effect.js';
import { MODEL, PlanScenario, pins } from './plan.scenario.js';

let desk: PlanScenario;
beforeEach(() => {
  desk = new PlanScenario();
});

const proposal: Proposal = { calls: [], confidence: 1, reasoning: '', alternatives: [], evidence: [] };
const idOf = (asked: { meta: { id?: string | undefined } }): string => asked.meta.id ?? '';

describe('a model is asked', () => {
  test('once policy has allowed exactly this request, after the intent is in the log, and answers once', () => {
    const asked = desk.ask();
    expect(desk.take(asked)).toEqual([]);
    expect(desk.started).toEqual([]);
    expect(desk.take(desk.verdict(asked))).toEqual(['plan.attempt_started']);
    expect(desk.started.map(({ id }) => id)).toEqual([idOf(asked)]);
    expect(desk.deferred).toEqual([]);
    expect(desk.ends(idOf(asked), { kind: 'proposed', proposal })).toEqual(['plan.proposed']);
    expect(desk.ends(idOf(asked), { kind: 'proposed', proposal })).toEqual([]);
    expect(desk.state).toBeUndefined();
  });

  test('with the body that the intent holds: its hash is there, and the parameters as they are sent', () => {
    const asked = desk.ask({ attempt: 3 });
    desk.take(asked);
    desk.take(desk.verdict(asked));
    const intent = desk.written[0] as PlanEffect;
    const { requestHash, parameters, body, deadline, model } = intent;
    expect(requestHash).toBe(hashOf(body));
    expect(body).toMatchObject(parameters);
    expect(parameters).toMatchObject({ model: 'planner-1', temperature: 0, seed: 3, max_tokens: 4_000 });
    expect({ deadline, model }).toEqual({ deadline: 11_000, model: MODEL });
    expect(desk.started[0]?.data).toEqual(intent);
  });

  test('for two requests of a run side by side, each with its own verdict', () => {
    const first = desk.ask();
    const second = desk.ask({ step: 'other' });
    desk.take(first);
    desk.take(second);
    expect(desk.take(desk.verdict(second))).toEqual(['plan.attempt_started']);
    expect(desk.deferred).toEqual([first]);
    expect(desk.take(desk.verdict(first))).toEqual(['plan.attempt_started']);
  });

  test('only after every input was read to where it ended at the claim', () => {
    const asked = desk.ask();
    desk.caughtUp = false;
    desk.take(asked);
    expect(desk.take(desk.verdict(asked))).toEqual([]);
    expect(desk.deferred).toHaveLength(2);
    expect(desk.recover()).toEqual(['plan.attempt_started']);
    expect(desk.deferred).toEqual([]);
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
    const asked = desk.ask();
    desk.take(asked);
    expect(desk.take(desk.verdict(asked, said))).toEqual([]);
    expect(desk).toMatchObject({ deferred: [], started: [], state: undefined });
  });

  test.each([
    ['the verdict is for another request', {}, { callHash: 'of another' }],
    ['the verdict speaks about an output', {}, { point: 'after' as const }],
    ['the verdict speaks about another request', {}, { requestId: 'run-1/9' }],
    ['the hash in the request is made up', { callHash: 'made up' }, {}],
    ['hash and verdict are made up alike', { callHash: 'made up' }, { callHash: 'made up' }],
  ])('when %s', (_name, request, said) => {
    const asked = desk.ask(request);
    desk.take(asked);
    expect(desk.take(desk.verdict(asked, said))).toEqual(['plan.failed: planner.wrong_hash']);
    expect(desk).toMatchObject({ deferred: [], started: [] });
  });

  test('when the verdict has not come by notAfter', () => {
    const asked = desk.ask();
    desk.take(asked);
    expect(desk.nextDue()).toBe(60_000);
    expect(desk.due(59_999)).toEqual([]);
    expect(desk.due(60_000)).toEqual(['plan.failed: planner.no_verdict']);
    expect(desk.take(desk.verdict(asked))).toEqual([]);
    expect(desk).toMatchObject({ deferred: [], started: [] });
  });

  test('when the verdict comes too late', () => {
    const asked = desk.ask();
    desk.take(asked);
    desk.now = 60_000;
    expect(desk.take(desk.verdict(asked))).toEqual([]);
    expect(desk.due(60_000)).toEqual(['plan.failed: planner.too_late']);
    expect(desk).toMatchObject({ deferred: [], started: [] });
  });

  test('because of a shadow verdict, or of one that nobody waits for', () => {
    const asked = desk.ask();
    expect(desk.take(desk.verdict(asked))).toEqual([]);
    desk.take(asked);
    expect(desk.take(desk.verdict(asked, { mode: 'shadow' }))).toEqual([]);
    expect(desk.deferred).toEqual([asked]);
    expect(desk.started).toEqual([]);
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
    const asked = desk.ask(request);
    desk.take(asked);
    expect(desk.take(desk.verdict(asked))).toEqual([`plan.failed: ${code}`]);
    expect(desk).toMatchObject({ deferred: [], started: [], state: undefined });
  });
});

describe('a host that dies', () => {
  test('while a model answers: the attempt is charged, and the model is not asked again', () => {
    const asked = desk.ask();
    desk.take(asked);
    desk.take(desk.verdict(asked));
    expect(desk.crash()).toEqual(['plan.failed: planner.crashed, called']);
    expect(desk.written.at(-1)).not.toHaveProperty('usage');
    expect(desk.started).toHaveLength(1);
    expect(desk.ends(idOf(asked), { kind: 'proposed', proposal })).toEqual([]);
    expect(desk).toMatchObject({ deferred: [], state: undefined });
  });

  test('before the verdict: the next one still asks', () => {
    const asked = desk.ask();
    desk.take(asked);
    expect(desk.crash()).toEqual([]);
    expect(desk.take(desk.verdict(asked))).toEqual(['plan.attempt_started']);
  });

  test('is not what a host is that only claims again: what it performs goes on', () => {
    const asked = desk.ask();
    desk.take(asked);
    desk.take(desk.verdict(asked));
    expect(desk.recover()).toEqual([]);
    expect(desk.ends(idOf(asked), { kind: 'proposed', proposal })).toEqual(['plan.proposed']);
  });

  test('is noticed by the deadline at the latest', () => {
    const asked = desk.ask();
    desk.take(asked);
    desk.take(desk.verdict(asked));
    desk.running.clear();
    expect(desk.nextDue()).toBe(16_000);
    expect(desk.due(15_999)).toEqual([]);
    expect(desk.due(16_000)).toEqual(['plan.failed: planner.crashed, called']);
  });
});

test('everything it writes is what its contract says', () => {
  const asked = desk.ask();
  desk.take(asked);
  desk.take(desk.verdict(asked));
  desk.crash();
  const [started, failed] = desk.written;
  expect(planLifeEvents[0].schema.safeParse(started).success).toBe(true);
  expect(planLifeEvents[2].schema.safeParse(failed).success).toBe(true);
});
