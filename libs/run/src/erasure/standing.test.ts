import { describe, expect, test } from 'vitest';
import { child, Family } from '../../test/family-scenario.js';
import { before, deny, erase, runId } from '../../test/run-scenario.js';
import { read, undoable, workflow } from '../../test/workflows.js';
import { familyStanding } from './standing.js';

const look = workflow([read('look')], { name: 'look' });
const stay = workflow([undoable('stay')], { name: 'stay' });
const MB = 1024 * 1024;
const limits = { inlineBytesMax: MB, valueBytesMax: MB, readBytesMax: MB, runBytesMax: MB };
const store = { values: { atHand: { get: () => undefined }, ...limits } };

/** @param quietMs since anything was recorded */
function standing(family: Family, quietMs = 10): ReturnType<typeof familyStanding> {
  const [root, ...others] = [...family.runs.values()].flatMap(({ state }) => state ?? []);
  const lastAt = Math.max(...[root, ...others].map((state) => state?.time ?? 0));
  return root && familyStanding(root, others, lastAt + quietMs);
}

describe('to whoever clears the store a family', () => {
  test('goes on while any run of it does', () => {
    const family = new Family(workflow([child('leave', stay, { detached: true })]), [stay], store);
    expect(family.shown(runId).status).toBe('completed');
    expect(standing(family)).toBeUndefined();
    family.perform(family.childOf('leave'), 'stay', true);
    expect(standing(family)).toBe('over');
  });

  test('is not over while anything was recorded of it a moment ago, or it may be taken up again', () => {
    const family = new Family(look, [], store);
    family.perform(runId, 'look');
    expect([standing(family, 0), standing(family)]).toEqual([undefined, 'over']);
    const failed = new Family(look, [], store);
    failed.when(runId, before(failed.parent, 'look', deny));
    expect([failed.shown(runId).resumable, standing(failed)]).toEqual([true, undefined]);
  });

  test('is erased once the store has said so, and not before', () => {
    const family = new Family(look, [], store);
    family.perform(runId, 'look').when(runId, erase(family.parent));
    expect(standing(family)).toBeUndefined();
    for (const what of ['count', 'remove']) {
      const result = { kind: 'erasure', what, values: 0, bytes: 0 };
      expect(standing(family)).toBeUndefined();
      family.when(runId, { kind: 'result', effectId: 'any', result });
    }
    expect(standing(family)).toBe('erased');
  });
});
