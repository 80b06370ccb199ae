import type { RecordedEvent } from '@interlock/actors';
import type { RunEvent } from '@interlock/contracts';
import { type CompiledWorkflow, factIn, flowOf, noFacts, withFact } from '@interlock/language';
import * as agent from './agent/evolve.js';
import * as approvals from './approval/evolve.js';
import * as calls from './call/evolve.js';
import * as verdicts from './call/verdicts.evolve.js';
import { forOf, ledgerAt } from './ledgers.js';
import { ended } from './life/end.evolve.js';
import * as rollback from './rollback/evolve.js';
import { internWorkflow, stepIn, workflowIndexOf } from './scope/workflow.index.js';
import type { RunState } from './state.js';
import * as steps from './step/evolve.js';
import * as waits from './step/wait/evolve.js';
import { emptyTree } from './tree.js';
import { verdictRecorded } from './verdicts.evolve.js';

const NOTHING_SPENT: RunState['spent'] = {
  steps: 0,
  toolCalls: 0,
  microUsd: 0,
  tokens: 0,
  reservedTokens: 0,
  reservedCalls: 0,
  reservedMicroUsd: 0,
  undoCalls: 0,
  undoMicroUsd: 0,
  warned: [],
};

export interface EvolveOptions {
  /** Keep steps and outputs of a run that has ended: for readers who show it. */
  readonly keepFinished?: boolean;
}

/** The state once `event` has happened. Total for every log that this actor wrote. */
export function evolve(
  state: RunState | undefined,
  recorded: RecordedEvent,
  key: string,
  options: EvolveOptions = {},
): RunState | undefined {
  const event = recorded as RecordedEvent<RunEvent>;
  if (event.type === 'run.started') return started(key, event.data, recorded);
  if (state === undefined) return undefined;
  const at = { ...state, seq: recorded.seq, time: recorded.time };
  const commandId = 'commandId' in event.data ? event.data.commandId : undefined;
  const answered =
    commandId === undefined || state.commands.includes(commandId)
      ? at
      : { ...at, commands: [...state.commands, commandId] };
  return apply(influenced(answered, event), event, options.keepFinished === true);
}

function influenced(state: RunState, event: RunEvent): RunState {
  const { steps, mayAct } = flowOf(state.origin.compiled);
  if (!mayAct) return state;
  const fact = factIn(event, (step) => steps.get(step)?.kind === 'agent', state.influence);
  return fact === undefined ? state : { ...state, influence: withFact(state.influence, fact) };
}

