import { isTerminal } from '@interlock/contracts/http';
import { describeRun, foldRun } from '@interlock/run';
import { type Expectation, expectation } from '../case/expect.schema.js';
import { pathIn } from '../play/played.js';
import type { MadeCall } from '../play/scripted.tools.js';
import type { RecordedRun } from './recorded.run.js';

/** What came of a recorded run, as a case expects it. */
export function expectationIn(runId: string, recorded: RecordedRun): Expectation {
  const state = foldRun(runId, recorded.events);
  if (state === undefined) throw new TypeError('the events are not those of a run');
  const { status, success, output, failure, waitingFor = [] } = describeRun(state);
  const ended = pathIn(recorded.events).map(({ step, how }) =>
    how === 'completed' ? step : { [step]: how },
  );
  return expectation.parse({
    status,
    success,
    output,
    ...(failure && { failure: { class: failure.class, code: failure.code, step: failure.step } }),
    path: ended,
    calls: callsIn(recorded),
    ...(!isTerminal(status) &&
      waitingFor.length > 0 && { waitingFor: waitingFor.map(({ kind, step }) => ({ kind, step })) }),
  });
}

/** The calls that were made, in the order of their first requests. */
function callsIn({ events, requests }: RecordedRun): MadeCall[] {
  const attempts = new Map<string, number>();
  for (const { type, data } of events) {
    if (type !== 'call.recorded' || data.outcome.kind === 'refused') continue;
    const { callHash } = requests.get(data.requestId) ?? {};
    if (callHash !== undefined) attempts.set(callHash, (attempts.get(callHash) ?? 0) + 1);
  }
  const calls = new Map([...requests.values()].map((call) => [call.callHash, call]));
  return [...calls.values()].flatMap(({ tool, step, purpose, arguments: given, callHash }) => {
    const count = attempts.get(callHash);
    return count === undefined ? [] : [{ tool, step, purpose, arguments: given, attempts: count }];
  });
}
