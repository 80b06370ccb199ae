import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { approval, NOW, undoneEvents, undoneRun, waitingEvents, waitingRun } from './people.fixture.js';
import { run, TestServer } from './server.fixture.js';

const now = () => NOW;
let server: TestServer;
beforeEach(async () => {
  server = new TestServer();
  await server.start();
});
afterEach(() => server.stop());

const COMMANDS = 'POST /v1/runs/run-7/commands';
const reason = ['--reason', 'because'];

test.each([
  ['cancel', [], { rollback: false }],
  ['cancel', ['--rollback'], { rollback: true }],
  ['pause', [], {}],
  ['resume', [], {}],
  ['resume', ['--from', 'send'], { from: 'send' }],
  ['close', [], {}],
  ['erase', [], {}],
  ['signal', ['--name', 'arrived', '--data', '{"parcel":1}'], { name: 'arrived', data: { parcel: 1 } }],
  ['signal', ['--name', 'arrived'], { name: 'arrived', data: null }],
  ['retry', ['--step', 'refund'], { step: 'refund' }],
  ['skip', ['--step', 'notify'], { step: 'notify' }],
  [
    'resolve',
    ['refund', '--happened', '--output', '{"ref":"r"}'],
    { step: 'refund', happened: true, output: { ref: 'r' } },
  ],
  ['resolve', ['refund', '--did-not-happen'], { step: 'refund', happened: false }],
  ['answer', ['address', '--value', '{"city":"Basel"}'], { step: 'address', value: { city: 'Basel' } }],
])('run %s %j is sent with its reason', async (type, options, body) => {
  server.on(COMMANDS, [202, { commandId: 'c-1', runId: 'run-7' }]);
  const { code, out } = await run(server.url, ['run', type, 'run-7', ...options, ...reason]);
  expect([code, server.sent(COMMANDS)]).toEqual([
    0,
    [{ type, reason: 'because', ...body, commandId: expect.any(String) }],
  ]);
  expect(out).toContain('c-1');
});

