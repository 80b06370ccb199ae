import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { choosyDocument } from '../../../libs/read-model/test/documents.js';
import { GatewayUnderTest } from './gateway.under-test.js';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await GatewayUnderTest.start({ documents: [choosyDocument] });
});
afterAll(() => gateway.remove());

const command = (runId: string, body: object) => gateway.json('POST', `/v1/runs/${runId}/commands`, body);
const show = async (runId: string) => (await gateway.json('GET', `/v1/runs/${runId}`)).body;
const listed = async (status: string): Promise<string[]> =>
  (await gateway.json('GET', `/v1/runs?status=${status}`)).body.items.map(
    ({ runId }: { runId: string }) => runId,
  );
const reason = 'The desk says so.';
const go = (at: string) => ({ type: 'signal', reason, name: 'go', data: { at } });

/** A run that has failed of what its signal said. */
async function failed(): Promise<string> {
  const start = { workflow: 'choosy', input: { orderId: 'ord-1' } };
  const { runId } = (await gateway.json('POST', '/v1/runs?wait=30s', start)).body;
  expect((await command(runId, go('tomorrow'))).status).toBe(202);
  await gateway.until(async () => (await show(runId)).status === 'failed');
  return runId;
}

describe('a run that has failed', () => {
  test('says that it can be taken up again, and is shown as running and then completed once it was', async () => {
    const runId = await failed();
    expect(await show(runId)).toMatchObject({ resumable: true, failure: { step: 'until' } });
    expect((await command(runId, { type: 'resume', reason, from: 'go' })).status).toBe(202);
    const again = await show(runId);
    expect([again.status, again.endedAt, again.failure, again.resumable]).toEqual([
      'waiting',
      undefined,
      undefined,
      undefined,
    ]);
    expect([await listed('failed'), await listed('waiting')]).toEqual([[], [runId]]);
    await command(runId, go('2026-01-01T00:00:00Z'));
    await gateway.until(async () => (await show(runId)).status === 'completed');
    const { body } = await gateway.json('GET', `/v1/runs/${runId}/events`);
    const ends = body.items
      .map(({ type }: { type: string }) => type)
      .filter((type: string) => /^run\.(failed|reopened|completed)$/.test(type));
    expect(ends).toEqual(['run.failed', 'run.reopened', 'run.completed']);
    const { body: steps } = await gateway.json('GET', `/v1/runs/${runId}/steps`);
    expect(steps.items).toMatchObject([
      { path: 'go', status: 'completed' },
      { path: 'until', status: 'completed' },
    ]);
  });

  test('is not taken up from a step that it does not have, and is not closed', async () => {
    const runId = await failed();
    const unknown = await command(runId, { type: 'resume', reason, from: 'none' });
    expect([unknown.status, unknown.body.detail]).toEqual([
      409,
      'The run refused it: this workflow has no step none: resume from go, until.',
    ]);
    expect((await command(runId, { type: 'resume', reason })).status).toBe(409);
    expect((await command(runId, { type: 'close', reason })).status).toBe(409);
  });
});

test('a run that goes on is not taken up again', async () => {
  const start = { workflow: 'choosy', input: { orderId: 'ord-2' } };
  const { runId } = (await gateway.json('POST', '/v1/runs?wait=30s', start)).body;
  const { status, body } = await command(runId, { type: 'resume', reason, from: 'go' });
  expect([status, body.detail]).toEqual([409, 'The run has not ended: resume it without a step.']);
});
