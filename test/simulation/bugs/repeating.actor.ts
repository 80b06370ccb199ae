import type { RecordedEvent } from '@interlock/actors';
import type { AnyActor } from './wrapped.actor.ts';

interface Remembering {
  readonly inner: unknown;
  readonly open: Readonly<Record<string, RecordedEvent>>;
}

/** Remembers attempts without an answer, of tools that `isRepeated`, and makes them again after a change of host. */
export const repeatingWrites =
  (isRepeated: (tool: string) => boolean) =>
  (actor: AnyActor): Partial<AnyActor> => {
    const innerOf = (state: unknown) => (state as Remembering | undefined)?.inner;
    return {
      decide(input, state, context, key) {
        const decision = actor.decide(input, innerOf(state), context, key);
        const open = (state as Remembering | undefined)?.open ?? {};
        if (input.kind !== 'recovered') return decision;
        const again = Object.values(open).filter(
          ({ data }) => !context.isRunning((data as { requestId: string }).requestId),
        );
        const start = again.flatMap((event) => actor.effects?.(event, undefined) ?? []);
        const late = start.map((effect) => ({
          ...effect,
          data: { ...(effect.data as object), deadline: context.now + 3_000 },
        }));
        return { ...decision, start: [...(decision.start ?? []), ...late] };
      },
      evolve(state, event, key) {
        const inner = actor.evolve(innerOf(state), event, key);
        const { requestId, tool } = event.data as { requestId: string; tool?: string };
        const { [requestId]: _answered, ...others } = (state as Remembering | undefined)?.open ?? {};
        const open =
          event.type === 'tool.attempt_started' && isRepeated(tool ?? '')
            ? { ...others, [requestId]: event }
            : others;
        return inner === undefined && Object.keys(open).length === 0 ? undefined : { inner, open };
      },
      effects: (event, state) => actor.effects?.(event, innerOf(state)) ?? [],
      due: (state, context) => actor.due?.(innerOf(state), context),
    };
  };
