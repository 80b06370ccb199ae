import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Script } from '../../../test/models/model.server.ts';
import * as reply from '../../../test/models/reply.ts';
import { RunnerHarness, summary } from './asking.js';

let harness: RunnerHarness | undefined;
afterEach(async () => {
  await harness?.server.stop();
  harness = undefined;
  vi.useRealTimers();
});

async function asked(script: Script | reply.Reply, options: Parameters<RunnerHarness['ask']>[0] = {}) {
  harness = await RunnerHarness.open(typeof script === 'function' ? script : () => script);
  return harness.ask(options);
}

describe('an endpoint that gives no answer', () => {
  test.each<[string, reply.Reply, string]>([
    [
      'turns the key away',
      reply.error(401, { code: 'invalid_api_key' }),
      'unauthorized model.unauthorized, nothing used',
    ],
    ['forbids', reply.error(403), 'unauthorized model.unauthorized, nothing used'],
    ['does not know the model', reply.error(404), 'unauthorized model.not_found, nothing used'],
    ['is asked too often', reply.rateLimited('7'), 'rate_limited model.rate_limited, nothing used'],
    ['has no credit', reply.noQuota(), 'quota_exhausted model.quota_exhausted, nothing used'],
    ['wants to be paid', reply.error(402), 'quota_exhausted model.quota_exhausted, nothing used'],
    ['has too small a window', reply.overflow(), 'context_overflow model.context_overflow, nothing used'],
    [
      'says so in words',
      reply.error(400, { message: "This model's maximum context length is 4096 tokens" }),
      'context_overflow model.context_overflow, nothing used',
    ],
    ['does not like the request', reply.error(400), 'invalid_input model.http_400, nothing used'],
    [
      'filters the prompt',
      reply.error(400, { code: 'content_filter' }),
      'denied model.refused, nothing used',
    ],
    ['breaks', reply.error(500), 'transient model.http_500, use unknown'],
    ['is overloaded', reply.error(503), 'transient model.http_503, use unknown'],
    [
      'breaks without JSON',
      reply.bytes('<html>oh', 502, 'text/html'),
      'transient model.http_502, use unknown',
    ],
    ['sends elsewhere', reply.bytes('', 307), 'invalid_input model.http_307, nothing used'],
    ['cuts the connection', reply.cut, 'transient model.connection_lost, use unknown'],
    ['never ends', reply.endless, 'invalid_output model.endless, use unknown'],
  ])('because it %s', async (_name, answer, expected) => {
    expect(summary(await asked(answer))).toBe(expected);
    expect(harness?.server.asked).toHaveLength(1);
  });

  test.each([
    ['says nothing at all', reply.hung],
    ['begins a body and does not go on', reply.stalled],
  ])('because it %s: nobody waits longer than the deadline', async (_name, answer) => {
    const result = await asked(answer, { timeoutMs: 200 });
    expect(summary(result)).toBe('timeout model.timeout, use unknown');
    expect(result.tookMs).toBeGreaterThanOrEqual(190);
    expect(result.tookMs).toBeLessThan(5_000);
  });

  test('because nobody is there: nothing was sent, so nothing is charged', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => gone.once('listening', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const environment = { INTERLOCK_MODEL_URL: `http://127.0.0.1:${port}/v1` };
    expect(summary(await asked(reply.hung, { environment }))).toBe('transient model.unreachable, not called');
  });

  test('because this planner is being stopped', async () => {
    const stop = new AbortController();
    const result = await asked(
      () => {
        stop.abort();
        return reply.hung;
      },
      { signal: stop.signal },
    );
    expect(summary(result)).toBe('outcome_unknown planner.stopped, use unknown');
  });
});

const NOW = Date.UTC(2026, 0, 1);

test.each([
  ['7', 7_000],
  ['0.5', 500],
  [new Date(NOW + 60_000).toUTCString(), 60_000],
  ['a while', undefined],
  ['999999999999', 86_400_000],
])('Retry-After: %s is passed on to the run, which waits or does not', async (header, ms) => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  const { outcome } = await asked(reply.rateLimited(header));
  expect(outcome.kind === 'failed' && outcome.failure.retryAfterMs).toBe(ms);
});

