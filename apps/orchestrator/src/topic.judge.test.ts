// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { IssuerUnavailableError } from '@interlock/authority';
import {
  OffsetOutOfRangeError,
  type StoredRecord,
  TopicForbiddenError,
  UnreadableBatchError,
} from '@interlock/broker';
import { type NewTrigger, StartRun, triggerDocument } from '@interlock/contracts';
import { expect, test } from 'vitest';
import { topicJudge } from './topic.judge.js';

const ada = { sub: 'ada', roles: ['admin'] };
const by = { ...ada, tenant: 'north' };
const place = { trigger: 'orders', name: 'shop.orders', partition: 1, offset: 7 };
const stored: StoredRecord = { offset: 7, key: '', headers: {}, value: Buffer.from('{"order":"ord-1"}') };

function judged(
  message: { type: string; data: unknown },
  more: Partial<NewTrigger> = {},
  at: Partial<typeof place> = {},
  readAt: () => Promise<readonly StoredRecord[]> = async () => [stored],
) {
  const document = triggerDocument.parse({
    topic: { name: 'shop.orders', events: 'json' },
    tenant: 'north',
    key: 'event.order',
    does: { start: { workflow: 'ship', input: { order: '${event.order}' } } },
    ...more,
  });
  const artifact = {
    kind: 'trigger',
    name: 'orders',
    version: 1,
    document,
    hash: 'h',
    by: ada,
    commandId: 'c',
  };
  const get = ((_kind: string, name: string) => (name === 'orders' ? artifact : undefined)) as never;
  const replacedAt = () => undefined;
  return topicJudge({ get, replacedAt }, { readAt }, () => 1)(message, { ...place, ...at }, 1);
}

const start = (more: object = {}) =>
  StartRun({
    commandId: 'start',
    runId: 'run',
    by: { sub: 'whoever', roles: [] },
    issuedAt: 1,
    workflow: { name: 'ship', version: 3, hash: 'hash' },
    input: { order: 'ord-1' },
    requestHash: 'request',
    salt: 'a-salt-of-128-bits-0_0',
    key: 'trigger/orders/ord-1',
    ...more,
  });

test('a start that a record leads to is in the name of whoever published the trigger', async () => {
  expect(await judged(start())).toEqual(by);
});

test.each([
  ['another input', start({ input: { order: 'ord-2' } }), {}, {}],
  ['another key', start({ key: 'trigger/orders/ord-2' }), {}, {}],
  ['another workflow', start({ workflow: { name: 'refund', version: 1, hash: 'h' } }), {}, {}],
  ['a filter that passes it over', start(), { filter: 'event.order == "ord-2"' }, {}],
  ['a trigger that is switched off', start(), { enabled: false }, {}],
  ['another topic than that of its trigger', start(), {}, { name: 'shop.other' }],
  ['no such trigger', start(), {}, { trigger: 'nobody' }],
])('a gateway that says what does not stand there is refused: %s', async (_what, message, more, at) => {
  await expect(judged(message, more, at)).rejects.toMatchObject({ code: 'authority.topic' });
});

test('a record that is gone leads to nothing, and one that cannot be read now is asked for again', async () => {
  const gone = async () => {
    throw new OffsetOutOfRangeError('shop.orders', 1, 7, 9, 12);
  };
  await expect(judged(start(), {}, {}, gone)).rejects.toMatchObject({ code: 'authority.topic' });
  await expect(judged(start(), {}, {}, async () => [])).rejects.toMatchObject({ code: 'authority.topic' });
  const away = async () => {
    throw new Error('no leader');
  };
  await expect(judged(start(), {}, {}, away)).rejects.toBeInstanceOf(IssuerUnavailableError);
});

test.each([new TopicForbiddenError('shop.orders'), new UnreadableBatchError('it ends too early')])(
  'a record that cannot be read until somebody does something holds up no other command: $name',
  async (error) => {
    const never = async () => {
      throw error;
    };
    await expect(judged(start(), {}, {}, never)).rejects.toMatchObject({
      code: 'authority.topic',
      message: expect.stringContaining(error.message),
    });
  },
);
