import { APPEND_BYTES_MAX } from '@interlock/broker';
import { FencedWriter, type LogRecord, recordValue } from '@interlock/log';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Batch, bytesOf, DECISION_BYTES_MAX } from './batch.js';

const HASH = new Uint8Array(32);

/** As a broker counts: key, headers and value. */
const sizeOf = ({ key, headers, value }: LogRecord): number =>
  Object.entries(headers).reduce(
    (sum, [name, header]) => sum + name.length + header.length,
    key.length + (value?.length ?? 0),
  );

/** One decision: so many events of one type, with so many bytes of data each. */
function draftOf(parts: number, bytes: number) {
  const wire = Array(parts).fill('step.skipped/1').join(',');
  const value = recordValue(
    Array(parts).fill({ wire: 'step.skipped/1', data: { padding: 'x'.repeat(bytes) } }),
  );
  const run = '3c2d7cf5-a783-485f-ac8c-f41c2e3eb29d';
  const meta = {
    id: `${run}/100000`,
    run,
    seq: 100_000,
    time: 1_796_089_488_271,
    cause: `policy.events/12/100000.20`,
  };
  return { key: run, wire, value, meta };
}

const decision = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 40 })),
  fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 20_000 })),
);

test('whatever is put into a batch while it has room fits the append that it becomes', async () => {
  await fc.assert(
    fc.asyncProperty(decision, async ([parts, bytes]) => {
      const draft = draftOf(parts, bytes);
      fc.pre(bytesOf([draft]) <= DECISION_BYTES_MAX);
      const batch = new Batch<null>();
      while (batch.hasRoomFor([draft]))
        batch.add({
          key: 'r',
          drafts: [draft],
          events: [],
          entry: { state: null, seq: 0, time: 0, recordKey: 'r' },
        });
      let appended = 0;
      const append = async (_topic: string, _partition: number, records: readonly LogRecord[]) => {
        appended = records.reduce((sum, record) => sum + sizeOf(record), 0);
        return 1;
      };
      const place = { offset: 1, epoch: 0, index: 0 };
      const writer = new FencedWriter({ append }, 'run.events', 0, place, place);
      const cursor = Object.fromEntries(
        ['run.commands', 'policy.events', 'tool.events', 'plan.events', 'approval.events'].map((topic) => [
          topic,
          { offset: 1_000_000_000, epoch: 1_000_000_000, index: 1_000_000_000 },
        ]),
      );
      await writer.append(batch.drafts, cursor, [], () => HASH);
      expect(appended).toBeLessThanOrEqual(APPEND_BYTES_MAX);
      expect(appended).toBeGreaterThan(APPEND_BYTES_MAX / 4);
    }),
    { numRuns: 60 },
  );
});
