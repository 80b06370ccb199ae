import {
  childBudget,
  childOutput,
  depthOf,
  detachedOutput,
  lookUpChild,
  mayActIn,
} from '../compile.child.js';
import { withoutAbsent } from '../compile.fields.js';
import type { CompiledChildStep } from '../compiled.step.js';
import { readsOfTemplate } from '../expression.reads.js';
import { type WorkflowStep, workflowStep } from '../step.schema.js';
import { Form } from './form.js';

/** Its type is written out: what it compiles to is part of the workflows that it looks at. */
export const workflowForm: Form<'workflow', WorkflowStep, CompiledChildStep> = new Form<
  'workflow',
  WorkflowStep,
  CompiledChildStep
>('workflow', workflowStep, {
  lookUp: (at, step, catalogue, report) => lookUpChild([...at, 'workflow'], step.workflow, catalogue, report),
  check: (check, step, { child }) => check.arguments(step.with ?? {}, child?.compiled.inputSchema),
  output: ({ detached }, { child }) =>
    detached === true ? detachedOutput : child && childOutput(child.compiled),
  compile(every, step, { found: { child } }) {
    if (child === undefined) return undefined;
    const { name, version, hash, compiled } = child;
    const mayAct = mayActIn(compiled) ? (true as const) : undefined;
    return withoutAbsent({
      ...every,
      kind: 'workflow' as const,
      workflow: { name, version, hash },
      with: step.with ?? {},
      detached: step.detached === true ? (true as const) : undefined,
      budget: childBudget(compiled),
      mayAct,
      depth: depthOf(compiled),
    });
  },
  reads: (step) => readsOfTemplate(step.with),
  mayAct: ({ mayAct, detached }) => mayAct === true && detached !== true,
});
