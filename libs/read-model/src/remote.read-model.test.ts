import fc from 'fast-check';
import { expect, test } from 'vitest';
import { noReport } from '../test/read-model.contract.js';
import { EventLog, lifeOf, startRecord } from '../test/run.records.js';
import { acrossThreads } from '../test/thread.channel.js';
import { inlineReadModel } from './inline.read-model.js';
import { packRecords, unpackRecords } from './record.packing.js';
import { runFold } from './run.fold.js';

const remote = () => acrossThreads((log) => inlineReadModel(':memory:', runFold, log, noReport));

const never = () => new AbortController().signal;

test('records survive the way to the thread byte for byte', () => {
  const bytes = fc.uint8Array({ maxLength: 50 });
  const record = fc.record({
    offset: fc.maxSafeNat(),
    key: fc.string({ unit: 'grapheme' }),
    value: fc.option(bytes),
    headers: fc.dictionary(fc.constantFrom('t', 'm', 'h', 'ü'), bytes, { noNullPrototype: true }),
  });
  fc.assert(
    fc.property(fc.array(record), (records) => {
      const plain = (all: typeof records) =>
        all.map(({ value, headers, ...rest }) => ({
          ...rest,
          value: value && [...value],
          headers: Object.fromEntries(Object.entries(headers).map(([name, part]) => [name, [...part]])),
        }));
      expect(plain(unpackRecords(packRecords(records)) as typeof records)).toEqual(plain(records));
    }),
  );
});

test('a call sees everything fed before it', async () => {
  const model = remote();
  model.feed('run.commands', 0, [startRecord('a', 0)]);
  expect((await model.run('a'))?.status).toBe('accepted');
  await model.close();
});

test('a wait ends when the run settles, and when its caller gives up', async () => {
  const model = remote();
  const log = new EventLog();
  const settled = model.settled('a', never());
  const gone = new AbortController();
  const grown = model.grown('a', 50, gone.signal);
  await log.append(
    lifeOf('a')
      .slice(0, 2)
      .map((event) => ['a', event]),
  );
  model.feed('run.events', 0, log.records);
  expect((await settled)?.status).toBe('waiting');
  gone.abort();
  await grown;
  await model.close();
});

test('calls fail when the other side has ended', async () => {
  const model = remote();
  model.end(new Error('gone'));
  await expect(model.run('a')).rejects.toThrow('gone');
});
