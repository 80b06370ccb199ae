import { Problem } from '@interlock/commands';
import { bulkBody, runCommandBody } from '@interlock/contracts/http';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { read } from './request.schema.js';

const told = (schema: z.ZodType, body: unknown) => {
  try {
    return read(schema, body, 'body');
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error.errors;
  }
};

test('a command that there is not is refused with those that there are', () => {
  const filter = 'run.status == "waiting"';
  expect(told(bulkBody, { filter, reason: 'x', command: { type: 'cancell' } })).toEqual([
    { path: 'command.type', message: expect.stringMatching(/^must be one of cancel, pause/) },
  ]);
  expect(told(runCommandBody, { type: 'cancell', reason: 'x' })).toEqual([
    { path: 'type', message: expect.stringMatching(/^must be one of cancel, pause/) },
  ]);
  expect(told(runCommandBody, { reason: 'x' })).toMatchObject([{ path: 'type' }]);
});

test('each field that is wrong is named, unknown ones too', () => {
  expect(told(runCommandBody, { type: 'retry', reason: 'x', stepp: 'refund' })).toEqual([
    { path: 'step', message: 'is required' },
    { path: 'stepp', message: 'unknown field' },
  ]);
});
