import { APPROVAL_EXPIRES_AFTER_MS } from '@interlock/contracts';
import type { Terms } from './annotations.js';
import { type Escalation, present } from './escalation.js';

/**
 * The escalation that every one of several permits of the same strictness agrees to: it ends with the first of them, with a fallback
 * only if all say so, and lets nobody vote whom one of them would not have let vote by then. Their order does not matter.
 */
export function strictestEscalation(terms: readonly Terms[], approvers: readonly string[]): Escalation {
  const [only, ...others] = terms;
  if (only === undefined || others.length === 0) return only?.escalation ?? {};
  const escalations = terms.map(({ escalation }) => escalation);
  const ends = Math.min(...escalations.map(endOf));
  const escalateTo = escalatedOf(terms, approvers);
  const escalates = Math.max(...escalations.map(escalatesAfter));
  const isEscalated = escalateTo.length > 0 && escalates < ends;
  const remind = earliest(escalations.map(({ remindAfterMs }) => remindAfterMs));
  return present({
    escalateTo: isEscalated ? escalateTo : undefined,
    escalateAfterMs: isEscalated ? escalates : undefined,
    remindAfterMs: remind !== undefined && remind < ends ? remind : undefined,
    expiresAfterMs: escalations.some(({ expiresAfterMs }) => expiresAfterMs !== undefined) ? ends : undefined,
    onExpiry: onExpiryOf(escalations),
  });
}

const endOf = ({ expiresAfterMs = APPROVAL_EXPIRES_AFTER_MS }: Escalation): number => expiresAfterMs;

/** Three quarters, as the approval service does it; a permit that escalates to nobody holds nobody up. */
const escalatesAfter = (escalation: Escalation): number =>
  escalation.escalateTo === undefined
    ? 0
    : (escalation.escalateAfterMs ?? Math.ceil((endOf(escalation) / 4) * 3));

/** Roles that every permit accepts at the end, beyond those that all accept from the start. */
function escalatedOf(terms: readonly Terms[], approvers: readonly string[]): string[] {
  const accepted = terms.map(({ approvers, escalation }) => [...approvers, ...(escalation.escalateTo ?? [])]);
  const all = accepted.reduce((roles, others) => roles.filter((role) => others.includes(role)));
  return [...new Set(all)].filter((role) => !approvers.includes(role)).sort();
}

function earliest(instants: readonly (number | undefined)[]): number | undefined {
  const known = instants.filter((instant) => instant !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function onExpiryOf(escalations: readonly Escalation[]): Escalation['onExpiry'] {
  const said = escalations.map(({ onExpiry }) => onExpiry);
  if (said.every((one) => one === undefined)) return undefined;
  return said.every((one) => one === 'fallback') ? 'fallback' : 'deny';
}
