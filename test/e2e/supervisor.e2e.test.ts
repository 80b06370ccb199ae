import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startRefundDesk } from '../../scripts/refund-desk.mjs';
import { eventually } from './eventually.ts';
import { newPlace } from './place.ts';

const supervisor = fileURLToPath(new URL('../../scripts/supervisor.mjs', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const start = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));

let place: Awaited<ReturnType<typeof newPlace>>;
beforeEach(async () => {
  place = await newPlace('supervisor');
});
afterEach(() => place.remove());

/** A supervisor of one process that lives until it is told to end, and says its id. */
function supervising(otherwise = '') {
  const file = join(place.directory, 'main.mjs');
  writeFileSync(
    file,
    `import { appendFileSync } from 'node:fs';
     import { stopOnSignals, supervise } from ${JSON.stringify(supervisor)};
     const running = [];
     stopOnSignals(() => Promise.all(running.map((one) => one.stop())));
     running.push(supervise({
       name: 'one',
       argv: ['-e', 'console.log(process.pid); setInterval(() => {}, 1000)'],
       env: process.env,
       onLog: (line) => process.stderr.write(line + '\\n'),
       onLine: (line) => { process.stdout.write(line + '\\n'); ${otherwise} },
     }));`,
  );
  return spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function supervisedBy({ stdout }: ReturnType<typeof supervising>): Promise<number> {
  const [chunk] = (await once(stdout!, 'data')) as [Buffer];
  return Number(chunk.toString());
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test.each([
  ['the terminal is closed', '', 'SIGHUP'],
  ['it fails itself', "setTimeout(() => { throw new Error('planted') }, 0)", undefined],
] as const)('when %s, what it has started does not go on alone', async (_when, otherwise, signal) => {
  const parent = supervising(otherwise);
  const pid = await supervisedBy(parent);
  if (signal !== undefined) parent.kill(signal);
  await once(parent, 'exit');
  await eventually('its process to end', () => !isAlive(pid));
});

test('a reader that has seen enough ends nothing', async () => {
  const beats = join(place.directory, 'beats');
  writeFileSync(beats, '');
  const parent = supervising(
    `setInterval(() => { process.stdout.write('more\\n'); appendFileSync(${JSON.stringify(beats)}, '.'); }, 10)`,
  );
  const pid = await supervisedBy(parent);
  parent.stdout?.destroy();
  const written = statSync(beats).size;
  await eventually('what goes on without a reader', () => statSync(beats).size > written + 20);
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGTERM');
  await once(parent, 'exit');
});

test('a data directory that cannot be created is one sentence and exit code 2', async () => {
  const file = join(place.directory, 'a-file');
  writeFileSync(file, '');
  const env = { ...process.env, INTERLOCK_PORT: '0', INTERLOCK_DATA_DIR: file };
  const child = spawn(process.execPath, [start], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = await once(child, 'close');
  expect([code, said]).toEqual([
    2,
    expect.stringMatching(
      /^cannot create \S+ \(.*\): set INTERLOCK_DATA_DIR to a directory you can write to\n$/,
    ),
  ]);
});

test('the order system of the example comes back at its address when it dies, and no Ctrl-C reaches it', async () => {
  const { orders, url } = await startRefundDesk(root, {
    ...process.env,
    INTERLOCK_DATA_DIR: place.directory,
  });
  const pid = orders.pid ?? 0;
  expect(process.kill(-pid, 0)).toBe(true); // A process group of its own, which is not the terminal's.
  process.kill(pid, 'SIGKILL');
  await eventually('the order system to answer again', async () => {
    const answer = await fetch(`${url}/orders/ord-0003`).catch(() => undefined);
    return answer?.ok === true && orders.pid !== pid;
  });
  expect(readFileSync(join(place.directory, 'logs', 'order-system.log'), 'utf8')).toContain(
    'ended with SIGKILL',
  );
  await orders.stop();
});

test('a service that logs nothing still says where it answers', async () => {
  const env = { ...process.env, INTERLOCK_DATA_DIR: place.directory, INTERLOCK_LOG_LEVEL: 'silent' };
  const policy = spawn(process.execPath, [join(root, 'apps/policy/dist/main.js')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(createInterface(policy.stdout), 'line')) as [string];
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  policy.kill('SIGTERM');
  await once(policy, 'exit');
});

test.each(['65528', '-1', '7401x'])('start:services refuses %s as its first health port', async (port) => {
  const env = { ...process.env, KAFKA_BROKERS: '127.0.0.1:1', INTERLOCK_HEALTH_PORT: port };
  const child = spawn(process.execPath, [join(root, 'scripts/services.mjs')], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = child.stderr.setEncoding('utf8').toArray();
  const [code] = await once(child, 'close');
  expect([code, (await said).join('')]).toEqual([
    2,
    `INTERLOCK_HEALTH_PORT is ${port}: the first of the ports has to be from 1 to 65527, or 0 for any free ones\n`,
  ]);
});
