import { hashOf } from '@interlock/contracts';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineTool, isTool, ToolDefinitionError } from './define-tool.js';

const spec = {
  name: 'refunds.create',
  version: 2,
  description: 'Pays money back.',
  input: z.object({ orderId: z.string(), amountCents: z.number().int() }),
  output: z.object({ refundId: z.string() }),
  effect: 'write',
  risk: 'high',
  audience: 'customer',
  recovery: { by: 'verify', tool: 'refunds.find', settleAfter: '30s' },
  timeout: '10s',
  run: () => ({ refundId: 'r' }),
} as const;

describe('defineTool', () => {
  test('makes a manifest in milliseconds and JSON Schema, and a hash over all of it', () => {
    const { manifest, toolHash } = defineTool(spec);
    expect(manifest).toMatchObject({
      timeoutMs: 10_000,
      recovery: { by: 'verify', tool: 'refunds.find', settleAfterMs: 30_000 },
      costUsd: 0,
      origin: 'function',
      pool: 'default',
      input: { type: 'object', required: ['orderId', 'amountCents'] },
    });
    expect(toolHash).toBe(hashOf(manifest));
    expect(JSON.parse(JSON.stringify(manifest))).toEqual(manifest);
  });

  test('the hash covers every field but the code', () => {
    const { toolHash } = defineTool(spec);
    expect(defineTool({ ...spec, run: () => ({ refundId: 'other' }) }).toolHash).toBe(toolHash);
    expect(defineTool({ ...spec, description: 'Pays.' }).toolHash).not.toBe(toolHash);
    expect(defineTool({ ...spec, timeout: '11s' }).toolHash).not.toBe(toolHash);
    expect(defineTool({ ...spec, output: z.object({ refundId: z.string().min(1) }) }).toolHash).not.toBe(
      toolHash,
    );
  });

  test.each([
    ['a write without recovery', { recovery: undefined }, /needs recovery/],
    ['a bad duration', { timeout: '10 seconds' }, /timeout must be a duration like PT10M.*not "10 seconds"/],
    ['a bad name', { name: 'Refunds Create' }, /name/],
    ['a schema that JSON Schema cannot say', { input: z.object({ at: z.date() }) }, /Date/],
    ['no code', { run: undefined }, /run is missing/],
  ])('refuses %s, naming the tool', (_name, change, message) => {
    const define = () => defineTool({ ...spec, ...change } as never);
    expect(define).toThrow(ToolDefinitionError);
    expect(define).toThrow(message);
  });

  test('a tool is recognised, something of its shape is not', () => {
    const tool = defineTool(spec);
    expect(isTool(tool)).toBe(true);
    expect(isTool({ ...tool })).toBe(false);
  });
});
