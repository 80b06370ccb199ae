import type { ModulePolicy } from '@interlock/tools';

const call = 'principal, action == Action::"tool.call", resource';
const result = 'principal, action == Action::"tool.result", resource';

const texts: Readonly<Record<string, string>> = {
  'reads-of-known-tools': `permit (${call}) when { context.effect == "read" && context.risk == "low" };`,
  'writes-small': `permit (${call}) when { context.effect == "write" && context.arguments has amount && context.arguments.amount <= 1000 };`,
  'writes-medium': `@approval("single") @approvers("lead") permit (${call}) when { context.effect == "write" && context.arguments has amount && context.arguments.amount > 1000 && context.arguments.amount <= 5000 };`,
  'writes-large': `@approval("dual") @approvers("finance") permit (${call}) when { context.effect == "write" && context.arguments has amount && context.arguments.amount > 5000 };`,
  'lines-in-a-file': `permit (${call} == Tool::"bench.line");`,
  'repeats-in-doubt': `permit (${call}) when { context.recovery && context.purpose == "verify" };`,
  'no-high-risk-by-requesters': `forbid (${call}) when { context.risk == "high" && !(principal.requesterRoles.contains("operator")) };`,
  'no-critical': `forbid (${call}) when { context.risk == "critical" };`,
  'no-negative-amounts': `forbid (${call}) when { context.arguments has amount && context.arguments.amount < 0 };`,
  'no-foreign-currency': `forbid (${call}) when { context.arguments has currency && context.arguments.currency != "EUR" };`,
  'no-blocked-accounts': `forbid (${call}) when { context.arguments has account && ["A-000", "A-666", "A-999"].contains(context.arguments.account) };`,
  'no-endless-attempts': `forbid (${call}) when { context.attempt > 20 };`,
  'no-repeated-occurrences': `forbid (${call}) when { context.occurrence > 3 };`,
  'no-public-writes': `forbid (${call}) when { context.effect == "write" && context.audience == "public" };`,
  'no-test-notes': `forbid (${call}) when { context.arguments has note && context.arguments.note like "*DROP TABLE*" };`,
  'no-old-workflows': `forbid (${call}) when { principal has version && principal.version < 1 };`,
  'results-within-size': `permit (${result}) when { context.outputBytes < 65536 };`,
  'no-secrets': `forbid (${result}) when { context.findings.contains("secret.token") || context.findings.contains("secret.private_key") };`,
  'no-hidden-text': `forbid (${result}) when { context.findings.contains("text.hidden") };`,
  'no-refused-results': `forbid (${result}) when { context has output && context.output has status && context.output.status == "refused" };`,
};

/** Twenty policies; each is asked about every call or every result. */
export const policies: readonly ModulePolicy[] = Object.entries(texts).map(([id, text]) => ({ id, text }));
