import {
  type CallOutcome,
  callHashOf,
  hashedCallOf,
  hashOf,
  judgedRequestOf,
  planHashOf,
  type RunEvent,
  type ToolEvent,
  terminalEventTypes,
} from '@interlock/contracts';
import type { Logged, Reading } from './reading.js';
import type { Invariant, Violation } from './view.js';

/**
 * I11: what a run says about verdicts and outcomes is what their own topics say, each answers an open request, and each
 * request is answered once.
 */
export const ownTopicsOnly: Invariant = (reading) => [
  ...verdictsAnswerChecks(reading),
  ...answersNameRequests(reading),
  ...[...reading.runs].flatMap(([run, events]) => runsRepeat(reading, run, events)),
  ...(reading.view.ended ? unanswered(reading) : []),
];

interface Check {
  readonly offset: number;
  readonly requestId: string;
  /** Of a before-check. */
  readonly callHash?: string;
}

function checksOf({ runs }: Reading): ReadonlyMap<string, Check> {
  const checks = new Map<string, Check>();
  for (const [runId, events] of runs) {
    for (const { type, data, meta, offset } of events) {
      const { id } = meta;
      if (type === 'call.requested') {
        checks.set(id, {
          offset,
          requestId: id,
          callHash: callHashOf(hashedCallOf(runId, data)),
        });
      }
      if ((type === 'call.recorded' || type === 'call.late_recorded') && data.check !== undefined)
        checks.set(id, { offset, requestId: data.requestId });
      if (type === 'plan.requested') checks.set(id, { offset, requestId: id, callHash: planHashOf(data) });
      if (type === 'plan.recorded' && data.asks) checks.set(id, { offset, requestId: data.planId });
    }
  }
  return checks;
}

function verdictsAnswerChecks(reading: Reading): Violation[] {
  const checks = checksOf(reading);
  const violations: Violation[] = [];
  const lastAsked = lastAskedOf(reading, checks);
  for (const [checkId, said] of reading.verdictsByCheck) {
    const [first] = said;
    if (first === undefined) continue;
    const { data, meta } = first;
    const check = checks.get(checkId);
    const problem =
      check === undefined
        ? 'was never asked'
        : said.length > 1
          ? `was answered ${said.length} times`
          : judgedRequestOf(data) !== check.requestId || data.callHash !== check.callHash
            ? 'was answered for another call'
            : meta.ref !== lastAsked.get(recordOf(first))
              ? `was answered with reference ${meta.ref}, not ${lastAsked.get(recordOf(first))}`
              : undefined;
    if (problem !== undefined)
      violations.push({ invariant: 'I11', run: meta.run, message: `check ${checkId} ${problem}` });
  }
  return violations;
}

const recordOf = ({ partition, offset }: Logged<unknown>): string => `${partition}/${offset}`;

/** What a record must be read behind, by record: the last of the checks that it answers, since several are answered in one. */
function lastAskedOf(reading: Reading, checks: ReadonlyMap<string, Check>): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  for (const [checkId, said] of reading.verdictsByCheck) {
    const { offset = -1 } = checks.get(checkId) ?? {};
    for (const one of said) last.set(recordOf(one), Math.max(offset, last.get(recordOf(one)) ?? -1));
  }
  return last;
}

function answersNameRequests({ tools, callRequests }: Reading): Violation[] {
  return tools.flatMap(({ type, data, meta }) => {
    const callRequest = callRequests.get(data.requestId);
    const fits =
      callRequest !== undefined &&
      callRequest.meta.run === meta.run &&
      (!('callHash' in data) || callRequest.data.callHash === data.callHash);
    return fits
      ? []
      : [
          {
            invariant: 'I11',
            run: meta.run,
            message: `${type} for ${data.requestId} answers no call request like it`,
          },
        ];
  });
}

function runsRepeat(reading: Reading, run: string, events: readonly Logged<RunEvent>[]): Violation[] {
  const violations: Violation[] = [];
  const closed = new Set<string>();
  const say = (message: string) => violations.push({ invariant: 'I11', run, message });
  for (const event of events) {
    if (event.type === 'verdict.recorded') {
      const { checkId } = event.data;
      if (closed.has(checkId)) say(`the verdict on ${checkId} is recorded twice`);
      closed.add(checkId);
      if (!isSaid(reading, event)) say(`policy has not said what is recorded of ${checkId}`);
    }
    if (event.type === 'call.recorded') {
      const { requestId, outcome } = event.data;
      if (closed.has(`outcome ${requestId}`)) say(`the outcome of ${requestId} is recorded twice`);
      closed.add(`outcome ${requestId}`);
      if (!(reading.toolsByRequest.get(requestId) ?? []).some((answer) => says(answer, outcome)))
        say(`the executor has not answered ${outcome.kind} to ${requestId}`);
    }
  }
  return violations;
}

type VerdictRecord = Extract<Logged<RunEvent>, { type: 'verdict.recorded' }>;

const isSaid = ({ verdictsByCheck }: Reading, { data }: VerdictRecord): boolean =>
  (verdictsByCheck.get(data.checkId) ?? []).some(
    ({ data: said }) =>
      said.requestId === data.requestId &&
      said.verdict === data.verdict &&
      said.point === data.point &&
      hashOf(said.approval ?? null) === hashOf(data.approval ?? null),
  );

/** Whether the executor's event says what the run has recorded. */
function says(event: Logged<ToolEvent>, outcome: CallOutcome): boolean {
  switch (event.type) {
    case 'tool.succeeded':
      return (
        outcome.kind === 'succeeded' &&
        same(event.data.output, outcome.output) &&
        same(event.data.compensation, outcome.compensation)
      );
    case 'tool.failed':
      return outcome.kind === 'failed' && same(event.data.failure, outcome.failure);
    case 'tool.outcome_unknown':
      return outcome.kind === 'unknown';
    case 'tool.refused':
      return outcome.kind === 'refused' && event.data.code === outcome.code;
    case 'tool.outcome_late':
      return outcome.kind === (event.data.outcome.ok ? 'succeeded' : 'failed');
    case 'tool.attempt_started':
    case 'tool.place_awaited':
      return false;
  }
}

const same = (a: unknown, b: unknown): boolean => hashOf(a ?? null) === hashOf(b ?? null);

const asksPolicy: ReadonlySet<string> = new Set([
  'call.requested',
  'call.recorded',
  'call.late_recorded',
  'plan.requested',
  'plan.recorded',
]);

/** Every check of a run gets its verdict, unless its request was revoked or its run ended before. */
function unanswered(reading: Reading): Violation[] {
  const answered = new Set(reading.verdicts.map(({ data }) => data.checkId));
  const gone = new Set<string>();
  for (const events of reading.runs.values()) {
    const ended = events.findLastIndex(({ type }) => terminalEventTypes.has(type));
    for (const [place, event] of events.entries()) {
      if (event.type === 'call.revoked') gone.add(event.data.requestId);
      if (place < ended && asksPolicy.has(event.type)) gone.add(event.meta.id);
    }
  }
  return [...checksOf(reading).keys()]
    .filter((id) => !answered.has(id) && !gone.has(id))
    .map((id) => ({ invariant: 'I11', message: `check ${id} was never answered` }));
}
