import type { RunEvent } from '@interlock/contracts';
import type { Logged, Reading } from './reading.js';
import { RunTaint, type TaintedCall } from './taint.js';
import type { Invariant, Violation } from './view.js';

/**
 * I16: each call is marked with the models that reached it, and with no other; and a write that a model reached at the level `assisted` is
 * allowed only for people to approve, and performed only under an approval. Undoing takes nobody.
 */
export const influenceIsMarked: Invariant = (reading) =>
  [...reading.runs].flatMap(([run, events]) => {
    const taint = new RunTaint();
    for (const event of events) taint.take(event);
    if (!taint.hasAgents) return [];
    const problems = taint.calls.flatMap((call) => [
      ...mismarked(call),
      ...unapproved(call, call.event as RequestedCall, reading, events),
    ]);
    return problems.map((message): Violation => ({ invariant: 'I16', run, message }));
  });

type RequestedCall = Logged<Extract<RunEvent, { type: 'call.requested' }>>;

function mismarked({ event, by }: TaintedCall): string[] {
  const { step, tool, influencedBy = [] } = event.data;
  const marks = influencedBy.map((mark) => mark.step).sort();
  const reached = [...by].sort();
  if (String(marks) === String(reached)) return [];
  return [`${tool} of ${step} is marked with [${marks}], and [${reached}] reached it`];
}

function unapproved(
  { by }: TaintedCall,
  { data, meta }: RequestedCall,
  { verdictsByCheck }: Reading,
  events: readonly Logged<RunEvent>[],
): string[] {
  if (by.size === 0 || data.effect !== 'write' || data.purpose !== 'step') return [];
  const about = `${data.tool} of ${data.step}, which [${[...by]}] reached,`;
  const allowed = (verdictsByCheck.get(meta.id) ?? []).some(
    ({ data: said }) => said.mode === 'enforce' && said.verdict === 'allow' && said.approval === undefined,
  );
  const performed = events.some(
    (event) =>
      event.type === 'call.recorded' &&
      event.data.requestId === meta.id &&
      event.data.outcome.kind !== 'refused',
  );
  return [
    ...(allowed ? [`${about} was allowed without any person`] : []),
    ...(performed && data.approvalId === undefined ? [`${about} was performed without any person`] : []),
  ];
}
