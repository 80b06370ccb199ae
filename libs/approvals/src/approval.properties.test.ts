import {
  type ApprovalGranted,
  type ApprovalRequirement,
  ApprovalUnneeded,
  type Identity,
  isQuorum,
  type MessageOf,
} from '@interlock/contracts';
import { specification } from '@interlock/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CALL_HASH, fromRun, ID, RUN, requested, voted } from '../test/approval.fixture.js';
import { approvalActor } from './approval.actor.js';

type Step =
  | {
      readonly does: 'vote';
      readonly by: Identity;
      readonly vote: 'approve' | 'deny';
      /** Of the call that is asked about, or of another. */
      readonly callHash: string;
      readonly lateMs: number;
    }
  | { readonly does: 'repeat'; readonly which: number }
  | { readonly does: 'wait'; readonly ms: number }
  | { readonly does: 'timers' }
  | { readonly does: 'withdraw' };

interface Case {
  readonly requirement: ApprovalRequirement;
  readonly requester: string;
  /** Who sent a signal that the call is made of. */
  readonly signallers: readonly string[];
  readonly tenant: string | undefined;
  readonly steps: readonly Step[];
}

type Ending = 'open' | 'granted' | 'denied' | 'expired' | 'withdrawn';

const names = ['ada', 'ben', 'cleo', 'dora', 'rosa'];
/** The ways in which a name looks the same, and is not the same text. */
const spellings = [
  (name: string) => name,
  (name: string) => name,
  (name: string) => `${name[0]}\u034f${name.slice(1)}`,
  (name: string) => ` ${name.toUpperCase()}\u2800`,
];
/** Who is meant, read from the letters alone. */
const meant = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '');
const tenants = ['acme', 'acme', 'acme', 'globex', undefined];
const roles = ['finance', 'support', 'director'];

/** The same name may come with other roles the next time, as from a token of another day. */
const person: fc.Arbitrary<Identity> = fc
  .record({
    name: fc.constantFrom(...names),
    spelling: fc.constantFrom(...spellings),
    roles: fc.subarray(roles, { minLength: 0 }),
    tenant: fc.constantFrom(...tenants),
  })
  .map(({ name, spelling, roles: deferred, tenant }) => ({
    sub: spelling(name),
    roles: deferred,
    ...(tenant !== undefined && { tenant }),
  }));

const requirement: fc.Arbitrary<ApprovalRequirement> = fc
  .record({
    kind: fc.constantFrom('single' as const, 'dual' as const),
    approvers: fc.subarray(roles, { minLength: 1 }),
    escalateTo: fc.option(fc.subarray(roles), { nil: undefined }),
    remind: fc.integer({ min: 1, max: 60 }),
    escalate: fc.integer({ min: 1, max: 60 }),
    expiresAfterMs: fc.integer({ min: 1, max: 60 }),
  })
  .map(({ remind, escalate, ...rest }) => ({ ...rest, remindAfterMs: remind, escalateAfterMs: escalate }));

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('vote' as const),
      by: person,
      vote: fc.constantFrom('approve' as const, 'approve' as const, 'approve' as const, 'deny' as const),
      callHash: fc.constantFrom(CALL_HASH, CALL_HASH, CALL_HASH, CALL_HASH, 'of another call'),
      lateMs: fc.integer({ min: 0, max: 5 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('repeat' as const), which: fc.nat(20) }) },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 15 }) }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('timers' as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('withdraw' as const) }) },
);

const someCase: fc.Arbitrary<Case> = fc.record({
  requirement,
  requester: fc.constantFrom(...names),
  signallers: fc.subarray(names, { maxLength: 2 }),
  tenant: fc.constantFrom('acme', 'acme', 'acme', undefined),
  steps: fc.array(step, { maxLength: 20 }),
});

