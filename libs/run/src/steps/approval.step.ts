import { StepCompleted } from '@interlock/contracts';
import { completeStep } from '../decide/complete.js';
import type { Emitter } from '../emitter.js';
import { approvalAt } from '../evolve/approvals.js';

/** Completes an approval step with what people granted. */
export function completeQuestion(emitter: Emitter, place: number, ordinal: number): undefined {
  const step = emitter.definition(place).id;
  const { votes } = approvalAt(emitter.state, ordinal);
  const output = {
    approved: true,
    by: votes.map(({ by }) => by.sub),
    reasons: votes.map(({ reason }) => reason),
  };
  emitter.emit(StepCompleted({ step, output, via: 'approval' }));
  completeStep(emitter, place);
}
