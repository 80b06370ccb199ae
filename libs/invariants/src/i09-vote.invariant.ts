import { quarantined } from './quarantined.js';
import type { Invariant, Violation } from './view.js';

/** I9, votes: each is answered once, however often it is delivered, and none is lost while its run is open. */
export const voteOnce: Invariant = ({ people, view }) => {
  const violations: Violation[] = [];
  const answered = new Set<string>();
  for (const { type, data, meta } of [...people.said.values()].flat()) {
    if (type !== 'approval.voted' && type !== 'approval.vote_refused') continue;
    const { commandId } = data;
    if (answered.has(commandId))
      violations.push({
        invariant: 'I9',
        run: meta.run,
        message: `the vote ${commandId} was answered twice`,
      });
    answered.add(commandId);
  }
  if (!view.ended) return violations;
  const aside = quarantined(view, 'approval');
  for (const { type, commandId, runId } of view.commands ?? []) {
    if (type !== 'approval.vote' || answered.has(commandId) || aside.has(commandId)) continue;
    if (people.closed.has(runId)) continue;
    violations.push({ invariant: 'I9', run: runId, message: `the vote ${commandId} was never answered` });
  }
  return violations;
};
