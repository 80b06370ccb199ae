import assert from 'node:assert/strict';
import {
  type CallRequested,
  hashOf,
  judgedRequestOf,
  type MessageOf,
  type PlanRecorded,
  type PlanRequested,
  type VerdictRecorded,
} from '@interlock/contracts';
import { type CompiledAgentStep, type CompiledWorkflow, everyStepIn } from '@interlock/language';
import type { RunScenario } from './run-scenario.js';

type Data<Definition> = MessageOf<Definition> extends { data: infer D } ? D : never;

/** Read from the log alone: a model's calls are what it proposed and policy let pass, within what its step may use. */
export function checkAgents({ events }: RunScenario): void {
  const { steps } = (events[0]!.data as { compiled: CompiledWorkflow }).compiled;
  const proposals = new Map<string, Data<typeof PlanRecorded>>();
  const allowed = new Set<string>();
  const used = new Map<string, { tokens: number; rounds: number }>();
  for (const { type, id, data } of events) {
    if (type === 'plan.recorded') {
      const recorded = data as Data<typeof PlanRecorded>;
      proposals.set(recorded.planId, recorded);
      const { tokens = 0, rounds = 0 } = used.get(recorded.step) ?? {};
      used.set(recorded.step, { tokens: tokens + recorded.charged.tokens, rounds });
    }
    if (type === 'verdict.recorded') {
      const verdict = data as Data<typeof VerdictRecorded>;
      if (verdict.point === 'after' && verdict.verdict === 'allow') allowed.add(judgedRequestOf(verdict));
    }
    if (type === 'plan.requested') {
      const { step, reserved, round } = data as Data<typeof PlanRequested>;
      const { tokens = 0 } = used.get(step) ?? {};
      const { budget } = (stepOf(steps, step) as CompiledAgentStep).agent;
      assert.ok(tokens + reserved.tokens <= budget.tokens, 'tokens within the budget of the step');
      assert.ok(round <= budget.steps, 'rounds within the budget of the step');
    }
    if (type !== 'call.requested') continue;
    const { agent, purpose, tool, arguments: args, occurrence } = data as Data<typeof CallRequested>;
    if (agent === undefined || purpose !== 'step') continue;
    const { purpose: asked, outcome } = proposals.get(agent.planId)!;
    assert.notEqual(asked, 'shadow', `${id}: nothing of a plan in shadow is done`);
    assert.ok(allowed.has(agent.planId), `${id}: made from a proposal that policy let pass`);
    const call = outcome.kind === 'proposed' ? outcome.proposal.calls[agent.index] : undefined;
    assert.equal(hashOf({ tool, arguments: args, occurrence }), hashOf(call), `${id}: what was proposed`);
  }
}

const stepOf = (steps: CompiledWorkflow['steps'], path: string) =>
  everyStepIn(steps).find(({ id }) => id === path.split('/').at(-1))!;
