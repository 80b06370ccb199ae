import {
  type MessageOf,
  type PauseRun,
  type ResumeRun,
  RunPaused,
  RunResumed,
  RunUnparked,
} from '@interlock/contracts';
import type { DecisionDraft } from '../decision.draft.js';
import type { Refusal } from './commands.js';

const ending: Refusal = ['run.ending', 'the run is ending already'];

/**
 * From here on no step and no attempt starts. What is open is answered and recorded, a call in doubt is cleared up, and
 * the clocks go on.
 */
export function pause(
  draft: DecisionDraft,
  { commandId, by, reason }: MessageOf<typeof PauseRun>['data'],
): Refusal | undefined {
  if (draft.isEnding) return ending;
  if (draft.state.paused !== null) return ['run.paused', 'the run is paused already'];
  draft.emit(RunPaused({ commandId, by, reason }));
  return undefined;
}

/** What waited for it is due at once. A run that a broken decision had parked goes on also when it is ending. */
export function resume(
  draft: DecisionDraft,
  { commandId, by, reason }: MessageOf<typeof ResumeRun>['data'],
): Refusal | undefined {
  const wasParked = draft.events.some(({ type }) => type === RunUnparked.type);
  if (!wasParked && draft.isEnding) return ending;
  if (!wasParked && draft.state.paused === null) return ['run.not_paused', 'the run is not paused'];
  draft.emit(RunResumed({ commandId, by, reason }));
  return undefined;
}
