import type { ApprovalRequirement } from '@interlock/contracts';
import type { Terms } from './annotations.js';
import { strictestEscalation } from './strictest.escalation.js';

const strictness = { none: 0, single: 1, dual: 2 } as const;

/** `conflict`: the strictest permits leave no role that all of them accept. */
export type Combined =
  | { readonly conflict: true }
  | { readonly conflict: false; readonly approval?: ApprovalRequirement; readonly redact: readonly string[] };

/**
 * What several satisfied permits ask for together: the strictest approval wins (dual, single, none), its approvers are the
 * roles that every permit of that strictness accepts, its escalation the one they all agree to (`strictest.escalation.ts`), and what any of
 * them redacts is redacted. Permits that are less strict have no say in it. A further permit therefore never lowers the number of
 * people that are asked, and among permits of one strictness nobody may vote whom one of them would not have.
 */
export function strictest(terms: readonly Terms[]): Combined {
  const level = Math.max(0, ...terms.map(({ approval }) => strictness[approval]));
  const redact = [...new Set(terms.flatMap((term) => term.redact))].sort();
  if (level === 0) return { conflict: false, redact };
  const deciding = terms.filter(({ approval }) => strictness[approval] === level);
  const approvers = deciding
    .map((term) => term.approvers)
    .reduce((roles, others) => roles.filter((role) => others.includes(role)));
  if (approvers.length === 0) return { conflict: true };
  const kind = level === strictness.dual ? 'dual' : 'single';
  const escalation = strictestEscalation(deciding, approvers);
  return {
    conflict: false,
    approval: { kind, approvers: [...new Set(approvers)].sort(), ...escalation },
    redact,
  };
}
