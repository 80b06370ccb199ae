import type { NewEvent } from '@interlock/actors';
import type { PlantedBug } from '@interlock/simulation';
import { type AnyActor, wrapping } from './wrapped.actor.ts';

const bug = (
  name: string,
  wrong: string,
  by: readonly string[],
  wrap: (actor: AnyActor) => Partial<AnyActor>,
): PlantedBug => ({ name, wrong, by, documents: 'talking', spec: wrapping('orchestrator', wrap) });

/** The events of a decision told otherwise. */
const telling =
  (change: (event: NewEvent) => readonly NewEvent[]) =>
  (actor: AnyActor): Partial<AnyActor> => ({
    decide(input, before, context, key) {
      const decision = actor.decide(input, before, context, key);
      return { ...decision, events: decision.events.flatMap(change) };
    },
  });

interface Sent {
  readonly by?: { readonly sub: string; readonly roles: readonly string[] };
}

/** Whoever sends the command is taken for somebody with these roles, and still stands in the log as who they are. */
const believing =
  (command: string, event: string, roles: readonly string[]) =>
  (actor: AnyActor): Partial<AnyActor> => ({
    decide(input, before, context, key) {
      if (input.kind !== 'message' || input.message.type !== command)
        return actor.decide(input, before, context, key);
      const { by } = input.message.data as Sent;
      const data = { ...(input.message.data as Sent), by: { ...by, roles } };
      const decision = actor.decide({ ...input, message: { ...input.message, data } }, before, context, key);
      const events = decision.events.map((one) =>
        one.type === event ? { ...one, data: { ...(one.data as Sent), by } } : one,
      );
      return { ...decision, events };
    },
  });

/** Rules of agents, forms and service levels. Only documents that have them can show what is wrong. */
export const talkBugs: readonly PlantedBug[] = [
  bug(
    'anyone-fills-in',
    'whoever answers a form is taken for one who may',
    ['I21'],
    believing('run.answer', 'form.answered', ['lead', 'director']),
  ),
  bug(
    'anyone-replies',
    'whoever answers the question of a model is taken for one who may',
    ['I21'],
    believing('run.reply', 'question.answered', ['operator']),
  ),
  bug(
    'unmarked-in-bodies',
    'calls in bodies do not say which models led to them',
    ['I16'],
    telling((event) => {
      const { step = '', influencedBy, ...rest } = event.data as { step?: string; influencedBy?: unknown };
      const isInBody = event.type === 'call.requested' && step.includes('/') && influencedBy !== undefined;
      return [isInBody ? { ...event, data: { step, ...rest } } : event];
    }),
  ),
  bug('late-said-twice', 'what is late is said twice', ['I22'], (actor) =>
    telling((event) => (event.type === 'sla.breached' ? [event, event] : [event]))(actor),
  ),
];
