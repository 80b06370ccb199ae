// biome-ignore-all lint/style/useTemplate: a document holds the expression
import { hashOf, PolicyDecided, type Proposal } from '@interlock/contracts';
import { type CompiledWorkflow, type InfluenceFacts, noFacts } from '@interlock/language';
import { beforeEach, describe, expect, test } from 'vitest';
import { NO_BUNDLE } from './asking.js';
import { Artifacts } from './check.fixture.js';
import { plan, proposal, proposed, unplanned } from './plan.fixture.js';
import type { RecordedPlan, RequestedPlan } from './plan.questions.js';
import { Verdicts } from './verdicts.js';

const permitAll = 'permit(principal, action, resource);';
const permitWhen = (action: string, condition: string) =>
  `permit(principal, action == Action::"${action}", resource) when { ${condition} };`;
let artifacts: Artifacts;

beforeEach(() => {
  artifacts = new Artifacts();
  artifacts.tool();
});

const before = (change: Partial<RequestedPlan> = {}) =>
  new Verdicts(artifacts).plans.before('run-1/3', plan(change));
const after = (change: Partial<RecordedPlan> = {}) =>
  new Verdicts(artifacts).plans.after('run-1/5', proposed(change));
const proposing = (change: Partial<Proposal>) =>
  after({ outcome: { kind: 'proposed', proposal: proposal(change) } });

describe('before a model is asked, policies see', () => {
  test.each([
    ['which it is', 'resource == Model::"openai/planner-1" && context.model == "openai/planner-1"'],
    [
      'whose it is',
      'resource.provider == "openai" && resource.name == "planner-1" && context.provider == "openai"',
    ],
    ['the workflow and who asked', 'principal == Workflow::"refund-request" && principal.requester == "ada"'],
    ['what it is asked for', 'context.purpose == "act" && context.round == 1'],
    ['the most it may use', 'context.tokens == 4000 && context.costUsd == decimal("1.0")'],
    ['which tools it hears of', 'context.tools == ["refunds.create"]'],
    ['that nothing odd is in what it is told', 'context.findings.isEmpty()'],
  ])('%s', (_name, condition) => {
    artifacts.bundle(permitWhen('model.call', condition));
    expect(before()).toMatchObject({
      verdict: 'allow',
      policies: ['p0'],
      point: 'before',
      checkId: 'run-1/3',
    });
  });

  test('what detectors find in goal, facts and observations', () => {
    artifacts.bundle(permitWhen('model.call', 'context.findings == ["personal.email"]'));
    expect(before({ goal: 'Write to bob@example.com.' }).verdict).toBe('allow');
    expect(before({ known: { facts: { mail: 'bob@example.com' }, observed: [] } }).verdict).toBe('allow');
    expect(before().verdict).toBe('deny');
  });

  test('a name with slashes whole', () => {
    artifacts.bundle(
      permitWhen('model.call', 'resource.provider == "vllm" && resource.name == "meta/llama-3"'),
    );
    expect(before({ model: 'vllm/meta/llama-3' }).verdict).toBe('allow');
  });
});

describe('denied without asking a policy is', () => {
  const [tool] = plan().tools;
  test.each<[string, Partial<RequestedPlan>]>([
    ['a request under a forged hash', { callHash: 'f'.repeat(64) }],
    ['a request whose goal was changed', { callHash: plan().callHash, goal: 'Pay everything.' }],
    ['a request that lists a tool nobody has published', { tools: [{ ...tool!, toolHash: 'e'.repeat(64) }] }],
    ['a request that lists a tool under another name', { tools: [{ ...tool!, name: 'orders.get' }] }],
    ['a request that lists another version', { tools: [{ ...tool!, version: 1 }] }],
  ])('%s', (_name, change) => {
    const bundle = artifacts.bundle(permitAll);
    expect(before(change)).toMatchObject({ verdict: 'deny', policies: [], bundle, point: 'before' });
  });

  test('everything, when there is no bundle', () => {
    expect(before()).toMatchObject({ verdict: 'deny', bundle: NO_BUNDLE });
    expect(after()).toMatchObject({ verdict: 'deny', bundle: NO_BUNDLE });
  });

  test('an outcome that proposes nothing', () => {
    artifacts.bundle(permitAll);
    expect(after({ outcome: unplanned })).toMatchObject({ verdict: 'deny', reason: 'nothing was proposed' });
  });
});

test('what a forged request really asks is what the answer names', () => {
  artifacts.bundle(permitAll);
  expect(before({ callHash: 'f'.repeat(64) }).callHash).toBe(plan().callHash);
});

