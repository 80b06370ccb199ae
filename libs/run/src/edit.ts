import type { ApprovalIndex, Index, RequestIndex, StepIndex } from './indices.js';
import { definitionAt, isClosed, stepAt, workflowIndexOf } from './scope/workflow.index.js';
import type { Approval, CallState, RequestState, RunState, Spent, StepState } from './state.js';
import { getItem, indexIn, itemsOf, setItem, type Tree } from './tree.js';

/**
 * The place that an event or a command means by a step's id: while it is being undone, that of its compensation; while
 * an agent's call is under way, that of the call.
 */
export function findPlace(state: RunState, step: string): StepIndex | undefined {
  const undoing = state.rollback?.place;
  if (undoing !== undefined && definitionAt(state, undoing).id === step) return undoing;
  const place = workflowIndexOf(state.origin.compiled).placeOf.get(step);
  return place === undefined ? undefined : (stepAt(state, place).agent?.place ?? place);
}

export const placeOf = (state: RunState, step: string): StepIndex => {
  const place = findPlace(state, step);
  if (place === undefined) throw new Error(`the workflow of run ${state.origin.runId} has no step ${step}`);
  return place;
};

export const requestAt = (state: RunState, ordinal: RequestIndex): RequestState =>
  getItem(state.requests, ordinal)!;

/** The ordinal of a request; undefined: this run never requested it. */
export function findRequest(state: RunState, requestId: string): RequestIndex | undefined {
  const { runId } = state.origin;
  if (!requestId.startsWith(`${runId}/`)) return undefined;
  return findSeq(state.requests, Number(requestId.slice(runId.length + 1)));
}

/** The place of the item whose event had this seq, in a list that holds them in the order of their events. */
export function findSeq<Of extends Index>(
  list: Tree<{ readonly seq: number }, Of>,
  seq: number,
): Of | undefined {
  let low = 0;
  let high = list.size - 1;
  // Nearly always asked about the newest.
  const newest = indexIn(list, high);
  if (newest !== undefined && getItem(list, newest)!.seq === seq) return newest;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const index = indexIn(list, middle)!;
    const found = getItem(list, index)!.seq;
    if (found === seq) return index;
    if (found < seq) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

export const putStep = (state: RunState, place: StepIndex, change: Partial<StepState>): RunState => ({
  ...state,
  steps: setItem(state.steps, place, { ...stepAt(state, place), ...change }),
});

export const putRequest = (
  state: RunState,
  ordinal: RequestIndex,
  change: Partial<RequestState>,
): RunState => ({
  ...state,
  requests: setItem(state.requests, ordinal, { ...requestAt(state, ordinal), ...change }),
});

export function putCall(state: RunState, place: StepIndex, change: Partial<CallState>): RunState {
  const { call } = stepAt(state, place);
  return call === undefined ? state : putStep(state, place, { call: { ...call, ...change } });
}

/** A copy without some of its fields: absent, not undefined, so that a state read back from JSON is the same. */
export function without<T extends object, K extends keyof T>(value: T, ...fields: K[]): Omit<T, K> {
  const copy = { ...value };
  for (const field of fields) delete copy[field];
  return copy;
}

export const dropped = <Of extends Index>(list: readonly Of[], item: Of): readonly Of[] =>
  list.includes(item) ? list.filter((other) => other !== item) : list;

export const added = <Of extends Index>(list: readonly Of[], item: Of): readonly Of[] =>
  list.includes(item) ? list : [...list, item];

export const spend = (state: RunState, change: Partial<Spent>): RunState => ({
  ...state,
  spent: { ...state.spent, ...change },
});

/** A step that starts: counted once, also when it is taken back and started again. */
export function startStep(state: RunState, place: StepIndex, status: StepState['status']): RunState {
  const { startedAt } = stepAt(state, place);
  const counted = startedAt === undefined ? spend(state, { steps: state.spent.steps + 1 }) : state;
  const started = putStep(counted, place, { status, since: state.time, startedAt: startedAt ?? state.time });
  return { ...started, active: added(state.active, place), ready: dropped(state.ready, place) };
}

/** Back to where it was before it was requested. */
export function resetStep(state: RunState, place: StepIndex): RunState {
  const step = without(stepAt(state, place), 'call', 'verify', 'question', 'parked');
  const back: StepState = { ...step, status: 'pending', since: state.time };
  const pending = {
    ...state,
    steps: setItem(state.steps, place, back),
    active: dropped(state.active, place),
  };
  return back.unmet === 0 ? { ...pending, ready: added(state.ready, place) } : pending;
}

/** Completed or skipped: the steps that need it are one need nearer. */
export function closeStep(state: RunState, place: StepIndex, change: Partial<StepState>): RunState {
  const before = stepAt(state, place);
  if (isClosed(before)) return state;
  let next = putStep(state, place, { ...change, since: state.time });
  next = {
    ...next,
    closed: state.closed + 1,
    active: dropped(state.active, place),
    ready: dropped(state.ready, place),
  };
  for (const dependent of workflowIndexOf(state.origin.compiled).dependents[place]!)
    next = meetNeed(next, dependent);
  return next;
}

function meetNeed(state: RunState, place: StepIndex): RunState {
  const step = stepAt(state, place);
  const next = putStep(state, place, { unmet: step.unmet - 1 });
  return mayStart(next, place) ? { ...next, ready: added(next.ready, place) } : next;
}

export function mayStart(state: RunState, place: StepIndex): boolean {
  const { status, unmet, wanted } = stepAt(state, place);
  if (status !== 'pending' || unmet > 0) return false;
  return wanted === true || workflowIndexOf(state.origin.compiled).steps[place]!.fallbackOnly !== true;
}

export const approvalAt = (state: RunState, ordinal: ApprovalIndex): Approval =>
  getItem(state.approvals, ordinal)!;

export const approvalIdOf = ({ origin }: RunState, { seq }: Approval): string => `${origin.runId}.${seq}`;

/** The ordinal of an approval; undefined: this run never asked for it. */
export function findApproval(state: RunState, approvalId: string): ApprovalIndex | undefined {
  const { runId } = state.origin;
  if (!approvalId.startsWith(`${runId}.`)) return undefined;
  return findSeq(state.approvals, Number(approvalId.slice(runId.length + 1)));
}

/** Whether the call with this hash is known to have happened. */
export const hasHappened = ({ writes }: RunState, callHash: string): boolean =>
  itemsOf(writes).some(({ hash, abandoned }) => hash === callHash && abandoned !== true);
