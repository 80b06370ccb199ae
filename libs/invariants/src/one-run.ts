import type { RunEvent } from '@interlock/contracts';
import type { Meta } from '@interlock/log';
import { gaplessSeq } from './i01-seq.invariant.js';
import { oneEnd } from './i03-end.invariant.js';
import { withinAgentBudget } from './i07-agent.invariant.js';
import { withinBudget } from './i07-budget.invariant.js';
import { foldAgrees } from './i08-checkpoint.invariant.js';
import { undoneInReverse } from './i14-compensation.invariant.js';
import { type Logged, type Reading, read, statesOf } from './reading.js';
import type { Violation } from './view.js';

/** An event of a run without its log: from an export. */
export type ExportedEvent = RunEvent & { readonly meta: Meta };

/**
 * What does not hold of one run, by its own events alone: numbering, one end, budgets, checkpoints, the order of undoing. What other topics
 * say (verdicts, attempts, votes) is not there to be compared.
 */
export function checkRunAlone(run: string, events: readonly ExportedEvent[]): Violation[] {
  const logged = events.map((event, offset): Logged<RunEvent> => {
    const place = { topic: 'run.events', partition: 0, offset, part: 0, landedAt: undefined };
    return { ...event, ...place, meta: { ...event.meta, run } };
  });
  const corrupt: Violation[] = [];
  const states = new Map([[run, statesOf(run, logged, corrupt)]]);
  const reading: Reading = {
    ...read({ topics: new Map(), ended: false }),
    runs: new Map([[run, logged]]),
    states,
    corrupt,
  };
  const alone = [gaplessSeq, oneEnd, withinBudget, withinAgentBudget, foldAgrees, undoneInReverse];
  return [...corrupt, ...alone.flatMap((holds) => holds(reading))];
}
