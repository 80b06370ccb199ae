import { APPROVAL_EXPIRES_AFTER_MS } from '@interlock/contracts';
import type { Terms } from './annotations.js';
import { type Ladder, present } from './ladder.js';

/**
 * The ladder that every one of several permits of the same strictness agrees to: it ends with the first of them, with a fallback
 * only if all say so, and lets nobody vote whom one of them would not have let vote by then. Their order does not matter.
 */
export function strictestLadder(terms: readonly Terms[], approvers: readonly string[]): Ladder {
  const [only, ...others] = terms;
  if (only === undefined || others.length === 0) return only?.ladder ?? {};
  const ladders = terms.map(({ ladder }) => ladder);
  const ends = Math.min(...ladders.map(endOf));
  const escalateTo = escalatedOf(terms, approvers);
  const escalates = Math.max(...ladders.map(escalationOf));
  const isEscalated = escalateTo.length > 0 && escalates < ends;
  const remind = earliest(ladders.map(({ remindAfterMs }) => remindAfterMs));
  return present({
    escalateTo: isEscalated ? escalateTo : undefined,
    escalateAfterMs: isEscalated ? escalates : undefined,
    remindAfterMs: remind !== undefined && remind < ends ? remind : undefined,
    expiresAfterMs: ladders.some(({ expiresAfterMs }) => expiresAfterMs !== undefined) ? ends : undefined,
    onExpiry: onExpiryOf(ladders),
  });
}

const endOf = ({ expiresAfterMs = APPROVAL_EXPIRES_AFTER_MS }: Ladder): number => expiresAfterMs;

/** Three quarters, as the approval service does it; a permit that escalates to nobody holds nobody up. */
const escalationOf = (ladder: Ladder): number =>
  ladder.escalateTo === undefined ? 0 : (ladder.escalateAfterMs ?? Math.ceil((endOf(ladder) / 4) * 3));

/** Roles that every permit accepts at the end, beyond those that all accept from the start. */
function escalatedOf(terms: readonly Terms[], approvers: readonly string[]): string[] {
  const accepted = terms.map(({ approvers, ladder }) => [...approvers, ...(ladder.escalateTo ?? [])]);
  const all = accepted.reduce((roles, others) => roles.filter((role) => others.includes(role)));
  return [...new Set(all)].filter((role) => !approvers.includes(role)).sort();
}

function earliest(instants: readonly (number | undefined)[]): number | undefined {
  const known = instants.filter((instant) => instant !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function onExpiryOf(ladders: readonly Ladder[]): Ladder['onExpiry'] {
  const said = ladders.map(({ onExpiry }) => onExpiry);
  if (said.every((one) => one === undefined)) return undefined;
  return said.every((one) => one === 'fallback') ? 'fallback' : 'deny';
}
