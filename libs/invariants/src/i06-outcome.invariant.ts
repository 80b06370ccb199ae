import { type CallOutcome, type RunEvent, type ToolEvent, terminalEventTypes } from '@interlock/contracts';
import { isConfirmed } from './confirmed.js';
import { isSetAside } from './quarantined.js';
import { hashesByRequest, type Logged, type Reading } from './reading.js';
import type { Invariant, Violation } from './view.js';

/**
 * I6: every intent ends done, failed, undone or in doubt and cleared up: answered once, recorded by its run, and never contradicted by
 * what the target did. A run that ends failed, cancelled or rolled back leaves no write standing; an escalated one names all that stand.
 */
export const everyIntentEnds: Invariant = (reading) => [
  ...answeredOnce(reading),
  ...recordedByRun(reading),
  ...[...reading.runs].flatMap(([run, events]) => agreesWithTarget(reading, run, events)),
];

const finals: ReadonlySet<string> = new Set([
  'tool.succeeded',
  'tool.failed',
  'tool.refused',
  'tool.outcome_unknown',
]);

function answeredOnce({ toolsByRequest, view }: Reading): Violation[] {
  const violations: Violation[] = [];
  for (const [requestId, events] of toolsByRequest) {
    const run = events[0]?.meta.run;
    const answers = events.filter(({ type }) => finals.has(type)).map(({ type }) => type);
    const late = events.findIndex(({ type }) => type === 'tool.outcome_late');
    const unknown = events.findIndex(({ type }) => type === 'tool.outcome_unknown');
    const started = events.some(({ type }) => type === 'tool.attempt_started');
    if (answers.length > 1) {
      violations.push({ invariant: 'I6', run, message: `${requestId} was answered ${answers.join(', ')}` });
    }
    if (late >= 0 && (unknown < 0 || unknown > late)) {
      violations.push({
        invariant: 'I6',
        run,
        message: `${requestId} has a late outcome without an unknown one`,
      });
    }
    if (view.ended && started && answers.length === 0) {
      violations.push({ invariant: 'I6', run, message: `the attempt of ${requestId} never ended` });
    }
  }
  return violations;
}

/** Everything the executor answered to a request that its run still waited for is in the run; late successes are, or are set aside. */
function recordedByRun(reading: Reading): Violation[] {
  const { tools, runs, view } = reading;
  if (!view.ended) return [];
  return tools
    .filter((event) => isLost(reading, event, runs.get(event.meta.run) ?? []))
    .map(({ type, data, meta }) => ({
      invariant: 'I6',
      run: meta.run,
      message: `${type} of ${data.requestId} was never recorded`,
    }));
}

function isLost(reading: Reading, answer: Logged<ToolEvent>, events: readonly Logged<RunEvent>[]): boolean {
  const { type, data } = answer;
  const { requestId } = data;
  const recorded = events.filter(
    (event) => event.type === 'call.recorded' && event.data.requestId === requestId,
  );
  if (type === 'tool.outcome_late') {
    const isKnown = !data.outcome.ok || isKnownLate(requestId, events);
    return !isKnown && !isSetAside(reading.view, 'orchestrator', answer);
  }
  if (!finals.has(type) || recorded.length > 0) return false;
  // A verdict had ended the request for everyone before its answer came.
  return !events.some((event) => event.type === 'verdict.recorded' && endsRequest(reading, event, requestId));
}

/** It was recorded, answered a request that was open, or told of a call that was already known to have happened after the end. */
function isKnownLate(requestId: string, events: readonly Logged<RunEvent>[]): boolean {
  const callRequest = events.find((event) => event.type === 'call.requested' && event.meta.id === requestId);
  const callHash = callRequest?.type === 'call.requested' ? callRequest.data.callHash : undefined;
  return events.some(
    (event) =>
      (event.type === 'call.late_recorded' &&
        (event.data.requestId === requestId ||
          (event.data.effect === 'escalates' && event.data.callHash === callHash))) ||
      (event.type === 'call.recorded' &&
        event.data.requestId === requestId &&
        event.data.outcome.kind === 'succeeded'),
  );
}

function endsRequest(
  reading: Reading,
  { data }: Extract<Logged<RunEvent>, { type: 'verdict.recorded' }>,
  requestId: string,
): boolean {
  const callRequest = reading.callRequests.get(requestId);
  const needs = [...(callRequest?.data.needs ?? []), requestId];
  if (callRequest === undefined || !needs.includes(data.checkId)) return false;
  const { verdict, approval } = data;
  return verdict === 'deny' || (approval !== undefined && !isConfirmed(reading, callRequest, approval));
}

function agreesWithTarget({ view }: Reading, run: string, events: readonly Logged<RunEvent>[]): Violation[] {
  const end = events.find(({ type }) => terminalEventTypes.has(type));
  if (end === undefined || view.requests === undefined) return [];
  const took = new Set(view.requests.filter(({ tookEffect }) => tookEffect).map(({ key }) => key));
  const known = knownEffects(events);
  const violations: Violation[] = [];
  const say = (message: string) => violations.push({ invariant: 'I6', run, message });
  for (const event of events) {
    if (event.type !== 'call.requested' || event.data.effect !== 'write') continue;
    const { callHash, step } = event.data;
    if (took.has(callHash) && !known.named.has(callHash)) say(`${end.type}, but the write of ${step} stands`);
    if (known.happened.has(callHash) && !took.has(callHash))
      say(`the write of ${step} is said to have happened`);
  }
  return violations;
}

/** Writes that the run says have happened, and those it names at all to whoever has to know. */
function knownEffects(events: readonly Logged<RunEvent>[]) {
  const hashes = hashesByRequest(events);
  const happened = new Set<string>();
  const named = new Set<string>();
  const undoing = new Map<string, string>();
  const completed = events.some(({ type }) => type === 'run.completed');
  for (const event of events) {
    if (event.type === 'call.recorded' && hasHappened(event.data.outcome))
      happened.add(hashes.get(event.data.requestId) ?? '');
    if (event.type === 'call.doubt_resolved' && event.data.happened) happened.add(event.data.callHash);
    if (event.type === 'call.late_recorded' && event.data.outcome.ok) {
      happened.add(event.data.callHash);
      named.add(event.data.callHash);
    }
    if (event.type === 'call.requested' && event.data.purpose === 'compensate') {
      undoing.set(event.data.step, event.data.callHash);
    }
    if (event.type === 'step.compensated') named.add(event.data.callHash).add(event.data.by);
    // The write that it was to undo is named as standing.
    if (event.type === 'step.compensation_failed') named.add(undoing.get(event.data.step) ?? '');
    if (event.type === 'run.escalated') for (const { callHash } of event.data.standing) named.add(callHash);
    // A person went on from a call in doubt.
    if (event.type === 'step.skipped' && event.data.because === 'operator' && completed) {
      for (const other of events)
        if (other.type === 'call.requested' && other.data.step === event.data.step)
          named.add(other.data.callHash);
    }
  }
  if (completed) for (const hash of happened) named.add(hash);
  return { happened, named };
}

/** An output that breaks its contract came from a call that was made all the same. */
const hasHappened = (outcome: CallOutcome): boolean =>
  outcome.kind === 'succeeded' || (outcome.kind === 'failed' && outcome.failure.class === 'invalid_output');
