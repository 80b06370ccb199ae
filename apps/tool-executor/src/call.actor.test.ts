import { beforeEach, describe, expect, test } from 'vitest';
import { CallScenario, keyed, RUN, read, unkeyed } from './call.scenario.js';

let desk: CallScenario;
beforeEach(() => {
  desk = new CallScenario();
});

describe('an allowed call', () => {
  test('that writes is performed after its intent is in the log, and answered once', () => {
    const armed = desk.arm(keyed);
    expect(desk.take(armed)).toEqual([]);
    expect(desk.started).toEqual([]);
    expect(desk.take(desk.verdict(armed))).toEqual(['tool.attempt_started']);
    expect(desk.started.map(({ id }) => id)).toEqual([armed.meta.id]);
    expect(desk.held).toEqual([]);
    expect(desk.ends(armed.meta.id, { kind: 'succeeded', output: { ok: true } })).toEqual(['tool.succeeded']);
    expect(desk.state).toBeUndefined();
  });

  test('that reads is performed at once and keeps what allowed it until its result is in', () => {
    const armed = desk.arm(read);
    desk.take(armed);
    expect(desk.take(desk.verdict(armed))).toEqual([]);
    expect(desk.started).toHaveLength(1);
    expect(desk.held).toHaveLength(2);
    expect(desk.ends(armed.meta.id, { kind: 'succeeded', output: { ok: true } })).toEqual(['tool.succeeded']);
    expect(desk.held).toEqual([]);
  });

  test('waits for every check it needs; one verdict may count for two calls of the same append', () => {
    const first = desk.arm(keyed, { step: 'a', needs: ['after-0', `${RUN}/1`] });
    const second = desk.arm(keyed, { step: 'b', needs: ['after-0', `${RUN}/2`] });
    desk.take(first);
    desk.take(second);
    expect(desk.take(desk.verdict(first))).toEqual([]);
    const after = desk.verdict(first, {
      checkId: 'after-0',
      point: 'after',
      armId: 'earlier',
      callHash: 'earlier',
    });
    expect(desk.take(after)).toEqual(['tool.attempt_started']);
    expect(desk.held).toEqual([second, after]);
    expect(desk.take(desk.verdict(second))).toEqual(['tool.attempt_started']);
    expect(desk.held).toEqual([]);
  });
});

