import type { Message } from '@interlock/contracts';
import { eventId, recordValue } from '@interlock/log';
import type { Context, Decision, Folded, Input, RecordedEvent } from './actor.js';
import { bytesOf, DECISION_BYTES_MAX, DECISION_EVENTS_MAX, type Decided } from './batch.js';
import { type Fault, faultOf } from './fault.js';
import type { HostSpec } from './host.spec.js';
import type { ActorEntry } from './store.js';

/** A decision, ready for the log. With `fault`: the actor's answer to an input that it could not decide on. */
export interface Ready<State> {
  readonly decision: Decision<Message, State>;
  readonly decided: Decided<State>;
  readonly fault?: Fault;
}

/** `refused`: not even the answer to the fault can be written. */
export type Outcome<State> = Ready<State> | { readonly refused: Fault };

export interface Deciding<State> {
  readonly key: string;
  readonly input: Input;
  readonly entry: ActorEntry<State> | undefined;
  readonly context: Context<Message, State>;
  readonly recordKey: string;
  readonly cause: string | undefined;
  /** Of whoever asked for the effect whose result this is. */
  readonly traceparent?: string | undefined;
}

/**
 * Lets the actor decide and folds what it decided. Nothing of a decision that throws or is too large remains: what the actor says
 * of the fault takes its place.
 */
export function decideOnce<State>(spec: HostSpec<State>, deciding: Deciding<State>): Outcome<State> {
  const { key, input, entry, context } = deciding;
  const decided = attempt(spec, deciding, () => spec.actor.decide(input, entry?.state, context, key));
  if (!('refused' in decided)) return decided;
  const fault = decided.refused;
  const answer = attempt(spec, deciding, () =>
    spec.actor.answerFault(fault, input, entry?.state, context, key),
  );
  return 'refused' in answer ? { refused: fault } : { ...answer, fault };
}

function attempt<State>(
  spec: HostSpec<State>,
  deciding: Deciding<State>,
  decide: () => Decision<Message, State>,
): Outcome<State> {
  try {
    const decision = decide();
    const decided = fold(spec, deciding, decision);
    const bytes = bytesOf(decided.drafts);
    if (decided.events.length <= DECISION_EVENTS_MAX && bytes <= DECISION_BYTES_MAX)
      return { decision, decided };
    const message = `${decided.events.length} events, ${bytes} bytes; at most ${DECISION_EVENTS_MAX} and ${DECISION_BYTES_MAX}`;
    return { refused: { code: 'decision.too_large', message } };
  } catch (error) {
    return { refused: faultOf(error) };
  }
}

/** One decision is one record: its events are the parts. */
function fold<State>(
  spec: HostSpec<State>,
  deciding: Deciding<State>,
  decision: Decision<Message, State>,
): Decided<State> {
  const { key, entry, context, recordKey, cause } = deciding;
  const time = context.now;
  const traceparent = entry?.traceparent ?? deciding.traceparent ?? traceparentOf(deciding.input);
  const events: RecordedEvent[] = [];
  let { state, seq } = entry ?? { state: undefined, seq: 0 };
  const known = foldedFrom(state, decision);
  for (const { type, data } of decision.events) {
    if (spec.numbered) seq += 1;
    const event: RecordedEvent = { type, data, id: spec.numbered ? eventId(key, seq) : '', seq, time };
    if (known === undefined) state = spec.actor.evolve(state, event, key);
    events.push(event);
  }
  const [first] = events;
  const next = { state: known === undefined ? state : known.after, seq, time, recordKey, traceparent };
  if (first === undefined) return { key, drafts: [], events, entry: next };
  const place = spec.numbered ? { id: first.id, run: key, seq: first.seq } : { run: key };
  const meta = { ...place, time, cause, ref: lastAnswered(decision), traceparent };
  const parts = events.map(({ type, data }) => ({
    wire: wireOf(spec.events, type),
    data: spec.events.recorded(type, data),
  }));
  const wire = parts.map((part) => part.wire).join(',');
  const value = recordValue(parts, key);
  return { key, drafts: [{ key: recordKey, wire, value, meta }], events, entry: next };
}

/** undefined: nobody has folded these events from this state. */
const foldedFrom = <State>(
  state: State | undefined,
  { events, folded }: Decision<Message, State>,
): Folded<State> | undefined => (folded?.before === state && folded?.events === events ? folded : undefined);

/** Readers that have passed the last record that is answered have passed all of them. */
function lastAnswered({ events }: Pick<Decision, 'events'>): number | undefined {
  const refs = events.flatMap(({ ref }) => (ref === undefined ? [] : [ref]));
  return refs.length === 0 ? undefined : Math.max(...refs);
}

const traceparentOf = (input: Input): string | undefined =>
  input.kind === 'message' ? input.message.meta.traceparent : undefined;

function wireOf(events: HostSpec<unknown>['events'], type: string): string {
  const wire = events.wireOf(type);
  if (wire === undefined) throw new Error(`an actor decided ${type}, which its log does not hold`);
  return wire;
}
