import { isDeepStrictEqual } from 'node:util';
import type {
  CallRecorded,
  Compensation,
  Failure,
  LateOutcomeRecorded,
  MessageOf,
} from '@interlock/contracts';
import { type Answer, answer } from '../case/answer.schema.js';
import { afterOf, durationOf } from './durations.js';
import type { RecordedRun } from './recorded.run.js';

type Recorded = MessageOf<typeof CallRecorded>['data'];
type Late = MessageOf<typeof LateOutcomeRecorded>['data'];

/** Working times below this say nothing about the run. */
const TAKES_FROM_MS = 1_000;

/** What tools answered in a recorded run, in order. @param note takes what a case cannot say */
export function answersIn(run: RecordedRun, note: (what: string) => void): Answer[] {
  const late = new Map<string, { readonly data: Late; readonly at: number }>();
  for (const { type, data, time } of run.events)
    if (type === 'call.late_recorded') late.set(data.requestId, { data, at: time });
  const answers = run.events.flatMap((event): Answer[] => {
    if (event.type !== 'call.recorded') return [];
    const request = run.requests.get(event.data.requestId);
    const said = request && saidIn(event.data, event.time, late.get(event.data.requestId), note);
    if (request === undefined || said === undefined) return [];
    return [answer.parse({ ...run.whichOf(request), ...said, times: 1 })];
  });
  return openEnded(folded(answers));
}

function saidIn(
  { outcome, step, tookMs = 0 }: Recorded,
  at: number,
  late: { readonly data: Late; readonly at: number } | undefined,
  note: (what: string) => void,
) {
  const takes = tookMs < TAKES_FROM_MS ? {} : { takes: durationOf(tookMs) };
  switch (outcome.kind) {
    case 'succeeded':
      return { ...happened(outcome), ...takes };
    case 'failed':
      return { failure: failureIn(outcome.failure), ...takes };
    case 'unknown':
      return { unknown: outcome.because, ...(late && { late: lateIn(late.data, late.at - at) }) };
    case 'refused': {
      if (outcome.code === 'revoked') return undefined;
      if (outcome.code !== 'killed') return { refused: outcome.code };
      note(`${step} waited for a stop to be lifted, which a case does not know`);
      return undefined;
    }
  }
}

const happened = ({
  output,
  compensation,
}: {
  readonly output?: unknown;
  readonly compensation?: Compensation | undefined;
}) => ({
  output,
  ...(compensation && { compensate: compensation.arguments }),
});

const lateIn = ({ outcome }: Late, afterMs: number) => ({
  after: '1ms',
  ...afterOf(afterMs),
  ...(outcome.ok ? happened(outcome) : { failure: failureIn(outcome.failure) }),
});

export const failureIn = ({ class: kind, code, message, retryAfterMs, data }: Failure) => ({
  class: kind,
  code,
  message,
  ...(retryAfterMs !== undefined && retryAfterMs > 0 && { retryAfter: durationOf(retryAfterMs) }),
  ...(data !== undefined && { data }),
});

/** Neighbours that say the same become one that is given more often. */
function folded(answers: readonly Answer[]): Answer[] {
  const list: Answer[] = [];
  for (const next of answers) {
    const last = list.at(-1);
    const isSame = last !== undefined && isDeepStrictEqual({ ...last, times: 1 }, next);
    if (isSame) list[list.length - 1] = { ...last, times: (last.times ?? 1) + 1 };
    else list.push(next);
  }
  return list;
}

/** What is given once needs no number: a script that is used up would say so. */
const openEnded = (answers: readonly Answer[]): Answer[] =>
  answers.map((one, index) => {
    const isLast = !answers.slice(index + 1).some(({ tool, step }) => tool === one.tool && step === one.step);
    const { times, ...rest } = one;
    return isLast && times === 1 ? rest : one;
  });
