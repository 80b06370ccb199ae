import type { Influence } from '@interlock/contracts';
import { flowOf, influenceOnCall, influenceOnOutcome } from '@interlock/language';
import type { RunState } from './state.js';

interface Marked {
  readonly influencedBy?: Influence[];
}

/** What a request for a call of the step says of the models that led to it. */
export const influenceMark = ({ origin, influence }: RunState, step: string): Marked =>
  marked(influenceOnCall(flowOf(origin.compiled), influence, step));

/** The same of the run's output. */
export const outcomeMark = ({ origin, influence }: RunState): Marked =>
  marked(influenceOnOutcome(flowOf(origin.compiled), influence));

const marked = (influencedBy: Influence[]): Marked => (influencedBy.length === 0 ? {} : { influencedBy });