describe('run migrate', () => {
  const planned = {
    runId: 'run-7',
    lastSeq: 12,
    from: 1,
    to: 2,
    safe: false,
    obstacles: [{ field: 'input', reason: 'the input does not fit', fix: 'publish a version that takes it' }],
    steps: [
      { step: 'order', status: 'completed', to: 'fetch', as: 'kept', obstacles: [] },
      {
        step: 'pay',
        status: 'running',
        as: 'refused',
        obstacles: [{ field: 'with', reason: 'it is running', fix: 'wait until pay is done' }],
      },
      { step: 'tell', as: 'new', obstacles: [] },
    ],
  };
  const PLAN = 'GET /v1/runs/run-7/migration?version=2&map=order%3Dfetch%2Ca%3Db';
  const maps = ['--map', 'order=fetch', '--map', 'a=b'];

  test('of one run is a command with its map', async () => {
    server.on(COMMANDS, [202, { commandId: 'c-1', runId: 'run-7' }]);
    const { code } = await run(server.url, ['run', 'migrate', 'run-7', '--to', '2', ...maps, ...reason]);
    expect([code, server.sent(COMMANDS)]).toMatchObject([
      0,
      [{ type: 'migrate', version: 2, map: { order: 'fetch', a: 'b' }, reason: 'because' }],
    ]);
  });

  test('with --dry-run shows each step and what to do, and sends nothing', async () => {
    server.on(PLAN, [200, planned]);
    const { code, out } = await run(server.url, [
      'run',
      'migrate',
      'run-7',
      '--to',
      '2',
      ...maps,
      '--dry-run',
    ]);
    expect([code, server.sent(COMMANDS)]).toEqual([1, []]);
    for (const said of [
      'kept as fetch',
      'with: it is running',
      'step pay: wait until pay is done',
      'input: ',
    ])
      expect(out).toContain(said);
  });

  test('with --where and --dry-run shows of each run on a page what would become of it, and sends nothing', async () => {
    const filter = 'run.version == 1';
    const listed = [{ runId: 'run-7' }, { runId: 'run-8' }, { runId: 'gone' }];
    const plan = (runId: string) => `GET /v1/runs/${runId}/migration?version=2`;
    server.on('POST /v1/bulk', [202, { matched: 9 }]);
    server.on('GET /v1/runs?filter=run.version+%3D%3D+1&limit=3', [200, { items: listed, next: 'more' }]);
    server.on(plan('run-7'), [200, planned]);
    server.on(plan('run-8'), [200, { ...planned, runId: 'run-8', safe: true, steps: [], obstacles: [] }]);
    server.on(plan('gone'), [404, { status: 404, title: 'Unknown', detail: 'There is no run gone.' }]);
    const given = ['run', 'migrate', '--to', '2', '--where', filter, '--dry-run', '--limit', '3'];
    const { code, out } = await run(server.url, given);
    expect(code).toBe(1);
    expect(out).toMatch(/run-7 .*be refused .*: /);
    expect(out).toMatch(/run-8 .*go on/);
    expect(out).toMatch(/gone .*be refused .*There is no run gone\./);
    expect(out).toContain('9 runs fit. Of the 3 above 1 would go on.');
    expect(out).toContain('--cursor more');
    const json = JSON.parse((await run(server.url, [...given, '--json'])).out);
    expect(json).toMatchObject({
      matched: 9,
      items: [
        { runId: 'run-7', safe: false },
        { runId: 'run-8', safe: true },
        { runId: 'gone', problem: {} },
      ],
      next: 'more',
    });
    expect(server.sent('POST /v1/bulk')).toMatchObject([{ dryRun: true }, { dryRun: true }]);
  });

  test('with --where is a bulk order, and with --dry-run besides counts too', async () => {
    const many = ['run', 'migrate', '--to', '2', '--where', 'run.version == 1'];
    server.on('POST /v1/bulk', [202, { matched: 3 }]);
    server.on('GET /v1/runs?filter=run.version+%3D%3D+1', [200, { items: [] }]);
    expect((await run(server.url, [...many, '--dry-run'])).out).toContain('3 runs fit');
    server.on('POST /v1/bulk', [202, { bulkId: 'b-1', matched: 3 }]);
    expect((await run(server.url, [...many, ...reason])).out).toContain('bulk show b-1');
    expect(server.sent('POST /v1/bulk')).toMatchObject([
      { filter: 'run.version == 1', dryRun: true },
      { command: { type: 'migrate', version: 2 }, reason: 'because', dryRun: false },
    ]);
  });

  test.each([
    ['neither a run nor --where', ['--to', '2', ...reason]],
    ['both', ['run-7', '--where', 'x', '--to', '2', ...reason]],
    ['no reason', ['run-7', '--to', '2']],
    ['a map that names a step twice', ['run-7', '--to', '2', '--map', 'a=b', '--map', 'a=c', ...reason]],
    ['a page of a bulk order', ['--where', 'x', '--to', '2', '--limit', '5', ...reason]],
    ['no number of a version', ['run-7', '--to', 'two', ...reason]],
  ])('%s is wrong usage', async (_, given) => {
    expect((await run(server.url, ['run', 'migrate', ...given])).code).toBe(2);
  });
});

test.each([['cancel'], ['pause'], ['resume'], ['retry'], ['skip']])(
  'run %s without a reason is wrong usage',
  async (type) => {
    expect((await run(server.url, ['run', type, 'run-7', '--step', 's'])).code).toBe(2);
  },
);

test.each([
  ['what became of it', []],
  ['one thing', ['--happened', '--did-not-happen']],
  ['an output only of what happened', ['--did-not-happen', '--output', '1']],
])('run resolve has to say %s', async (_what, options) => {
  const { code } = await run(server.url, ['run', 'resolve', 'run-7', 'refund', ...options, ...reason]);
  expect([code, server.asked]).toEqual([2, []]);
});

