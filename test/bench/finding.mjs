// How long it takes to find runs among many, in a file and in Redis: node_modules/node/bin/node test/bench/finding.mjs [RUNS] [--redis]
// It writes the events of runs as an orchestrator does, feeds them to the read model in its thread, and asks it. Needs a build.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  HostClaimed,
  RunCompleted,
  RunFailed,
  RunStarted,
  StepFailed,
  WaitStarted,
} from '@interlock/contracts';
import { parseRunFilter } from '@interlock/language';
import { GENESIS, recordValue, seal } from '@interlock/log';
import { openReadModel } from '@interlock/read-model';
import { quantile } from './quantiles.mjs';

const RUNS = Number(process.argv.find((one) => /^\d+$/.test(one)) ?? 100_000);
const ASKED = 200;
const CUSTOMERS = RUNS / 100;
const START = Date.UTC(2026, 10, 1);
const EVERY_MS = 20_000;

let seed = 7;
/** From 0 to 1, the same on every run of this script. */
function chance() {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
}
const below = (most) => Math.floor(chance() * most);
const padded = (number) => String(number).padStart(6, '0');
/** Of 20,000 words, the first ones often and the last ones seldom. */
const word = () => `word${Math.floor(20_000 ** chance())}`;

const compiled = {
  name: 'claim',
  version: 1,
  hash: 'claim-1',
  purpose: 'Is found again.',
  inputSchema: {},
  inputs: {},
  budget: { tokens: 1, costUsd: 1, steps: 9, toolCalls: 9, durationMs: 9e9 },
  search: {
    customer: { value: 'input.customer', type: 'string' },
    amount: { value: 'input.amount', type: 'number' },
    region: { value: 'input.region', type: 'string' },
  },
  steps: [{ kind: 'wait', id: 'go', needs: [], timeout: {}, wait: { signal: 'go', deadlineMs: 9e9 } }],
};
const workflow = { name: compiled.name, version: 1, hash: compiled.hash };
const failure = (code) => ({ class: 'domain', code, message: `it ended with ${code}` });

/** What happens to a run: nine of ten complete, one of forty waits. */
function lifeOf(at) {
  const input = {
    customer: `cus-${padded(below(CUSTOMERS))}`,
    amount: below(10_000),
    region: `region-${below(5)}`,
    note: Array.from({ length: 12 }, word).join(' '),
  };
  const begun = RunStarted({
    commandId: `start-${at}`,
    rootRunId: `run-${padded(at)}`,
    requestHash: 'h',
    salt: 'a-salt-of-128-bits-0_0',
    by: { sub: `user-${below(50)}`, roles: ['operator'] },
    workflow,
    compiled,
    input,
    deadline: 9e12,
  });
  const waits = WaitStarted({ step: 'go', until: 9e12, signal: 'go' });
  const share = below(40);
  if (share === 0) return [begun, waits];
  if (share > 3) return [begun, waits, RunCompleted({ output: { region: input.region }, success: true })];
  const failed = failure(`code-${below(10)}`);
  return [
    begun,
    waits,
    StepFailed({ step: 'go', failure: failed }),
    RunFailed({ failure: failed, step: 'go' }),
  ];
}

/** Records of one partition of run.events, some at a time. */
function* records() {
  let offset = 0;
  const sealed = (key, wire, value, meta) => ({
    ...seal({ key, wire, value, meta }, GENESIS).record,
    offset: offset++,
  });
  const claim = { claimId: 'claim', host: 'bench', versions: [] };
  yield [
    sealed('host', HostClaimed.wire, Buffer.from(JSON.stringify(claim)), {
      id: 'claim',
      epoch: -1,
      index: 0,
      time: 0,
    }),
  ];
  for (let at = 0, batch = []; at < RUNS; at++) {
    const run = `run-${padded(at)}`;
    const life = lifeOf(at);
    const parts = life.map(({ type, data }) => ({ wire: `${type}/1`, data }));
    const wire = parts.map((part) => part.wire).join(',');
    const time = START + at * EVERY_MS;
    const meta = { id: `${run}/1`, run, seq: 1, time, epoch: 0, index: at + 1, cursor: {} };
    batch.push(sealed(run, wire, recordValue(parts, run), meta));
    if (batch.length < 500 && at < RUNS - 1) continue;
    yield batch;
    batch = [];
  }
}

const someday = () => new Date(START + below(RUNS) * EVERY_MS).toISOString();
const customer = () => `run.search.customer == "cus-${padded(below(CUSTOMERS))}"`;

