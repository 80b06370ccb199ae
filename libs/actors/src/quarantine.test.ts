import { APPEND_BYTES_MAX, type NewRecord } from '@interlock/broker';
import { QuarantineMessage } from '@interlock/contracts';
import { expect, test } from 'vitest';
import { Quarantine } from './quarantine.js';

async function quarantined(value: Uint8Array | null) {
  const sent: NewRecord[] = [];
  const producer = {
    append: async (_topic: string, _partition: number, records: readonly NewRecord[]) =>
      sent.push(...records),
    close: async () => undefined,
  };
  const record = { offset: 5, key: 'k', headers: { t: Buffer.from('?') }, value };
  await new Quarantine('orchestrator', producer, { now: () => 1 }).send(2, [
    { topic: 'run.commands', record, code: 'message.headers', message: 'none of ours' },
  ]);
  const bytes = Buffer.from(sent[0]?.value ?? []);
  return { bytes: bytes.length, data: QuarantineMessage.schema.parse(JSON.parse(bytes.toString())) };
}

test('a message is kept as it was found', async () => {
  const { data } = await quarantined(Buffer.from([0, 255]));
  expect(data).toMatchObject({ topic: 'run.commands', partition: 2, offset: 5, value: 'AP8=' });
  expect(data.bytes).toBeUndefined();
  expect((await quarantined(null)).data.value).toBeNull();
});

test('of a message too long for one append the beginning is kept, and how long it was', async () => {
  const { data, bytes } = await quarantined(Buffer.alloc(APPEND_BYTES_MAX, 7));
  expect(bytes).toBeLessThan(APPEND_BYTES_MAX);
  expect(data.bytes).toBe(APPEND_BYTES_MAX);
  expect(Buffer.from(data.value ?? '', 'base64').every((byte) => byte === 7)).toBe(true);
});