function apply(state: RunState, event: Exclude<RunEvent, { type: 'run.started' }>, keep: boolean): RunState {
  switch (event.type) {
    case 'call.requested':
      return calls.callRequested(state, forOf(state, event.data), event.data, ledgerAt);
    case 'call.revoked':
      return calls.callRevoked(state, event.data);
    case 'call.recorded':
      return calls.callRecorded(state, event.data, ledgerAt);
    case 'call.place_awaited':
      return calls.placeAwaited(state, event.data);
    case 'call.overdue':
      return calls.callOverdue(state, event.data);
    case 'call.late_recorded':
      return calls.lateRecorded(state, event.data, ledgerAt);
    case 'call.recovery_started':
      return calls.recoveryStarted(state, event.data);
    case 'call.doubt_resolved':
      return calls.doubtResolved(state, event.data, ledgerAt);
    case 'check.requested':
      return verdicts.checkRequested(state, event.data);
    case 'verdict.recorded':
      return verdictRecorded(state, event.data);
    case 'step.completed':
      return steps.stepCompleted(state, event.data);
    case 'step.failed':
      return steps.stepFailed(state, event.data);
    case 'step.skipped':
      return steps.stepSkipped(state, event.data, ledgerAt);
    case 'step.retry_scheduled':
      return steps.retryScheduled(state, event.data);
    case 'step.stopped':
      return steps.stepStopped(state, event.data);
    case 'step.fell_back':
      return steps.stepFellBack(state, event.data);
    case 'step.parked':
      return steps.stepParked(state, event.data);
    case 'step.resumed':
      return steps.stepResumed(state, event.data, ledgerAt);
    case 'wait.started':
      return waits.waitStarted(state, event.data);
    case 'signal.received':
      return waits.signalReceived(state, event.data);
    case 'run.cancelling':
      return cancelling(state, event.data);
    case 'rollback.started':
      return rollback.rollbackStarted(state, event.data);
    case 'step.compensated':
      return rollback.stepCompensated(state);
    case 'step.compensation_failed':
      return rollback.compensationFailed(state);
    case 'run.budget_warned':
      return { ...state, spent: { ...state.spent, warned: [...state.spent.warned, event.data.budget] } };
    case 'approval.requested':
      return approvals.approvalRequested(state, event.data);
    case 'approval.unneeded':
      return approvals.approvalUnneeded(state, event.data);
    case 'approval.opened':
      return approvals.approvalOpened(state, event.data);
    case 'approval.voted':
      return approvals.approvalVoted(state, event.data);
    case 'approval.reminded':
      return approvals.approvalReminded(state, event.data);
    case 'approval.escalated':
      return approvals.approvalEscalated(state, event.data);
    case 'approval.granted':
      return approvals.approvalGranted(state, event.data);
    case 'approval.denied':
      return approvals.approvalSettled(state, event.data, 'denied');
    case 'approval.expired':
      return approvals.approvalSettled(state, event.data, 'expired');
    case 'approval.withdrawn':
      return approvals.approvalSettled(state, event.data, 'withdrawn');
    case 'agent.started':
      return agent.agentStarted(state, event.data);
    case 'plan.requested':
      return agent.planRequested(state, event.data);
    case 'plan.recorded':
      return agent.planRecorded(state, event.data);
    case 'plan.retry_scheduled':
      return agent.planRetryScheduled(state, event.data);
    case 'agent.observed':
      return agent.agentObserved(state, event.data);
    case 'agent.fell_back':
      return agent.agentFellBack(state, event.data);
    case 'run.paused': {
      const { by, reason } = event.data;
      return { ...state, paused: { by: by.sub, reason, at: state.time } };
    }
    case 'run.resumed':
      return { ...state, paused: null };
    case 'run.parked':
      return parked(state, event.data);
    case 'run.unparked':
      return { ...state, parked: null };
    case 'approval.vote_refused':
    case 'command.refused':
    case 'run.checkpointed':
      return state;
    case 'run.completed':
    case 'run.failed':
    case 'run.cancelled':
    case 'run.rolled_back':
    case 'run.escalated':
      return ended(state, event, keep);
  }
}

const cancelling = (
  state: RunState,
  { by, reason, rollback: back = false }: Extract<RunEvent, { type: 'run.cancelling' }>['data'],
): RunState => ({ ...state, cancelling: { by: by.sub, reason, at: state.time, rollback: back } });

const parked = (
  state: RunState,
  { code, input }: Extract<RunEvent, { type: 'run.parked' }>['data'],
): RunState => ({ ...state, parked: { code, on: input.type ?? input.kind, at: state.time } });

function started(
  runId: string,
  data: Extract<RunEvent, { type: 'run.started' }>['data'],
  { seq, time }: RecordedEvent,
): RunState {
  const compiled = internWorkflow(data.compiled as CompiledWorkflow);
  const { all } = workflowIndexOf(compiled);
  const ready = all.filter((step) => {
    const { needs, fallbackOnly } = stepIn(compiled, step).definition;
    return needs.length === 0 && fallbackOnly !== true;
  });
  const { rootRunId, requestHash, salt, by, workflow, input, deadline } = data;
  return {
    origin: {
      runId,
      rootRunId,
      requestHash,
      salt,
      by,
      workflow,
      compiled,
      input: input ?? null,
      deadline,
      startedAt: time,
    },
    seq,
    time,
    steps: emptyTree(all.length),
    calls: emptyTree(),
    requests: emptyTree(),
    approvals: emptyTree(),
    writes: emptyTree(),
    active: [],
    ready,
    openRequests: [],
    openApprovals: [],
    openPlans: [],
    unjudged: [],
    closed: 0,
    spent: NOTHING_SPENT,
    influence: noFacts,
    commands: [data.commandId],
    signals: [],
    cancelling: null,
    paused: null,
    parked: null,
    failed: null,
    rollback: null,
    end: null,
  };
}