/** What is asked, and whether a Redis without a search module answers it. */
const questions = [
  ['the newest 50', () => ({}), true],
  ['status', () => ({ status: 'failed' }), true],
  ['search field, 100 runs have it', () => filter(customer()), true],
  ['search field and status', () => filter(`run.status == "failed" && ${customer()}`), true],
  [
    'search field, status and time',
    () => filter(`run.status == "failed" && ${customer()} && run.startedAt > timestamp("${someday()}")`),
    true,
  ],
  [
    'status, a fifth of the runs, and a time',
    () =>
      filter(
        `run.status == "failed" && run.search.region == "region-3" && run.startedAt < timestamp("${someday()}")`,
      ),
    true,
  ],
  [
    'a rare value of common fields',
    () => filter(`run.search.region == "region-1" && run.search.amount == ${below(10_000)}`),
    true,
  ],
  ['a range, and status', () => filter(`run.search.amount >= 9990 && run.status == "failed"`), true],
  [
    'one of many, or another',
    () => filter(`(${customer()} || ${customer()}) && run.status != "completed"`),
    true,
  ],
  [
    'failure code and requester',
    () => filter(`run.failure.code == "code-${below(10)}" && run.requester == "user-${below(50)}"`),
    false,
  ],
  ['a rare word', () => ({ words: `word${15_000 + below(5_000)}` }), false],
  ['a common word', () => ({ words: `word${1 + below(3)}` }), false],
  [
    'two words and a status',
    () => ({ words: `word${1 + below(20)} word${100 + below(900)}`, status: 'failed' }),
    false,
  ],
  ['a beginning of words', () => ({ words: `word${100 + below(900)}*` }), false],
];
const filter = (text) => ({ filter: parseRunFilter(text) });

async function measure(name, place, isRedis) {
  const report = (error) => console.error(error);
  const model = openReadModel(place, { readAt: async () => [] }, report, report);
  await model.resume();
  const from = performance.now();
  for (const batch of records()) {
    model.feed('run.events', 0, batch);
    await model.drain();
  }
  await model.serve();
  const { items } = JSON.parse(await model.list({ reach: '', limit: 1 }));
  if (items[0]?.runId !== `run-${padded(RUNS - 1)}`)
    throw new Error(`not all runs were read: ${JSON.stringify(items)}`);
  const took = performance.now() - from;
  console.log(
    `\n## ${name}: ${RUNS} runs read in ${(took / 1_000).toFixed(1)} s, ${Math.round((took * 1_000) / RUNS)} us a run\n`,
  );
  console.log('| question | p50 ms | p99 ms | runs on the first page | requests to the end of it |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const [what, ask, inRedis] of questions) {
    if (isRedis && !inRedis) continue;
    const times = [];
    let found = 0;
    let requests = 0;
    for (let at = 0; at < ASKED; at++) {
      const request = { reach: '', limit: 50, ...ask() };
      const begun = performance.now();
      let page = JSON.parse(await model.list(request));
      times.push(performance.now() - begun);
      found += page.items.length;
      for (requests++; page.items.length === 0 && page.next !== undefined; requests++)
        page = JSON.parse(await model.list({ ...request, cursor: page.next }));
    }
    const [p50, p99] = [0.5, 0.99].map((q) => quantile(times, q).toFixed(2));
    console.log(
      `| ${what} | ${p50} | ${p99} | ${(found / ASKED).toFixed(1)} | ${(requests / ASKED).toFixed(1)} |`,
    );
  }
  await model.close();
}

const directory = mkdtempSync(join(tmpdir(), 'interlock-finding-'));
try {
  const path = join(directory, 'runs.sqlite');
  await measure('A file (SQLite)', { path }, false);
  console.log(`\nThe file holds ${Math.round(statSync(path).size / RUNS)} bytes a run.`);
  await withRedis(async (url, command) => {
    await measure('Redis', { redisUrl: url }, true);
    const memory = /used_memory:(\d+)/.exec(await command('INFO', 'memory'));
    console.log(`\nRedis holds ${Math.round(Number(memory?.[1]) / RUNS)} bytes a run.`);
  });
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** With a redis-server of its own, Debian's, which ends with it. */
async function withRedis(work) {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', ''];
  const server = spawn('redis-server', own, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    for await (const said of server.stdout) if (String(said).includes('Ready to accept')) break;
    const { Redis } = await import('ioredis');
    const client = new Redis({ port, lazyConnect: true });
    await client.connect();
    await work(`redis://127.0.0.1:${port}`, (...words) => client.call(...words));
    client.disconnect();
  } finally {
    server.kill('SIGKILL');
  }
}
