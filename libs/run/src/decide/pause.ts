import { type MessageOf, type PauseRun, type ResumeRun, RunPaused, RunResumed } from '@interlock/contracts';
import type { Emitter } from '../emitter.js';
import type { Refusal } from './commands.js';

const ending: Refusal = ['run.ending', 'the run is ending already'];

/**
 * From here on no step and no attempt starts. What is open is answered and recorded, a call in doubt is cleared up, and
 * the clocks go on.
 */
export function pause(
  emitter: Emitter,
  { commandId, by, reason }: MessageOf<typeof PauseRun>['data'],
): Refusal | undefined {
  if (emitter.isEnding) return ending;
  if (emitter.state.paused !== null) return ['run.paused', 'the run is paused already'];
  emitter.emit(RunPaused({ commandId, by, reason }));
  return undefined;
}

/** What waited for it is due at once. */
export function resume(
  emitter: Emitter,
  { commandId, by, reason }: MessageOf<typeof ResumeRun>['data'],
): Refusal | undefined {
  if (emitter.isEnding) return ending;
  if (emitter.state.paused === null) return ['run.not_paused', 'the run is not paused'];
  emitter.emit(RunResumed({ commandId, by, reason }));
  return undefined;
}
