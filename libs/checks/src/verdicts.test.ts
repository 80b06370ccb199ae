import { PolicyDecided } from '@interlock/contracts';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Confirmation } from './approval-answer.js';
import { Artifacts, callAsRequested, refunds, runId, voteOn } from './check.fixture.js';
import { ARGUMENTS_BYTES_MAX, OUTPUT_BYTES_MAX, type RequestedCall } from './questions.js';
import type { RecordedOutput } from './recorded-output.js';
import { NO_BUNDLE, Verdicts } from './verdicts.js';

const permitAll = 'permit(principal, action, resource);';
const permitWhen = (condition: string) => `permit(principal, action, resource) when { ${condition} };`;
let artifacts: Artifacts;

beforeEach(() => {
  artifacts = new Artifacts();
  artifacts.tool();
});

const before = (change: Partial<RequestedCall> = {}, confirmation?: Confirmation) =>
  new Verdicts(artifacts).before({
    checkId: `${runId}/1`,
    runId,
    call: callAsRequested(change),
    confirmation,
  });

const hashVote = (sub: string) => voteOn(callAsRequested().callHash, sub);
const stranger = { sub: 'bea', roles: ['lead'], tenant: 'globex' };
const approvalId = `${runId}.7`;
const confirmed = (change: Partial<Confirmation> = {}): Confirmation => ({
  requestId: `${runId}/1`,
  approvalId,
  callHash: callAsRequested().callHash,
  votes: [voteOn(callAsRequested().callHash)],
  requester: 'ada',
  grantId: `${approvalId}/granted`,
  ...change,
});

function after(value: unknown, change: Partial<RecordedOutput['check']> = {}) {
  const { step, tool, toolHash, principal } = callAsRequested();
  const check = { tool, toolHash, principal, ...change };
  const recorded = { requestId: 'request', step, check, output: { value } };
  return new Verdicts(artifacts).after({ checkId: 'check', recorded });
}

describe('before a call, policies see', () => {
  test.each([
    ['the arguments', 'context.arguments.amountCents == 5000 && context.arguments.orderId == "o1"'],
    ['the tool', 'context.tool == "refunds.create" && resource == Tool::"refunds.create"'],
    [
      'what it is like',
      'resource.effect == "write" && resource.risk == "high" && context.audience == "customer"',
    ],
    ['where it runs', 'resource.origin == "function" && resource.pool == "default" && resource.version == 2'],
    ['the workflow', 'principal == Workflow::"refund-request" && principal.version == 1'],
    ['who asked', 'principal.requester == "ada" && principal.requesterRoles.contains("clerk")'],
    ['which attempt it is', 'context.attempt == 1 && context.occurrence == 1 && !context.recovery'],
    ['what it is for', 'context.purpose == "step"'],
    ['that nobody has approved it', '!context.approved'],
    ['no tenant when there is none', '!(principal has tenant)'],
  ])('%s', (_name, condition) => {
    artifacts.bundle(permitWhen(condition));
    expect(before()).toMatchObject({ verdict: 'allow', policies: ['p0'] });
  });

  test('that people have approved it, when they have', () => {
    artifacts.bundle(permitWhen('context.approved'));
    expect(before().verdict).toBe('deny');
    expect(before({ approvalId }, confirmed()).verdict).toBe('allow');
  });

  test.each<[string, Partial<Confirmation>]>([
    ['another call', { callHash: 'f'.repeat(64) }],
    ['another request', { approvalId: `${runId}.8` }],
    ['somebody else', { requester: 'bob' }],
    ['nobody in particular', { votes: [] }],
    ['a call that the voters saw otherwise', { votes: [voteOn('f'.repeat(64))] }],
    ['what the requester approved under another spelling', { votes: [hashVote('a\u034fda')] }],
    ['what a shaper approved', { votes: [hashVote('bea'), hashVote('sig')] }],
    ['what somebody of another tenant approved', { votes: [{ ...hashVote('bea'), by: stranger }] }],
  ])('nothing of an approval for %s', (_name, change) => {
    artifacts.bundle(permitWhen('context.approved'));
    expect(before({ approvalId, shapedBy: ['ada', 'sig'] }, confirmed(change)).verdict).toBe('deny');
  });
});

describe('denied without asking a policy is', () => {
  const tooDeep = JSON.parse(`${'[['.repeat(50)}${']]'.repeat(50)}`);
  test.each<[string, Partial<RequestedCall>]>([
    ['a call under a forged hash', { callHash: 'f'.repeat(64) }],
    [
      'a call whose arguments were changed',
      { callHash: callAsRequested().callHash, arguments: { amountCents: 1 } },
    ],
    ['a tool that nobody has published', { toolHash: 'e'.repeat(64) }],
    ['a call under another name', { tool: 'refunds.find' }],
    ['a call of another version', { toolVersion: 1 }],
    ['a write that calls itself a read', { effect: 'read' }],
    ['a call with too much to read', { arguments: { text: 'a'.repeat(ARGUMENTS_BYTES_MAX) } }],
    ['a call that is nested too deep', { arguments: { tooDeep } }],
  ])('%s', (_name, change) => {
    const bundle = artifacts.bundle(permitAll);
    expect(before(change)).toMatchObject({ verdict: 'deny', policies: [], bundle, point: 'before' });
  });

  test('a forged call is answered under the hash that its arguments really have', () => {
    artifacts.bundle(permitAll);
    expect(before({ callHash: 'f'.repeat(64) }).callHash).toBe(callAsRequested().callHash);
  });

  test('everything, when no bundle is in force or an unusable one', () => {
    artifacts.publish('policy', 'main', { policies: [{ id: 'a', text: permitAll }] });
    expect(before()).toMatchObject({
      verdict: 'deny',
      bundle: NO_BUNDLE,
      reason: expect.stringContaining('interlock policy activate'),
    });
    artifacts.bundle(permitAll);
    artifacts.bundle('permit(principal');
    expect(before()).toMatchObject({ verdict: 'deny', bundle: NO_BUNDLE });
  });

  test('a tool whose document is not what its hash says', () => {
    artifacts.bundle(permitAll);
    const lies = {
      get: artifacts.get.bind(artifacts),
      all: artifacts.all.bind(artifacts),
      activePolicy: artifacts.activePolicy.bind(artifacts),
      byHash: (hash: string) => {
        const artifact = artifacts.byHash(hash);
        return artifact && { ...artifact, document: { ...refunds, risk: 'low' } };
      },
    };
    const check = { checkId: 'c', runId, call: callAsRequested() };
    expect(new Verdicts(lies).before(check).verdict).toBe('deny');
  });
});

