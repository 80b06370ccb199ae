import type { Failure, Influence } from '@interlock/contracts';
import { shapersOf } from '../approval/shaping.js';
import { completionMark } from '../influence.js';
import { standingWrites } from '../rollback/standing.js';
import { nextWrite } from '../rollback/writes.js';
import type { RunState } from '../state.js';
import type { EndLetter, ToParent, UndoneLetter } from './letter.js';

/** How a run that has ended tells its parent so. @throws it has not */
export function reportOf(state: RunState): ToParent {
  return state.undoing === true ? undoneOf(state) : endOf(state);
}

function endOf(state: RunState): EndLetter {
  const { end, origin, spent } = state;
  if (end === null) throw new Error(`run ${origin.runId} has not ended`);
  const { status, output, failure, family } = end;
  const { tokens, microUsd, steps, toolCalls, byTool: calls } = spent;
  return {
    kind: 'ended',
    child: origin.runId,
    status,
    ...(output === undefined ? {} : { output }),
    ...(failure === undefined ? {} : { failure }),
    used: {
      tokens,
      costUsd: microUsd / 1_000_000,
      steps,
      toolCalls,
      ...(calls === undefined ? {} : { calls }),
    },
    ...(family ?? nothing),
  };
}

const nothing: EndForParent = { wrote: false, shapedBy: [] };

/** How a run that was told to undo what it did tells its parent what has come of it. */
export function undoneOf({ end, origin }: RunState): UndoneLetter {
  const about = { kind: 'undone', child: origin.runId } as const;
  if (end?.status === 'rolled_back') return about;
  const failure: Failure = end?.failure ?? {
    class: 'internal',
    code: 'compensation_failed',
    message: `it is ${end?.status ?? 'open'}`,
  };
  return { ...about, failure };
}

/** What the parent of a run has to know of its end besides how it ended. Worked out before the run forgets the rest. */
export interface EndForParent {
  /** Something of what it did stands: it is undone with its parent, if it has completed. */
  readonly wrote: boolean;
  readonly influencedBy?: Influence[];
  readonly shapedBy: string[];
}

/**
 * @param completed people may have approved what it came to; of any other end every model that was asked may be the cause
 */
export function endForParent(state: RunState, completed: boolean): EndForParent {
  const { inherited = [], agents } = state.influence;
  const known = new Set(inherited.map(({ plan }) => plan));
  const all = completed
    ? (completionMark(state).influencedBy ?? [])
    : agents.map(({ step, level, model, plan }) => ({ step, level, model, plan }));
  const influencedBy = all.filter(({ plan }) => !known.has(plan));
  return {
    wrote: completed ? nextWrite(state) !== undefined : standingWrites(state).length > 0,
    ...(influencedBy.length === 0 ? {} : { influencedBy }),
    shapedBy: shapersOf(state, undefined),
  };
}
