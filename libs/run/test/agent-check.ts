import assert from 'node:assert/strict';
import {
  type CallRequested,
  hashOf,
  judgedRequestOf,
  type MessageOf,
  type PlanRecorded,
  type PlanRequested,
  type ScopeOpened,
  type VerdictRecorded,
} from '@interlock/contracts';
import { type CompiledAgentStep, type CompiledWorkflow, everyStepIn } from '@interlock/language';
import { pathOfTurn } from '../src/scope/scopes.js';
import type { RunScenario } from './run-scenario.js';

type Data<Definition> = MessageOf<Definition> extends { data: infer D } ? D : never;

/** Read from the log alone: a model's calls are what it proposed and policy let pass, within what its step may use. */
export function checkAgents({ events }: RunScenario): void {
  const { steps } = (events[0]!.data as { compiled: CompiledWorkflow }).compiled;
  const proposals = new Map<string, Data<typeof PlanRecorded>>();
  const allowed = new Set<string>();
  const used = new Map<string, number>();
  for (const { type, id, data } of events) {
    if (type === 'plan.recorded') {
      const recorded = data as Data<typeof PlanRecorded>;
      proposals.set(recorded.planId, recorded);
      used.set(recorded.step, (used.get(recorded.step) ?? 0) + recorded.charged.tokens);
    }
    // The agents of a turn that begins anew begin anew, too: what those of then have used is counted in the budget of the run alone.
    if (type === 'scope.opened')
      for (const step of used.keys())
        if (step.startsWith(`${turnOf(data as Data<typeof ScopeOpened>)}/`)) used.delete(step);
    if (type === 'verdict.recorded') {
      const verdict = data as Data<typeof VerdictRecorded>;
      if (verdict.point === 'after' && verdict.verdict === 'allow') allowed.add(judgedRequestOf(verdict));
    }
    if (type === 'plan.requested') {
      const { step, reserved, round } = data as Data<typeof PlanRequested>;
      const tokens = used.get(step) ?? 0;
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

const turnOf = ({ step, item, pass }: Data<typeof ScopeOpened>): string =>
  pathOfTurn(step, item !== undefined ? { item } : pass !== undefined ? { pass } : { branch: 0 });
