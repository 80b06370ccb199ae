import { type RunEvent, stepNameOf } from '@interlock/contracts';
import { BodyTaint } from './body.taint.js';
import { stepsOfCompiled } from './compiled.steps.js';
import type { Logged, Reading } from './reading.js';
import { RunTaint, type TaintedCall } from './taint.js';
import type { Invariant, Violation } from './view.js';

/**
 * I16: where steps have bodies, each call is marked with all models that surely reached it, and with none that has said nothing. Elsewhere each call is marked with the models that reached it, and with no other; and a write that a model reached at the level `assisted` is
 * allowed only for people to approve, and performed only under an approval. Undoing takes nobody.
 */
export const influenceIsMarked: Invariant = (reading) =>
  [...reading.runs].flatMap(([run, events]) => {
    if (hasBodies(events[0])) return inBodies(run, events, reading);
    const taint = new RunTaint();
    for (const event of events) taint.take(event);
    if (!taint.hasAgents) return [];
    const problems = taint.calls.flatMap((call) => [
      ...mismarked(call),
      ...unapproved(call, call.event as RequestedCall, reading, events),
    ]);
    return problems.map((message): Violation => ({ invariant: 'I16', run, message }));
  });

function hasBodies(started: Logged<RunEvent> | undefined): boolean {
  if (started?.type !== 'run.started') return false;
  return [...stepsOfCompiled(started.data.compiled).keys()].some((name) => name.includes('/'));
}

function inBodies(run: string, events: readonly Logged<RunEvent>[], reading: Reading): Violation[] {
  const taint = new BodyTaint();
  for (const event of events) taint.take(event);
  const problems = taint.calls.flatMap(({ event, atLeast, atMost }) => [
    ...outOfBounds(event.data, atLeast, atMost),
    ...unapproved({ by: atLeast }, event as RequestedCall, reading, events),
  ]);
  return problems.map((message): Violation => ({ invariant: 'I16', run, message }));
}

function outOfBounds(
  { step, tool, influencedBy = [] }: RequestedCall['data'],
  atLeast: ReadonlySet<string>,
  atMost: ReadonlySet<string>,
): string[] {
  const marks = new Set(influencedBy.map((mark) => stepNameOf(mark.step)));
  const missing = [...atLeast].filter((one) => !marks.has(one));
  const impossible = [...marks].filter((one) => !atMost.has(one));
  return [
    ...(missing.length > 0
      ? [`${tool} of ${step} is not marked with [${missing}], and they reached it`]
      : []),
    ...(impossible.length > 0 ? [`${tool} of ${step} is marked with [${impossible}], who said nothing`] : []),
  ];
}

type RequestedCall = Logged<Extract<RunEvent, { type: 'call.requested' }>>;

function mismarked({ event, by }: TaintedCall): string[] {
  const { step, tool, influencedBy = [] } = event.data;
  // A step of a run above may be called like one of this run: then there is a mark of each, with a plan of each.
  const marks = [...new Set(influencedBy.map((mark) => mark.step))].sort();
  const reached = [...by].sort();
  const isSaidOnce =
    new Set(influencedBy.map((mark) => `${mark.step} ${mark.plan}`)).size === influencedBy.length;
  if (String(marks) === String(reached) && isSaidOnce) return [];
  const said = influencedBy.map((mark) => mark.step).sort();
  return [`${tool} of ${step} is marked with [${said}], and [${reached}] reached it`];
}

function unapproved(
  { by }: Pick<TaintedCall, 'by'>,
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
