import type { RecordedEvent } from '@interlock/actors';
import type { MessageOf, ToolAttemptStarted, ToolEvent } from '@interlock/contracts';

/** A write that was started and whose final answer is not in the log. */
export interface Attempt {
  readonly callHash: string;
  readonly tool: string;
  /** UTC ms */
  readonly deadline: number;
  readonly keyed: boolean;
  /** When it was closed as unknown, UTC ms; its outcome may still come. Absent: open. */
  readonly unknownSince?: number;
}

/** The attempts of one run by their requestId. A run without any has no state. */
export interface CallState {
  readonly attempts: Readonly<Record<string, Attempt>>;
  /** Requests whose run has been told that their target is away, or that nobody here has their tool. Absent: none. */
  readonly held?: readonly string[];
}

/** As long as `tool.handover` is kept: nothing can come later. */
const LATE_MAX_MS = 7 * 86_400_000;

export function evolve(state: CallState | undefined, event: RecordedEvent<ToolEvent>): CallState | undefined {
  const attempts = { ...state?.attempts };
  const { requestId } = event.data;
  const attempt = attempts[requestId];
  switch (event.type) {
    case 'tool.attempt_started':
      attempts[requestId] = started(event.data);
      break;
    case 'tool.outcome_unknown':
      if (attempt !== undefined) attempts[requestId] = { ...attempt, unknownSince: event.time };
      break;
    case 'tool.succeeded':
    case 'tool.failed':
    case 'tool.refused':
    case 'tool.outcome_late':
      delete attempts[requestId];
      break;
  }
  return remaining(attempts, heldAfter(state?.held ?? [], event), event.time);
}

/** A call that waits for nothing any more, or has its answer, is held no longer. */
function heldAfter(held: readonly string[], { type, data }: RecordedEvent<ToolEvent>): readonly string[] {
  const { requestId } = data;
  if (type === 'tool.attempt_started') return held;
  const others = held.filter((id) => id !== requestId);
  const isHeld = type === 'tool.place_awaited' && data.kind !== 'place' && data.for !== undefined;
  return isHeld ? [...others, requestId] : others;
}

function started(data: MessageOf<typeof ToolAttemptStarted>['data']): Attempt {
  const { callHash, tool, deadline, keyed } = data;
  return { callHash, tool, deadline, keyed };
}

function remaining(
  attempts: Record<string, Attempt>,
  held: readonly string[],
  now: number,
): CallState | undefined {
  const kept = Object.entries(attempts).filter(
    ([, { unknownSince }]) => unknownSince === undefined || now - unknownSince < LATE_MAX_MS,
  );
  if (kept.length === 0 && held.length === 0) return undefined;
  return { attempts: Object.fromEntries(kept), ...(held.length > 0 && { held }) };
}
