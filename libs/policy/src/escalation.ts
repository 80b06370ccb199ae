import {
  APPROVAL_EXPIRES_AFTER_MS,
  type ApprovalRequirement,
  durationForms,
  parseDuration,
} from '@interlock/contracts';
import { listOf } from './role-list.js';

/** What happens while people are silent. Absent: as the approval service does it when nothing is said. */
export type Escalation = Pick<
  ApprovalRequirement,
  'escalateTo' | 'remindAfterMs' | 'escalateAfterMs' | 'expiresAfterMs' | 'onExpiry'
>;

type Annotations = Readonly<Record<string, string | null>>;

export const escalationAnnotations = ['remind', 'escalate', 'escalateAfter', 'expires', 'default'] as const;
const defaults = ['deny', 'fallback'] as const;

/** The escalation of annotations that `escalationProblems` found nothing wrong with. */
export function escalationOf({
  remind,
  escalate,
  escalateAfter,
  expires,
  default: onExpiry,
}: Annotations): Escalation {
  const escalateTo = listOf(escalate);
  return present({
    escalateTo: escalateTo.length === 0 ? undefined : [...new Set(escalateTo)].sort(),
    remindAfterMs: parseDuration(remind ?? ''),
    escalateAfterMs: parseDuration(escalateAfter ?? ''),
    expiresAfterMs: parseDuration(expires ?? ''),
    onExpiry: defaults.find((known) => known === onExpiry),
  });
}

/** What is wrong with the escalation of a permit that asks for approval, in words. */
export function escalationProblems(annotations: Annotations): string[] {
  return [...misspelt(annotations), ...contradictions(annotations)];
}

function misspelt(annotations: Annotations): string[] {
  const isBad = (name: string) => {
    const text = annotations[name];
    return text !== undefined && parseDuration(text ?? '') === undefined;
  };
  const problems = ['remind', 'escalateAfter', 'expires']
    .filter(isBad)
    .map((name) => `@${name} must be ${durationForms}, not ${JSON.stringify(annotations[name])}`);
  const { default: onExpiry } = annotations;
  if (onExpiry !== undefined && !defaults.some((known) => known === onExpiry))
    problems.push(`@default is one of ${defaults.join(', ')}, not ${JSON.stringify(onExpiry)}`);
  return problems;
}

function contradictions(annotations: Annotations): string[] {
  const { approvers, escalate, escalateAfter, expires } = annotations;
  const { escalateTo = [], ...escalation } = escalationOf(annotations);
  const expiresAfterMs = escalation.expiresAfterMs ?? APPROVAL_EXPIRES_AFTER_MS;
  const end = expires === undefined ? 'the request expires, which without @expires is PT24H' : '@expires';
  const problems: string[] = [];
  if (escalate !== undefined && escalateTo.length === 0) problems.push('@escalate names no role');
  if (escalateTo.length > 0 && escalateTo.every((role) => listOf(approvers).includes(role)))
    problems.push('@escalate names only roles that may vote anyway');
  if (escalateAfter !== undefined && escalate === undefined)
    problems.push('@escalateAfter needs @escalate("role")');
  if ((escalation.remindAfterMs ?? 0) >= expiresAfterMs) problems.push(`@remind has to come before ${end}`);
  if ((escalation.escalateAfterMs ?? 0) >= expiresAfterMs)
    problems.push(`@escalateAfter has to come before ${end}`);
  return problems;
}

/** What is known of an escalation, without the fields that are not. */
export const present = (
  escalation: { [Field in keyof Escalation]: Escalation[Field] | undefined },
): Escalation => Object.fromEntries(Object.entries(escalation).filter(([, value]) => value !== undefined));
