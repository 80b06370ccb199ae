// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { signedHeaders, webhookHeaders, webhookOf } from '@interlock/authority';
import {
  commandIdOfKey,
  type NewTrigger,
  ReplyToQuestion,
  SignalRun,
  StartRun,
  triggerDocument,
} from '@interlock/contracts';
import { expect, test } from 'vitest';
import { webhookJudge } from './webhook.judge.js';

const NOW = 1_767_225_600_000;
const SECRET = 'the secret of the shop';
const SHORT = 'fifteen letters';
const ada = { sub: 'ada', roles: ['admin'] };
const by = { ...ada, tenant: 'north' };
const body = JSON.stringify({ order: { id: 'ord-1' } });

function judged(
  message: { type: string; data: unknown },
  more: Partial<NewTrigger> & { at?: number; signedWith?: string } = {},
) {
  const { at = NOW, signedWith = SECRET, ...changed } = more;
  const document = triggerDocument.parse({
    secret: 'SHOP_SECRET',
    tenant: 'north',
    key: 'event.order.id',
    does: { start: { workflow: 'ship', input: { order: '${event.order.id}' } } },
    ...changed,
  });
  const artifact = {
    kind: 'trigger',
    name: 'paid',
    version: 1,
    document,
    hash: 'h',
    by: ada,
    commandId: 'c',
  } as const;
  const judge = webhookJudge(
    {
      get: ((_kind: string, name: string) => (name === 'paid' ? artifact : undefined)) as never,
      replacedAt: () => undefined,
    },
    { SHOP_SECRET: SECRET, SHORT_SECRET: SHORT },
    () => NOW,
  );
  const headers = signedHeaders('msg-1', at, body, signedWith);
  const request = {
    id: headers[webhookHeaders.id] ?? '',
    timestamp: headers[webhookHeaders.timestamp] ?? '',
    signature: headers[webhookHeaders.signature] ?? '',
    body: Buffer.from(body),
  };
  return () => judge(message, webhookOf(request, { name: 'paid', version: 1 }), NOW);
}

const start = (more: object = {}) =>
  StartRun({
    commandId: 'start',
    runId: 'run',
    by: { sub: 'whoever', roles: [] },
    issuedAt: NOW,
    workflow: { name: 'ship', version: 3, hash: 'hash' },
    input: { order: 'ord-1' },
    requestHash: 'request',
    salt: 'a-salt-of-128-bits-0_0',
    key: 'trigger/paid/ord-1',
    ...more,
  });

test('a start that an event leads to is in the name of whoever published the trigger', () => {
  expect(judged(start())()).toEqual(by);
});

test.each([
  ['another input', start({ input: { order: 'ord-2' } })],
  ['another workflow', start({ workflow: { name: 'refund', version: 1, hash: 'hash' } })],
  ['another key', start({ key: 'trigger/paid/ord-2' })],
  ['no key', start({ key: undefined })],
])('a start with %s is refused', (_name, message) => {
  expect(judged(message)).toThrow('is not what the trigger paid makes of the event');
});

test('an event that is not signed with the secret, or old, or of a trigger that is switched off leads to nothing', () => {
  expect(judged(start(), { signedWith: 'another secret' })).toThrow('signature');
  expect(judged(start(), { at: NOW - 400_000 })).toThrow('timestamp');
  expect(judged(start(), { enabled: false })).toThrow('not enabled');
  expect(judged(start(), { filter: 'event.order.id != "ord-1"' })).toThrow('makes of the event');
});

test('a key that could be guessed, and one that is not there, prove nothing', () => {
  for (const secret of ['SHORT_SECRET', 'NO_SECRET'])
    expect(judged(start(), { secret, signedWith: SHORT })).toThrow(
      `${secret}, the key of the trigger paid, is not set here, or too short`,
    );
});

test('a signal is told once an event, and to the run that the trigger names', () => {
  const does = { signal: { run: '${event.order.id}', name: 'paid' } };
  const signal = (more: object = {}) =>
    SignalRun({
      commandId: commandIdOfKey(by, 'ord-1', 'trigger/paid/ord-1'),
      runId: 'ord-1',
      by,
      issuedAt: NOW,
      reason: 'Trigger paid.',
      name: 'paid',
      data: null,
      ...more,
    });
  expect(judged(signal(), { does })()).toEqual(by);
  for (const more of [{ runId: 'ord-2' }, { commandId: 'another' }, { name: 'shipped' }, { data: 1 }])
    expect(judged(signal(more), { does })).toThrow('makes of the event');
  expect(judged(signal())).toThrow('makes of the event');
});

const reply = (more: object = {}) =>
  ReplyToQuestion({
    commandId: commandIdOfKey(by, 'run', 'trigger/paid/ord-1'),
    runId: 'run',
    by,
    issuedAt: NOW,
    question: 'run/9',
    text: 'It is ord-1',
    trigger: 'paid',
    ...more,
  });
const does = { answer: { run: 'run', question: 'run/9', text: 'It is ${event.order.id}' } };

test('an answer that an event leads to is that of its trigger', () => {
  expect(judged(reply(), { does })()).toEqual(by);
});

test.each([
  ['another text', { text: 'It is ord-2' }],
  ['another question', { question: 'run/8' }],
  ['another run', { runId: 'other' }],
  ['another trigger', { trigger: 'crm' }],
  ['no trigger', { trigger: undefined }],
  ['another id', { commandId: 'c-2' }],
])('an answer with %s is refused', (_name, more) => {
  expect(judged(reply(more), { does })).toThrow('is not what the trigger paid makes of the event');
});
