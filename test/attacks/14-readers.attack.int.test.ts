import { once } from 'node:events';
import { get } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { newPlace } from '../e2e/place.ts';
import { type SystemProcess, startSystem } from '../e2e/system.process.ts';
import { tokenOf } from '../e2e/tokens.ts';

/** Item 14: 200 readers of one run of 20 MB ended the process. */
const READERS = 200;
const SIGNALS = 45;
const SIGNAL_BYTES = 440 * 1024;
const HEAP_MB = 512;

let place: Awaited<ReturnType<typeof newPlace>>;
let system: SystemProcess;
let runId: string;
beforeAll(async () => {
  place = await newPlace('readers');
  system = await startSystem({
    dataDir: place.directory,
    environment: {
      INTERLOCK_MODULES: 'test/attacks/readers.module.ts',
      NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`,
    },
  });
  runId = (await system.client.start('waits', {})).runId;
  for (let sent = 0; sent < SIGNALS; sent++) {
    const signal = {
      type: 'signal',
      name: 'go',
      reason: 'more',
      data: `${sent} ${'x'.repeat(SIGNAL_BYTES)}`,
    };
    expect((await system.client.post(`/v1/runs/${runId}/commands`, signal)).status).toBe(202);
  }
}, 180_000);
afterAll(async () => {
  await system?.stop();
  await place.remove();
});

const ways = [
  [`/v1/runs/RUN/events?limit=10000`, 'application/json'],
  [`/v1/runs/RUN/events`, 'application/x-ndjson'],
  [`/v1/runs/RUN/state`, 'application/json'],
  [`/v1/runs?limit=500`, 'application/json'],
] as const;

test('200 readers of a run of 20 MB, who take their time, are served or told to wait, and the process lives', async () => {
  const answers = await Promise.all(
    Array.from({ length: READERS }, async (_, at) => {
      const [path, accept] = ways[at % ways.length]!;
      const response = await system.client.fetch(path.replace('RUN', runId), { headers: { accept } });
      let bytes = 0;
      for await (const chunk of response.body ?? []) bytes += (chunk as Uint8Array).length;
      return { status: response.status, bytes, accept };
    }),
  );
  const statuses: Record<string, number> = {};
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  console.log(`${READERS} readers: ${JSON.stringify(statuses)}`);
  expect(Object.keys(statuses).filter((status) => status !== '200' && status !== '503')).toEqual([]);
  expect(
    Math.max(...answers.filter(({ accept }) => accept.endsWith('ndjson')).map(({ bytes }) => bytes)),
  ).toBeGreaterThan(SIGNALS * SIGNAL_BYTES);
  expect(system.ended).toBeUndefined();
  expect(await system.client.status('/readyz')).toBe(200);
}, 180_000);

test('a page of events is bounded, and the pages together are the run', async () => {
  const { body } = await system.client.get<{ items: unknown[]; next?: string }>(
    `/v1/runs/${runId}/events?limit=10000`,
  );
  expect(body.items.length).toBeLessThan(SIGNALS);
  expect(body.next).toBeDefined();
  const { lastSeq } = await system.client.run(runId);
  expect((await system.client.events(runId)).map(({ seq }) => seq)).toEqual(
    Array.from({ length: lastSeq }, (_, at) => at + 1),
  );
});

test('whoever asks for a lot and reads nothing keeps nobody else from reading', async () => {
  const token = await tokenOf(system.client.keys, { sub: 'mallory', roles: [] });
  const headers = { authorization: `Bearer ${token}` };
  let begun = 0;
  const requests = Array.from({ length: 20 }, () =>
    get(`${system.client.url}/v1/runs/${runId}/state`, { headers, agent: false }, () => {
      begun += 1; // Nothing of the answer is read.
    }).on('error', () => undefined),
  );
  await Promise.all(requests.map((request) => once(request, 'finish')));
  await eventually('some answers to begin', () => begun >= 4);
  const paths = ['/v1/runs?limit=1', `/v1/runs/${runId}`, '/v1/approvals'];
  const statuses = await Promise.all(paths.map((path) => system.client.status(path)));
  for (const request of requests) request.destroy();
  expect(statuses).toEqual([200, 200, 200]);
}, 60_000);

test('300 exports that nobody reads are held few at a time, and the process lives', async () => {
  const token = await tokenOf(system.client.keys, { sub: 'mallory', roles: [] });
  const headers = { authorization: `Bearer ${token}`, accept: 'application/x-ndjson' };
  const statuses: Record<string, number> = {};
  let answered = 0;
  const requests = Array.from({ length: 300 }, () =>
    get(`${system.client.url}/v1/runs/${runId}/events`, { headers, agent: false }, ({ statusCode = 0 }) => {
      answered += 1; // Nothing more of the answer is read.
      statuses[statusCode] = (statuses[statusCode] ?? 0) + 1;
    }).on('error', () => undefined),
  );
  await eventually('an answer to each', () => answered === requests.length || system.ended !== undefined);
  const ready = await system.client.status('/readyz');
  for (const request of requests) request.destroy();
  expect([system.ended, ready, statuses]).toEqual([undefined, 200, { 200: 50, 429: 250 }]);
}, 120_000);
