// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import { nothingAtHand, storedIn } from '@interlock/contracts';
import { describe, expect, test } from 'vitest';
import { child, Family } from '../../test/family-scenario.js';
import { callRequestOf, migrate, runId } from '../../test/run-scenario.js';
import { read, workflow } from '../../test/workflows.js';

const text = 'x'.repeat(3_000);
const takes = (schema: Record<string, unknown>) =>
  workflow([read('use', { with: { length: '${size(input.document)}' } }), read('other')], {
    name: 'reader',
    inputSchema: schema,
    output: '${steps.use.output}',
  });
const reader = takes({ type: 'object', required: ['document'] });

/** Values over 1,000 bytes leave the log. */
const values = {
  atHand: nothingAtHand,
  inlineBytesMax: 1_000,
  valueBytesMax: 5_000,
  readBytesMax: 50_000,
  runBytesMax: 1_000_000,
};
const family = (of = reader, document: string = text, more = {}, how: Parameters<typeof child>[2] = {}) =>
  new Family(
    workflow([child('ask', of, { with: { document }, ...how })]),
    [of],
    { values, ...more },
    new Map(),
  );

describe('a child that is given more than the log holds', () => {
  test('starts with its input by reference, and reads it where an expression names it', () => {
    const one = family();
    const id = one.childOf('ask');
    const stored = storedIn(one.dataOf(runId, 'child.requested').input);
    expect(one.stored?.get(stored?.hash ?? '')).toEqual({ document: text });
    expect(storedIn(one.dataOf(id, 'run.started').input)).toEqual(stored);
    expect(callRequestOf(one.run(id), 'use').arguments).toEqual({ length: 3_000 });
    expect(one.shown(id)).toMatchObject({ inputRef: stored });
    expect(one.shown(id).input).toBeUndefined();
    one.perform(id, 'use').perform(id, 'other');
    expect(one.shown(runId)).toMatchObject({ status: 'completed', output: { ask: { of: 'use' } } });
    expect(one.parent.state?.spent.keptBytes).toBe(stored?.size);
  });

  test('starts once, however often it is told to', () => {
    const one = family();
    one.isRepeating = true;
    one.recover();
    const id = one.childOf('ask');
    one.perform(id, 'use').perform(id, 'other');
    expect(one.types(id).filter((type) => type === 'run.started')).toHaveLength(1);
    expect(one.shown(runId).status).toBe('completed');
  });

  test('is refused by the run above where its workflow takes something else', () => {
    const one = family(takes({ type: 'object', required: ['text'] }));
    expect(one.shown(runId)).toMatchObject({
      status: 'failed',
      failure: { class: 'invalid_input', code: 'schema.mismatch', step: 'ask' },
    });
    expect(one.runs.size).toBe(1);
  });

  test('is refused where it is given more than the store keeps, or there is none', () => {
    expect(family(reader, 'x'.repeat(6_000)).shown(runId).failure).toMatchObject({
      code: 'run.too_large',
      message: expect.stringContaining('at most 5000, as INTERLOCK_VALUE_MB says'),
    });
    const one = family(reader, 'x'.repeat(300_000), { values: undefined });
    if (one.parent.state?.ready.length === 1) one.when(runId, { kind: 'due' });
    expect(one.shown(runId).failure).toMatchObject({
      code: 'run.too_large',
      message: expect.stringContaining('INTERLOCK_STORE_URL'),
    });
  });

  test('fails in the step that reads it where the store has lost it, by name', () => {
    const late = workflow([read('first'), read('use', { needs: ['first'], with: { all: '${input}' } })], {
      name: 'late',
    });
    const one = family(late);
    const id = one.childOf('ask');
    one.stored?.clear();
    one.perform(id, 'first');
    expect(one.dataOf(id, 'step.failed')).toMatchObject({ step: 'use', failure: { code: 'value.missing' } });
    expect(one.shown(runId)).toMatchObject({ failure: { code: 'value.missing', step: 'ask' } });
  });

  test('is not migrated to a version that takes another input, as nobody has compared it', () => {
    const other = { ...takes({ type: 'object', required: ['document', 'more'] }), version: 2 };
    const one = family(reader, text, { published: () => other }, { detached: true });
    const id = one.childOf('ask');
    one.when(id, migrate(one.run(id), 2));
    expect(one.dataOf(id, 'command.refused')).toMatchObject({
      command: 'run.migrate',
      message: expect.stringContaining('kept outside of the log'),
    });
  });
});
