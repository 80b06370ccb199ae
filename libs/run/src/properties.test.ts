import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyRun, played } from '../test/any-run.js';
import { describeRun, foldRun, stateHash } from './index.js';

test('whatever comes in whatever order, a run keeps its invariants and comes to its one end', () => {
  fc.assert(
    fc.property(anyRun, (any) => {
      const scenario = played(any);
      const types = scenario.events.map(({ type }) => type);
      const ends = types.filter((type) =>
        /^run\.(completed|failed|cancelled|rolled_back|escalated)$/.test(type),
      );
      expect(ends, JSON.stringify(describeRun(scenario.state!))).toHaveLength(1);
      const live = scenario.events.findLast(({ type }) => type === 'run.checkpointed');
      if (live === undefined) return;
      const { seq, stateHash: hash } = live.data as { seq: number; stateHash: string };
      expect(stateHash(foldRun(scenario.key, scenario.events.slice(0, seq))!)).toBe(hash);
    }),
    { numRuns: Number(process.env.RUN_PROPERTY_RUNS ?? 400) },
  );
}, 300_000);
