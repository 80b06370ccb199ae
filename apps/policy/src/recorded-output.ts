import type { TopicMessage } from '@interlock/actors';
import { CallRecorded, LateOutcomeRecorded } from '@interlock/contracts';
import type { z } from 'zod';

/** An output as the run recorded it, whose check comes in the same decision of the run. */
export interface RecordedOutput {
  readonly requestId: string;
  readonly callHash: string;
  readonly output: unknown;
}

/** Undefined when the event records no output that the run would ask about. */
export function recordedOutput({ type, data }: TopicMessage): RecordedOutput | undefined {
  if (type === CallRecorded.type) {
    const { requestId, callHash, outcome } = data as z.output<typeof CallRecorded.schema>;
    return outcome.kind === 'succeeded' ? { requestId, callHash, output: outcome.output } : undefined;
  }
  if (type !== LateOutcomeRecorded.type) return undefined;
  const { requestId, callHash, outcome, effect } = data as z.output<typeof LateOutcomeRecorded.schema>;
  return outcome.ok && effect === 'answers' ? { requestId, callHash, output: outcome.output } : undefined;
}
