import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { actionsNamed, isAboutModel } from './actions.js';
import type { Problem } from './bundle.document.js';
import { type Escalation, escalationAnnotations, escalationOf, escalationProblems } from './escalation.js';
import { mentionsOf } from './mentions.js';
import { listOf } from './role-list.js';

/** What a satisfied permit requires, by its annotations. */
export interface Terms {
  readonly approval: 'none' | 'single' | 'dual';
  /** Roles, any of which may vote; empty only without approval. */
  readonly approvers: readonly string[];
  readonly escalation: Escalation;
  /** Paths of the output that must not travel further. */
  readonly redact: readonly string[];
}

const approvals = ['none', 'single', 'dual'] as const;
const known: ReadonlySet<string> = new Set([
  'id',
  'approval',
  'approvers',
  'redact',
  'description',
  ...escalationAnnotations,
]);

/** The terms of a policy that `checkAnnotations` found nothing wrong with. */
export function termsOf(policy: PolicyJson): Terms {
  const { approval, approvers, redact } = policy.annotations ?? {};
  return {
    approval: approvals.find((kind) => kind === approval) ?? 'none',
    approvers: listOf(approvers),
    escalation: escalationOf(policy.annotations ?? {}),
    redact: listOf(redact),
  };
}

/** A misspelt annotation would silently ask for less than its author meant, so unknown ones are refused too. */
export function checkAnnotations(policy: PolicyJson, path: string): Problem[] {
  const annotations = policy.annotations ?? {};
  const problem = (message: string): Problem => ({ path, message });
  const { approval, approvers, redact } = annotations;
  const problems = Object.keys(annotations)
    .filter((name) => !known.has(name))
    .map((name) => problem(`@${name} is not an annotation of this system`));
  const escalation = escalationAnnotations.filter((name) => annotations[name] !== undefined);
  const costs = escalation.length > 0 || [approval, approvers, redact].some((value) => value !== undefined);
  if (costs && policy.effect === 'forbid') problems.push(problem('only a permit can ask for something'));
  if (approval !== undefined && !approvals.some((kind) => kind === approval))
    problems.push(problem(`@approval is one of ${approvals.join(', ')}, not ${JSON.stringify(approval)}`));
  const asks = approval === 'single' || approval === 'dual';
  if (asks && listOf(approvers).length === 0) problems.push(problem('@approval needs @approvers("role")'));
  if (!asks && approvers !== undefined) problems.push(problem('@approvers needs @approval("single")'));
  if (!asks) problems.push(...escalation.map((name) => problem(`@${name} needs @approval("single")`)));
  else problems.push(...escalationProblems(annotations).map(problem));
  if (asks && looksAtApproval(policy))
    problems.push(
      problem('a permit that asks for approval cannot look at context.approved, nor at context as a whole'),
    );
  if (redact !== undefined && listOf(redact).length === 0) problems.push(problem('@redact names no path'));
  const only = actionsNamed(policy) ?? [];
  if (asks && only.length > 0 && only.every((action) => action === 'tool.result'))
    problems.push(problem('what has already happened cannot be approved: @approval belongs on tool.call'));
  if (asks && only.length > 0 && only.every(isAboutModel))
    problems.push(problem('nobody approves what is asked of a model: @approval belongs on tool.call'));
  if (redact !== undefined && only.length > 0 && only.every(isAboutModel))
    problems.push(problem('@redact belongs on tool.result'));
  return problems;
}

/** Such a permit would stop asking as soon as anybody has approved, whoever and however many. */
function looksAtApproval(policy: PolicyJson): boolean {
  const { whole, parts } = mentionsOf([policy]).context;
  return whole || parts.has('approved');
}
