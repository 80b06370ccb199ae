import { STATE_VERSION } from '@interlock/run';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { developmentToken, GatewayUnderTest } from './gateway.under-test.js';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await GatewayUnderTest.start();
});
afterAll(() => gateway.remove());

const start = { workflow: 'wait-for-go', input: { orderId: 'ord-1' } };
const key = (name: string) => ({ 'idempotency-key': name });
const begin = (body: object = start, query = '', headers = {}) =>
  gateway.json('POST', `/v1/runs${query}`, body, headers);
const command = (runId: string, body: object, headers = {}) =>
  gateway.json('POST', `/v1/runs/${runId}/commands`, body, headers);
const go = { type: 'signal', reason: 'test', name: 'go', data: { by: 'test' } };

describe('a start', () => {
  test('is answered with 202 and an accepted run, which can be read at once', async () => {
    const { status, body } = await begin();
    expect(status).toBe(202);
    expect(body).toMatchObject({
      status: 'accepted',
      lastSeq: 0,
      workflow: { name: 'wait-for-go', version: 1 },
      input: start.input,
    });
    const shown = await gateway.json('GET', `/v1/runs/${body.runId}`);
    expect(shown.status).toBe(200);
    expect(shown.body.runId).toBe(body.runId);
  });

  test('with wait is answered with 200 when the run has ended', async () => {
    const { status, body } = await begin({ workflow: 'short', input: {} }, '?wait=30s');
    expect([status, body.status]).toEqual([200, expect.stringMatching(/completed|waiting/)]);
  });

  test('with wait is answered with 200 when the run waits', async () => {
    const { status, body } = await begin(start, '?wait=30s');
    expect([status, body.status]).toEqual([200, 'waiting']);
    expect(body.waitingFor[0]).toMatchObject({
      kind: 'signal',
      step: 'go',
      since: expect.stringMatching(/Z$/),
    });
  });

  test('may name its run', async () => {
    const { body } = await begin({ ...start, runId: 'mine-1' });
    expect(body.runId).toBe('mine-1');
    expect((await begin({ ...start, runId: 'mine-1' })).status).toBe(202);
    expect((await begin({ ...start, input: { orderId: 'other' }, runId: 'mine-1' })).status).toBe(409);
  });
});

