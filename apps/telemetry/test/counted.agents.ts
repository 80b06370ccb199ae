import type { Add, CountedEvent } from './counted.metrics.js';

const stepName = (path: string): string => path.replaceAll(/\[[^\]]*\]/g, '');
const results = ['succeeded', 'failed', 'denied', 'unknown', 'unusable', 'unlisted', 'repeated', 'skipped'];

/** Of one run, what its agent steps add to the metrics; by hand, each looked up again. */
export function countAgents(events: readonly CountedEvent[], add: Add): void {
  const { name: workflow, version } = events[0]!.data.workflow;
  for (const [place, { type, data, time }] of events.entries()) {
    const before = events.slice(0, place);
    const step = { workflow, step: stepName(data.step ?? '') };
    if (type === 'agent.started') startOf(step, data.level, add);
    if (type === 'agent.observed')
      add('interlock_proposed_calls_total', { ...step, result: data.observation.result });
    if (type === 'agent.fell_back')
      add('interlock_agent_fallbacks_total', { ...step, because: data.failure.code });
    if (type === 'plan.recorded') {
      countPlan({ workflow, version }, data, add);
      const asked = unanswered(before, data.planId);
      if (data.agrees !== undefined) add('interlock_shadow_plans_total', { ...step, agrees: data.agrees });
      if (asked !== undefined) countAnswer(step, asked, { data, time }, add);
    }
    const level = before.findLast((one) => one.type === 'agent.started' && one.data.step === data.step)?.data
      .level;
    if (level === undefined || !['step.completed', 'step.failed', 'step.skipped'].includes(type)) continue;
    const source = type === 'step.completed' ? data.via : 'none';
    add('interlock_agent_outcomes_total', { ...step, level, source });
  }
}

function startOf(step: object, level: string, add: Add): void {
  add('interlock_agent_steps_total', { ...step, level });
  for (const source of ['agent', 'baseline', 'none'])
    add('interlock_agent_outcomes_total', { ...step, level, source }, 0);
  for (const result of results) add('interlock_proposed_calls_total', { ...step, result }, 0);
  if (level !== 'shadow') return;
  for (const agrees of [true, false]) add('interlock_shadow_plans_total', { ...step, agrees }, 0);
}

/** The request, unless it was answered before. */
function unanswered(before: readonly CountedEvent[], planId: string): CountedEvent | undefined {
  const isAnswered = before.some(({ type, data }) => type === 'plan.recorded' && data.planId === planId);
  return isAnswered ? undefined : before.find(({ type, id }) => type === 'plan.requested' && id === planId);
}

function countPlan(named: { workflow: string; version: number }, data: CountedEvent['data'], add: Add): void {
  const { model, purpose, outcome, usage, charged } = data;
  const failed = outcome.kind === 'failed' ? outcome.failure.class : 'proposed';
  add('interlock_plans_total', { workflow: named.workflow, model, purpose, outcome: failed });
  add('interlock_model_cost_usd_total', { ...named, model }, charged.costUsd);
  const used =
    usage === undefined
      ? { assumed: charged.tokens }
      : { input: usage.inputTokens, output: usage.outputTokens };
  for (const [kind, value] of Object.entries(used))
    add('interlock_tokens_total', { ...named, model, kind }, value);
}

/** Every number and text in a value, lower case. */
const scalarsIn = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.values(value).flatMap(scalarsIn)
    : typeof value === 'string' || typeof value === 'number'
      ? [String(value).toLowerCase()]
      : [];

/** A word of letters, digits, dots and dashes among others like it. */
const isFound = (claim: string, sources: readonly string[]): boolean =>
  sources.some((text) => text === claim || ` ${text.replaceAll(/[^\w.-]+/g, ' ')} `.includes(` ${claim} `));

/** Undefined: it claims nothing. For outputs without anything nested. */
function shareOf(output: Readonly<Record<string, unknown>>, asked: CountedEvent): number | undefined {
  const { goal, known, output: schema } = asked.data;
  const results = known.observed.flatMap(({ output: said, failure }: CountedEvent['data']) => [
    said,
    failure?.message,
  ]);
  const sources = scalarsIn([goal, known.facts, results]);
  const claims = Object.entries(output)
    .filter(([name]) => schema?.properties?.[name]?.enum === undefined)
    .flatMap(([, value]) => scalarsIn(value))
    .flatMap((text) => {
      if (!text.includes(' ') || isFound(text, sources)) return [text];
      return text
        .split(' ')
        .filter((word) => /\d/.test(word))
        .map((word) => word.replaceAll(/^\W+|\W+$/g, ''));
    });
  return claims.length === 0
    ? undefined
    : claims.filter((claim) => isFound(claim, sources)).length / claims.length;
}

function countAnswer(
  step: object,
  asked: CountedEvent,
  { data, time }: Pick<CountedEvent, 'data' | 'time'>,
  add: Add,
): void {
  const { model, tookMs, outcome, purpose } = data;
  if (tookMs !== undefined) {
    const parts = { work: tookMs, queue: Math.max(0, time - asked.time - tookMs) };
    for (const [part, ms] of Object.entries(parts)) {
      add('interlock_plan_seconds_count', { model, part });
      add('interlock_plan_seconds_sum', { model, part }, ms / 1_000);
    }
  }
  const output = outcome.proposal?.output;
  const share = output === undefined ? undefined : shareOf(output, asked);
  if (share === undefined) return;
  add('interlock_groundedness_ratio_count', { ...step, purpose });
  add('interlock_groundedness_ratio_sum', { ...step, purpose }, share);
}
