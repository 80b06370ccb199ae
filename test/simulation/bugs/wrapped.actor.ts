import type { Actor, Input, NewEvent, TopicMessage } from '@interlock/actors';
import type { RunState } from '@interlock/run';
import type { SimulatedService, SimulatedSpec } from '@interlock/simulation';

export type AnyActor = Actor<unknown>;

export const wrapping =
  (wrapped: SimulatedService, wrap: (actor: AnyActor) => Partial<AnyActor>) =>
  (service: SimulatedService, spec: SimulatedSpec): SimulatedSpec =>
    service === wrapped ? { ...spec, actor: { ...spec.actor, ...wrap(spec.actor) } } : spec;

/** The actor sees another message than the one that came. */
export const hearing =
  (change: (message: TopicMessage, deferred: readonly TopicMessage[]) => TopicMessage | undefined) =>
  (actor: AnyActor): Partial<AnyActor> => ({
    decide(input, state, context, key) {
      if (input.kind !== 'message') return actor.decide(input, state, context, key);
      const message = change(input.message, context.deferred);
      return message === undefined
        ? { events: [] }
        : actor.decide({ kind: 'message', message } as Input, state, context, key);
    },
  });

/** The actor decides on another state than the one its log gives. */
export const believing =
  (change: (state: RunState, input: Input) => RunState) =>
  (actor: AnyActor): Partial<AnyActor> => ({
    decide: (input, state, context, key) =>
      actor.decide(input, state === undefined ? state : change(state as RunState, input), context, key),
  });

export const isCommand = (input: Input): boolean =>
  input.kind === 'message' && input.message.topic === 'run.commands';

export const withData = (message: TopicMessage, change: Record<string, unknown>): TopicMessage => ({
  ...message,
  data: { ...(message.data as object), ...change },
});

export const changingEvents =
  (change: (event: NewEvent) => NewEvent) =>
  (actor: AnyActor): Partial<AnyActor> => ({
    decide(input, state, context, key) {
      const decision = actor.decide(input, state, context, key);
      return { ...decision, events: decision.events.map(change) };
    },
  });
