import { ChildEnded, hashOf, RunCompleted, RunStarted, RunUndoing } from '@interlock/contracts';
import type { CompiledStep, CompiledWorkflow } from '@interlock/language';
import { beforeEach, expect, test } from 'vitest';
import { checkActor } from './check.actor.js';
import { Artifacts, callAsRequested, RunInputs, runId } from './check.fixture.js';
import type { RequestedCall } from './questions.js';
import { Verdicts } from './verdicts.js';

/* Which models led to a call, where they belong to a run above or to a child. */

const every = { needs: [], timeout: {} };
const pay = { ...every, id: 'pay', kind: 'tool' } as unknown as CompiledStep;
const agent = (id: string, ...approvers: readonly string[]) =>
  ({
    ...every,
    id,
    kind: 'agent',
    agent: { goal: 'g', tools: [], levelMax: 'assisted', approvers, baseline: { table: { rules: [] } } },
  }) as unknown as CompiledStep;
const starts = (id: string, { name, version, hash }: CompiledWorkflow, mayAct = true) =>
  ({
    ...every,
    id,
    kind: 'workflow',
    workflow: { name, version, hash },
    with: {},
    mayAct,
  }) as unknown as CompiledStep;

function workflow(name: string, ...steps: readonly CompiledStep[]): CompiledWorkflow {
  const body = { name, version: 1, steps } as unknown as Omit<CompiledWorkflow, 'hash'>;
  return { ...body, hash: hashOf(body) };
}

const start = (compiled: CompiledWorkflow, more: object = {}) =>
  RunStarted({
    commandId: 'c1',
    rootRunId: runId,
    requestHash: 'r1',
    salt: 'a-salt-of-128-bits-0_0',
    by: { sub: 'ada', roles: [] },
    workflow: { name: compiled.name, version: 1, hash: compiled.hash },
    compiled,
    input: {},
    deadline: 1,
    ...more,
  });

let artifacts: Artifacts;
let run: RunInputs;
let verdicts: Verdicts;
beforeEach(() => {
  artifacts = new Artifacts();
  artifacts.tool();
  artifacts.bundle('permit(principal, action, resource);');
  verdicts = new Verdicts(artifacts);
  run = new RunInputs(checkActor(verdicts));
});

const judged = (call: Partial<RequestedCall>) =>
  verdicts.before({ checkId: `${runId}/1`, runId, call: callAsRequested(call as object), run: run.kept });

const mark = (step: string, plan: string) => ({ step, level: 'assisted' as const, model: 'm/1', plan });

test('a call of a child is led to by the models of the run above, and takes whoever approves for those', () => {
  const above = workflow('above', agent('plan', 'head'), pay);
  const below = workflow('below', pay);
  for (const one of [above, below]) artifacts.workflow(one);
  const plan = mark('plan', 'run-0/4');
  run.append('start', start(below, { inherited: [{ ...plan, workflow: above.hash }] }));
  expect(judged({ influencedBy: [plan] })).toMatchObject({
    verdict: 'allow',
    approval: { approvers: ['head'] },
    influencedBy: [plan],
  });
  expect(judged({}).verdict).toBe('deny');
});

test('a call behind a child is led to by the models of that one, and takes whoever approves for those', () => {
  const below = workflow('below', agent('think', 'lead'));
  const above = workflow('above', starts('go', below), { ...pay, needs: ['go'] } as CompiledStep);
  for (const one of [below, above]) artifacts.workflow(one);
  const think = mark('think', 'run-2/4');
  run.append('start', start(above));
  expect(judged({})).toMatchObject({ verdict: 'allow' });
  run.append(
    'end',
    ChildEnded({
      step: 'go',
      runId: 'run-2',
      status: 'completed',
      output: 1,
      used: { tokens: 0, costUsd: 0, steps: 1, toolCalls: 0 },
      wrote: false,
      influencedBy: [think],
      shapedBy: [],
    }),
  );
  const lent = { ...think, step: 'go/think' };
  expect(judged({ influencedBy: [lent] })).toMatchObject({
    verdict: 'allow',
    approval: { approvers: ['lead'] },
  });
  expect(judged({}).verdict).toBe('deny');
});

test('what a run above and the run itself were led to by takes whoever may approve for both', () => {
  const above = workflow('above', agent('plan', 'head', 'lead'));
  const below = workflow('below', agent('think', 'lead', 'clerk'), {
    ...pay,
    needs: ['think'],
  } as CompiledStep);
  for (const one of [above, below]) artifacts.workflow(one);
  const plan = mark('plan', 'run-0/4');
  run.append('start', start(below, { inherited: [{ ...plan, workflow: above.hash }] }));
  const think = mark('think', `${runId}/7`);
  run.kept = run.kept && {
    ...run.kept,
    facts: { ...run.kept.facts, agents: [{ ...think, used: true }] },
  };
  expect(judged({ influencedBy: [plan, think] }).approval).toEqual({ kind: 'single', approvers: ['lead'] });
});

test('of a run that undoes what it did after its end, the models are known again', () => {
  const below = workflow('below', agent('think', 'lead'), { ...pay, needs: ['think'] } as CompiledStep);
  artifacts.workflow(below);
  const think = mark('think', `${runId}/4`);
  run.append('start', start(below));
  run.append('end', RunCompleted({ output: null, success: true }));
  expect(run.kept).toBeUndefined();
  const { plan, step, level, model } = think;
  run.append(
    'undo',
    RunUndoing({
      by: { sub: 'ada', roles: [] },
      reason: 'r',
      influence: {
        workflow: below.hash,
        agents: ['think'],
        inherited: [],
        facts: [
          { kind: 'asked', plan, step, level, model },
          { kind: 'used', step },
        ],
      },
    }),
  );
  expect(judged({ influencedBy: [think], purpose: 'compensate' })).toMatchObject({ influencedBy: [think] });
});
