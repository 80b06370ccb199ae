import { fieldOf, type RunEvent } from '@interlock/contracts';
import type { RunState } from '@interlock/run';
import type { Logged, Reading } from './reading.js';
import type { Invariant, Violation } from './view.js';

/**
 * I7: what is spent and what is reserved stay within every budget, whatever prefix of the log is read. Undoing is outside
 * of every budget, because what is left of one must not decide whether a write can be undone; nothing else is.
 */
export const withinBudget: Invariant = (reading) => [
  ...[...reading.states].flatMap(([run, states]) => prefixes(run, states)),
  ...performed(reading),
  ...[...reading.runs].flatMap(([run, events]) => outsideOfBudget(run, events)),
];

function prefixes(run: string, states: readonly (RunState | undefined)[]): Violation[] {
  for (const state of states) {
    const over = state === undefined || state.end !== null ? undefined : overspent(state);
    if (over !== undefined) return [{ invariant: 'I7', run, message: `seq ${state?.seq}: ${over}` }];
  }
  return [];
}

function overspent({ spent, origin }: RunState): string | undefined {
  const { steps, toolCalls, costUsd, tokens } = origin.budget ?? origin.compiled.budget;
  const calls = spent.toolCalls + spent.reservedCalls;
  const micro = spent.microUsd + spent.reservedMicroUsd;
  const started = spent.steps + (spent.reservedSteps ?? 0);
  if (started > steps) return `${started} steps of ${steps}`;
  if (spent.tokens + spent.reservedTokens > tokens)
    return `${spent.tokens + spent.reservedTokens} tokens of ${tokens}`;
  if (calls > toolCalls) return `${calls} calls of ${toolCalls}`;
  if (micro > costUsd * 1_000_000) return `${micro} millionths of a dollar of ${costUsd}`;
  const { reservedCalls, reservedMicroUsd, reservedTokens, reservedSteps = 0 } = spent;
  if (Math.min(reservedCalls, reservedMicroUsd, reservedTokens, reservedSteps) < 0)
    return 'a reservation was given back twice';
  return undefined;
}

/**
 * Counted without the fold: what the executor has really performed. An attempt that was begun in the log and then refused, because its target
 * went away while it waited for its place, has performed nothing.
 */
function performed({ tools, runs, callRequests }: Reading): Violation[] {
  const refused = new Set(tools.flatMap(({ type, data }) => (type === 'tool.refused' ? data.requestId : [])));
  const byRun = new Map<string, Set<string>>();
  for (const { type, data, meta } of tools) {
    if (type === 'tool.place_awaited' || refused.has(data.requestId)) continue;
    if (callRequests.get(data.requestId)?.data.reserved.toolCalls === 0) continue;
    const run = meta.run;
    const performedHere = byRun.get(run) ?? new Set();
    byRun.set(run, performedHere.add(data.requestId));
  }
  return [...byRun].flatMap(([run, callRequests]) => {
    const started = runs.get(run)?.[0];
    if (started?.type !== 'run.started') return [];
    const toolCalls = started.data.budget?.toolCalls ?? mostCalls(runs.get(run) ?? []);
    if (callRequests.size <= toolCalls) return [];
    return [
      { invariant: 'I7', run, message: `${callRequests.size} calls were performed, ${toolCalls} allowed` },
    ];
  });
}

/** Of the versions of its workflow that the run has had. */
const mostCalls = (events: readonly Logged<RunEvent>[]): number =>
  Math.max(
    ...events.flatMap(({ type, data }) =>
      type === 'run.started' || type === 'run.migrated'
        ? Number(fieldOf(fieldOf(data.compiled, 'budget'), 'toolCalls'))
        : [],
    ),
  );

/** A request that reserves no call undoes a write, or asks what became of the call that does. */
function outsideOfBudget(run: string, events: readonly Logged<RunEvent>[]): Violation[] {
  const started = events.findIndex(({ type }) => type === 'rollback.started');
  return events.flatMap((event, place) => {
    if (event.type !== 'call.requested') return [];
    const { reserved, purpose, step } = event.data;
    if (reserved.toolCalls === 1 && purpose !== 'compensate') return [];
    if (reserved.toolCalls === 0 && purpose !== 'step' && started !== -1 && place > started) return [];
    const message = `a request to ${purpose} ${step} came with ${reserved.toolCalls} calls reserved`;
    return [{ invariant: 'I7', run, message }];
  });
}
