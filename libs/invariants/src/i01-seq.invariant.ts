import type { Invariant, Violation } from './view.js';

/** I1: the events of a run are numbered from 1 without a gap, and no number is given twice. */
export const gaplessSeq: Invariant = ({ runs }) => {
  const violations: Violation[] = [];
  for (const [run, events] of runs) {
    for (const [place, { meta, type, offset }] of events.entries()) {
      if (meta.seq === place + 1) continue;
      const message = `${type} at offset ${offset} has seq ${meta.seq}, not ${place + 1}`;
      violations.push({ invariant: 'I1', run, message });
      break;
    }
  }
  return violations;
};
