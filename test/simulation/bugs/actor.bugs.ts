import type { TopicMessage } from '@interlock/actors';
import type { PlantedBug } from '@interlock/simulation';
import { repeatingWrites } from './repeating.actor.ts';
import { believing, changingEvents, hearing, isCommand, withData, wrapping } from './wrapped.actor.ts';

/** The verdict on one request counts for the first one that is deferred. */
function forTheFirst(message: TopicMessage, deferred: readonly TopicMessage[]): TopicMessage {
  const first = deferred.find(({ type }) => type === 'call.requested');
  if (message.type !== 'policy.decided' || first === undefined) return message;
  const { callHash } = first.data as { callHash: string };
  return withData(message, { checkId: first.meta.id, requestId: first.meta.id, callHash, point: 'before' });
}

const executor = 'tool-executor';

export const actorBugs: readonly PlantedBug[] = [
  {
    name: 'executor-ignores-denial',
    wrong: 'the executor takes every verdict for an allow',
    by: ['I4'],
    spec: wrapping(
      executor,
      hearing((message) =>
        message.type === 'policy.decided'
          ? withData(message, { verdict: 'allow', approval: undefined })
          : message,
      ),
    ),
  },
  {
    name: 'verdict-for-another',
    wrong: 'the executor takes a verdict on one request for another',
    spec: wrapping(executor, hearing(forTheFirst)),
  },
  {
    name: 'executor-repeats-writes',
    wrong: 'a new host of the executor makes writes without an answer again',
    by: ['I5'],
    spec: wrapping(
      executor,
      repeatingWrites(() => true),
    ),
  },
  {
    name: 'late-success-ignored',
    wrong: 'the run does not hear what an attempt turned out to have done',
    by: ['I6'],
    spec: wrapping(
      'orchestrator',
      hearing((message) => (message.type === 'tool.outcome_late' ? undefined : message)),
    ),
  },
  {
    name: 'writes-by-hope',
    wrong: 'the run takes a write of unknown outcome for one that failed, and makes it again',
    spec: wrapping(
      'orchestrator',
      hearing((message) =>
        message.type === 'tool.outcome_unknown'
          ? {
              ...withData(message, { failure: { class: 'transient', code: 'hope', message: '' }, tookMs: 0 }),
              type: 'tool.failed',
            }
          : message,
      ),
    ),
  },
  {
    name: 'checkpoint-of-another-seq',
    wrong: 'a checkpoint names the event before the one it was made at',
    by: ['I8'],
    spec: wrapping(
      'orchestrator',
      changingEvents((event) => {
        if (event.type !== 'run.checkpointed') return event;
        const data = event.data as { seq: number };
        return { ...event, data: { ...data, seq: data.seq - 1 } };
      }),
    ),
  },
  {
    name: 'commands-applied-twice',
    wrong: 'the run forgets which commands it has answered',
    by: ['I9'],
    spec: wrapping(
      'orchestrator',
      believing((state, input) => (isCommand(input) ? { ...state, commands: [] } : state)),
    ),
  },
  {
    name: 'budget-ignored',
    wrong: 'the run counts its calls against a larger budget than the one it was given',
    by: ['I7'],
    spec: wrapping(
      'orchestrator',
      believing(({ origin, ...rest }) => {
        const { compiled } = origin;
        const budget = { ...compiled.budget, toolCalls: 1_000, costUsd: 1_000 };
        return { ...rest, origin: { ...origin, compiled: { ...compiled, budget } } };
      }),
    ),
  },
  {
    name: 'ends-with-open-calls',
    wrong: 'a run ends although calls of its have no answer',
    spec: wrapping(
      'orchestrator',
      believing((state) => ({ ...state, openRequests: [] })),
    ),
  },
  {
    name: 'ends-twice',
    wrong: 'a run says twice that it has completed',
    by: ['I3'],
    spec: wrapping('orchestrator', (actor) => ({
      decide(input, state, context, key) {
        const { folded: _, ...decision } = actor.decide(input, state, context, key);
        const events = decision.events.flatMap((event) =>
          event.type === 'run.completed' ? [event, event] : [event],
        );
        return { ...decision, events };
      },
    })),
  },
];
