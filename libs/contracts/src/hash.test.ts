import { describe, expect, test } from 'vitest';
import { callHashOf, hashedCallOf, hashOf, planHashOf, questionHashOf } from './hash.js';

const call = {
  runId: 'run-1',
  path: 'pay',
  occurrence: 1,
  generation: 1,
  toolHash: 'h',
  salt: 'a-salt-of-128-bits-0_0',
  arguments: { iban: 'DE02120300000000202051' },
};
const question = {
  runId: 'run-1',
  path: 'ask',
  generation: 1,
  salt: call.salt,
  question: 'Pay?',
  details: null,
};
const plan = { model: 'm', promptHash: 'p', goal: 'g', tools: [], known: { facts: 1 }, salt: call.salt };

describe('the hash of a call', () => {
  test('is the sha256 of the RFC 8785 JSON of exactly what it covers, so anyone can compute it', () => {
    expect(callHashOf(call)).toBe(hashOf(call));
    expect(questionHashOf(question)).toBe(hashOf(question));
  });

  test.each(Object.keys(call) as (keyof typeof call)[])('is another with another %s', (field) => {
    expect(callHashOf({ ...call, [field]: 'another' })).not.toBe(callHashOf(call));
  });

  test('covers nothing else that a request carries', () => {
    const { path: step, runId, ...rest } = call;
    const callRequest = { ...rest, step, tool: 'pay', attempt: 2 };
    expect(callHashOf(hashedCallOf(runId, callRequest))).toBe(callHashOf(call));
  });
});

test('questions to people and to models are salted too', () => {
  const salt = 'another-salt-of-the-run';
  expect(questionHashOf({ ...question, salt })).not.toBe(questionHashOf(question));
  expect(planHashOf({ ...plan, salt })).not.toBe(planHashOf(plan));
});
