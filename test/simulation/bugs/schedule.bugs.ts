import type { NewEvent, RecordedEvent } from '@interlock/actors';
import type { PlantedBug } from '@interlock/simulation';
import { changingEvents, wrapping } from './wrapped.actor.ts';

interface Due {
  readonly due: number;
  readonly next: number | null;
}

/** The one after the next. */
function leavingOneOut(event: NewEvent): NewEvent {
  if (event.type !== 'schedule.started') return event;
  const { due, next } = event.data as Due;
  const later = next === null ? null : next + (next - due);
  return { ...event, data: { ...(event.data as Due), next: later } };
}

const unwatched = (event: RecordedEvent): RecordedEvent =>
  event.type === 'schedule.started'
    ? { ...event, data: { ...(event.data as object), watched: false } }
    : event;

/** Rules of schedules taken back. Only simulations with schedules can notice. */
export const scheduleBugs: readonly PlantedBug[] = [
  {
    name: 'order-forgotten',
    wrong: 'a new host of schedules does not give the orders that the one before left open',
    by: ['I18'],
    spec: wrapping('schedules', (actor) => ({
      decide: (input, state, context, key) =>
        input.kind === 'recovered' ? { events: [] } : actor.decide(input, state, context, key),
    })),
  },
  {
    name: 'due-left-out',
    wrong: 'a schedule leaves a due time out',
    by: ['I18'],
    spec: wrapping('schedules', changingEvents(leavingOneOut)),
  },
  {
    name: 'overlap-unseen',
    wrong: 'a schedule does not know that its run goes on',
    by: ['I18'],
    spec: wrapping('schedules', (actor) => ({
      evolve: (state, event, key) => actor.evolve(state, unwatched(event), key),
    })),
  },
  {
    name: 'order-too-early',
    wrong: 'a run is ordered before it is written down that it starts',
    by: ['I18'],
    spec: wrapping('schedules', (actor) => ({
      decide(input, state, context, key) {
        const decision = actor.decide(input, state, context, key);
        let after = state;
        const start = decision.events.flatMap((event) => {
          const recorded = { ...event, id: '', seq: 0, time: context.now };
          after = actor.evolve(after, recorded, key);
          return actor.effects?.(recorded, after) ?? [];
        });
        return { ...decision, start: [...(decision.start ?? []), ...start] };
      },
    })),
  },
];
