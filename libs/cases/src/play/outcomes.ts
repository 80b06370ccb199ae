import {
  type Compensation,
  type Failure,
  type Message,
  parseDuration,
  ToolFailed,
  type ToolManifest,
  ToolOutcomeLate,
  ToolOutcomeUnknown,
  ToolRefused,
  ToolSucceeded,
} from '@interlock/contracts';
import type { Answer, AnsweredFailure } from '../case/answer.schema.js';
import type { OpenRequest } from './authorization.js';

/** Something the executor says, and how long after the call was made. */
export interface Said {
  readonly afterMs: number;
  readonly message: Message;
}

export const msOf = (duration: string | undefined): number =>
  duration === undefined ? 0 : (parseDuration(duration) ?? 0);

/**
 * What the executor says of an answer. A tool that takes longer than it may has timed out: a read has failed, and of a write nobody knows,
 * until what it did turns out.
 * @param written the manifest of the tool whose outcome it is: of the write that is verified, for a verification
 */
export function saidOf(
  request: OpenRequest,
  answer: Answer,
  written: ToolManifest | undefined,
  now: number,
): Said[] {
  const { requestId, call } = request;
  const takesMs = msOf(answer.takes);
  if ('refused' in answer) {
    const data = { requestId, code: answer.refused, message: 'as the case says', unsafe: false };
    return [{ afterMs: takesMs, message: ToolRefused(data) }];
  }
  const deadline = now + call.timeoutMs;
  if ('unknown' in answer) {
    const unknown = ToolOutcomeUnknown({ requestId, deadline, because: answer.unknown });
    const late =
      answer.late === undefined
        ? []
        : lateOf(request, answer.late, takesMs + msOf(answer.late.after), written);
    return [{ afterMs: takesMs, message: unknown }, ...late];
  }
  if (takesMs <= call.timeoutMs)
    return [{ afterMs: takesMs, message: endOf(requestId, answer, takesMs, written) }];
  const because = `no answer within ${call.timeoutMs} ms`;
  if (call.effect === 'write') {
    const unknown = ToolOutcomeUnknown({ requestId, deadline, because });
    return [{ afterMs: call.timeoutMs, message: unknown }, ...lateOf(request, answer, takesMs, written)];
  }
  const failure: Failure = { class: 'timeout', code: 'timeout', message: because };
  return [{ afterMs: call.timeoutMs, message: ToolFailed({ requestId, failure, tookMs: call.timeoutMs }) }];
}

type Ended =
  | { readonly output: unknown; readonly compensate?: Readonly<Record<string, unknown>> | undefined }
  | { readonly failure: AnsweredFailure };

function endOf(requestId: string, ended: Ended, tookMs: number, written: ToolManifest | undefined): Message {
  if ('failure' in ended) return ToolFailed({ requestId, failure: failureOf(ended.failure), tookMs });
  return ToolSucceeded({
    requestId,
    output: ended.output,
    tookMs,
    ...compensationOf(ended.compensate, written),
  });
}

function lateOf(
  { requestId, call }: OpenRequest,
  ended: Ended,
  afterMs: number,
  written: ToolManifest | undefined,
): Said[] {
  const outcome =
    'failure' in ended
      ? { ok: false as const, failure: failureOf(ended.failure) }
      : { ok: true as const, output: ended.output, ...compensationOf(ended.compensate, written) };
  return [{ afterMs, message: ToolOutcomeLate({ requestId, callHash: call.callHash, outcome }) }];
}

function compensationOf(
  arguments_: Readonly<Record<string, unknown>> | undefined,
  written: ToolManifest | undefined,
): { readonly compensation?: Compensation } {
  const tool = written?.compensate?.tool;
  return arguments_ === undefined || tool === undefined
    ? {}
    : { compensation: { tool, arguments: arguments_ } };
}

/** As it stands in an event. */
export const failureOf = ({ class: kind, code, message, retryAfter, data }: AnsweredFailure): Failure => ({
  class: kind,
  code: code ?? kind,
  message: message ?? 'as the case says',
  ...(retryAfter !== undefined && { retryAfterMs: msOf(retryAfter) }),
  ...(data !== undefined && { data }),
});
