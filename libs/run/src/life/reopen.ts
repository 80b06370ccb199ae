import {
  type CloseRun,
  type MessageOf,
  type ResumeRun,
  RunClosed,
  RunLapsed,
  RunReopened,
} from '@interlock/contracts';
import type { DecisionDraft } from '../decision.draft.js';
import { refusedAsErased } from '../erasure/decide.js';
import type { StepIndex } from '../indices.js';
import type { RunState } from '../state.js';
import { findStep } from '../step/steps.js';
import { advance } from './advance.js';
import type { Refusal } from './commands.js';
import { outermost, stands, stepsAnew, writesOfStep } from './reopen.plan.js';
import { lapsesAt } from './resumable.js';

/** Nobody has taken it up in time. */
export function lapse(draft: DecisionDraft): undefined {
  const at = lapsesAt(draft.state, draft.settings);
  if (at !== undefined && draft.now >= at) draft.emit(RunLapsed({}));
}

/** A person has looked at a run that had to be looked at. */
export function close(
  draft: DecisionDraft,
  { commandId, by, reason }: MessageOf<typeof CloseRun>['data'],
): Refusal | undefined {
  const { end } = draft.state;
  if (end === null) return ['run.open', 'the run has not ended: there is nothing to close'];
  if (end.closed !== undefined) return ['run.closed', 'the run is closed already'];
  if (end.status !== 'escalated')
    return ['run.not_escalated', `the run is ${end.status}: nobody has to look at it`];
  draft.emit(RunClosed({ commandId, by, reason }));
  return undefined;
}

/**
 * Takes a run up again that ended failed or escalated: a new generation of the step, and of all that comes after it, in the same log. Its time
 * begins anew; what it has spent is spent.
 */
export function reopen(
  draft: DecisionDraft,
  from: string,
  { commandId, by, reason }: Pick<MessageOf<typeof ResumeRun>['data'], 'commandId' | 'by' | 'reason'>,
): Refusal | undefined {
  const { end, origin } = draft.state;
  if (end === null) return ['run.open', 'the run has not ended: resume it without a step'];
  const cannot = refusedAsErased(draft) ?? whyNot(draft);
  if (cannot !== undefined) return cannot;
  const step = findStep(draft.state, from);
  if (step === undefined) return whyNotFrom(draft, from);
  const inTheWay = whatIsInTheWay(draft, step);
  if (inTheWay !== undefined) return inTheWay;
  const { name, version } = origin.workflow;
  const { durationMs } = origin.budget ?? origin.compiled.budget;
  draft.emit(
    RunReopened({
      commandId,
      by,
      reason,
      from,
      anew: stepsAnew(draft.state, step).map((at) => draft.definition(at).id),
      ended: end.status === 'failed' ? 'failed' : 'escalated',
      workflow: { name, version },
      deadline: draft.now + durationMs,
    }),
  );
  advance(draft);
  return undefined;
}

/** As many names are said at most. */
const NAMED_MAX = 30;

/**
 * A body begins anew with the step whose body it is: what its other steps have given to this one, and what a child has done, is kept no
 * longer than the step is open.
 */
function whyNotFrom(draft: DecisionDraft, from: string): Refusal {
  const { state, workflow } = draft;
  const around = outermost(state, from);
  if (around !== undefined) {
    const name = draft.definition(around).id;
    return [
      'resume.nested',
      `step ${from} stands in the body of ${name}, or in its child: resume from ${name}`,
    ];
  }
  const names = workflow.all
    .map((step) => draft.definition(step))
    .flatMap(({ id, fallbackOnly }) => (fallbackOnly === true ? [] : [id]));
  const more = names.length > NAMED_MAX ? `, and ${names.length - NAMED_MAX} more` : '';
  return [
    'step.unknown',
    `this workflow has no step ${from}: resume from ${names.slice(0, NAMED_MAX).join(', ')}${more}`,
  ];
}

function whyNot({ state: { end } }: DecisionDraft): Refusal | undefined {
  if (end === null || end.resumable === true) {
    const late = end?.late[0];
    if (late === undefined) return undefined;
    return ['resume.late', `a write of step ${late.step} has happened after the end: see what it did`];
  }
  if (end.closed !== undefined) return ['run.closed', 'the run is closed'];
  const isOfKind = end.status === 'failed' || end.status === 'escalated';
  return isOfKind
    ? ['resume.forgotten', 'what it takes to go on is forgotten, or the run above it goes on without it']
    : ['run.ended', `the run had ended: it is ${end.status}`];
}

function whatIsInTheWay(draft: DecisionDraft, from: StepIndex): Refusal | undefined {
  const { state, workflow } = draft;
  const { id, fallbackOnly } = draft.definition(from);
  if (fallbackOnly === true)
    return ['resume.fallback', `step ${id} stands in for another one: resume from that`];
  const anew = stepsAnew(state, from);
  const pivot = state.pivot === null ? undefined : outermost(state, state.pivot);
  if (pivot !== undefined && anew.includes(pivot))
    return ['resume.pivot', `step ${state.pivot} has completed, and there is no way back behind it`];
  const written = anew.find((step) => writesOfStep(state, step).some(stands));
  if (written !== undefined) {
    const name = draft.definition(written).id;
    return [
      'resume.happened',
      `a write of step ${name} stands, and would be made again: resume from a later step`,
    ];
  }
  const gone = workflow.all.find((step) => !anew.includes(step) && isUndone(state, step));
  if (gone === undefined) return undefined;
  const name = draft.definition(gone).id;
  return ['resume.undone', `what step ${name} did was undone: resume from it, or from one before it`];
}

/** Something that it wrote last was undone. */
const isUndone = (state: RunState, step: StepIndex): boolean => {
  const last = writesOfStep(state, step).at(-1);
  return last !== undefined && !stands(last);
};
