import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { developmentToken, GatewayUnderTest } from './gateway.under-test.js';

let gateway: GatewayUnderTest;
let other: string;
let auditor: string;
beforeAll(async () => {
  gateway = await GatewayUnderTest.start();
  other = await developmentToken(gateway.directory, 'otto', ['operator'], 'other');
  auditor = await developmentToken(gateway.directory, 'ada', ['auditor'], '*');
});
afterAll(() => gateway.remove());

const as = (token: string) => ({ authorization: `Bearer ${token}` });
const page = async (query = '', headers = {}) =>
  (await gateway.json('GET', `/v1/events${query}`, undefined, headers)).body;

async function begin(headers = {}): Promise<string> {
  const { body } = await gateway.json(
    'POST',
    '/v1/runs?wait=30s',
    { workflow: 'wait-for-go', input: { orderId: 'a' } },
    headers,
  );
  return body.runId;
}
const finish = (runId: string) =>
  gateway.json('POST', `/v1/runs/${runId}/commands`, { type: 'signal', name: 'go', reason: 'it may' });

interface Fed {
  readonly subject: string;
  readonly seq: number;
  readonly type: string;
  readonly position: string;
}

/** Everything from `from` to the present end, over as many pages as it takes. */
async function whole(from: string, limit: number, headers = {}): Promise<Fed[]> {
  const items: Fed[] = [];
  for (let next = from; ; ) {
    const { items: some, next: behind, more } = await page(`?limit=${limit}&from=${next}`, headers);
    items.push(...some);
    if (!more) return items;
    next = behind;
  }
}

let start: string;
beforeEach(async () => {
  start = (await page('?from=now')).next;
});

test('pages tell what happened in all runs, each event once and those of a run in their order', async () => {
  const runs = [await begin(), await begin(), await begin()];
  for (const runId of runs) await finish(runId);
  const ended = async () =>
    (await whole(start, 1_000)).filter(({ type }) => /completed/.test(type)).length > 5;
  await gateway.until(ended);
  const items = await whole(start, 3);
  for (const runId of runs) {
    const seqs = items.filter(({ subject }) => subject === runId).map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, at) => at + 1));
    const { body } = await gateway.json('GET', `/v1/runs/${runId}`);
    expect(seqs).toHaveLength(body.lastSeq);
  }
});

test('a tenant sees its own runs, and the auditor of the installation sees all', async () => {
  const ours = await begin();
  const theirs = await begin(as(other));
  const subjects = async (headers = {}) =>
    new Set((await whole(start, 1_000, headers)).map(({ subject }) => subject));
  await gateway.until(async () => (await subjects(as(auditor))).size === 2);
  expect(await subjects()).toEqual(new Set([ours]));
  expect(await subjects(as(other))).toEqual(new Set([theirs]));
  expect(await subjects(as(auditor))).toEqual(new Set([ours, theirs]));
});

test('a stream tells what comes while it is open, and is gone on with from its last id', async () => {
  const stream = await gateway.request('GET', `/v1/events?from=${start}`, {
    headers: { accept: 'text/event-stream' },
  });
  expect(stream.headers.get('content-type')).toContain('text/event-stream');
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  const runId = await begin();
  let text = '';
  while (!text.includes(`"id":"${runId}/2"`)) text += (await reader.read()).value ?? '';
  await reader.cancel();
  const ids = [...text.matchAll(/^id: (\S+)\nevent: (\S+)\ndata: (.+)$/gm)];
  const [, position = '', type, data = ''] = ids[0] ?? [];
  expect(JSON.parse(data)).toMatchObject({ subject: runId, seq: 1, type, position });
  const resumed = await gateway.request('GET', '/v1/events', {
    headers: { accept: 'application/x-ndjson', 'last-event-id': position },
  });
  const [next] = (await resumed.text()).split('\n').map((line) => JSON.parse(line || '{}'));
  expect(next).toMatchObject({ subject: runId, seq: 2 });
});

test('lines end at the present end, and the last one says where to go on', async () => {
  const runId = await begin();
  const lines = await gateway.request('GET', `/v1/events?from=${start}`, {
    headers: { accept: 'application/x-ndjson' },
  });
  const all = (await lines.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(all[0]).toMatchObject({ subject: runId, seq: 1 });
  const last = all.at(-1);
  expect(Object.keys(last)).toEqual(['position']);
  await finish(runId);
  await gateway.until(async () =>
    (await whole(last.position, 1_000)).some(({ type }) => /run.completed/.test(type)),
  );
});

test('a position of another log, and what is no position, are refused', async () => {
  expect(await page('?from=nothing')).toMatchObject({ status: 400, errors: [{ path: 'from' }] });
  const beyond = Buffer.from([1, 255, 127, 1, 1, 0, 0, 1, 0, 0]).toString('base64url');
  expect(await page(`?from=${beyond}`)).toMatchObject({ status: 409, code: 'conflict' });
  const noClaim = Buffer.from([1, 3, 1, 1, 0, 0, 1, 0, 0]).toString('base64url');
  expect(await page(`?from=${noClaim}`)).toMatchObject({ status: 409, code: 'conflict' });
  expect(
    await page('?from=now', as(await developmentToken(gateway.directory, 'eve', [], '*'))),
  ).toMatchObject({
    status: 403,
  });
});

test('who opens too many streams is told to close one', async () => {
  const follow = () =>
    gateway.request('GET', '/v1/events?from=now', { headers: { accept: 'text/event-stream' } });
  const open = await Promise.all(Array.from({ length: 10 }, follow));
  expect(open.map(({ status }) => status)).toEqual(Array(10).fill(200));
  expect((await follow()).status).toBe(429);
  await Promise.all(open.map(({ body }) => body?.cancel()));
  await gateway.until(async () => {
    const again = await follow();
    await again.body?.cancel();
    return again.status === 200;
  });
});

test('who leaves before a stream begins keeps no place in it', async () => {
  const { broker } = gateway;
  const [bounds, held] = [broker.bounds.bind(broker), Promise.withResolvers<void>()];
  let asked = 0;
  broker.bounds = async (...place) => {
    asked++;
    await held.promise;
    return bounds(...place);
  };
  const headers = {
    accept: 'text/event-stream',
    ...as(await developmentToken(gateway.directory, 'lena', ['operator'])),
  };
  const leaving = new AbortController();
  const answers = Array.from({ length: 10 }, () =>
    gateway.request('GET', '/v1/events', { headers, signal: leaving.signal }),
  );
  await gateway.until(async () => asked >= 2 * answers.length);
  leaving.abort();
  await Promise.allSettled(answers);
  const left = async () =>
    (await gateway.accesses()).filter(({ sub, status }) => sub === 'lena' && status === 499);
  await gateway.until(async () => (await left()).length === answers.length);
  broker.bounds = bounds;
  held.resolve();
  const stream = await gateway.request('GET', '/v1/events', { headers });
  expect(stream.status).toBe(200);
  await stream.body?.cancel();
});

test('when the gateway stops a stream ends in order, and says where to go on', async () => {
  const first = await GatewayUnderTest.start({ beside: gateway });
  const stream = await first.request('GET', '/v1/events?from=now&follow=true', {
    headers: { accept: 'application/x-ndjson' },
  });
  await first.close();
  const last = (await stream.text()).trim().split('\n').at(-1) ?? '';
  const { position } = JSON.parse(last);
  expect(await page(`?from=${position}`)).toMatchObject({ more: false });
});
