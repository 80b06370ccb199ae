import type { RecordedEvent } from '@interlock/actors';
import { fieldOf } from '@interlock/contracts';

/** What runs are found by and their state does not keep: it follows from their events. */
export interface RunFacts {
  /** Tools that were called, in the order of their first calls. */
  readonly tools: readonly string[];
  /** Who has voted to approve something. */
  readonly approvers: readonly string[];
}

export const noFacts: RunFacts = { tools: [], approvers: [] };

/** A run that calls more tools, or asks more people, is not found by the later ones. */
const EACH_MAX = 50;

/** The very same facts when the event adds nothing. */
export function factsAfter(facts: RunFacts, { type, data }: RecordedEvent): RunFacts {
  if (type === 'call.requested') {
    const tools = withOne(facts.tools, fieldOf(data, 'tool'));
    return tools === facts.tools ? facts : { ...facts, tools };
  }
  if (type === 'approval.voted' && fieldOf(data, 'vote') === 'approve') {
    const approvers = withOne(facts.approvers, fieldOf(fieldOf(data, 'by'), 'sub'));
    return approvers === facts.approvers ? facts : { ...facts, approvers };
  }
  return facts;
}

const withOne = (known: readonly string[], one: unknown): readonly string[] =>
  typeof one !== 'string' || known.length >= EACH_MAX || known.includes(one) ? known : [...known, one];
