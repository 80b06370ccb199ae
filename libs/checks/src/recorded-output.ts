import type { CallRecorded, LateOutcomeRecorded, MessageOf } from '@interlock/contracts';

/** What a run asks about an output: what it has recorded, with the check that stands beside it. */
export interface RecordedOutput {
  readonly requestId: string;
  readonly step: string;
  readonly check: NonNullable<MessageOf<typeof CallRecorded>['data']['check']>;
  /** `undefined`: nothing was recorded that could travel on. `unread`: it is kept outside of the log, and cannot be had; the code says why. */
  readonly output: { readonly value: unknown } | { readonly unread: string } | undefined;
}

/** Undefined where the event asks for no check. */
export function recordedOutput(
  event: MessageOf<typeof CallRecorded | typeof LateOutcomeRecorded>,
): RecordedOutput | undefined {
  const { requestId, step, check } = event.data;
  return check && { requestId, step, check, output: outputIn(event) };
}

function outputIn(event: MessageOf<typeof CallRecorded | typeof LateOutcomeRecorded>) {
  if (event.type === 'call.recorded') {
    const { outcome } = event.data;
    return outcome.kind === 'succeeded' ? { value: outcome.output } : undefined;
  }
  const { outcome, effect } = event.data;
  return outcome.ok && effect === 'answers' ? { value: outcome.output } : undefined;
}
