import { compiledStepsIn, fieldOf, stepNameOf, terminalEventTypes } from '@interlock/contracts';
import type { RunEvent } from '@interlock/contracts/http';
import { spanText } from './time.text.js';

/** One step as its events tell it. */
export interface StepHistory {
  readonly step: string;
  /** Words of our own: `completed`, `running`, `waiting`, `failed`, `undone`, ... */
  readonly state: string;
  /** The tool, the table or what it waits for. */
  readonly does: string;
  /** Attempts of the call so far; 0 for a step that calls nothing. */
  readonly attempts: number;
  readonly note: string;
  readonly startedAt: string;
  readonly at: string;
}

type Change = Partial<Pick<StepHistory, 'state' | 'does' | 'attempts' | 'note'>>;
type Data = RunEvent['data'];

/** What each kind of event says about its step. The other events say nothing that a reader of a step needs. */
const changes: Readonly<Record<string, (data: Data) => Change | undefined>> = {
  'call.requested': ({ purpose, tool, attempt, approvalId, agent }) => {
    if (purpose === 'compensate') return { state: 'undoing', note: `by ${tool}` };
    if (purpose === 'verify') return { state: 'in doubt', note: `${tool} is asked whether it happened` };
    const note = approvalId === undefined ? '' : 'approved';
    if (agent !== undefined) return { state: 'running', note: [tool, note].filter(Boolean).join(' ') };
    return { state: 'running', does: String(tool), attempts: Number(attempt), note };
  },
  'call.recorded': ({ outcome }) => {
    const kind = fieldOf(outcome, 'kind');
    if (kind === 'unknown') return { state: 'in doubt', note: 'nobody knows yet whether its call happened' };
    return kind === 'refused' ? { note: textIn(outcome, 'message') } : {};
  },
  'call.place_awaited': ({ for: awaited }) => ({ note: awaited === undefined ? '' : String(awaited) }),
  'call.overdue': () => ({ note: 'its call is overdue' }),
  'call.doubt_resolved': ({ happened, by }) => ({
    state: 'running',
    note: `${happened === true ? 'it had happened' : 'it turned out not to have happened'}, says ${by}`,
  }),
  'agent.started': ({ level, model }) => ({
    state: 'running',
    does: `agent, ${[level, model].filter((part) => part !== undefined).join(' ')}`,
  }),
  'plan.requested': ({ round, model, purpose }) =>
    purpose === 'shadow' ? undefined : { note: `round ${round}: ${model} is asked` },
  'plan.retry_scheduled': ({ failure, model }) => ({
    note: `${model} is asked again: ${failureText(failure)}`,
  }),
  'agent.fell_back': ({ failure }) => ({ note: `the rules act: ${failureText(failure)}` }),
  'wait.started': ({ signal }) => ({
    state: 'waiting',
    does: signal === undefined ? 'a time' : `signal ${signal}`,
  }),
  'form.opened': ({ question }) => ({ state: 'waiting', does: 'a form', note: String(question) }),
  'form.answered': ({ by }) => ({ state: 'running', note: `answered by ${textIn(by, 'sub')}` }),
  'question.asked': ({ to, text }) => ({ note: `asks ${to}: ${text}` }),
  'question.answered': ({ by }) => ({ note: `answered by ${textIn(by, 'sub')}` }),
  'question.unanswered': () => ({ note: 'nobody answered its question in time' }),
  'approval.opened': ({ action, question }) => ({
    state: 'waiting',
    ...(action === undefined ? { does: 'a question', note: String(question ?? '') } : { note: 'for people' }),
  }),
  'approval.granted': () => ({ state: 'running', note: 'approved' }),
  'approval.denied': ({ by, reason }) => ({ note: `denied by ${textIn(by, 'sub')}: ${reason}` }),
  'approval.expired': () => ({ note: 'nobody answered in time' }),
  'child.awaited': ({ budget }) => ({ state: 'waiting', note: `other children hold the ${budget} it needs` }),
  'child.requested': ({ runId, workflow }) => ({
    state: 'running',
    does: `run of ${textIn(workflow, 'name')}`,
    note: String(runId),
  }),
  'child.cancel_requested': ({ runId }) => ({ note: `${runId} is cancelled` }),
  'child.ended': ({ runId, status }) => ({ note: `${runId} is ${status}` }),
  'child.undo_requested': ({ runId }) => ({ state: 'undoing', note: String(runId) }),
  'child.undone': ({ runId, failure }) =>
    failure === undefined
      ? { state: 'undone', note: String(runId) }
      : { state: 'stands', note: `${runId}: ${failureText(failure)}` },
  'step.completed': ({ via, detail }) => ({
    state: 'completed',
    note:
      via === 'call' || via === 'body'
        ? String(detail ?? '')
        : [via, detail].filter((part) => part !== undefined).join(': '),
  }),
  'step.failed': ({ failure }) => ({ state: 'failed', note: failureText(failure) }),
  'step.skipped': ({ because, reason }) => ({
    state: 'skipped',
    note: reason === undefined ? String(because) : `${because}: ${reason}`,
  }),
  'step.retry_scheduled': ({ failure }) => ({ state: 'retrying', note: failureText(failure) }),
  'step.stopped': ({ stop }) => ({ state: 'stopped', note: textIn(stop, 'reason') }),
  'step.fell_back': ({ failure, to }) => ({
    state: 'fell back',
    note: `${to === undefined ? 'to its value' : `to ${to}`}: ${failureText(failure)}`,
  }),
  'step.parked': ({ because, failure }) => ({
    state: 'waiting',
    note: `${because}: ${failureText(failure)}`,
  }),
  'step.resumed': ({ reason }) => ({ state: 'running', note: String(reason) }),
  'step.resolved': ({ happened, reason, by }) => ({
    state: 'running',
    note: `${textIn(by, 'sub')} says it ${happened === true ? 'happened' : 'did not happen'}: ${String(reason)}`,
  }),
  'scope.started': ({ items }) => ({
    state: 'running',
    does: items === undefined ? 'its body' : `its body, for ${items} items`,
  }),
  'scope.opened': ({ pass }) => (pass === undefined ? undefined : { note: `pass ${pass}` }),
  'scope.stopping': ({ failure }) => ({ note: failureText(failure) }),
  'step.compensated': () => ({ state: 'undone', note: '' }),
  'step.compensation_failed': ({ failure }) => ({ state: 'stands', note: failureText(failure) }),
};

