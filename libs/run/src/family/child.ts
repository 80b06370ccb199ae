import { hashOf, RunCancelling, RunUndoing, storedIn } from '@interlock/contracts';
import type { CompiledWorkflow } from '@interlock/language';
import { misfitOf } from '@interlock/schema';
import type { DecisionDraft } from '../decision.draft.js';
import { eraseWithRoot } from '../erasure/decide.js';
import { influenceAgain } from '../influence.js';
import { advance } from '../life/advance.js';
import { begin, isTooLarge, refuse } from '../life/start.js';
import { misfitText } from '../misfit.js';
import { passedPivot } from '../rollback/decide.js';
import type { RunDecision } from '../run.messages.js';
import type { Letter, StartLetter, ToChild } from './letter.js';
import { reportOf, undoneOf } from './report.js';
import { hasWaitingParent } from './state.js';
import { tellParent } from './tell.js';

/** A run that does not exist yet hears of its parent. Nothing but a start is for it. */
export function startChild(draft: DecisionDraft, letter: Letter): RunDecision {
  if (letter.kind !== 'start') return { events: [] };
  const { compiled } = draft.settings.workflow(letter.workflow.hash) ?? {};
  begun(draft, letter, compiled as CompiledWorkflow | undefined);
  return { events: draft.events };
}

/** One that cannot run is recorded as failed, with a workflow without steps: its parent hears of an end in any case. */
function begun(draft: DecisionDraft, letter: StartLetter, compiled: CompiledWorkflow | undefined): undefined {
  const { workflow, input } = letter;
  const start = startedBy(draft, letter);
  const { name, hash } = workflow;
  if (compiled === undefined)
    return refuse(draft, start, 'workflow.unknown', `no workflow ${name} with hash ${hash} is published`);
  const tooLarge = isTooLarge(compiled, input);
  if (tooLarge !== undefined) return refuse(draft, start, 'run.too_large', tooLarge);
  // One that is kept outside of the log has been compared by the run above, which had the whole of it.
  const misfit = storedIn(input) === undefined ? misfitOf(compiled.inputSchema, input) : undefined;
  if (misfit !== undefined)
    return refuse(draft, start, 'schema.mismatch', `the input ${misfitText(misfit)}`.slice(0, 4_000));
  begin(draft, start, compiled);
  advance(draft);
}

/** A start as somebody could have given it, who is the same as of the run above. */
export function startedBy(
  draft: Pick<DecisionDraft, 'key'>,
  { parent, rootRunId, by, salt, workflow, input, budget, deadline, inherited, shapedBy }: StartLetter,
) {
  return {
    commandId: `${draft.key}/start`,
    requestHash: hashOf({ workflow, input }),
    rootRunId,
    by,
    salt,
    workflow,
    input,
    parent,
    shapedBy: [...shapedBy],
    ...(budget === undefined ? {} : { budget }),
    ...(deadline === undefined ? {} : { deadline }),
    ...(inherited === undefined ? {} : { inherited: [...inherited] }),
  };
}

/** A run hears from its parent. What it has heard before changes nothing (N2). */
export function onLetterOfParent(draft: DecisionDraft, letter: ToChild): undefined {
  const { end } = draft.state;
  switch (letter.kind) {
    case 'start':
    case 'report':
      if (end !== null && hasWaitingParent(draft.state))
        draft.tell(tellParent(draft.state, reportOf(draft.state)));
      else draft.tell(tellParent(draft.state, { kind: 'started', child: draft.key }));
      return;
    case 'cancel':
      return cancel(draft, letter);
    case 'undo':
      return undo(draft, letter);
    case 'erase':
      return eraseWithRoot(draft, letter);
  }
}

function cancel(
  draft: DecisionDraft,
  { by, parent, reason, rollback }: Extract<ToChild, { kind: 'cancel' }>,
): undefined {
  if (draft.state.end !== null || draft.isEnding) return;
  const isUndone = rollback && passedPivot(draft) === undefined;
  const commandId = `${draft.key}/cancelled by ${parent}`;
  draft.emit(RunCancelling({ commandId, by, reason, rollback: isUndone }));
}

/** It has completed: what it did is undone from here on, as if it were cancelled now. */
function undo(draft: DecisionDraft, { by, reason }: Extract<ToChild, { kind: 'undo' }>): undefined {
  const { end, undoing } = draft.state;
  if (end === null) return;
  if (end.status === 'completed' && undoing !== true) {
    const influence = influenceAgain(draft.state);
    draft.emit(RunUndoing({ by, reason, ...(influence === undefined ? {} : { influence }) }));
    // One that never completed has undone what it could: what stands of it stays.
  } else draft.tell(tellParent(draft.state, undoneOf(draft.state)));
}
