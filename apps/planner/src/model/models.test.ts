import { readConfiguration } from '@interlock/service';
import { expect, test } from 'vitest';
import { configuredModels } from '../planner.module.js';

const modelsOf = (environment: Record<string, string>) => {
  const settings = { KAFKA_BROKERS: 'broker.example:9092', ...environment };
  return configuredModels(readConfiguration(settings));
};
const openai = {
  INTERLOCK_MODEL: 'openai/gpt-5-mini',
  INTERLOCK_MODEL_KEY: 'sk-1',
  INTERLOCK_MODEL_PRICES: '0.25,2',
};
const local = { INTERLOCK_MODEL: 'ollama/qwen3:8b', INTERLOCK_MODEL_URL: 'http://127.0.0.1:11434/v1' };
/** What production asks for besides. */
const soundInProduction = {
  INTERLOCK_JWT_ISSUER: 'https://issuer.example',
  INTERLOCK_JWT_AUDIENCE: 'interlock.example',
  KAFKA_SSL: 'true',
  KAFKA_SASL_MECHANISM: 'scram-sha-512',
};
const free = { INTERLOCK_MODEL_PRICES: '0,0' };

test('without a model there is none to ask, and nothing is missing', () => {
  expect(modelsOf({}).get('openai/gpt-5-mini')).toBeUndefined();
});

test('the hosted one has its own address; every other one is told', () => {
  expect(modelsOf(openai).get('openai/gpt-5-mini')).toMatchObject({
    name: 'gpt-5-mini',
    url: 'https://api.openai.com/v1',
    answerBound: 'max_completion_tokens',
    prices: { input: 0.25, output: 2 },
  });
  expect(modelsOf({ ...local, ...free }).get('ollama/qwen3:8b')).toMatchObject({
    name: 'qwen3:8b',
    answerBound: 'max_tokens',
  });
});

test('everything that is missing is named at once, and no key is shown', () => {
  const { INTERLOCK_MODEL } = openai;
  expect(() => modelsOf({ INTERLOCK_MODEL })).toThrow(
    /INTERLOCK_MODEL_KEY: missing.*\n.*INTERLOCK_MODEL_PRICES: missing/,
  );
  expect(() => modelsOf({ INTERLOCK_MODEL: 'vllm/m', INTERLOCK_MODEL_KEY: 'sk-hidden' })).toThrow(
    /^(?!.*sk-hidden)[\s\S]*INTERLOCK_MODEL_URL: missing; vllm has no address of its own/,
  );
});

test.each([
  ['production', 'http://models.example/v1', false],
  ['production', 'https://models.example/v1', true],
  ['production', 'http://127.0.0.1:8000/v1', true],
  ['development', 'http://models.example/v1', true],
])('in %s a model may be asked at %s: %s', (INTERLOCK_MODE, INTERLOCK_MODEL_URL, may) => {
  const asked = { INTERLOCK_MODEL: 'vllm/m', ...free, INTERLOCK_MODEL_URL };
  const read = () => modelsOf({ ...soundInProduction, ...asked, INTERLOCK_MODE });
  if (may) expect(read).not.toThrow();
  else expect(read).toThrow(/INTERLOCK_MODEL_URL: production asks models by https/);
});

test('the model to fall back to is at the same place, unless it has its own; no key goes to another address', () => {
  const same = modelsOf({ ...openai, INTERLOCK_MODEL_FALLBACK: 'openai/gpt-5-nano' });
  expect(same.get('openai/gpt-5-nano')?.key?.reveal()).toBe('sk-1');
  const other = modelsOf({
    ...openai,
    INTERLOCK_MODEL_FALLBACK: 'vllm/Qwen/Qwen3-8B',
    INTERLOCK_MODEL_FALLBACK_URL: 'http://127.0.0.1:8000/v1',
    INTERLOCK_MODEL_FALLBACK_PRICES: '0,0',
  }).get('vllm/Qwen/Qwen3-8B');
  expect(other).toMatchObject({ name: 'Qwen/Qwen3-8B', prices: { input: 0, output: 0 } });
  expect(other?.key).toBeUndefined();
  expect(() => modelsOf({ ...openai, INTERLOCK_MODEL_FALLBACK: 'vllm/m' })).toThrow(
    /INTERLOCK_MODEL_FALLBACK_URL: missing/,
  );
});