describe('an answer that is none', () => {
  const nested = `${'['.repeat(200)}${']'.repeat(200)}`;
  test.each<[string, reply.Reply, string]>([
    ['a refusal', reply.refusal('I will not'), 'denied model.refused'],
    ['a filtered one', reply.filtered(), 'denied model.refused'],
    ['one that was cut off', reply.cutShort(), 'invalid_output model.cut_off'],
    ['words', reply.text('I would call orders.get'), 'invalid_output model.malformed'],
    ['nothing', reply.text(''), 'invalid_output model.malformed'],
    ['broken JSON', reply.text('{"calls": ['), 'invalid_output model.malformed'],
    ['a list', reply.text('[]'), 'invalid_output model.malformed'],
    ['no completion', reply.bytes('{"choices": []}'), 'invalid_output model.malformed'],
    ['no JSON', reply.bytes('ok', 200, 'text/plain'), 'invalid_output model.malformed'],
    ['null', reply.bytes('null'), 'invalid_output model.malformed'],
    [
      'calls of the wrong type',
      reply.text('{"calls": {}, "confidence": 1}'),
      'invalid_output model.malformed',
    ],
    [
      'arguments beyond the integers',
      reply.functions([{ name: 'orders__get', arguments: '{"arguments":{"id":3544790567247868102}}' }]),
      'invalid_output model.malformed',
    ],
    [
      'a key that is there twice',
      reply.text('{"output": 1, "output": 2, "confidence": 1}'),
      'invalid_output model.malformed',
    ],
    [
      'two fenced documents',
      reply.text('```json\n{"output": 1}\n```\nor\n```json\n{"output": 2}\n```'),
      'invalid_output model.malformed',
    ],
    [
      'arguments in words',
      reply.functions([{ name: 'orders__get', arguments: 'the order' }]),
      'invalid_output model.malformed',
    ],
    [
      'arguments that are a list',
      reply.functions([{ name: 'orders__get', arguments: [] }]),
      'invalid_output model.malformed',
    ],
    [
      'a listed tool without arguments',
      reply.functions([{ name: 'orders__get', arguments: { orderId: 'o-1' } }]),
      'invalid_output model.malformed',
    ],
    [
      'a half occurrence',
      reply.calls([{ tool: 'orders.get', arguments: {}, occurrence: 1.5 }]),
      'invalid_output model.malformed',
    ],
    [
      'too many calls',
      reply.calls(Array.from({ length: 21 }, () => ({ tool: 'orders.get', arguments: {} }))),
      'invalid_output model.malformed',
    ],
    [
      'two outputs',
      reply.functions([
        { name: 'Finish', arguments: { output: 1 } },
        { name: 'Finish', arguments: { output: 2 } },
      ]),
      'invalid_output model.malformed',
    ],
    [
      'an end without an output',
      reply.functions([{ name: 'Finish', arguments: { confidence: 1 } }]),
      'invalid_output model.malformed',
    ],
    [
      'half a character, which cannot be hashed',
      reply.text('{"calls": [], "output": "\\ud83d", "confidence": 1}'),
      'invalid_output model.malformed',
    ],
    [
      'a number beyond all numbers',
      reply.text('{"calls": [], "output": 1e999, "confidence": 1}'),
      'invalid_output model.malformed',
    ],
    [
      'a very deep one',
      reply.text(`{"calls": [], "output": ${nested}, "confidence": 1}`),
      'invalid_output model.malformed',
    ],
    ['a very long one', reply.document({ output: 'x'.repeat(200_000) }), 'invalid_output model.malformed'],
  ])('is a failure with a class of its own: %s', async (_name, answer, expected) => {
    const result = await asked(reply.withUsage(answer, { prompt_tokens: 10, completion_tokens: 5 }));
    expect(summary(result)).toMatch(`${expected}, use ${answer.kind === 'completion' ? 'known' : 'unknown'}`);
  });
});

describe('what an endpoint says was used', () => {
  const answer = reply.output({ place: 'on its way' });
  test.each([
    ['is missing', null],
    ['is half missing', { prompt_tokens: 10 }],
    ['is in words', { prompt_tokens: '10', completion_tokens: '5' }],
    ['is nothing', { prompt_tokens: 0, completion_tokens: 0 }],
    ['is negative', { prompt_tokens: -5, completion_tokens: 5 }],
    ['is a fraction', { prompt_tokens: 10.5, completion_tokens: 5 }],
    ['is more than the prompt has bytes', { prompt_tokens: 1_000_000, completion_tokens: 5 }],
    ['is more than the answer may have', { prompt_tokens: 10, completion_tokens: 4_001 }],
  ])('is not believed when it %s: the worst case is charged', async (_name, usage) => {
    expect(summary(await asked(reply.withUsage(answer, usage)))).toBe('proposed, use unknown');
  });

  test('is priced by the list the planner was given', async () => {
    const usage = { prompt_tokens: 1_000, completion_tokens: 500 };
    const { usage: used, costUsd } = await asked(reply.withUsage(answer, usage));
    expect(used).toEqual({ inputTokens: 1_000, outputTokens: 500 });
    expect(costUsd).toBeCloseTo((1_000 * 1 + 500 * 4) / 1_000_000, 12);
  });
});

test('a key that the endpoint repeats reaches no event and no log', async () => {
  const INTERLOCK_MODEL_KEY = 'sk-secret/of+the=house';
  const environment = { INTERLOCK_MODEL_KEY };
  for (const answer of [
    reply.error(401, { message: `Incorrect API key provided: ${INTERLOCK_MODEL_KEY}` }),
    reply.bytes(`no such key ${INTERLOCK_MODEL_KEY}`, 403, 'text/plain'),
    reply.document({ reasoning: INTERLOCK_MODEL_KEY, output: { key: INTERLOCK_MODEL_KEY } }),
    reply.refusal(INTERLOCK_MODEL_KEY),
  ]) {
    const result = await asked(answer, { environment });
    expect(harness?.server.asked[0]?.key).toBe(INTERLOCK_MODEL_KEY);
    const everything = JSON.stringify([result, harness?.logged]);
    expect(everything).toContain('[key]');
    expect(everything).not.toContain('secret');
    await harness?.server.stop();
  }
});