/** What the actor makes of it: how it ended, how often it ended, and who is in the grant. */
function played({ requirement, requester, signallers, tenant, steps }: Case) {
  const scenario = specification(approvalActor, { key: RUN })
    .given()
    .when(requested(requirement, { requester, shapedBy: [requester, ...signallers], tenant }));
  const cast: ReturnType<typeof voted>[] = [];
  for (const next of steps) {
    switch (next.does) {
      case 'vote':
        cast.push(
          voted(next.by, next.vote, { callHash: next.callHash, issuedAt: scenario.now - next.lateMs }),
        );
        scenario.when(cast.at(-1)!);
        break;
      case 'repeat':
        if (cast.length > 0) scenario.when(cast[next.which % cast.length]!);
        break;
      case 'wait':
        scenario.after(next.ms);
        break;
      case 'timers':
        scenario.when({ kind: 'due' });
        break;
      case 'withdraw':
        scenario.when(fromRun(ApprovalUnneeded({ approvalId: ID, step: 'pay', because: 'cancelled' })));
    }
  }
  const endings = scenario.events.filter(({ type }) => /\.(granted|denied|expired|withdrawn)$/.test(type));
  const grant = endings.find(({ type }) => type === 'approval.granted');
  const votes = grant && (grant.data as MessageOf<typeof ApprovalGranted>['data']).votes;
  const ending = (endings[0]?.type.split('.')[1] ?? 'open') as Ending;
  return { ending, endings: endings.length, votes, state: scenario.state };
}

/**
 * The rules as a clerk would apply them with a sheet of paper: a list of the people who have signed, and the clock. Written from the
 * rules alone; it shares nothing with the service.
 */
function onPaper({ requirement, requester, signallers, tenant, steps }: Case): {
  ending: Ending;
  signed: ReadonlySet<string>;
} {
  const { kind, approvers, escalateTo = [], escalateAfterMs = 0, expiresAfterMs = 0 } = requirement;
  const signed = new Set<string>();
  let now = 0;
  let nextGroup = false;
  for (const next of steps) {
    if (next.does === 'wait') now += next.ms;
    if (next.does === 'withdraw') return { ending: 'withdrawn', signed };
    if (next.does !== 'vote' && next.does !== 'timers') continue; // A repeat says nothing new.
    // The clerk looks at the clock: at the time it is, or the time on the letter.
    const instant = next.does === 'vote' ? now - next.lateMs : now;
    if (instant >= expiresAfterMs) return { ending: 'expired', signed };
    if (instant >= escalateAfterMs) nextGroup = true;
    if (next.does === 'timers') continue;
    const who = meant(next.by.sub);
    if (who === requester || signallers.includes(who)) continue;
    if (next.by.tenant !== tenant || next.callHash !== CALL_HASH) continue;
    const allowed = nextGroup ? approvers.concat(escalateTo) : approvers;
    if (!next.by.roles.some((role) => allowed.includes(role))) continue;
    if (next.vote === 'deny') return { ending: 'denied', signed };
    signed.add(who);
    if (signed.size === { single: 1, dual: 2 }[kind]) return { ending: 'granted', signed };
  }
  return { ending: 'open', signed };
}

test('10,000 random sequences end as the rules say, once, and a grant always rests on its quorum', () => {
  const seen = new Map<Ending, number>();
  fc.assert(
    fc.property(someCase, (one) => {
      const { ending, endings, votes, state } = played(one);
      const paper = onPaper(one);
      expect(ending).toBe(paper.ending);
      expect(endings).toBe(ending === 'open' ? 0 : 1);
      expect(state?.approvals[ID]?.status).toBe(ending);
      expect(votes !== undefined).toBe(ending === 'granted');
      if (votes !== undefined) {
        const shapedBy = [one.requester, ...one.signallers];
        const on = { callHash: CALL_HASH, shapedBy, tenant: one.tenant };
        expect(isQuorum(one.requirement, votes, on)).toBe(true);
        expect(new Set(votes.map(({ by }) => meant(by.sub)))).toEqual(paper.signed);
        expect(votes).toHaveLength(paper.signed.size);
      }
      seen.set(ending, (seen.get(ending) ?? 0) + 1);
    }),
    { numRuns: 10_000 },
  );
  console.log(`10,000 vote histories: ${[...seen].map(([ending, n]) => `${n} ${ending}`).join(', ')}`);
  // Sequences that never get anywhere would prove nothing.
  for (const ending of ['open', 'granted', 'denied', 'expired', 'withdrawn'] as const) {
    expect(seen.get(ending) ?? 0).toBeGreaterThan(200);
  }
}, 60_000);
