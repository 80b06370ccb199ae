import type { Effect } from '@interlock/actors';
import type { ErasureRequest } from '@interlock/contracts';
import { describe, expect, test } from 'vitest';
import { child, Family } from '../../test/family-scenario.js';
import { before, deny, erase, resumeFrom, runId } from '../../test/run-scenario.js';
import { read, undoable, workflow } from '../../test/workflows.js';
import type { RunActorOptions } from '../options.js';

const look = workflow([read('look')], { name: 'look' });
const stay = workflow([undoable('stay')], { name: 'stay' });
const store: Partial<RunActorOptions> = {
  values: {
    atHand: { get: () => undefined },
    inlineBytesMax: 1_000,
    valueBytesMax: 100_000,
    readBytesMax: 50_000,
    runBytesMax: 1_000_000,
  },
};

/** A run and a child, both of which have completed. */
function completed(options = store): Family {
  const family = new Family(workflow([child('ask', look)]), [look], options);
  return family.perform(family.childOf('ask'), 'look');
}

const requestsOf = ({ asked }: Family): ErasureRequest['what'][] =>
  asked.map(({ data }: Effect) => (data as ErasureRequest).what);

/** The store answers what it was asked last. */
const answered = (family: Family, what: ErasureRequest['what'], values = 3, bytes = 300_000): Family => {
  family.asked = [];
  const result = { kind: 'erasure', what, values, bytes };
  return family.when(runId, { kind: 'result', effectId: 'any', result });
};

const refusal = (family: Family, key = runId) => family.dataOf(key, 'command.refused').code;

describe('the values of a run that has ended', () => {
  test('are locked in the whole family, then counted, then removed, and the record says who, why and how many', () => {
    const family = completed();
    const id = family.childOf('ask');
    family.when(runId, erase(family.parent));
    expect(family.dataOf(runId, 'values.erasing')).toMatchObject({ by: { sub: 'ada' }, reason: 'a reason' });
    expect(family.dataOf(id, 'values.erasing')).toMatchObject({ root: runId, reason: 'a reason' });
    expect(new Set(requestsOf(family))).toEqual(new Set(['count']));
    answered(family, 'count');
    expect(requestsOf(family)).toEqual(['remove']);
    answered(family, 'remove', 1, 100_000);
    expect(family.dataOf(runId, 'values.erased')).toEqual({ values: 3, bytes: 300_000 });
    expect(family.shown(runId).erased).toMatchObject({ by: 'ada', values: 3, bytes: 300_000 });
    expect(family.shown(runId).erased?.until).toBeDefined();
    expect(family.shown(id).erased).toMatchObject({ root: runId });
  });

  test('are erased once, however often it is told and answered', () => {
    const family = completed();
    const order = erase(family.parent);
    family.isRepeating = true;
    family.when(runId, order).when(runId, order);
    for (const what of ['count', 'count', 'remove', 'remove'] as const) answered(family, what);
    family.when(runId, order);
    const types = family.types(runId);
    for (const type of ['values.erasing', 'values.counted', 'values.erased'])
      expect(types.filter((one) => one === type)).toHaveLength(1);
    expect(types).not.toContain('command.refused');
    family.when(runId, erase(family.parent));
    expect(refusal(family)).toBe('run.erased');
  });

  test.each(['before the child has heard of it', 'before it is counted', 'before it is removed'])(
    'are erased although the process dies %s',
    (when) => {
      const family = completed();
      family.isHolding = when.includes('child');
      family.when(runId, erase(family.parent));
      if (when.includes('removed')) answered(family, 'count');
      family.recover();
      if (!when.includes('removed')) answered(family, 'count');
      expect(requestsOf(family)).toEqual(['remove']);
      answered(family, 'remove');
      expect(family.types(family.childOf('ask'))).toContain('values.erasing');
      expect(family.dataOf(runId, 'values.erased')).toEqual({ values: 3, bytes: 300_000 });
      family.recover();
      expect(requestsOf(family)).toEqual([]);
    },
  );

  test('are not removed before every run of the family has said that it is not taken up again', () => {
    const family = completed();
    family.isHolding = true;
    family.when(runId, erase(family.parent));
    answered(family, 'count');
    expect(family.types(runId)).not.toContain('values.counted');
  });
});

describe('values are not erased', () => {
  test('of a run that has not ended', () => {
    const family = new Family(workflow([read('look')]), [], store);
    family.when(runId, erase(family.parent));
    expect(refusal(family)).toBe('run.open');
  });

  test('of a run that is undoing what it did', () => {
    const root = workflow([undoable('stay'), read('check', { needs: ['stay'] })]);
    const family = new Family(root, [], store);
    family.perform(runId, 'stay', true).when(runId, before(family.parent, 'check', deny));
    expect(family.shown(runId).status).toBe('rolling_back');
    family.when(runId, erase(family.parent));
    expect(refusal(family)).toBe('run.open');
  });

  test('while a run below it goes on by itself', () => {
    const family = new Family(workflow([child('leave', stay, { detached: true })]), [stay], store);
    expect(family.shown(runId).status).toBe('completed');
    family.when(runId, erase(family.parent));
    expect(refusal(family)).toBe('erase.open');
    family.perform(family.childOf('leave'), 'stay', true);
    family.when(runId, erase(family.parent));
    expect(family.types(runId)).toContain('values.erasing');
  });

  test('of a child alone', () => {
    const family = completed();
    const id = family.childOf('ask');
    family.when(id, erase(family.run(id)));
    expect(refusal(family, id)).toBe('erase.child');
  });

  test('where the orchestrator has no store', () => {
    const family = completed({});
    family.when(runId, erase(family.parent));
    expect(refusal(family)).toBe('erase.no_store');
  });

  test('by somebody of another tenant', () => {
    const family = completed();
    const order = erase(family.parent);
    if (order.kind !== 'message') throw new Error('a command is a message');
    const { message } = order;
    const data = { ...(message.data as object), by: { sub: 'eve', roles: ['operator'], tenant: 'other' } };
    family.when(runId, { ...order, message: { ...message, data } });
    expect(refusal(family)).toBe('run.other_tenant');
  });
});

describe('a run whose values are erased is not taken up again', () => {
  const denied = (options = store): Family => {
    const family = new Family(workflow([read('look')]), [], options);
    return family.when(runId, before(family.parent, 'look', deny));
  };

  test('although it might have been', () => {
    const family = denied();
    expect(family.shown(runId).resumable).toBe(true);
    family.when(runId, erase(family.parent));
    expect(family.shown(runId).resumable).toBeUndefined();
    family.when(runId, resumeFrom(family.parent, 'look'));
    expect(refusal(family)).toBe('run.erased');
  });

  test('nor is one below it, also where it has not heard of the erasure yet', () => {
    const family = new Family(workflow([child('leave', look, { detached: true })]), [look], store);
    const id = family.childOf('leave');
    family.when(id, before(family.run(id), 'look', deny));
    family.isHolding = true;
    family.when(runId, erase(family.parent)).when(id, resumeFrom(family.run(id), 'look'));
    expect(refusal(family, id)).toBe('run.erased');
    expect(family.shown(id).status).toBe('failed');
  });

  test('and one that was taken up again first keeps its values', () => {
    const family = denied();
    family.when(runId, resumeFrom(family.parent, 'look')).when(runId, erase(family.parent));
    expect(refusal(family)).toBe('run.open');
  });
});