describe('an Idempotency-Key', () => {
  test('names one run, however often and at once it is sent', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => begin(start, '', key('twenty'))));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    const ids = new Set(answers.map(({ body }) => body.runId));
    expect(ids.size).toBe(1);
    const [runId] = ids;
    await gateway.json('POST', '/v1/runs?wait=30s', start, { ...key('twenty') });
    const { body } = await gateway.json('GET', `/v1/runs/${runId}/events`);
    expect(body.items.filter(({ type }: { type: string }) => type === 'run.started')).toHaveLength(1);
  });

  test('gives the run a UUID of version 8', async () => {
    const { body } = await begin(start, '', key('version'));
    expect(body.runId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('with another body is a conflict', async () => {
    await begin(start, '', key('other'));
    const { status, body } = await begin({ ...start, input: { orderId: 'ord-2' } }, '', key('other'));
    expect([status, body.title]).toEqual([409, 'Conflict']);
  });

  test('with the fields in another order is the same request', async () => {
    const first = await begin(
      { workflow: 'wait-for-go', input: { orderId: 'a', note: 'b' } },
      '',
      key('order'),
    );
    const second = await begin(
      { input: { note: 'b', orderId: 'a' }, workflow: 'wait-for-go' },
      '',
      key('order'),
    );
    expect([second.status, second.body.runId]).toEqual([202, first.body.runId]);
  });
});

describe('a command', () => {
  test('signal lets a waiting run end', async () => {
    const { body } = await begin(start, '?wait=30s', key('signalled'));
    const answer = await command(body.runId, go);
    expect([answer.status, answer.body.runId]).toEqual([202, body.runId]);
    await gateway.until(
      async () => (await gateway.json('GET', `/v1/runs/${body.runId}`)).body.status === 'completed',
    );
    expect((await command(body.runId, { type: 'cancel', reason: 'too late' })).status).toBe(409);
  });

  test('cancel ends a run', async () => {
    const { body } = await begin(start, '?wait=30s');
    await command(body.runId, { type: 'cancel', reason: 'test' });
    await gateway.until(
      async () => (await gateway.json('GET', `/v1/runs/${body.runId}`)).body.status === 'cancelled',
    );
  });

  test.each([
    ['an unknown run', 'nobody', go, 404],
    ['resume of a run that is not paused', undefined, { type: 'resume', reason: 'r' }, 409],
    ['a signal nothing waits for', undefined, { type: 'signal', reason: 'r', name: 'stop' }, 409],
    ['pause without a reason', undefined, { type: 'pause' }, 400],
    ['a rollback that is no yes or no', undefined, { type: 'cancel', reason: 'r', rollback: 'yes' }, 400],
    ['retry of a step that is not parked', undefined, { type: 'retry', reason: 'r', step: 'go' }, 409],
    ['skip of a step that is not parked', undefined, { type: 'skip', reason: 'r', step: 'go' }, 409],
    ['no reason', undefined, { type: 'cancel' }, 400],
    ['an empty reason', undefined, { type: 'cancel', reason: '' }, 400],
    ['an unknown type', undefined, { type: 'explode', reason: 'r' }, 400],
    ['a field of another command', undefined, { type: 'cancel', reason: 'r', step: 'go' }, 400],
  ])('with %s is refused', async (_what, runId, body, status) => {
    const id = runId ?? (await begin(start, '?wait=30s')).body.runId;
    const answer = await command(id, body);
    expect([answer.status, answer.body.status]).toEqual([status, status]);
  });
});

describe('events', () => {
  test('are numbered from 1 without a gap, and come in pages', async () => {
    const { body: run } = await begin(start, '?wait=30s');
    const { body: all } = await gateway.json('GET', `/v1/runs/${run.runId}/events`);
    expect(all.items.map(({ seq }: { seq: number }) => seq)).toEqual(
      all.items.map((_: unknown, at: number) => at + 1),
    );
    expect(all.items[0]).toMatchObject({
      seq: 1,
      type: 'run.started',
      actor: 'olga',
      id: `${run.runId}/1`,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const { body: first } = await gateway.json('GET', `/v1/runs/${run.runId}/events?limit=1`);
    expect([first.items.length, first.next]).toEqual([1, '1']);
    const { body: rest } = await gateway.json('GET', `/v1/runs/${run.runId}/events?cursor=${first.next}`);
    expect([...first.items, ...rest.items]).toEqual(all.items);
    expect(rest.next).toBeUndefined();
  });

  test('are exported one a line, byte for byte', async () => {
    const { body: run } = await begin(start, '?wait=30s');
    const response = await gateway.request('GET', `/v1/runs/${run.runId}/events`, {
      headers: { accept: 'application/x-ndjson' },
    });
    const lines = (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    // Nobody signs heads here: the gateway has no key for it, and says nothing in the signer's place.
    const seqs = lines.flatMap(({ meta, type }) =>
      type.split(',').map((_: string, part: number) => meta.seq + part),
    );
    expect(seqs).toEqual(Array.from({ length: run.lastSeq }, (_, at) => at + 1));
    expect(lines[0].type).toMatch(/^run\.started\/1,/);
    expect(JSON.parse(Buffer.from(lines[0].metaBase64, 'base64').toString())).toEqual(lines[0].meta);
  });

  test('stream live and resume behind Last-Event-ID', async () => {
    const { body: run } = await begin(start, '?wait=30s');
    const live = await Stream.open(gateway, run.runId);
    expect(await live.take(run.lastSeq)).toEqual(Array.from({ length: run.lastSeq }, (_, at) => at + 1));
    await command(run.runId, go);
    const [next] = await live.take(1);
    expect(next).toBe(run.lastSeq + 1);
    live.close();
    const resumed = await Stream.open(gateway, run.runId, run.lastSeq);
    expect((await resumed.take(1))[0]).toBe(run.lastSeq + 1);
    resumed.close();
  });
});

test('the state can be asked for after every event', async () => {
  const { body: run } = await begin(start, '?wait=30s');
  const { body: newest } = await gateway.json('GET', `/v1/runs/${run.runId}/state`);
  const { body: at } = await gateway.json('GET', `/v1/runs/${run.runId}/state?at=${run.lastSeq}`);
  expect(newest).toEqual(at);
  expect(at).toMatchObject({
    seq: run.lastSeq,
    stateVersion: STATE_VERSION,
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  const { body: first } = await gateway.json('GET', `/v1/runs/${run.runId}/state?at=1`);
  expect(first.hash).not.toBe(at.hash);
  expect((await gateway.json('GET', `/v1/runs/${run.runId}/state?at=${run.lastSeq + 1}`)).status).toBe(404);
});

test('the list is newest first, complete over its pages, and filtered', async () => {
  const all: { runId: string; startedAt: string; status: string }[] = [];
  let cursor = '';
  do {
    const { body } = await gateway.json('GET', `/v1/runs?limit=7${cursor}`);
    all.push(...body.items);
    expect(body.asOf['run.events']).toBeDefined();
    cursor = body.next === undefined ? '' : `&cursor=${body.next}`;
  } while (cursor !== '');
  expect(new Set(all.map(({ runId }) => runId)).size).toBe(all.length);
  const times = all.map(({ startedAt }) => startedAt);
  expect(times).toEqual([...times].sort().reverse());
  const { body: waiting } = await gateway.json('GET', '/v1/runs?status=waiting&limit=500');
  expect(waiting.items.length).toBe(all.filter(({ status }) => status === 'waiting').length);
  const { body: short } = await gateway.json('GET', '/v1/runs?workflow=short');
  expect(short.items.every(({ workflow }: { workflow: { name: string } }) => workflow.name === 'short')).toBe(
    true,
  );
});

test('what the process serves about itself', async () => {
  const { body } = await gateway.json('GET', '/openapi.json');
  expect(Object.keys(body.paths)).toContain('/v1/runs/{runId}/events');
  const metrics = await (await gateway.request('GET', '/metrics')).text();
  expect(metrics).toMatch(
    /interlock_http_requests_total\{method="POST",route="\/v1\/runs",status="202"\} \d+/,
  );
});

/** Reads the ids of server-sent events. */
class Stream {
  #text = '';

  private constructor(
    readonly reader: ReadableStreamDefaultReader<string>,
    readonly close: () => void,
  ) {}

  static async open(gateway: GatewayUnderTest, runId: string, after?: number): Promise<Stream> {
    const gone = new AbortController();
    const headers = {
      accept: 'text/event-stream',
      ...(after === undefined ? {} : { 'last-event-id': String(after) }),
    };
    const response = await gateway.request('GET', `/v1/runs/${runId}/events`, {
      headers,
      signal: gone.signal,
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    return new Stream(reader, () => gone.abort());
  }

  async take(count: number): Promise<number[]> {
    const ids: number[] = [];
    while (ids.length < count) {
      const found = /id: (\d+)\n[\s\S]*?\n\n/.exec(this.#text);
      if (found !== null) {
        ids.push(Number(found[1]));
        this.#text = this.#text.slice(found.index + found[0].length);
        continue;
      }
      const { value, done } = await this.reader.read();
      if (done) throw new Error('the stream has ended');
      this.#text += value;
    }
    return ids;
  }
}

test('the steps of a run are listed with how each stands, and a run of others has none to show', async () => {
  const { body: run } = await gateway.json('POST', '/v1/runs?wait=30s', {
    workflow: 'wait-for-go',
    input: { orderId: 'a' },
  });
  const steps = async (query = '') => (await gateway.json('GET', `/v1/runs/${run.runId}/steps${query}`)).body;
  expect(await steps()).toMatchObject({
    items: [{ path: 'go', kind: 'wait', status: 'waiting', waitingFor: [{ kind: 'signal', step: 'go' }] }],
    lastSeq: run.lastSeq,
  });
  await gateway.json('POST', `/v1/runs/${run.runId}/commands`, {
    type: 'signal',
    name: 'go',
    reason: 'it may',
  });
  await gateway.until(async () => (await steps('?status=completed')).items.length === 1);
  expect(await steps('?status=waiting')).toMatchObject({ items: [] });
  expect((await gateway.json('GET', `/v1/runs/${run.runId}/steps?status=done`)).status).toBe(400);
  const headers = {
    authorization: `Bearer ${await developmentToken(gateway.directory, 'otto', [], 'other')}`,
  };
  expect((await gateway.json('GET', `/v1/runs/${run.runId}/steps`, undefined, headers)).status).toBe(404);
});
