import { type Influence, type RunEvent, type RunUndoing, stepNameOf } from '@interlock/contracts';
import {
  factsIn,
  factsOf,
  flowOf,
  influenceOnCall,
  influenceOnCompletion,
  influenceOnOutcome,
  withFact,
} from '@interlock/language';
import type { RunState } from './state.js';

/** The run, with what the event with this id says of its models. */
export function influenced(state: RunState, event: RunEvent, id: string): RunState {
  const { steps, mayAct } = flowOf(state.origin.compiled);
  if (!mayAct && state.hadModels !== true) return state;
  const isAgent = (step: string): boolean => steps.get(stepNameOf(step))?.kind === 'agent';
  const facts = factsIn(event, id, isAgent, state.influence);
  return facts.length === 0 ? state : { ...state, influence: facts.reduce(withFact, state.influence) };
}

interface Marked {
  readonly influencedBy?: Influence[];
}

/** What a request for a call of the step says of the models that led to it. */
export const influenceMark = ({ origin, influence }: RunState, step: string): Marked =>
  marked(influenceOnCall(flowOf(origin.compiled), influence, step));

/** The same of the run's output. */
export const outcomeMark = ({ origin, influence }: RunState): Marked =>
  marked(influenceOnOutcome(flowOf(origin.compiled), influence));

/** The same of what follows from a run that has completed, for the run that has started it. */
export const completionMark = ({ origin, influence }: RunState): Marked =>
  marked(influenceOnCompletion(flowOf(origin.compiled), influence));

const marked = (influencedBy: Influence[]): Marked => (influencedBy.length === 0 ? {} : { influencedBy });

/** All that is known of the models of a run, for `run.undoing`. */
export function influenceAgain({
  origin,
  influence,
}: RunState): Parameters<typeof RunUndoing>[0]['influence'] {
  const { steps, mayAct } = flowOf(origin.compiled);
  const { inherited = [] } = influence;
  if (!mayAct && inherited.length === 0) return undefined;
  const agents = [...steps.values()].filter(({ kind }) => kind === 'agent').map(({ id }) => id);
  return { workflow: origin.compiled.hash, agents, inherited: [...inherited], facts: factsOf(influence) };
}
