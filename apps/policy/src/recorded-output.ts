import type { Received } from './check.messages.js';

/** An output as the run recorded it, whose check comes in the same decision of the run. */
export interface RecordedOutput {
  readonly requestId: string;
  readonly callHash: string;
  readonly output: unknown;
}

/** Undefined when the event records no output that the run would ask about. */
export function recordedOutput(message: Received): RecordedOutput | undefined {
  if (message.type === 'call.recorded') {
    const { requestId, callHash, outcome } = message.data;
    return outcome.kind === 'succeeded' ? { requestId, callHash, output: outcome.output } : undefined;
  }
  if (message.type !== 'call.late_recorded') return undefined;
  const { requestId, callHash, outcome, effect } = message.data;
  return outcome.ok && effect === 'answers' ? { requestId, callHash, output: outcome.output } : undefined;
}