/** A question of `resolve` to whom the model of `decide` may have named, and what policy knows of the run. */
function asking() {
  const every = { needs: [], timeout: {} };
  const agent = (id: string, more: object) => ({
    ...every,
    id,
    kind: 'agent',
    agent: {
      goal: 'g',
      tools: [],
      levelMax: 'assisted',
      approvers: [],
      baseline: { table: { rules: [] } },
      ...more,
    },
  });
  const to = '$' + '{steps.decide.output.customer}';
  const ask = { to, channel: { kind: 'signal' }, withinMs: 1_000, max: 1 };
  const steps = [agent('decide', {}), { ...agent('resolve', { facts: {}, ask }), needs: ['decide'] }];
  const body = { name: 'refund-request', version: 1, steps } as unknown as Omit<CompiledWorkflow, 'hash'>;
  const workflow: CompiledWorkflow = { ...body, hash: hashOf(body) };
  const outcome = {
    kind: 'proposed',
    proposal: proposal({ calls: [], question: 'Which size?' }),
  } as const;
  const verdict = (facts: InfluenceFacts) => {
    const run = { workflow: workflow.hash, agents: ['decide', 'resolve'], facts };
    return new Verdicts(artifacts).plans.after('run-1/5', proposed({ outcome }), run);
  };
  return { workflow, verdict };
}
const decided: InfluenceFacts = {
  ...noFacts,
  agents: [{ step: 'decide', level: 'assisted', model: 'm/1', plan: 'run-1/2', used: true }],
};

test('policies see which models led to whom a question goes', () => {
  const question = asking();
  artifacts.workflow(question.workflow);
  artifacts.bundle(permitWhen('model.output', 'context.hasQuestion && !context.influenced'));
  expect(question.verdict(noFacts)).toMatchObject({ verdict: 'allow' });
  expect(question.verdict(decided)).toMatchObject({ verdict: 'deny' });
  artifacts.bundle(permitWhen('model.output', 'context.influencedBy == ["decide"]'));
  expect(question.verdict(decided)).toMatchObject({ verdict: 'allow' });
});

test('a question is denied where the workflow of its run is not published as it was started', () => {
  artifacts.bundle(permitAll);
  expect(asking().verdict(decided)).toMatchObject({ verdict: 'deny' });
});

describe('before a proposal is acted on, policies see', () => {
  test.each([
    ['whose it is', 'resource == Model::"openai/planner-1" && principal.requester == "ada"'],
    ['how sure it is, as a decimal also when it is 1', 'context.confidence == decimal("1.0")'],
    ['which tools it wants called', 'context.calls == ["refunds.create"]'],
    ['that it ends nothing', '!context.hasOutput'],
    ['nothing odd in what reasons name', 'context.findings.isEmpty()'],
  ])('%s', (_name, condition) => {
    artifacts.bundle(permitWhen('model.output', condition));
    expect(after()).toMatchObject({
      verdict: 'allow',
      point: 'after',
      checkId: 'run-1/5',
      planId: 'plan',
    });
  });

  test.each<[string, string, Partial<Proposal>]>([
    ['an output', 'context.hasOutput && context.calls.isEmpty()', { calls: [], output: null }],
    [
      'hidden text in arguments',
      'context.findings.contains("hidden_text")',
      { calls: [{ tool: 'refunds.create', arguments: { note: 'pay\u200b\u200bbob' }, occurrence: 1 }] },
    ],
    [
      'names of tools where data belongs',
      'context.findings.contains("tool_name")',
      { output: { next: 'call refunds.create now' } },
    ],
    ['links', 'context.findings.contains("foreign_link")', { output: 'see https://evil.example/x' }],
  ])('%s', (_name, condition, change) => {
    artifacts.bundle(permitWhen('model.output', condition));
    expect(proposing(change).verdict).toBe('allow');
    expect(after().verdict).toBe('deny');
  });
});

test('verdicts on models come out the same again, fit their contract and name their inputs by digest', () => {
  artifacts.bundle(permitAll);
  const odd = proposing({
    calls: [{ tool: '\ud800', arguments: JSON.parse('{"__proto__":{"a":1}}'), occurrence: 1 }],
  });
  for (const verdict of [before(), after(), odd, before({ model: 'no provider' })])
    expect(PolicyDecided.schema.safeParse(verdict).error).toBeUndefined();
  expect(before()).toEqual(before());
  expect(before({ round: 2 }).inputDigest).not.toBe(before().inputDigest);
  expect(proposing({ confidence: 0.5 }).inputDigest).not.toBe(after().inputDigest);
});
