import {
  ChildCancelRequested,
  ChildEnded,
  ChildStarted,
  ChildUndone,
  type Failure,
  StepCompleted,
} from '@interlock/contracts';
import { timedOut } from '../call/deadline.js';
import { checkpoint } from '../call/performed.js';
import type { DecisionDraft } from '../decision.draft.js';
import { onKinErasing } from '../erasure/decide.js';
import type { StepIndex } from '../indices.js';
import { outputTooLarge } from '../output.size.js';
import { passedPivot } from '../rollback/decide.js';
import { rollbackOf, stepOfChild } from '../rollback/writes.js';
import { completeStep } from '../step/complete.js';
import { failStep } from '../step/fail.js';
import { stepNamed } from '../step/steps.js';
import type { EndLetter, ToParent, UndoneLetter } from './letter.js';
import { childrenToCancel, failureOfEnd, type OpenChild, openChild } from './state.js';
import { askedOf } from './tell.js';

/** What a child says. What the run knows already says nothing new. */
export function onLetterOfChild(draft: DecisionDraft, letter: ToParent): undefined {
  if (letter.kind === 'erasing') return onKinErasing(draft);
  const child = openChild(draft.state, letter.child);
  if (letter.kind === 'undone') return onUndone(draft, letter);
  if (child === undefined) return;
  switch (letter.kind) {
    case 'started':
      return child.at.phase === 'requested' ? onStarted(draft, child) : undefined;
    case 'ended':
      return onEnded(draft, child, letter);
    case 'asks':
      return draft.tell(askedOf(draft.state, child));
  }
}

function onStarted(draft: DecisionDraft, { step, runId, budget }: OpenChild): undefined {
  const at = stepNamed(draft.state, step);
  draft.emit(ChildStarted({ step, runId }));
  if (budget !== undefined) return;
  draft.emit(StepCompleted({ step, output: { runId }, via: 'child' }));
  completeStep(draft, at);
}

function onEnded(draft: DecisionDraft, child: OpenChild, letter: EndLetter): undefined {
  const { kind: _, child: runId, ...ended } = letter;
  const { step } = child;
  const at = stepNamed(draft.state, step);
  const tooLarge = ended.status === 'completed' ? outputTooLarge(ended.output) : undefined;
  const { output, ...rest } = ended;
  draft.emit(ChildEnded({ step, runId, ...(tooLarge === undefined ? ended : rest) }));
  if (ended.wrote) checkpoint(draft);
  if (draft.isEndingAt(at)) return;
  if (ended.status === 'completed' && tooLarge === undefined) {
    draft.emit(StepCompleted({ step, via: 'child' }));
    return completeStep(draft, at);
  }
  failStep(draft, at, tooLarge ?? failureFor(draft, at, child, ended));
}

function failureFor(
  draft: DecisionDraft,
  step: StepIndex,
  { runId, cancel }: OpenChild,
  { status, failure }: Pick<EndLetter, 'status' | 'failure'>,
): Failure {
  if (cancel?.because === 'timeout') return timedOut(draft, step);
  return failureOfEnd(failure, runId, `it is ${status}`);
}

function onUndone(draft: DecisionDraft, { child, failure }: UndoneLetter): undefined {
  if (draft.state.rollback === null || rollbackOf(draft.state).child !== child) return;
  const step = stepOfChild(draft.state, child);
  draft.emit(ChildUndone({ step, runId: child, ...(failure === undefined ? {} : { failure }) }));
  checkpoint(draft);
}

/** Children end with the run, or with the turn of their step: what they did is undone where the run undoes what it did. */
export function cancelChildren(draft: DecisionDraft): undefined {
  const { cancelling, failed } = draft.state;
  const isUndone = (cancelling?.rollback ?? true) && passedPivot(draft) === undefined;
  const because = cancelling?.reason ?? failed?.failure.message ?? 'it ends';
  const reason = `run ${draft.key} above it ends: ${because}`.slice(0, 2_000);
  for (const { step, runId } of childrenToCancel(draft.state)) {
    if (draft.isFull) return;
    draft.emit(ChildCancelRequested({ step, runId, because: 'ending', reason, rollback: isUndone }));
  }
}