test('run answer by somebody without a role of the form says whose token it takes', async () => {
  const refused = { title: 'Not allowed', status: 403, code: 'form.role', detail: 'From desk.', errors: [] };
  server.on(COMMANDS, [403, refused]);
  const { code, error } = await run(server.url, ['run', 'answer', 'run-7', 'a', '--value', '1', ...reason]);
  expect([code, error]).toEqual([1, expect.stringContaining('--role ROLE')]);
  expect(error).not.toContain('--role operator');
});

const asked = (step: string, id: string) => ({
  kind: 'conversation',
  step,
  since: '2026-01-01T00:00:00Z',
  detail: 'carla: Which size?',
  question: { id, to: 'carla', channel: 'signal', text: 'Which size?' },
});

describe('run answer with --text', () => {
  test('answers the one question that is open, and needs no reason', async () => {
    server.on('GET /v1/runs/run-7', [200, { runId: 'run-7', waitingFor: [asked('desk', 'run-7/9')] }]);
    server.on(COMMANDS, [202, { commandId: 'c-1', runId: 'run-7' }]);
    const { code } = await run(server.url, ['run', 'answer', 'run-7', '--text', 'Size 42']);
    expect([code, server.sent(COMMANDS)]).toEqual([
      0,
      [{ type: 'reply', question: 'run-7/9', text: 'Size 42', commandId: expect.any(String) }],
    ]);
  });

  test('names the step where several questions are open', async () => {
    const waitingFor = [asked('desk', 'run-7/9'), asked('shop', 'run-7/11')];
    server.on('GET /v1/runs/run-7', [200, { runId: 'run-7', waitingFor }]);
    server.on(COMMANDS, [202, { commandId: 'c-1', runId: 'run-7' }]);
    const { code, error } = await run(server.url, ['run', 'answer', 'run-7', '--text', 'Size 42']);
    expect([code, error]).toEqual([2, expect.stringContaining('desk, shop')]);
    const named = await run(server.url, ['run', 'answer', 'run-7', 'shop', '--text', 'Size 42']);
    expect([named.code, server.sent(COMMANDS)]).toMatchObject([0, [{ question: 'run-7/11' }]]);
  });

  test.each([
    ['where nothing is asked', ['--text', 'Size 42']],
    ['beside --value', ['desk', '--text', 'Size 42', '--value', '1']],
    ['or --value missing', ['desk']],
  ])('is wrong usage %s', async (_what, options) => {
    server.on('GET /v1/runs/run-7', [200, { runId: 'run-7' }]);
    const { code } = await run(server.url, ['run', 'answer', 'run-7', ...options, ...reason]);
    expect([code, server.sent(COMMANDS)]).toEqual([2, []]);
  });
});

