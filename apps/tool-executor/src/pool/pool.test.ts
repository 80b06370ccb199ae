import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PoolBench } from './pool.bench.js';

let bench: PoolBench;
beforeEach(async () => {
  bench = await PoolBench.open();
});
afterEach(() => bench.close());

const done = [{ kind: 'succeeded', output: { text: 'done' } }];
const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000 });

test('calls are performed in processes that see nothing of this one', async () => {
  expect(await bench.perform('honest.unkeyed', { do: 'answer' })).toMatchObject(done);
  const [end] = await bench.perform('honest.read', { do: 'look' });
  const { text, pid } = (end as { output: { text: string; pid: number } }).output;
  expect(pid).not.toBe(process.pid);
  const [env, argc, cwd, fds] = text.split(' ');
  expect(env?.replace(/,(NODE_EXTRA_CA_CERTS|TZ)/g, '')).toBe('HOSTILE_FILE,PATH');
  expect({ argc, cwd }).toEqual({ argc: '2', cwd: import.meta.dirname });
  expect(
    fds?.split(',').filter((fd) => !/=socket$|=\/dev\/null$/.test(fd) && Number.parseInt(fd, 10) < 5),
  ).toEqual([]);
});

test('an input that the tool’s own schema refuses is refused before anything is done', async () => {
  expect(await bench.perform('honest.keyed', { do: 7 } as never)).toMatchObject([{ kind: 'refused' }]);
  expect(await bench.notes()).toEqual([]);
});

describe.each([
  ['throwLater', 'ended'],
  ['reject', 'ended'],
  ['exit', 'ended'],
  ['kill', 'ended'],
  ['heap', /ended|memory/],
  ['buffers', 'memory'],
  ['garbage', 'garbage'],
  ['forge', 'garbage'],
])('a tool that does: %s', (what, death) => {
  test('ends its child, its own call by name, and nobody else’s', async () => {
    const others = Array.from({ length: 5 }, () => bench.perform('honest.read', { do: 'hang', ms: 400 }));
    const alone = bench.perform('honest.unkeyed', { do: 'hang', ms: 400 });
    const read = bench.perform('hostile.read', { do: what, text: 'an id' });
    const write = bench.perform('hostile.keyed', { do: what, text: 'an id' });
    expect(await Promise.all(others)).toMatchObject(others.map(() => done));
    expect(await alone).toMatchObject(done);
    expect(await read).toMatchObject([
      { kind: 'failed', failure: { class: 'transient', code: 'tool.child_died' } },
    ]);
    expect(await write).toMatchObject([{ kind: 'unknown', code: 'tool.child_died' }]);
    expect(bench.deaths.every((one) => one.death.match(death) !== null)).toBe(true);
    expect(bench.deaths.flatMap(({ tools }) => tools)).toContain('hostile.read');
    expect(await bench.perform('honest.keyed', { do: 'answer' })).toMatchObject(done);
  });
});

test('a thrown error and an output that is too large are failures as ever, and no child dies of them', async () => {
  expect(await bench.perform('hostile.read', { do: 'throw' })).toMatchObject([
    { failure: { code: 'thrown' } },
  ]);
  expect(await bench.perform('hostile.keyed', { do: 'large' })).toMatchObject([
    { failure: { code: 'too_large' } },
  ]);
  expect(bench.deaths).toEqual([]);
});

test('a tool that holds its loop up holds up no other tool for longer than it takes to notice', async () => {
  const looping = bench.perform('hostile.read', { do: 'loop', ms: 60_000 }, 4_000);
  const startedAt = Date.now();
  const others = Array.from({ length: 5 }, () => bench.perform('honest.read', { do: 'answer' }));
  expect(await Promise.all(others)).toMatchObject(others.map(() => done));
  expect(Date.now() - startedAt).toBeLessThan(3_500);
  expect(await looping).toMatchObject([{ kind: 'failed', failure: { class: 'timeout' } }]);
  await eventually(() => expect(bench.deaths.map(({ death }) => death)).toContain('silent'));
});

test('a tool that loops in every call leaves places for the others', async () => {
  const loops = Array.from({ length: 40 }, () =>
    bench.perform('hostile.read', { do: 'loop', ms: 60_000 }, 9_000),
  );
  for (let round = 0; round < 20; round += 1) {
    expect(await bench.perform('honest.read', { do: 'answer' }, 8_900)).toMatchObject(done);
    expect(await bench.perform('honest.unkeyed', { do: 'answer' }, 8_900)).toMatchObject(done);
  }
  await Promise.all(loops);
});

test('at the deadline of a write without a key its child is dead, whatever its loop does', async () => {
  const startedAt = Date.now();
  const hang = bench.perform('hostile.unkeyed', { do: 'hang', ms: 1_500, text: 'hang' }, 1_000);
  const loop = bench.perform('hostile.unkeyed', { do: 'loop', ms: 1_500, text: 'loop' }, 1_000);
  expect(await loop).toMatchObject([{ kind: 'unknown' }]);
  expect(await hang).toMatchObject([{ kind: 'unknown' }]);
  await eventually(() => expect(bench.deaths.map(({ death }) => death)).toEqual(['deadline']));
  expect(Date.now() - startedAt).toBeLessThan(1_500);
  await new Promise((resolve) => setTimeout(resolve, 1_700 - (Date.now() - startedAt)));
  expect((await bench.notes()).sort()).toEqual(['began hang', 'began loop']);
});

test('a write without a key that ends when its signal says so keeps its child', async () => {
  // Its child is there, so the deadline falls into the call and not into the start of a process.
  await bench.perform('honest.unkeyed', { do: 'answer' });
  const [obeyed] = await bench.perform('honest.unkeyed', { do: 'obey', text: 'it' }, 1_000);
  expect(obeyed).toMatchObject({ kind: 'unknown', because: 'timeout timeout: the call took too long' });
  expect(await bench.perform('honest.unkeyed', { do: 'answer' })).toMatchObject(done);
  expect(bench.deaths).toEqual([]);
});

test('writes of one tool without a key share a child', async () => {
  // One or two at a time they would take longer than each may.
  const writes = Array.from({ length: 16 }, () =>
    bench.perform('honest.unkeyed', { do: 'hang', ms: 500 }, 3_000),
  );
  expect(await Promise.all(writes)).toMatchObject(writes.map(() => done));
});

test('at any other deadline its signal is aborted, and what a write did then comes late', async () => {
  const ends = await bench.perform('hostile.keyed', { do: 'hang', ms: 1_500, text: 'slow' }, 500);
  expect(ends).toMatchObject([{ kind: 'unknown' }, { kind: 'succeeded' }]);
  expect(await bench.notes()).toEqual(['began slow', 'aborted slow', 'ended slow']);
  expect(bench.deaths).toEqual([]);
});

test('what a tool prints or logs without end fills nothing here and is cut', async () => {
  const printing = bench.perform('hostile.read', { do: 'print' }, 5_000);
  expect(await bench.perform('honest.read', { do: 'answer' })).toMatchObject(done);
  expect(await bench.perform('honest.read', { do: 'log' })).toMatchObject(done);
  expect(bench.lines.filter(({ message }) => message === 'line')).toHaveLength(200);
  expect(await printing).toMatchObject([{ kind: 'failed' }]);
});

test('no child is left when the pool is closed', async () => {
  await Promise.all(['honest.read', 'honest.unkeyed'].map((name) => bench.perform(name, { do: 'answer' })));
  const { pids } = bench.workplace;
  expect(pids.length).toBeGreaterThan(0);
  bench.workplace.close();
  await eventually(() => expect(pids.filter(isAlive)).toEqual([]));
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
