import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { readConfiguration } from './configuration.js';
import { agentSettingsOf } from './model.settings.js';

const model = { INTERLOCK_MODEL: 'openai/gpt-5-mini' };
const settingsOf = (environment: Record<string, string>) => agentSettingsOf(readConfiguration(environment));

test('without a model rules act; with one it plans beside them until somebody says that it may act', () => {
  expect(settingsOf({})).toEqual({ level: 'baseline', timeoutMs: 60_000, tokensMax: 100_000 });
  expect(settingsOf(model)).toMatchObject({ level: 'shadow', model: 'openai/gpt-5-mini' });
  const assisted = {
    ...model,
    INTERLOCK_AUTONOMY: 'assisted',
    INTERLOCK_MODEL_FALLBACK: 'vllm/Qwen/Qwen3-8B',
  };
  expect(settingsOf(assisted)).toMatchObject({ level: 'assisted', fallbackModel: 'vllm/Qwen/Qwen3-8B' });
  expect(settingsOf({ ...model, INTERLOCK_AUTONOMY: 'baseline' }).level).toBe('baseline');
});

test.each([
  [{ ...model, INTERLOCK_AUTONOMY: 'bounded' }, /INTERLOCK_AUTONOMY: bounded needs an evaluation record/],
  [{ ...model, INTERLOCK_AUTONOMY: 'free' }, /INTERLOCK_AUTONOMY: is baseline, shadow or assisted/],
  [{ INTERLOCK_AUTONOMY: 'assisted' }, /assisted needs a model: set INTERLOCK_MODEL/],
  [{ INTERLOCK_MODEL_FALLBACK: 'a/b' }, /set INTERLOCK_MODEL too/],
  [{ ...model, INTERLOCK_MODEL_FALLBACK: 'openai/gpt-5-mini' }, /is the model itself/],
  [{ INTERLOCK_MODEL: 'gpt-5-mini' }, /INTERLOCK_MODEL: is `provider\/name`/],
  [{ ...model, INTERLOCK_MODEL_URL: 'ftp://models.example' }, /INTERLOCK_MODEL_URL: /],
  [{ ...model, INTERLOCK_MODEL_URL: 'models.example/v1' }, /INTERLOCK_MODEL_URL: /],
  [{ ...model, INTERLOCK_MODEL_URL: 'https://ada:secret@models.example/v1' }, /no user, no query/],
  [{ ...model, INTERLOCK_MODEL_PRICES: '0.25' }, /INTERLOCK_MODEL_PRICES: is `input,output`/],
  [{ ...model, INTERLOCK_MODEL_PRICES: '-1,2' }, /INTERLOCK_MODEL_PRICES: /],
  [{ ...model, INTERLOCK_MODEL_TIMEOUT_MS: '5' }, /INTERLOCK_MODEL_TIMEOUT_MS: /],
  [{ ...model, INTERLOCK_MODEL_TOKENS_MAX: '2000' }, /leaves no tokens .* for a prompt/],
])('a wrong setting of a model ends the start with its reason: %o', (environment, reason) => {
  expect(() => readConfiguration(environment as Record<string, string>)).toThrow(reason);
});

test('where prices are told, a request reserves no more money than its tokens can cost', () => {
  expect(settingsOf(model)).not.toHaveProperty('costUsdMax');
  const priced = { ...model, INTERLOCK_MODEL_PRICES: '0.25,2' };
  expect(settingsOf(priced).costUsdMax).toBe(0.2);
  const other = { INTERLOCK_MODEL_FALLBACK: 'openai/big', INTERLOCK_MODEL_FALLBACK_PRICES: '5,20' };
  expect(settingsOf({ ...priced, ...other }).costUsdMax).toBe(2);
  expect(settingsOf({ ...model, INTERLOCK_MODEL_PRICES: '0,0' }).costUsdMax).toBe(0);
});

test('prices are read as USD for a million tokens', () => {
  expect(readConfiguration({ ...model, INTERLOCK_MODEL_PRICES: '0.25, 2' }).INTERLOCK_MODEL_PRICES).toEqual({
    input: 0.25,
    output: 2,
  });
});

test('a key shows in no log, no error and no JSON; a malformed one is not repeated', () => {
  const configuration = readConfiguration({ ...model, INTERLOCK_MODEL_KEY: 'sk-very-secret' });
  expect(configuration.INTERLOCK_MODEL_KEY?.reveal()).toBe('sk-very-secret');
  const shown = [
    JSON.stringify(configuration),
    inspect(configuration, { depth: 9 }),
    `${configuration.INTERLOCK_MODEL_KEY}`,
  ];
  for (const text of shown) expect(text).not.toContain('very-secret');
  let message = '';
  try {
    readConfiguration({ ...model, INTERLOCK_MODEL_KEY: 'sk-very secret' });
  } catch (error) {
    message = String(error);
  }
  expect(message).toContain('INTERLOCK_MODEL_KEY');
  expect(message).not.toContain('very');
});
