import { compileCall, noTool } from '../compile.call.js';
import { withoutAbsent } from '../compile.fields.js';
import type { CompiledToolStep } from '../compiled.step.js';
import { readsOfTemplate } from '../expression.reads.js';
import { type ToolStep, toolStep } from '../step.schema.js';
import { Form } from './form.js';

export const toolForm = new Form<'tool', ToolStep, CompiledToolStep>('tool', toolStep, {
  hasAttempts: true,
  lookUp(at, step, catalogue, report) {
    const tool = catalogue.tool(step.tool);
    if (tool === undefined) report([...at, 'tool'], noTool(step.tool, catalogue));
    return tool === undefined ? {} : { tool };
  },
  check: (check, step, { tool }) => check.arguments(step.with ?? {}, tool?.input),
  output: (_step, { tool }) => tool?.output,
  compile(every, step, { at, found: { tool }, catalogue, report }) {
    if (tool === undefined) return undefined;
    const attemptMs = every.timeout.attemptMs ?? tool.timeoutMs;
    const { totalMs } = every.timeout;
    if (totalMs !== undefined && every.timeout.attemptMs !== undefined && attemptMs > totalMs) {
      report(
        [...at, 'timeout'],
        `one attempt (${attemptMs} ms) may not take longer than all (${totalMs} ms)`,
      );
    }
    return {
      ...every,
      ...compileCall(at, tool, attemptMs, catalogue, report),
      kind: 'tool',
      timeout: withoutAbsent({ attemptMs, totalMs }),
      with: step.with ?? {},
    };
  },
  reads: (step) => readsOfTemplate(step.with),
  calls: (step) => [step],
});
