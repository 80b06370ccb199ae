import {
  type AgentObserved,
  hashOf,
  judgedRequestOf,
  type MessageOf,
  type PlanRecorded,
  type VerdictRecorded,
} from '@interlock/contracts';
import type { AttemptKind } from './hostile.model.ts';
import type { PlayedRun } from './played.run.ts';

export const outcomes = [
  'executed',
  'repeated',
  'unlisted',
  'denied by policy',
  'denied by people',
  'people did not answer',
  'invalid input',
  'refused by the target',
  'failed otherwise',
  'skipped',
  'never reached',
  'proposal denied',
  'proposal not taken',
] as const;
export type AttemptOutcome = (typeof outcomes)[number];

export interface Counted {
  readonly kind: AttemptKind;
  readonly outcome: AttemptOutcome;
}

/** Kinds that are what they are called only once the same call has been made, or at least tried. */
const repeats: ReadonlySet<AttemptKind> = new Set(['repeated', 'with other key order', 'as 50.0']);

/** What became of each proposed call, by the log of the run alone. */
export function counted({ bus, attempts }: Pick<PlayedRun, 'bus' | 'attempts'>): Counted[] {
  const events = bus.log('run.events');
  const rounds = new Map<string, number>();
  const denied = new Set<string>();
  const observed = new Map<string, Observation>();
  for (const { type, data } of events) {
    if (type === 'plan.recorded') {
      const { planId, outcome, purpose, round } = data as MessageOf<typeof PlanRecorded>['data'];
      if (outcome.kind === 'proposed' && purpose !== 'shadow') rounds.set(planId, round);
    }
    if (type === 'verdict.recorded') {
      const said = data as MessageOf<typeof VerdictRecorded>['data'];
      if (said.point === 'after' && said.verdict === 'deny') denied.add(judgedRequestOf(said));
    }
    if (type === 'agent.observed') {
      const { observation } = data as MessageOf<typeof AgentObserved>['data'];
      observed.set(`${observation.round} ${observation.index}`, observation);
    }
  }
  const tried = new Set<string>();
  return [...attempts].flatMap(([planId, list]) =>
    list.map(({ kind, call }, index): Counted => {
      const round = rounds.get(planId);
      if (round === undefined) return { kind, outcome: 'proposal not taken' };
      if (denied.has(planId)) return { kind, outcome: 'proposal denied' };
      const observation = observed.get(`${round} ${index}`);
      if (observation === undefined) return { kind, outcome: 'never reached' };
      const outcome = outcomeOf(observation);
      const key = hashOf([call.tool, call.arguments ?? {}, call.occurrence]);
      const isFirst = !tried.has(key);
      if (outcome !== 'skipped') tried.add(key);
      return { kind: repeats.has(kind) && isFirst ? 'the first of its kind' : kind, outcome };
    }),
  );
}

type Observation = MessageOf<typeof AgentObserved>['data']['observation'];

function outcomeOf({ result, failure }: Observation): AttemptOutcome {
  if (result === 'succeeded') return 'executed';
  if (result === 'repeated' || result === 'unlisted' || result === 'skipped') return result;
  const { code = '', class: kind } = failure ?? {};
  if (code === 'approval.denied') return 'denied by people';
  if (code === 'approval.expired') return 'people did not answer';
  if (result === 'denied') return 'denied by policy';
  if (kind === 'invalid_input') return 'invalid input';
  return kind === 'domain' ? 'refused by the target' : 'failed otherwise';
}
