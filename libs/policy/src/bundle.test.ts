import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf, loadBundle } from './bundle.js';
import { bundleOf, question } from './question.fixture.js';

const permitAll = 'permit(principal, action, resource);';
const permitSmall = 'permit(principal, action, resource) when { context.arguments.amountCents <= 10000 };';
const single = (roles: string) => `@approval("single") @approvers("${roles}") ${permitAll}`;
const dual = (roles: string) => `@approval("dual") @approvers("${roles}") ${permitAll}`;
const amount = (amountCents: unknown) => question({ context: { arguments: { amountCents } as never } });

describe('a decision', () => {
  test.each([
    ['no policy at all denies', [], 'deny', []],
    ['a permit that applies allows', [permitAll], 'allow', ['p0']],
    [
      'a permit for somebody else denies',
      ['permit(principal == Workflow::"other", action, resource);'],
      'deny',
      [],
    ],
    [
      'a permit for results says nothing about calls',
      ['permit(principal, action == Action::"tool.result", resource);'],
      'deny',
      [],
    ],
    [
      'a forbid wins over every permit',
      [permitAll, permitSmall, 'forbid(principal, action, resource);'],
      'deny',
      ['p2'],
    ],
    [
      'a forbid that does not apply changes nothing',
      [permitAll, 'forbid(principal, action, resource) when { resource.effect == "read" };'],
      'allow',
      ['p0'],
    ],
    [
      'the roles of the requester count',
      ['permit(principal, action, resource) when { principal.requesterRoles.contains("clerk") };'],
      'allow',
      ['p0'],
    ],
    [
      'the risk of the tool counts',
      ['permit(principal, action, resource) when { resource.risk == "low" };'],
      'deny',
      [],
    ],
  ] as const)('%s', (_name, policies, verdict, ids) => {
    expect(bundleOf(...policies).ask(question())).toMatchObject({ verdict, policies: ids });
  });

  test('names the limit it kept', () => {
    expect(bundleOf(permitSmall).ask(amount(10_000)).verdict).toBe('allow');
    expect(bundleOf(permitSmall).ask(amount(10_001)).verdict).toBe('deny');
  });
});

describe('fails closed', () => {
  test('when a policy cannot be evaluated, even beside a permit', () => {
    const answer = bundleOf(permitAll, 'forbid(principal, action, resource) when { context.nope };').ask(
      question(),
    );
    expect(answer).toMatchObject({ verdict: 'deny', policies: ['p1'] });
    expect(answer.reason).toContain('could not be evaluated');
  });

  test('when a number is compared with a number of another kind', () => {
    expect(bundleOf(permitSmall).ask(amount({ __extn: { fn: 'decimal', arg: '1.5' } })).verdict).toBe('deny');
  });

  test('when Cedar cannot read the question', () => {
    const answer = bundleOf(permitAll, permitSmall).ask(amount(null));
    expect(answer).toMatchObject({ verdict: 'deny', policies: [] });
    expect(answer.reason).toContain('could not be asked');
  });

  test('when Cedar throws', () => {
    expect(bundleOf(permitAll, permitSmall).ask(amount('\ud800')).verdict).toBe('deny');
  });

  test('when a document is no bundle', () => {
    for (const document of [undefined, null, [], {}, { policies: [{ id: 'a', text: 'permit' }] }])
      expect(loadBundle(document)).toMatchObject({ ok: false });
  });
});

describe('among satisfied permits', () => {
  test.each([
    ['none and single give single', [permitAll, single('lead')], { kind: 'single', approvers: ['lead'] }],
    [
      'single and dual give dual with the roles of dual',
      [single('lead'), dual('manager, cfo')],
      { kind: 'dual', approvers: ['cfo', 'manager'] },
    ],
    [
      'two of a kind give the roles that both accept',
      [single('lead, manager'), single('manager, cfo')],
      { kind: 'single', approvers: ['manager'] },
    ],
    ['none gives none', [permitAll, `@approval("none") ${permitAll}`], undefined],
  ] as const)('%s', (_name, policies, approval) => {
    const answer = bundleOf(...policies).ask(question());
    expect(answer.verdict).toBe('allow');
    expect(answer.approval).toEqual(approval);
  });

  test('one says what happens while people are silent', () => {
    const escalation =
      '@remind("PT10M") @escalate("ceo, cfo") @escalateAfter("PT1H") @expires("P1DT4H") @default("fallback")';
    expect(bundleOf(`${escalation} ${single('lead')}`, permitAll).ask(question()).approval).toEqual({
      kind: 'single',
      approvers: ['lead'],
      escalateTo: ['ceo', 'cfo'],
      remindAfterMs: 600_000,
      escalateAfterMs: 3_600_000,
      expiresAfterMs: 100_800_000,
      onExpiry: 'fallback',
    });
  });

  test('two that no role can satisfy together deny', () => {
    expect(bundleOf(single('lead'), single('cfo')).ask(question())).toMatchObject({
      verdict: 'deny',
      policies: ['p0', 'p1'],
    });
  });

  test('a result asks nobody for approval, and what any of them redacts is redacted', () => {
    const bundle = bundleOf(
      single('lead'),
      `@redact("email") ${permitAll}`,
      `@redact("card.number, email") ${permitAll}`,
    );
    const answer = bundle.ask(question({ action: 'tool.result' }));
    expect(answer).toMatchObject({ verdict: 'allow', redact: ['card.number', 'email'] });
    expect(answer.approval).toBeUndefined();
  });

  test('a further one never lowers the number of people asked', () => {
    const pool = [permitAll, permitSmall, single('lead'), single('lead, cfo'), dual('cfo')];
    const people = (policies: readonly string[]) => {
      const { verdict, approval } = bundleOf(...policies).ask(question());
      return verdict === 'deny' ? 3 : approval === undefined ? 0 : approval.kind === 'single' ? 1 : 2;
    };
    const some = fc.uniqueArray(fc.constantFrom(...pool), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(some, fc.constantFrom(...pool), (policies, further) => {
        expect(people([...policies, further])).toBeGreaterThanOrEqual(people(policies));
      }),
      { numRuns: 60 },
    );
  });
});

test('adding a forbid never turns a deny into an allow', () => {
  const condition = fc.constantFrom(
    '',
    'when { resource.effect == "write" }',
    'when { context.arguments.amountCents > 100 }',
    'when { context has missing }',
    'when { context.missing }',
    'unless { principal.requesterRoles.contains("clerk") }',
  );
  const policy = (effect: string) =>
    condition.map((when) => `${effect}(principal, action, resource) ${when};`);
  const bundle = fc.array(fc.oneof(policy('permit'), policy('forbid')), { maxLength: 5 });
  fc.assert(
    fc.property(bundle, policy('forbid'), fc.integer({ min: 0, max: 200 }), (policies, forbid, cents) => {
      const before = bundleOf(...policies).ask(amount(cents)).verdict;
      const after = bundleOf(...policies, forbid).ask(amount(cents)).verdict;
      if (before === 'deny') expect(after).toBe('deny');
    }),
    { numRuns: 100 },
  );
});

test('the digest changes with everything a decision depends on, and with nothing else', () => {
  const base = digestOf('bundle', question());
  expect(digestOf('bundle', question())).toBe(base);
  const others = [
    digestOf('other', question()),
    digestOf('bundle', question({ action: 'tool.result' })),
    digestOf('bundle', amount(5_001)),
    digestOf('bundle', question({ principal: { ...question().principal, attrs: {} } })),
    digestOf('bundle', question({ resource: { ...question().resource, attrs: {} } })),
  ];
  expect(new Set([base, ...others]).size).toBe(6);
});