describe('nothing is called', () => {
  test('when policy denies: the arming is forgotten and not answered', () => {
    const armed = desk.arm(keyed);
    desk.take(armed);
    expect(desk.take(desk.verdict(armed, { verdict: 'deny' }))).toEqual([]);
    expect(desk).toMatchObject({ held: [], started: [], state: undefined });
  });

  test('when the verdict asks for people and nobody has approved', () => {
    const armed = desk.arm(keyed);
    desk.take(armed);
    const approval = { kind: 'single' as const, approvers: ['lead'] };
    expect(desk.take(desk.verdict(armed, { approval }))).toEqual([]);
    expect(desk).toMatchObject({ held: [], started: [] });
  });

  test('when an earlier output it was armed on is redacted: it waits for its disarming', () => {
    const calls = new CallScenario();
    const armed = calls.arm(keyed, { needs: ['check-0', 'run-1/1'] });
    calls.take(armed);
    calls.take(calls.verdict(armed));
    const redacting = calls.verdict(armed, {
      checkId: 'check-0',
      point: 'after',
      armId: 'run-1/0',
      redact: ['email'],
    });
    expect(calls.take(redacting)).toEqual([]);
    expect(calls.started).toEqual([]);
    expect(calls.take(calls.disarm(armed))).toEqual(['tool.refused: disarmed']);
    expect(calls.held).toEqual([]);
  });

  test('when the verdict is for another call: a blocked unsafe attempt', () => {
    const armed = desk.arm(keyed);
    desk.take(armed);
    expect(desk.take(desk.verdict(armed, { callHash: 'of another call' }))).toEqual([
      'tool.refused: wrong_hash',
    ]);
    expect(desk).toMatchObject({ held: [], started: [] });
  });

  test('when the armed hash is not that of the arguments, even if policy repeats it', () => {
    const armed = desk.arm(keyed, { callHash: 'made up' });
    desk.take(armed);
    expect(desk.take(desk.verdict(armed))).toEqual(['tool.refused: wrong_hash']);
    expect(desk.started).toEqual([]);
  });

  test('when the armed hash is made up and policy answers with the true one', () => {
    const honest = desk.arm(keyed).data as { callHash: string };
    const armed = desk.arm(keyed, { callHash: 'made up' });
    desk.take(armed);
    const verdict = desk.verdict(armed, { callHash: honest.callHash });
    expect(desk.take(verdict)).toEqual(['tool.refused: wrong_hash']);
    expect(desk.started).toEqual([]);
  });

  test('when a forged arming has no verdict: it is held until notAfter, then refused', () => {
    const armed = desk.arm(keyed);
    expect(desk.take(armed)).toEqual([]);
    expect(desk.nextDue()).toBe(60_000);
    expect(desk.due(59_999)).toEqual([]);
    expect(desk.due(60_000)).toEqual(['tool.refused: expired']);
    expect(desk).toMatchObject({ held: [], started: [] });
  });

  test('when an arming does not wait for its own check', () => {
    expect(desk.take(desk.arm(keyed, { needs: ['after-0'] }))).toEqual(['tool.refused: no_matching_check']);
    expect(desk.held).toEqual([]);
  });

  test('when the verdict under its id speaks about the result of another call', () => {
    const armed = desk.arm(keyed);
    desk.take(armed);
    expect(desk.take(desk.verdict(armed, { point: 'after' }))).toEqual(['tool.refused: no_matching_check']);
    expect(desk.started).toEqual([]);
  });

  test.each([
    ['a hash that is not loaded', { toolHash: 'other' }],
    ['the name of another tool', { tool: 'orders.get' }],
    ['a write that is called a read', { effect: 'read' as const }],
  ])('when the tool is pinned by %s', (_name, overrides) => {
    const armed = desk.arm(keyed, overrides);
    desk.take(armed);
    expect(desk.take(desk.verdict(armed))).toEqual(['tool.refused: unknown_tool']);
    expect(desk.started).toEqual([]);
  });

  test.each([read, keyed])('when the tool’s own schema refuses the input, where its code runs', (tool) => {
    const armed = desk.arm(tool, { arguments: { orderId: '' } });
    desk.take(armed);
    desk.take(desk.verdict(armed));
    expect(desk.ends(armed.meta.id, { kind: 'refused', message: 'too short' })).toEqual([
      'tool.refused: invalid_input',
    ]);
    expect(desk.held).toEqual([]);
    expect(desk.state).toBeUndefined();
  });

  test('because of a shadow verdict, or of one for no held call', () => {
    const armed = desk.arm(keyed);
    expect(desk.take(desk.verdict(armed))).toEqual([]);
    expect(desk.held).toEqual([]);
    desk.take(armed);
    expect(desk.take(desk.verdict(armed, { mode: 'shadow' }))).toEqual([]);
    expect(desk.held).toEqual([armed]);
    expect(desk.started).toEqual([]);
  });

  test('when the verdict comes too late: only the due input refuses, so an unread answer still counts', () => {
    const armed = desk.arm(keyed);
    desk.take(armed);
    desk.now = 60_000;
    expect(desk.take(desk.verdict(armed))).toEqual([]);
    expect(desk.due(60_000)).toEqual(['tool.refused: expired']);
    expect(desk).toMatchObject({ held: [], started: [] });
  });
});

describe('disarming', () => {
  test('before the verdict refuses the call; the verdict is then dropped', () => {
    const armed = desk.arm(keyed);
    desk.take(armed);
    expect(desk.take(desk.disarm(armed))).toEqual(['tool.refused: disarmed']);
    expect(desk.take(desk.verdict(armed))).toEqual([]);
    expect(desk).toMatchObject({ held: [], started: [] });
  });

  test('stops a read that runs, and drops its result', () => {
    const armed = desk.arm(read);
    desk.take(armed);
    desk.take(desk.verdict(armed));
    expect(desk.take(desk.disarm(armed))).toEqual(['tool.refused: disarmed']);
    expect(desk.stopped).toEqual([armed.meta.id]);
    expect(desk.ends(armed.meta.id, { kind: 'succeeded', output: {} })).toEqual([]);
  });

  test('comes too late for a write that has started: its outcome is the answer', () => {
    const armed = desk.arm(unkeyed);
    desk.take(armed);
    desk.take(desk.verdict(armed));
    expect(desk.take(desk.disarm(armed))).toEqual([]);
    expect(desk.ends(armed.meta.id, { kind: 'succeeded', output: {} })).toEqual(['tool.succeeded']);
  });
});
