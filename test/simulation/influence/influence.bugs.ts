import type { Actor, Decision, Input, NewEvent, TopicMessage } from '@interlock/actors';

type AnyActor = Actor<never>;
type Core = 'run' | 'check' | 'call' | 'approval';

/** A rule taken back in one or two of the services. */
export interface InfluenceBug {
  readonly wrong: string;
  /** What the checker says of it. */
  readonly found: RegExp;
  readonly wrap: (core: Core, actor: AnyActor) => AnyActor;
}

const saying = (actor: AnyActor, change: (event: NewEvent) => NewEvent): AnyActor => ({
  ...actor,
  decide(input, state, context, key): Decision {
    const decision = actor.decide(input, state, context, key);
    return { ...decision, events: decision.events.map(change) };
  },
});

/** What it hears and holds is changed; what it lets go of is what came. */
function hearing(actor: AnyActor, change: (message: TopicMessage) => TopicMessage): AnyActor {
  const changed = new Map<TopicMessage, TopicMessage>();
  const came = new Map<TopicMessage, TopicMessage>();
  const heard = (message: TopicMessage): TopicMessage => {
    const known = changed.get(message) ?? change(message);
    changed.set(message, known);
    came.set(known, message);
    return known;
  };
  return {
    ...actor,
    decide(input, state, context, key): Decision {
      const about: Input = input.kind === 'message' ? { ...input, message: heard(input.message) } : input;
      const decision = actor.decide(about, state, { ...context, deferred: context.deferred.map(heard) }, key);
      return { ...decision, release: decision.release?.map((message) => came.get(message) ?? message) ?? [] };
    },
  };
}

const without = (data: unknown, ...fields: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(data as object).filter(([name]) => !fields.includes(name)));

const marks = new Set(['call.requested', 'call.recorded', 'approval.requested']);
function unmarked<Event extends { readonly type: string; readonly data: unknown }>(original: Event): Event {
  if (!marks.has(original.type)) return original;
  const { check, ...data } = without(original.data, 'influencedBy');
  return {
    ...original,
    data: check === undefined ? data : { ...data, check: without(check, 'influencedBy') },
  };
}
const askingNobody = (event: NewEvent): NewEvent =>
  event.type === 'policy.decided' ? { ...event, data: without(event.data, 'approval') } : event;
/** Folds whatever it writes, and looks at none of it. */
const forgetful = (actor: AnyActor): AnyActor => ({
  ...actor,
  decide: (input, _state, context, key) => actor.decide(input, undefined, context, key),
});
const onlyIn =
  (cores: Partial<Record<Core, (actor: AnyActor) => AnyActor>>): InfluenceBug['wrap'] =>
  (core, actor) =>
    cores[core]?.(actor) ?? actor;

export const influenceBugs: readonly InfluenceBug[] = [
  {
    wrong: 'the run marks nothing',
    found: /is marked with \[\], and \[\w+/,
    wrap: onlyIn({ run: (actor) => saying(actor, unmarked) }),
  },
  {
    wrong: 'policy asks nobody, and the executor refuses',
    found: /was allowed without any person/,
    wrap: onlyIn({ check: (actor) => saying(actor, askingNobody) }),
  },
  {
    wrong: 'policy asks nobody, and the executor does not look at marks',
    found: /was performed without any person/,
    wrap: onlyIn({
      check: (actor) => saying(actor, askingNobody),
      call: (actor) =>
        hearing(actor, (message) =>
          message.type === 'call.requested' || message.type === 'policy.decided'
            ? { ...message, data: without(message.data, 'influencedBy', 'agent') }
            : message,
        ),
    }),
  },
  {
    wrong: 'the run marks nothing, and policy takes its word',
    found: /was performed without any person/,
    wrap: onlyIn({ run: (actor) => saying(actor, unmarked), check: forgetful }),
  },
];