test('data of a signal may come from a file', async () => {
  server.on(COMMANDS, [202, { commandId: 'c-1' }]);
  const folder = mkdtempSync(join(tmpdir(), 'interlock-cli-'));
  try {
    writeFileSync(join(folder, 'data.json'), '[1]');
    const line = ['run', 'signal', 'run-7', '--name', 'a', '--data', join(folder, 'data.json'), ...reason];
    expect((await run(server.url, line)).code).toBe(0);
    expect(server.sent(COMMANDS)).toMatchObject([{ data: [1] }]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const show = async (shown: object, events: readonly object[], items: readonly object[] = []) => {
  server.on('GET /v1/runs/run-7', [200, shown]);
  server.on('GET /v1/runs/run-7/events?limit=10000', [200, { items: events }]);
  server.on('GET /v1/approvals?status=pending&runId=run-7', [200, { items }]);
  return run(server.url, ['run', 'show', 'run-7'], { now });
};

test('run show tells the steps, what it waits for, and the command that would move it', async () => {
  const { out } = await show(waitingRun, waitingEvents, [approval]);
  expect(out).toMatch(/order\s+orders\.get\s+completed/);
  expect(out).toMatch(/decide\s+refund-rules\s+completed\s+.*table: medium/);
  expect(out).toMatch(/refund\s+refunds\.create\s+waiting\s+.*attempt 2, for people/);
  expect(out).toMatch(/waits for approval at refund since 4 min ago, until .* \(in 4 h\)/);
  expect(out).toContain(
    `./interlock approvals approve run-7.9 --reason "..." --url ${server.url}   # by lead, not ada`,
  );
  expect(out).toContain('3 calls');
});

test('run show tells a failure and what was undone, and offers no command for a run that has ended', async () => {
  const { out } = await show(undoneRun, undoneEvents);
  expect(out).toContain('domain/mail.bounced: nobody lives there');
  expect(out).toMatch(/refund\s+refunds\.create\s+undone/);
  expect(out).toContain('everything it wrote is undone: refund (refunds.create)');
  expect(out).not.toContain('What to do next');
});

test.each([
  [{ kind: 'operator', step: 'refund', detail: 'in doubt' }, 'run retry run-7 --step refund --reason'],
  [{ kind: 'signal', step: 'parcel', detail: 'arrived' }, 'run signal run-7 --name arrived --reason'],
  [
    { kind: 'signal', step: 'parcel', detail: "it's $(here)" },
    `run signal run-7 --name 'it'\\''s $(here)' --reason`,
  ],
])('run show names the command for a run that waits for %j', async (wait, command) => {
  const since = waitingRun.startedAt;
  const { out } = await show({ ...waitingRun, waitingFor: [{ ...wait, since }] }, waitingEvents);
  expect(out).toContain(`./interlock ${command}`);
});

test('run show says how a run that has ended is taken up again, and closed', async () => {
  const failure = { class: 'domain', code: 'no', message: 'no', step: 'lines[3]/send' };
  const ended = { ...undoneRun, status: 'escalated', failure, resumable: true };
  const { out } = await show(ended, undoneEvents);
  expect(out).toContain('./interlock run resume run-7 --from lines --reason');
  expect(out).toContain('./interlock run close run-7 --reason');
});

const told = (type: string, seq: number) => ({
  seq,
  type,
  time: '2026-11-22T09:17:00.000Z',
  data: { by: { sub: 'olga' }, reason: 'the till is counted' },
  actor: 'olga',
});

test('run show says how a paused run goes on, and who has paused it', async () => {
  const { out } = await show({ ...waitingRun, status: 'paused', waitingFor: [] }, [told('run.paused', 1)]);
  expect(out).toContain('./interlock run resume run-7 --reason');
  expect(out).toContain('paused by olga: the till is counted');
});

test('run show leaves no step of a run that was cancelled waiting, and says who has cancelled it', async () => {
  const { waitingFor: _none, ...run } = waitingRun;
  const events = [...waitingEvents, told('run.cancelling', 11), told('run.cancelled', 12)];
  const { out } = await show({ ...run, status: 'cancelled' }, events);
  expect(out).toMatch(/refund +refunds.create +not finished/);
  expect(out).not.toContain(' waiting ');
  expect(out).toContain('cancelled by olga: the till is counted');
});

test('run show names the roles that may answer a form', async () => {
  const form = { question: 'Where to?', roles: ['support', 'desk'], schema: {} };
  const wait = { kind: 'form', step: 'address', detail: 'Where to?', since: waitingRun.startedAt, form };
  const { out } = await show({ ...waitingRun, waitingFor: [wait] }, []);
  expect(out).toContain('./interlock run answer run-7 address --value FILE --reason "..." --url');
  expect(out).toContain('# by support or desk');
});

test('run show --json is the run as it came, and asks for nothing else', async () => {
  server.on('GET /v1/runs/run-7', [200, waitingRun]);
  const { out } = await run(server.url, ['run', 'show', 'run-7', '--json']);
  expect(JSON.parse(out)).toEqual(waitingRun);
  expect(server.asked).toHaveLength(1);
});