/** Of a step that goes on, unless its run ends first. */
const open: ReadonlySet<string> = new Set(['running', 'waiting', 'retrying', 'stopped']);

/** Every step that has begun, in the order in which they began. */
export function stepsOf(events: readonly RunEvent[]): StepHistory[] {
  const steps = new Map<string, StepHistory>();
  const planned = plannedOf(events);
  const stepOfApproval = new Map<unknown, string>();
  for (const { type, data, time } of events) {
    if (type === 'approval.opened') stepOfApproval.set(data.approvalId, String(data.step));
    if (terminalEventTypes.has(type)) endOpen(steps, time);
    const step = data.step ?? stepOfApproval.get(data.approvalId);
    const change = changes[type]?.(data);
    if (typeof step !== 'string' || change === undefined) continue;
    const before = steps.get(step) ?? {
      step,
      state: '',
      does: planned.get(stepNameOf(step)) ?? '',
      attempts: 0,
      note: '',
      startedAt: time,
      at: time,
    };
    steps.set(step, { ...before, ...change, at: time });
  }
  return [...steps.values()];
}

/** Nothing more comes of what was open when its run ended, unless that is taken up again. */
function endOpen(steps: Map<string, StepHistory>, at: string): void {
  for (const [name, step] of steps)
    if (open.has(step.state)) steps.set(name, { ...step, state: 'not finished', at });
}

/** Rows of a run whose loops went round more often than anybody reads. */
const SHOWN_MAX = 200;

/**
 * As many as a person reads: where there are more, what has completed in a loop is left out, the first turns first.
 * @returns them, and how many were left out
 */
export function shownSteps(steps: readonly StepHistory[]): {
  readonly shown: readonly StepHistory[];
  readonly left: number;
} {
  let left = Math.max(0, steps.length - SHOWN_MAX);
  const isOver = ({ step, state }: StepHistory): boolean =>
    stepNameOf(step) !== step && (state === 'completed' || state === 'skipped' || state === 'undone');
  const shown = steps.filter((step) => {
    if (left === 0 || !isOver(step)) return true;
    left -= 1;
    return false;
  });
  return { shown, left: steps.length - shown.length };
}

export const stepRow = ({ step, does, state, attempts, startedAt, at, note }: StepHistory): string[] => [
  step,
  does,
  state,
  spanText(Date.parse(at) - Date.parse(startedAt)),
  [...(attempts > 1 ? [`attempt ${attempts}`] : []), ...(note === '' ? [] : [note])].join(', '),
];

/** What the compiled workflow says each step does, by paths without turns, in each of the versions that the run has had. */
const plannedOf = (events: readonly RunEvent[]): ReadonlyMap<string, string> =>
  new Map(
    events
      .filter(({ type }) => type === 'run.started' || type === 'run.migrated')
      .flatMap(({ data }) => compiledStepsIn(data.compiled))
      .map(({ name, step }) => [name, doneBy(step)]),
  );

const doneBy = (step: unknown): string =>
  textIn(step, 'tool') || textIn(fieldOf(step, 'table'), 'name') || textIn(fieldOf(step, 'workflow'), 'name');

const failureText = (failure: unknown): string => `${textIn(failure, 'code')}: ${textIn(failure, 'message')}`;

function textIn(value: unknown, name: string): string {
  const text = fieldOf(value, name);
  return typeof text === 'string' ? text : '';
}
