import type { RecordedEvent } from '@interlock/actors';
import { type CompiledBudget, type CompiledWorkflow, factsFrom } from '@interlock/language';
import type { DataOf, EvolveBy } from '../evolving.js';
import { internWorkflow, stepPlacedAt, workflowIndexOf } from '../scope/workflow.index.js';
import type { RunState } from '../state.js';
import { emptyTree } from '../tree.js';

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

const NOTHING_OPEN = {
  active: [],
  openRequests: [],
  openApprovals: [],
  scopes: [],
  pivot: null,
  openPlans: [],
  unjudged: [],
  closed: 0,
  spent: NOTHING_SPENT,
  signals: [],
  cancelling: null,
  paused: null,
  parked: null,
  failed: null,
  rollback: null,
  end: null,
} as const;

/** What the run above leaves, and of tools that it does not bound what the workflow says. */
function inherited(
  { budget: own }: CompiledWorkflow,
  { calls, ...budget }: NonNullable<DataOf<'run.started'>['budget']>,
  durationMs: number,
): CompiledBudget {
  const bounded = { ...own.calls, ...calls };
  return { ...budget, durationMs, ...(Object.keys(bounded).length === 0 ? {} : { calls: bounded }) };
}

export function started(
  runId: string,
  data: DataOf<'run.started'>,
  { seq, time }: Pick<RecordedEvent, 'seq' | 'time'>,
): RunState {
  // Nothing but what the language has compiled is written there.
  const compiled = internWorkflow(data.compiled as CompiledWorkflow);
  const { all, bodies } = workflowIndexOf(compiled);
  const { rootRunId, requestHash, salt, by, workflow, input, deadline } = data;
  const about = { runId, rootRunId, requestHash, salt, by, workflow, compiled, deadline, startedAt: time };
  const { parent, budget, shapedBy } = data;
  return {
    ...NOTHING_OPEN,
    origin: {
      ...about,
      input: input ?? null,
      ...(parent === undefined ? {} : { parent }),
      ...(budget === undefined ? {} : { budget: inherited(compiled, budget, deadline - time) }),
      ...(shapedBy === undefined ? {} : { shapedBy }),
    },
    seq,
    time,
    steps: emptyTree(all.length),
    calls: emptyTree(),
    requests: emptyTree(),
    approvals: emptyTree(),
    writes: emptyTree(),
    ready: (bodies[0]?.first ?? []).map((position) => stepPlacedAt(undefined, position)),
    influence: factsFrom(data.inherited),
    commands: [data.commandId],
  };
}

const unchanged = (state: RunState): RunState => state;

/** A run from its first event to the last but one: `end.evolve.ts` has the last. */
export const lifeEvents: EvolveBy<
  | 'run.started'
  | 'run.cancelling'
  | 'run.undoing'
  | 'run.paused'
  | 'run.resumed'
  | 'run.parked'
  | 'run.unparked'
  | 'run.budget_warned'
  | 'run.checkpointed'
  | 'command.refused'
> = {
  // Of a run that has started: its first event is the only one of this type.
  'run.started': unchanged,
  'run.cancelling': (state, { by, reason, rollback = false }) => ({
    ...state,
    cancelling: { by: by.sub, reason, at: state.time, rollback },
  }),
  'run.undoing': (state, { by, reason }) => ({
    ...state,
    cancelling: { by: by.sub, reason, at: state.time, rollback: true },
    undoing: true,
    end: null,
  }),
  'run.paused': (state, { by, reason }) => ({ ...state, paused: { by: by.sub, reason, at: state.time } }),
  'run.resumed': (state) => ({ ...state, paused: null }),
  'run.parked': (state, { code, input }) => ({
    ...state,
    parked: { code, on: input.type ?? input.kind, at: state.time },
  }),
  'run.unparked': (state) => ({ ...state, parked: null }),
  'run.budget_warned': (state, { budget }) => ({
    ...state,
    spent: { ...state.spent, warned: [...state.spent.warned, budget] },
  }),
  'run.checkpointed': unchanged,
  'command.refused': unchanged,
};
