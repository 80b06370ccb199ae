import {
  type MessageOf,
  type PauseRun,
  type ResumeRun,
  RunPaused,
  RunResumed,
  RunUnparked,
} from '@interlock/contracts';
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

/** What waited for it is due at once. A run that a broken decision had parked goes on also when it is ending. */
export function resume(
  emitter: Emitter,
  { commandId, by, reason }: MessageOf<typeof ResumeRun>['data'],
): Refusal | undefined {
  const wasParked = emitter.events.some(({ type }) => type === RunUnparked.type);
  if (!wasParked && emitter.isEnding) return ending;
  if (!wasParked && emitter.state.paused === null) return ['run.not_paused', 'the run is not paused'];
  emitter.emit(RunResumed({ commandId, by, reason }));
  return undefined;
}
