import { readFileSync } from 'node:fs';
import { parseKeySet } from '@interlock/authority';
import { linesOf, replayExport, verifyExport } from '@interlock/evidence';
import { STATE_VERSION } from '@interlock/run';
import { describe, expect, test } from 'vitest';
import { type Found, type FoundRun, foundIn, readGolden } from './golden.log.ts';

const logs = ['refund-desk', 'seed-8', 'seed-13', 'seed-14'];
const exports = ['granted', 'denied', 'cancelled', 'paused', 'rolled-back'];
const WHY =
  'a released record is read otherwise than before: raise the version of the message and say with `past` how the old one is read; never edit a golden file';

const fileOf = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const recorded = (name: string): Found => JSON.parse(fileOf(`${name}.json`));

/** States of another version of the fold have other hashes. */
function comparable(found: Found, { runs }: Found): Found {
  const own = Object.entries(found.runs).map(([run, { stateHash, ...rest }]): [string, FoundRun] => {
    const isSame = runs[run]?.stateVersion === STATE_VERSION;
    return [run, isSame ? { ...rest, stateHash } : { ...rest, stateHash: '', stateVersion: 0 }];
  });
  return { ...found, runs: Object.fromEntries(own) };
}

describe('what an earlier release has written', () => {
  test.each(logs)('is read today as it was then: the log %s', { timeout: 60_000 }, async (name) => {
    const then = recorded(name);
    const now = await foundIn(readGolden(name));
    expect(comparable(now, then), WHY).toEqual(comparable(then, then));
  });

  test.each(exports)('is verified and replayed today: the export of a run that was %s', async (name) => {
    const keys = parseKeySet(JSON.parse(fileOf('keys.json')));
    const lines = () => linesOf(new Blob([fileOf(`export-${name}.ndjson`)]).stream());
    expect(await verifyExport(lines(), keys), WHY).toMatchObject({ ok: true });
    const { result } = (await replayExport(lines())).replay;
    expect(['agrees', 'not_comparable'], WHY).toContain(result);
  });

  test('is not believed once a byte of it is another', async () => {
    const log = readGolden('seed-8');
    const records = log.get('run.events')?.flat() ?? [];
    const changed = records.find(({ value }) => value !== null && value.length > 200);
    if (changed?.value == null) throw new Error('the log holds a long record');
    changed.value[100] = (changed.value[100] ?? 0) ^ 1;
    await expect(foundIn(log)).rejects.toThrow();
  });
});
