import { expect, test } from 'vitest';
import { claim } from './claim.js';
import type { Cursor, Position } from './position.js';
import { type Accepted, FencedReader, type ReadRecord } from './reader.js';
import type { LogRecord } from './record.js';

/** A partition in memory, which takes everything. */
class Partition {
  readonly records: ReadRecord[] = [];

  async append(_topic: string, _partition: number, records: readonly LogRecord[]): Promise<number> {
    const first = this.records.length;
    this.records.push(...records.map((record, place) => ({ ...record, offset: first + place })));
    return first;
  }

  async *read(from: number) {
    yield this.records.slice(from);
  }

  async claimed() {
    const accepted = () => undefined;
    const from = { offset: 0, epoch: -1, index: 0 };
    const host = { claimId: String(this.records.length), host: 'h', versions: [], now: 1 };
    return claim(this, { topic: 'own', partition: 0, from, ...host, accepted });
  }
}

const at = (offset: number): Position => ({ offset, epoch: 0, index: offset - 1 });
const draft = { key: 'r', wire: 'a/1', value: Buffer.from('{}'), meta: { run: 'r', time: 1 } };

function accepted(records: readonly ReadRecord[], from = 0): Accepted[] {
  const reader = new FencedReader('own', 0, { offset: from, epoch: -1, index: 0 });
  return records.slice(from).flatMap((record) => reader.take(record) ?? []);
}

const cursorsOf = (records: readonly ReadRecord[]) =>
  accepted(records).flatMap(({ meta: { cursor } }) => (cursor === undefined ? [] : [cursor]));

test('the first append after a claim names every input, each later one those that moved', async () => {
  const log = new Partition();
  const writer = await log.claimed();
  for (const cursor of [
    { a: at(3), b: at(4) },
    { a: at(3), b: at(5) },
    { a: at(3), b: at(5) },
  ])
    await writer.append([draft, draft], cursor, []);
  const takesOver = await log.claimed();
  await takesOver.append([draft], { a: at(3), b: at(5) }, []);
  expect(cursorsOf(log.records)).toEqual([{ a: at(3), b: at(4) }, { b: at(5) }, {}, { a: at(3), b: at(5) }]);
});

test('who folds from any claim on knows the position of every input', async () => {
  const log = new Partition();
  const claims: number[] = [];
  let input = 1;
  for (const appends of [1, 4, 2, 3]) {
    claims.push(log.records.length);
    const writer = await log.claimed();
    for (let nth = 0; nth < appends; nth++) {
      input += 1;
      await writer.append(
        [draft],
        { still: at(2), slow: at(Math.floor(input / 3) + 1), fast: at(input) },
        [],
      );
    }
  }
  const last = { still: at(2), slow: at(Math.floor(input / 3) + 1), fast: at(input) };
  for (const from of claims) {
    const folded: Cursor = Object.assign({}, ...accepted(log.records, from).map(({ meta }) => meta.cursor));
    expect(folded).toEqual(last);
  }
});
