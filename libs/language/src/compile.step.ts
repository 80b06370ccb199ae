import type { CatalogueTool, LanguageCatalogue, PromptPin } from './catalogue.js';
import { compileAgent, lookUpAgent } from './compile.agent.js';
import { compileApproval } from './compile.approval.js';
import { compileCall } from './compile.call.js';
import {
  compileOnFailure,
  compileRetry,
  compileTimeout,
  durationMs,
  withoutAbsent,
} from './compile.fields.js';
import { compileTableUse, lookUpTable } from './compile.table.js';
import type { CompiledStep, CompiledWaitStep } from './compiled.js';
import type { Report } from './problem.js';
import type { DecideStep, Step, ToolStep, WaitStep } from './step.schema.js';
import type { DecisionTable } from './table.schema.js';

/** What a step names, looked up once: the checks and the compiled form both read it. */
export interface Lookup {
  readonly tool?: CatalogueTool;
  readonly table?: DecisionTable;
  /** Of an agent step, in the order in which it lists them. */
  readonly tools?: readonly CatalogueTool[];
  readonly prompt?: PromptPin;
}

/** Finds what a step names; what is not there is reported. */
export function lookUp(id: string, step: Step, catalogue: LanguageCatalogue, report: Report): Lookup {
  if ('tool' in step) {
    const tool = catalogue.tool(step.tool);
    if (tool === undefined) report(['steps', id, 'tool'], `there is no tool "${step.tool}"`);
    return tool === undefined ? {} : { tool };
  }
  if ('agent' in step) return lookUpAgent(['steps', id, 'agent'], step, catalogue, report);
  return 'decide' in step ? lookUpTable(['steps', id], step.decide, catalogue, report) : {};
}

/** The compiled form of a checked step; `undefined` when something it names is missing, which has been reported. */
export function compileStep(
  id: string,
  step: Step,
  found: Lookup,
  fallbackOnly: boolean,
  types: Readonly<Record<string, unknown>> | undefined,
  catalogue: LanguageCatalogue,
  report: Report,
): CompiledStep | undefined {
  const every = withoutAbsent({
    id,
    needs: [...new Set(step.needs ?? [])],
    when: step.when,
    retry: step.retry && compileRetry(step.retry),
    onFailure: step.onFailure === undefined ? undefined : compileOnFailure(step.onFailure),
    pivot: step.pivot === true ? (true as const) : undefined,
    fallbackOnly: fallbackOnly ? (true as const) : undefined,
  });
  const timeout = compileTimeout(step.timeout);
  if ('tool' in step) {
    return found.tool && toolStep({ ...every, timeout }, step, found.tool, catalogue, report);
  }
  if (timeout.attemptMs !== undefined) {
    report(['steps', id, 'timeout'], 'only a tool step has attempts: write the total timeout');
  }
  if ('decide' in step) return found.table && decideStep({ ...every, timeout }, step, found.table);
  if ('wait' in step) return { ...every, kind: 'wait', timeout, wait: compileWait(step.wait) };
  if ('agent' in step) {
    const agent = compileAgent(id, step, found, types, catalogue, report);
    return agent && { ...every, kind: 'agent', timeout, agent };
  }
  if ('approval' in step) {
    return { ...every, kind: 'approval', timeout, approval: compileApproval(every.id, step, report) };
  }
  return undefined;
}

type EveryStep = Omit<CompiledWaitStep, 'kind' | 'wait'>;

function toolStep(
  every: EveryStep,
  step: ToolStep,
  tool: CatalogueTool,
  catalogue: LanguageCatalogue,
  report: Report,
): CompiledStep {
  const attemptMs = every.timeout.attemptMs ?? tool.timeoutMs;
  const { totalMs } = every.timeout;
  if (totalMs !== undefined && every.timeout.attemptMs !== undefined && attemptMs > totalMs) {
    report(
      ['steps', every.id, 'timeout'],
      `one attempt (${attemptMs} ms) may not take longer than all (${totalMs} ms)`,
    );
  }
  return {
    ...every,
    ...compileCall(every.id, tool, attemptMs, catalogue, report),
    kind: 'tool',
    timeout: withoutAbsent({ attemptMs, totalMs }),
    with: step.with ?? {},
  };
}

function decideStep(every: EveryStep, { decide }: DecideStep, table: DecisionTable): CompiledStep {
  return { ...every, kind: 'decide', ...compileTableUse(decide, table) };
}

function compileWait(wait: WaitStep['wait']): CompiledWaitStep['wait'] {
  if ('for' in wait) return { forMs: durationMs(wait.for) };
  if ('until' in wait) return { until: wait.until };
  return { signal: wait.signal, deadlineMs: durationMs(wait.deadline) };
}
