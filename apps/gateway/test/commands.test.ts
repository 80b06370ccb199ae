import { RollbackStarted, RunCancelling, RunPaused, StepParked } from '@interlock/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { GatewayUnderTest } from './gateway.under-test.js';
import { RunStandIn } from './run.stand-in.js';

let gateway: GatewayUnderTest;

const command = (runId: string, body: object, headers = {}) =>
  gateway.json('POST', `/v1/runs/${runId}/commands`, body, headers);
const show = async (runId: string) => (await gateway.json('GET', `/v1/runs/${runId}`)).body;
const pause = { type: 'pause', reason: 'The bank is closed.' };
const resume = { type: 'resume', reason: 'The bank is open.' };
const cancel = { type: 'cancel', reason: 'The customer withdrew.' };
const key = (name: string) => ({ 'idempotency-key': name });

describe('what the run answers', () => {
  beforeAll(async () => {
    gateway = await GatewayUnderTest.start();
  });
  afterAll(() => gateway.remove());

  async function waiting(): Promise<string> {
    const start = { workflow: 'wait-for-go', input: { orderId: 'ord-1' } };
    return (await gateway.json('POST', '/v1/runs?wait=30s', start)).body.runId;
  }

  test('is known with the answer: a paused run is paused, and a resumed one waits again', async () => {
    const runId = await waiting();
    expect((await command(runId, pause)).status).toBe(202);
    expect(await show(runId)).toMatchObject({
      status: 'paused',
      paused: { by: 'olga', reason: pause.reason },
    });
    expect((await gateway.json('GET', '/v1/runs?status=paused')).body.items[0].runId).toBe(runId);
    expect((await command(runId, resume)).status).toBe(202);
    expect((await show(runId)).status).toBe('waiting');
  });

  test('decides what makes no sense: to pause twice, or to resume what is not paused', async () => {
    const runId = await waiting();
    await command(runId, pause);
    const again = await command(runId, pause);
    expect([again.status, again.body.detail]).toEqual([409, 'The run is paused already.']);
    await command(runId, resume);
    const twice = await command(runId, resume);
    expect([twice.status, twice.body.detail]).toEqual([409, 'The run is not paused.']);
  });

  test('is the same for a repeat under the same key, whatever has happened since', async () => {
    const runId = await waiting();
    const first = await command(runId, pause, key('p'));
    const second = await command(runId, pause, key('p'));
    expect([second.status, second.body]).toEqual([202, first.body]);
    await command(runId, cancel, key('c'));
    expect((await command(runId, cancel, key('c'))).status).toBe(202);
    expect((await command(runId, cancel)).status).toBe(409);
    const { body } = await gateway.json('GET', `/v1/runs/${runId}/events`);
    const types = body.items.map(({ type }: { type: string }) => type);
    expect(types.filter((type: string) => /paused|cancelling/.test(type))).toHaveLength(2);
  });

  test('to another command under the same key is a conflict', async () => {
    const runId = await waiting();
    await command(runId, pause, key('other'));
    expect((await command(runId, resume, key('other'))).status).toBe(409);
    expect((await command(runId, { ...pause, reason: 'Lunch.' }, key('other'))).status).toBe(409);
    expect((await show(runId)).status).toBe('paused');
  });

  test('to the same kind of command with anything else in it is a conflict too', async () => {
    const runId = await waiting();
    const go = { type: 'signal', reason: 'r', name: 'go', data: { sum: 1, of: 'a' } };
    expect((await command(runId, go, key('go'))).status).toBe(202);
    expect((await command(runId, { ...go, data: { of: 'a', sum: 1 } }, key('go'))).status).toBe(202);
    const other = await command(runId, { ...go, data: { sum: 2, of: 'a' } }, key('go'));
    expect([other.status, other.body.detail]).toEqual([
      409,
      'This Idempotency-Key was used with another command.',
    ]);
    const second = await waiting();
    expect((await command(second, cancel, key('c'))).status).toBe(202);
    expect((await command(second, { ...cancel, rollback: true }, key('c'))).status).toBe(409);
  });

  test('that ends meanwhile is a conflict', async () => {
    const runId = await waiting();
    const go = { type: 'signal', reason: 'r', name: 'go', data: 1 };
    // Side by side: the order comes while the run ends.
    const [, late] = await Promise.all([command(runId, go), command(runId, cancel)]);
    const { body } = await gateway.json('GET', `/v1/runs/${runId}/events`);
    const types = body.items.map(({ type }: { type: string }) => type);
    expect(late.status).toBe(types.includes('run.cancelling') ? 202 : 409);
    if (late.status === 409) expect(late.body.detail).toMatch(/ended/);
  });

  test('is told when it refuses', async () => {
    const runId = await waiting();
    const { status, body } = await command(runId, { type: 'signal', reason: 'r', name: 'stop' }, key('s'));
    expect([status, body.detail]).toEqual([
      409,
      'The run refused it: no step of this workflow waits for a signal stop.',
    ]);
    const again = await command(runId, { type: 'signal', reason: 'r', name: 'stop' }, key('s'));
    expect(again.body.detail).toBe(body.detail);
  });
});

describe('a command that makes no sense', () => {
  let runs: RunStandIn;
  beforeEach(async () => {
    gateway = await GatewayUnderTest.start({ orchestrator: false });
    runs = new RunStandIn(gateway.broker);
    await runs.start('a');
  });
  afterEach(() => gateway.remove());

  const by = { sub: 'rita', roles: ['operator'] };
  const said = { commandId: 'c', by, reason: 'r' };
  const parked = StepParked({
    step: 'go',
    because: 'escalated',
    failure: { class: 'domain', code: 'x', message: 'm' },
  });
  const lastly = async (seq: number) =>
    gateway.until(async () => {
      const { status, body } = await gateway.json('GET', '/v1/runs/a');
      return status === 200 && body.lastSeq === seq;
    });
  const rollback = { ...cancel, rollback: true };
  const retry = { type: 'retry', reason: 'r', step: 'go' };
  const skip = { type: 'skip', reason: 'r', step: 'go' };
  const resolve = { type: 'resolve', reason: 'r', step: 'go', happened: true, output: { ref: 'r' } };

  test.each([
    [
      'a run that is being cancelled',
      [RunCancelling(said)],
      [cancel, rollback, pause, resume, retry, skip, resolve],
    ],
    [
      'a run that is being rolled back',
      [RunCancelling({ ...said, rollback: true }), RollbackStarted({ because: 'cancelled', writes: [] })],
      [cancel, rollback, pause, resume, retry],
    ],
    ['a paused run', [RunPaused(said)], [pause, retry, skip]],
    ['a running run', [], [resume, retry, skip]],
  ])('is refused: %s', async (_what, events, commands) => {
    if (events.length > 0) await runs.append('a', ...events);
    await lastly(1 + events.length);
    for (const body of commands) {
      const answer = await command('a', body);
      expect([body.type, answer.status]).toEqual([body.type, 409]);
      expect(answer.body.detail).toMatch(/^(The run|Step go) /);
    }
  });

  test('is malformed when it gives an output for a call that did not happen', async () => {
    const answer = await command('a', { ...resolve, happened: false });
    expect([answer.status, answer.body.errors]).toMatchObject([400, [{ path: 'output' }]]);
  });

  test.each([cancel, rollback, pause, retry, skip, resolve])('is not one of these: $type', async (body) => {
    await runs.append('a', parked);
    await lastly(2);
    const { status, body: answer } = await command('a', body);
    expect([status, answer.runId]).toEqual([202, 'a']);
  });
});
