import type { Influence, PlanRecorded, PlanRequested } from '@interlock/contracts';
import { cedarDecimal, type Question } from '@interlock/policy';
import type { z } from 'zod';
import { aboutModels, principalOf } from './questions.js';

export type RequestedPlan = z.output<typeof PlanRequested.schema>;
export type RecordedPlan = z.output<typeof PlanRecorded.schema>;

/** Everything that leaves for the model, as detectors search it. */
export const modelInputIn = ({ goal, known, output }: RequestedPlan): unknown => ({ goal, known, output });

/** What leaves the step if the proposal is acted on, without what the model says about it. */
export const proposedIn = ({ outcome }: RecordedPlan): unknown =>
  outcome.kind === 'proposed'
    ? {
        arguments: outcome.proposal.calls.map((call) => call.arguments),
        output: outcome.proposal.output,
        question: outcome.proposal.question,
      }
    : undefined;

/** May this model be asked this? */
export function questionOfPlan(plan: RequestedPlan, findings: readonly string[]): Question {
  return {
    action: 'model.call',
    principal: principalOf(plan.principal),
    resource: modelOf(plan.model),
    context: {
      ...aboutPlan(plan),
      tokens: plan.reserved.tokens,
      costUsd: cedarDecimal(plan.reserved.costUsd),
      tools: plan.tools.map(({ name }) => name.toWellFormed()),
      findings: [...findings],
    },
  };
}

/** May this proposal be acted on? Each of its calls is still asked about when its turn comes. */
export function questionOfProposal(
  plan: RecordedPlan,
  { calls, output, question, confidence }: Extract<RecordedPlan['outcome'], { kind: 'proposed' }>['proposal'],
  findings: readonly string[],
  ledBy: readonly Influence[],
): Question {
  return {
    action: 'model.output',
    principal: principalOf(plan.principal),
    resource: modelOf(plan.model),
    context: {
      ...aboutPlan(plan),
      confidence: cedarDecimal(confidence),
      calls: calls.map(({ tool }) => tool.toWellFormed()),
      hasOutput: output !== undefined,
      hasQuestion: question !== undefined,
      ...aboutModels(ledBy),
      findings: [...findings],
    },
  };
}

function aboutPlan({ model, purpose, round }: Pick<RequestedPlan, 'model' | 'purpose' | 'round'>) {
  return { ...nameOf(model), purpose, round };
}

function modelOf(model: string): Question['resource'] {
  const { model: id, provider } = nameOf(model);
  const attrs = { provider, name: id.slice(provider.length + 1) };
  return { uid: { type: 'Model', id }, attrs, parents: [] };
}

/** `provider/name`; a name may hold slashes itself. */
function nameOf(model: string): { model: string; provider: string } {
  const id = model.toWellFormed();
  return { model: id, provider: id.split('/', 1)[0] ?? '' };
}
