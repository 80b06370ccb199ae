import { afterAll, beforeAll, expect, test } from 'vitest';
import { formDocument } from '../../../libs/read-model/test/documents.js';
import { developmentToken, GatewayUnderTest } from './gateway.under-test.js';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await GatewayUnderTest.start({ documents: [formDocument] });
});
afterAll(() => gateway.remove());

const as = async (sub: string, ...roles: string[]) => ({
  authorization: `Bearer ${await developmentToken(gateway.directory, sub, roles)}`,
});
const asked = async () =>
  (await gateway.json('POST', '/v1/runs?wait=30s', { workflow: 'where-to', input: {} })).body;
const basel = { type: 'answer', reason: 'Told on the phone.', step: 'address', value: { city: 'Basel' } };
const command = (runId: string, body: object, headers: Record<string, string>) =>
  gateway.json('POST', `/v1/runs/${runId}/commands`, body, headers);

test('a run shows what it asks, and takes the answer of somebody with a role of the form', async () => {
  const run = await asked();
  expect([run.status, run.waitingFor]).toMatchObject([
    'waiting',
    [
      {
        kind: 'form',
        step: 'address',
        form: { question: 'Where does it go?', roles: ['desk'], schema: { required: ['city'] } },
      },
    ],
  ]);
  const key = { 'idempotency-key': 'a' };
  const dora = { ...(await as('dora', 'desk')), ...key };
  const [first, again] = [await command(run.runId, basel, dora), await command(run.runId, basel, dora)];
  expect([first.status, again.status, again.body]).toEqual([202, 202, first.body]);
  const other = await command(run.runId, { ...basel, value: { city: 'Bern' } }, dora);
  expect([other.status, other.body.detail]).toEqual([
    409,
    'This Idempotency-Key was used with another command.',
  ]);
  const { body } = await gateway.json('GET', `/v1/runs/${run.runId}`);
  expect(body).toMatchObject({ status: 'completed', output: { city: 'Basel' } });
});

test('an operator without the role is not allowed, and whoever has it gives nothing but answers', async () => {
  const { runId } = await asked();
  const refused = await command(runId, basel, await as('olga', 'operator', 'admin'));
  expect([refused.status, refused.body]).toMatchObject([
    403,
    { code: 'form.role', detail: 'Step address takes answers from desk.' },
  ]);
  const cancel = await command(runId, { type: 'cancel', reason: 'r' }, await as('dora', 'desk'));
  expect(cancel.status).toBe(403);
});

test('a value that does not fit is refused with the places of what is wrong', async () => {
  const { runId } = await asked();
  const wrong = await command(runId, { ...basel, value: { city: 1, zip: 2 } }, await as('dora', 'desk'));
  expect([wrong.status, wrong.body.code]).toEqual([422, 'form.value']);
  expect(wrong.body.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
    'value.city',
    'value.zip',
  ]);
  const { value, ...without } = basel;
  expect((await command(runId, without, await as('dora', 'desk'))).status).toBe(400);
});

test('a step that does not ask is a conflict', async () => {
  const { runId } = await asked();
  const { status, body } = await command(runId, { ...basel, step: 'other' }, await as('dora', 'desk'));
  expect([status, body.code]).toEqual([409, 'form.not_open']);
});
