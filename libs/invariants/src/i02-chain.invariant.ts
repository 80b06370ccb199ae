import { GENESIS } from '@interlock/log';
import type { Invariant, Violation } from './view.js';

/** I2: every event of a run names the hash of the one before it, over the bytes as stored. Broken bytes stop the reader. */
export const hashChain: Invariant = ({ fenced, corrupt }) => {
  const violations: Violation[] = [...corrupt];
  for (const { topic, accepted } of fenced) {
    if (topic !== 'run.events') continue;
    const last = new Map<string, Uint8Array>();
    for (const { meta, previous, hash, offset } of accepted) {
      if (meta.run === undefined) continue;
      const expected = last.get(meta.run) ?? GENESIS;
      if (!Buffer.from(expected).equals(previous)) {
        violations.push({
          invariant: 'I2',
          run: meta.run,
          message: `offset ${offset} follows another record`,
        });
      }
      last.set(meta.run, hash);
    }
  }
  return violations;
};
