import { parseDuration } from '@interlock/contracts';
import type { WorkflowDocument } from './document.schema.js';
import { walkSteps } from './document.walk.js';
import type { Path, Report } from './problem.js';
import { agentForm } from './step/agent.js';
import { approvalForm } from './step/approval.js';
import { formStepForm } from './step/form.step.js';
import { waitForm } from './step/wait.js';
import type { WrittenStep } from './step.schema.js';

/** What waits longer than its run may take never comes to its own end: the time of the run is up before, and undoes what it did. */
export function reportOutlasting({ budget, steps }: WorkflowDocument, runMs: number, report: Report): void {
  const stands = budget?.duration === undefined ? 'P1D when it says nothing' : budget.duration;
  walkSteps(steps, (step, at) => {
    for (const [path, text] of timesIn(step)) {
      if ((parseDuration(text) ?? 0) <= runMs) continue;
      report(
        [...at, ...path],
        `longer than its run may take: ${stands}. Say budget.duration of the workflow`,
      );
    }
  });
}

type Time = readonly [Path, string | undefined];

function timesIn(step: WrittenStep): [Path, string][] {
  const { timeout } = step;
  const total: Time =
    typeof timeout === 'string' ? [['timeout'], timeout] : [['timeout', 'total'], timeout?.total];
  return [total, ...ownTimes(step)].flatMap(([path, text]) => (text === undefined ? [] : [[path, text]]));
}

function ownTimes(step: WrittenStep): Time[] {
  if (approvalForm.isWritten(step)) return [[['approval', 'expires'], step.approval.expires]];
  if (agentForm.isWritten(step)) return [[['agent', 'ask', 'within'], step.agent.ask?.within]];
  if (formStepForm.isWritten(step)) return [[['form', 'expires'], step.form.expires]];
  if (!waitForm.isWritten(step)) return [];
  if ('for' in step.wait) return [[['wait', 'for'], step.wait.for]];
  return 'signal' in step.wait ? [[['wait', 'deadline'], step.wait.deadline]] : [];
}
