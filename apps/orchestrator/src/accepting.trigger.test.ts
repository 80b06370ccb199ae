// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import {
  AuthorityRefusedError,
  IssuerUnavailableError,
  signedHeaders,
  webhookHeaders,
  webhookOf,
} from '@interlock/authority';
import { type PublishedArtifact, StartRun, triggerDocument } from '@interlock/contracts';
import { expect, test } from 'vitest';
import { acceptingTrigger, type Triggers } from './accepting.trigger.js';
import { webhookJudge } from './webhook.judge.js';

const NOW = 1_767_225_600_000;
const REPLACED = NOW - 5_000;
const SECRET = 'the secret of the shop';
const ada = { sub: 'ada', roles: ['admin'] };

/** Version 2 takes another key than version 1, which it has replaced five seconds ago. */
const versions = [1, 2].map((version): PublishedArtifact => {
  const key = version === 1 ? 'event.order' : 'event.payment';
  const document = triggerDocument.parse({
    secret: 'SHOP_SECRET',
    key,
    does: { start: { workflow: 'ship', input: { order: '${event.order}' } } },
  });
  return { kind: 'trigger', name: 'paid', version, document, hash: `h${version}`, by: ada, commandId: 'c' };
});
const artifacts: Triggers = {
  get: (_kind, name, version = 2) =>
    name === 'paid' ? versions.find((one) => one.version === version) : undefined,
  replacedAt: ({ version }) => (version === 1 ? REPLACED : undefined),
};

test('an event that a version has accepted is judged by that version, although the next one makes another key of it', () => {
  const body = JSON.stringify({ order: 'ord-1', payment: 'pay-1' });
  const headers = signedHeaders('msg-1', NOW, body, SECRET);
  const request = {
    id: headers[webhookHeaders.id] ?? '',
    timestamp: headers[webhookHeaders.timestamp] ?? '',
    signature: headers[webhookHeaders.signature] ?? '',
    body: Buffer.from(body),
  };
  const start = StartRun({
    commandId: 'start',
    runId: 'run',
    by: ada,
    issuedAt: NOW,
    workflow: { name: 'ship', version: 3, hash: 'hash' },
    input: { order: 'ord-1' },
    requestHash: 'request',
    salt: 'a-salt-of-128-bits-0_0',
    key: 'trigger/paid/ord-1',
  });
  const judge = webhookJudge(artifacts, { SHOP_SECRET: SECRET }, () => NOW);
  expect(judge(start, webhookOf(request, { name: 'paid', version: 1 }), NOW)).toMatchObject({ sub: 'ada' });
  expect(() => judge(start, webhookOf(request, { name: 'paid', version: 2 }), NOW)).toThrow(
    'is not what the trigger paid makes of the event',
  );
});

const accepting = (version: number | undefined, at = NOW, trigger = 'paid', now = NOW) =>
  acceptingTrigger(artifacts, { trigger, version }, { at, now, code: 'authority.webhook' });

test('a version that was replaced long before speaks for nothing: its key may have leaked', () => {
  expect(accepting(1, REPLACED + 60_000).version).toBe(1);
  expect(() => accepting(1, REPLACED + 60_001)).toThrow(AuthorityRefusedError);
});

test('a credential without a version means the newest', () => {
  expect(accepting(undefined).version).toBe(2);
});

test('a version that has not come here yet is waited for, and not for ever', () => {
  expect(() => accepting(3)).toThrow(IssuerUnavailableError);
  expect(() => accepting(1, NOW, 'new')).toThrow(IssuerUnavailableError);
  expect(() => accepting(3, NOW, 'paid', NOW + 30_001)).toThrow('paid@3 is not published');
  expect(() => accepting(undefined, NOW, 'nobody')).toThrow('no such trigger is published');
});
