import type { RecordedEvent } from '@interlock/actors';
import { byReference, type RunEvent } from '@interlock/contracts';
import { describeRun, type Run, type RunState } from '@interlock/run';
import type { CaseProblem } from './case.problem.js';
import type { CaseValues } from './case.values.js';
import type { MadeCall } from './scripted.tools.js';
import type { AskedPeople } from './voters.js';

/** How a step ended. */
export interface EndedStep {
  readonly step: string;
  readonly how: 'completed' | 'failed' | 'fell_back' | 'skipped';
}

/** What came of a case. */
export interface Played {
  /** Absent: the run never began. */
  readonly run?: Run;
  readonly path: readonly EndedStep[];
  readonly calls: readonly MadeCall[];
  readonly asked: readonly AskedPeople[];
  /** On the clock of the case, ms. */
  readonly tookMs: number;
  /** Of the run, as its log holds them. */
  readonly events: readonly RecordedEvent<RunEvent>[];
  /** What kept the case from being played as it is written. */
  readonly problems: readonly CaseProblem[];
}

const ends = {
  'step.completed': 'completed',
  'step.failed': 'failed',
  'step.fell_back': 'fell_back',
  'step.skipped': 'skipped',
} as const;

/** The steps in the order in which they ended. @param pathOf names a step as the run of the case sees it */
export function pathIn<Event extends RunEvent>(
  events: readonly Event[],
  pathOf: (event: Event, step: string) => string = (_event, step) => step,
): EndedStep[] {
  return events.flatMap((event) => {
    const ended = endOf(event);
    return ended === undefined ? [] : [{ ...ended, step: pathOf(event, ended.step) }];
  });
}

function endOf(event: RunEvent): EndedStep | undefined {
  switch (event.type) {
    case 'step.completed':
    case 'step.failed':
    case 'step.fell_back':
    case 'step.skipped':
      return { step: event.data.step, how: ends[event.type] };
    default:
      return undefined;
  }
}

/** @param values has what its output is, where that is kept outside of the log; absent: the log has all of it */
export function runOf(state: RunState | undefined, values?: Pick<CaseValues, 'whole'>): Run | undefined {
  if (state === undefined) return undefined;
  const { outputRef, ...run } = describeRun(state);
  if (outputRef === undefined || values === undefined) return describeRun(state);
  return { ...run, output: values.whole(byReference(outputRef)) };
}

/** What a run did. */
export type Came = Omit<Played, 'problems' | 'events'>;