describe('after a call, policies see', () => {
  test.each([
    ['the output', 'context.output.email like "*@example.com" && context.outcome == "succeeded"'],
    ['what the detectors found', 'context.findings == ["personal.email"]'],
    ['how large it is', 'context.outputBytes < 100'],
  ])('%s', (_name, condition) => {
    artifacts.bundle(permitWhen(condition));
    expect(after({ email: 'bob@example.com' }).verdict).toBe('allow');
  });

  test('no output that is too large or too deep, but what was found in it', () => {
    artifacts.bundle(permitWhen('!(context has output) && context.findings.contains("personal.email")'));
    expect(after(['bob@example.com', 'a'.repeat(OUTPUT_BYTES_MAX)]).verdict).toBe('allow');
    expect(after(JSON.parse(`${'['.repeat(100)}"bob@example.com"${']'.repeat(100)}`)).verdict).toBe('allow');
  });

  test('links to hosts that the bundle does not name', () => {
    const policies = [
      { id: 'a', text: permitAll },
      {
        id: 'b',
        text: 'forbid(principal, action, resource) when { context.findings.contains("foreign_link") };',
      },
    ];
    artifacts.activate({ policies, hosts: ['shop.example'] });
    expect(after('see https://shop.example/1').verdict).toBe('allow');
    expect(after('see https://evil.example/1')).toMatchObject({ verdict: 'deny', policies: ['b'] });
  });

  test('and may redact it', () => {
    artifacts.bundle(`@redact("email") ${permitAll}`);
    expect(after({ email: 'bob@example.com' })).toMatchObject({ verdict: 'allow', redact: ['email'] });
    expect(before().redact).toBeUndefined();
  });

  test.each([
    ['that nobody has published', { toolHash: 'e'.repeat(64) }],
    ['under another name', { tool: 'refunds.find' }],
  ])('nothing of a tool %s', (_name, change) => {
    artifacts.bundle(permitAll);
    expect(after({}, change)).toMatchObject({ verdict: 'deny', policies: [] });
  });
});

describe('a verdict', () => {
  test('asks for the approval that policy wants', () => {
    artifacts.bundle(
      permitAll,
      `@approval("dual") @approvers("lead") ${permitWhen('resource.risk == "high"')}`,
    );
    expect(before()).toMatchObject({ verdict: 'allow', approval: { kind: 'dual', approvers: ['lead'] } });
    expect(after({}).approval).toBeUndefined();
  });

  test('still asks for it when people have approved: whether they are enough is for others to see', () => {
    artifacts.bundle(`@approval("dual") @approvers("lead") ${permitAll}`);
    const asked = before().approval;
    expect(asked).toEqual({ kind: 'dual', approvers: ['lead'] });
    expect(before({ approvalId }, confirmed()).approval).toEqual(asked);
  });

  test('comes out the same again from the same inputs, and names them by their digest', () => {
    const bundle = artifacts.bundle(permitAll);
    const first = before();
    expect(before()).toEqual(first);
    expect(first.bundle).toBe(bundle);
    expect(before({ attempt: 2 }).inputDigest).not.toBe(first.inputDigest);
    artifacts.bundle(permitAll, permitAll);
    expect(before().inputDigest).not.toBe(first.inputDigest);
  });

  test('fits its contract, also when the call is full of long names', () => {
    artifacts.bundle(permitAll);
    for (const verdict of [before(), after({}), after('\ud800'), before({ tool: 'x'.repeat(50_000) })])
      expect(PolicyDecided.schema.safeParse(verdict).error).toBeUndefined();
  });
});

describe('what a call says that it is for', () => {
  test('is not taken for undoing where no tool is undone by it: nobody would be asked, and a stop would let it pass', () => {
    artifacts.bundle(permitAll);
    expect(before({ purpose: 'compensate' })).toMatchObject({
      verdict: 'deny',
      policies: [],
      reason: expect.stringContaining('undone by refunds.create'),
    });
    artifacts.tool({ ...refunds, name: 'refunds.take', compensate: { tool: refunds.name } });
    expect(before({ purpose: 'compensate' }).verdict).toBe('allow');
  });

  test('is not taken for a verification where it writes', () => {
    artifacts.bundle(permitAll);
    expect(before({ purpose: 'verify' })).toMatchObject({
      verdict: 'deny',
      reason: expect.stringContaining('verifies'),
    });
  });
});
