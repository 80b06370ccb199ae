import { defaultPrompt } from '@interlock/contracts';
import type { JsonSchema } from '@interlock/schema';
import { withFullNames } from './budget.names.js';
import type { CatalogueTool, LanguageCatalogue, PromptPin } from './catalogue.js';
import { compileCall, noTool } from './compile.call.js';
import { optionalMs, withoutAbsent } from './compile.fields.js';
import { compileTableUse, lookUpTable } from './compile.table.js';
import { wholeSchema } from './compile.types.js';
import type { CompiledAgentStep } from './compiled.step.js';
import { splitReference } from './fields.schema.js';
import type { Path, Report } from './problem.js';
import { reportSchema } from './schema.report.js';
import type { Lookup } from './step/form.js';
import type { AgentStep } from './step.schema.js';

type Agent = CompiledAgentStep['agent'];
type Ask = NonNullable<AgentStep['agent']['ask']>;
type Types = Readonly<Record<string, unknown>> | undefined;

/** What an agent step may use when it says nothing. */
const defaultBudget: Agent['budget'] = { tokens: 50_000, costUsd: 1, steps: 8, toolCalls: 20 };

const levels = { gated: 'assisted', baseline: 'baseline', shadow: 'shadow', assisted: 'assisted' } as const;

/** Finds the tools, the rules and the prompt; what is not there is reported. */
export function lookUpAgent(
  at: Path,
  { agent }: AgentStep,
  catalogue: LanguageCatalogue,
  report: Report,
): Lookup {
  const tools = agent.tools.flatMap((reference, index) => {
    const tool = catalogue.tool(reference);
    if (tool === undefined) report([...at, 'tools', index], noTool(reference, catalogue));
    return tool ?? [];
  });
  reportTwice([...at, 'tools'], tools, report);
  const prompt = lookUpPrompt(at, agent.prompt, catalogue, report);
  const { table } = lookUpTable([...at, 'baseline'], agent.baseline.decide, catalogue, report);
  return withoutAbsent({ tools, prompt, table });
}

/** A model names a tool without its version. */
function reportTwice(at: Path, tools: readonly CatalogueTool[], report: Report): void {
  const names = tools.map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) report([...at, index], `the tool "${name}" stands here twice`);
  }
}

function lookUpPrompt(
  at: Path,
  reference: string | undefined,
  catalogue: LanguageCatalogue,
  report: Report,
): PromptPin | undefined {
  if (reference === undefined) {
    const { name, version, hash } = defaultPrompt;
    return { name, version, hash };
  }
  const { name, version } = splitReference(reference);
  const prompt = catalogue.prompt?.(name, version);
  if (prompt === undefined) report([...at, 'prompt'], `there is no prompt "${reference}"`);
  return prompt;
}

/** @param types of the document, which `output` may refer to */
export function compileAgent(
  at: Path,
  step: AgentStep,
  { tools = [], table, prompt }: Lookup,
  types: Types,
  catalogue: LanguageCatalogue,
  report: Report,
): Agent | undefined {
  const { goal, facts, budget, reflect, minConfidence, baseline, approvers, autonomy, reads, ask } =
    step.agent;
  if (ask !== undefined) reportSilent(at, step, report);
  if (ask !== undefined) reportTrigger([...at, 'agent', 'ask', 'trigger'], ask, catalogue, report);
  const output = agentOutput(step, types);
  if (output !== undefined) reportSchema([...at, 'agent', 'output'], output, report);
  if (table === undefined || prompt === undefined) return undefined;
  return withoutAbsent({
    goal,
    tools: tools.map((tool) => compileCall(at, tool, tool.timeoutMs, catalogue, report)),
    output,
    facts,
    budget: { ...defaultBudget, ...withoutAbsent(withFullNames(budget ?? {}, catalogue)) },
    reflectRounds: reflect?.rounds ?? 0,
    minConfidence: minConfidence ?? 0,
    baseline: compileTableUse(baseline.decide, table),
    prompt,
    approvers: approvers ?? ['operator'],
    levelMax: levels[autonomy ?? 'gated'],
    reads: reads === 'asked' ? reads : undefined,
    ask: ask && compileAsk(ask),
  });
}

const QUESTIONS = 3;

const compileAsk = ({ to, trigger, within, max = QUESTIONS }: Ask): Agent['ask'] => ({
  to,
  channel: trigger === undefined ? { kind: 'signal' } : { kind: 'webhook', trigger },
  withinMs: optionalMs(within) ?? 0,
  max,
});

/** Events of it are the only ones that answer: a question that names none that does waits for nobody. */
function reportTrigger(at: Path, { trigger }: Ask, catalogue: LanguageCatalogue, report: Report): void {
  if (trigger === undefined || catalogue.trigger === undefined) return;
  const does = catalogue.trigger(trigger);
  if (does === 'answer') return;
  if (does === undefined) {
    report(at, `there is no trigger "${trigger}": publish it first, with does: { answer: ... }`);
    return;
  }
  const why = does === 'off' ? 'is switched off (enabled: false)' : `has does: { ${does}: ... }`;
  report(at, `the trigger "${trigger}" ${why}, and answers no question: name one with does: { answer: ... }`);
}

/** Only a model that acts asks anybody. */
function reportSilent(at: Path, { agent: { autonomy } }: AgentStep, report: Report): void {
  if (autonomy !== 'baseline' && autonomy !== 'shadow') return;
  report(
    [...at, 'agent', 'ask'],
    `its model never acts (autonomy: ${autonomy}), so it asks nobody: leave ask out`,
  );
}

/** The schema of what the step gives, whole. */
export function agentOutput({ agent: { output } }: AgentStep, types: Types): JsonSchema | undefined {
  return output === undefined ? undefined : wholeSchema(output, types);
}
