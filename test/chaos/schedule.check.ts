import { runIdOfKey } from '@interlock/contracts';
import type { Schedule } from '@interlock/contracts/http';
import { expect } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import type { SystemClient } from '../e2e/system.client.ts';

/**
 * Of the schedules of these scenarios, by their names, which are their ways to overlap. One that queues has one run at a time and falls
 * behind while the machine is busy, so its due times leave room to catch up.
 */
const EVERY_MS: ReadonlyMap<string, number> = new Map([
  ['allow', 1_000],
  ['queue', 3_000],
]);
const everyMsOf = (name: string): number => EVERY_MS.get(name) ?? Number.NaN;
/** For due times that were missed while processes were killed, ms. */
const CATCH_UP_MS = 150_000;
/** Attempts of a schedule to find a name for a run that lies in its own partition. */
const NAMES_MAX = 500;

/** One of each way to overlap that starts every due time, as `ledger-keyed` runs; answers with where they count from. */
export async function createTicking(client: SystemClient): Promise<Map<string, number>> {
  const anchors = new Map<string, number>();
  for (const [overlap, everyMs] of EVERY_MS) {
    const body = {
      name: overlap,
      workflow: 'ledger-keyed',
      input: { entry: overlap },
      every: `PT${everyMs / 1_000}S`,
      overlap,
    };
    const { status, body: made } = await client.post<Schedule>('/v1/schedules', body);
    expect([status, made]).toEqual([201, expect.anything()]);
    anchors.set(overlap, Date.parse(made.createdAt));
  }
  return anchors;
}

const shown = async (client: SystemClient, name: string): Promise<Schedule> =>
  (await client.get<Schedule>(`/v1/schedules/${name}`)).body;

/** Resolves when it has dealt with everything that was due, and pauses it. */
export async function pauseUpToDate(client: SystemClient, name: string): Promise<void> {
  await eventually(
    `${name} to have dealt with everything that was due`,
    async () => {
      const { last, queued } = await shown(client, name);
      return Date.parse(last.at(-1)?.due ?? '') > Date.now() - 2 * everyMsOf(name) && queued.length < 3;
    },
    CATCH_UP_MS,
  );
  const response = await client.fetch(`/v1/schedules/${name}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ paused: true }),
  });
  expect(response.status).toBe(200);
}

/** Due times are counted from the anchor; the names of their runs follow from them. */
export async function expectEachOnce(client: SystemClient, name: string, anchor: number): Promise<string> {
  const { last, queued } = await shown(client, name);
  const runs = (await client.runs()).filter(({ input }) => (input as { entry: string }).entry === name);
  const ids = new Set(runs.map(({ runId }) => runId));
  const dealtWith = last.findLast(({ outcome }) => outcome !== 'changed');
  const until = Date.parse(dealtWith?.due ?? '');
  const missed: string[] = [];
  let started = 0;
  const everyMs = everyMsOf(name);
  for (let due = anchor + everyMs; due <= until; due += everyMs) {
    const found = namesOf(name, due).filter((runId) => ids.has(runId));
    expect(found.length).toBeLessThanOrEqual(1);
    started += found.length;
    const text = new Date(due).toISOString();
    if (found.length === 0 && !queued.includes(text)) missed.push(text);
  }
  expect(missed).toEqual([]);
  expect(started).toBe(runs.length);
  return `${name}: ${started} due times, as many runs, ${queued.length} queued`;
}

const namesOf = (name: string, due: number): string[] =>
  Array.from({ length: NAMES_MAX }, (_, tried) =>
    runIdOfKey({ sub: 'olga' }, `schedule/${name}/${due}${tried === 0 ? '' : `/${tried}`}`),
  );

/** Between 200 ms in front of a due time of `allow` and 200 ms behind it, another time for each kill: how long it is until then, ms. */
export function untilAround(kill: number, anchor: number): number {
  const everyMs = everyMsOf('allow');
  const untilDue = everyMs - ((Date.now() - anchor) % everyMs);
  return Math.max(0, untilDue + ((kill * 67) % 400) - 200);
}
