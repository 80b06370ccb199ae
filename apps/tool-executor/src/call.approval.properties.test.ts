import {
  type ApprovalRequirement,
  type CallRequested,
  judgedRequestOf,
  type PolicyDecided,
} from '@interlock/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import {
  APPROVAL,
  CallScenario,
  type ConfirmationChange,
  type GivenVote,
  keyed,
  type RequestedCall,
  vote,
} from './call.scenario.js';
import type { Confirmation, Received } from './deferred-calls.js';

/** What a test case says in place of the real ids: the first, second or third request. */
type Which = 0 | 1 | 2;
type Said =
  | { kind: 'verdict'; of: Which; allow: boolean; hash: boolean; approval: ApprovalRequirement | undefined }
  | { kind: 'confirmed'; of: Which; change: ConfirmationChange; votes: GivenVote[] }
  | { kind: 'unconfirmed'; of: Which }
  | { kind: 'revoked'; of: Which }
  | { kind: 'requested'; of: Which };

const which = fc.constantFrom<Which>(0, 1, 2);
const role = fc.constantFrom('finance', 'finance', 'lead', 'clerk');
/** `ada` is who asked, `sig` sent a signal that the call is made of. The run is of `acme`. */
const castVote = fc
  .tuple(
    fc.constantFrom('ada', 'a\u034fda', 'bea', 'bea', 'Bea\u2800', 'cleo', 'cleo', 'sig', 'SIG '),
    fc.array(role, { maxLength: 2 }),
    fc.constantFrom('approve', 'approve', 'approve', 'approve', 'approve', 'approve', 'deny'),
    fc.constantFrom('acme', 'acme', 'acme', 'acme', 'acme', 'globex', undefined),
    fc.constantFrom(undefined, undefined, undefined, undefined, 'of another call'),
  )
  .map(([sub, roles, said, tenant, callHash]) =>
    vote(sub, roles, said as 'approve', {
      ...(tenant !== undefined && { tenant }),
      ...(callHash !== undefined && { callHash }),
    }),
  );
const requirement: fc.Arbitrary<ApprovalRequirement> = fc
  .tuple(
    fc.constantFrom('single', 'dual'),
    fc.constantFrom('finance', 'lead'),
    fc.option(fc.constant('clerk')),
  )
  .map(([kind, approver, escalateTo]) => ({
    kind: kind as 'single',
    approvers: [approver],
    ...(escalateTo !== null && { escalateTo: [escalateTo] }),
  }));
const mostly = fc.constantFrom(true, true, true, true, true, true, true, false);
const change = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<ConfirmationChange>(
      { callHash: 'of another call' },
      { approvalId: 'run-1.8' },
      { requester: 'bea' },
    ),
  },
);
/** Who proposed a request: nobody, or a model, which may mean the same call again. */
const proposer: fc.Arbitrary<Partial<z.output<typeof CallRequested.schema>>> = fc.oneof(
  fc.constant({}),
  fc
    .tuple(fc.constantFrom(1, 1, 2, 3), fc.nat(19), fc.constantFrom(0, 0.5, 1))
    .map(([occurrence, index, confidence]) => ({
      occurrence,
      agent: {
        planId: 'run-1/2',
        index,
        model: 'local/planner-1',
        level: 'assisted' as const,
        confidence,
        approvers: ['finance'],
      },
    })),
);
const votes = fc.array(castVote, { maxLength: 4 });

const scenario = (of: Which): fc.Arbitrary<Said[]> =>
  fc
    .tuple(
      fc.tuple(mostly, mostly, fc.option(requirement, { freq: 5, nil: undefined })),
      fc.tuple(fc.constantFrom(0, 1, 1, 1, 1, 2), change, votes),
      fc.tuple(mostly, mostly),
      which,
    )
    .map(([[allow, hash, approval], [times, changed, cast], [isConfirmed, stays], other]) => [
      { kind: 'requested', of },
      { kind: 'verdict', of, allow, hash, approval },
      ...Array.from({ length: times }, (): Said => ({ kind: 'confirmed', of, change: changed, votes: cast })),
      ...(isConfirmed ? [] : [{ kind: 'unconfirmed' as const, of: other }]),
      ...(stays ? [] : [{ kind: 'revoked' as const, of }]),
    ]);
/** Three requests of one call and all that is said of them; mostly each request comes first, as the hosts see to. */
const history = fc
  .tuple(scenario(0), scenario(1), scenario(2))
  .chain((scenarios) => fc.shuffledSubarray(scenarios.flat(), { minLength: scenarios.flat().length }))
  .chain((all) => fc.boolean().map((isOrdered) => (isOrdered ? requestedFirst(all) : all)));
const requestedFirst = (all: readonly Said[]): Said[] => [
  ...all.filter(({ kind }) => kind === 'requested'),
  ...all.filter(({ kind }) => kind !== 'requested'),
];

test('whatever is said in whatever order, an attempt has its quorum for exactly that call', () => {
  let attempts = 0;
  let approved = 0;
  let proposed = 0;
  const names = fc.tuple(mostly, mostly, mostly);
  const proposers = fc.tuple(proposer, proposer, proposer);
  fc.assert(
    fc.property(history, names, proposers, (all, named, by) => {
      const scenario = new CallScenario();
      const callRequests = named.map((isNamed, at) =>
        scenario.requestCall(keyed, {
          ...by[at],
          principal: { workflow: 'w', version: 1, requester: 'ada', requesterRoles: [], tenant: 'acme' },
          ...(isNamed ? { approvalId: APPROVAL, shapedBy: ['ada', 'sig'] } : {}),
        }),
      );
      const delivered: Received[] = [];
      for (const said of all) {
        const message = messageOf(scenario, callRequests, said);
        delivered.push(message);
        const before = scenario.started.length;
        scenario.take(message);
        for (const { id } of scenario.started.slice(before)) {
          attempts += 1;
          approved += isRequired(id, delivered) ? 1 : 0;
          proposed += callRequests.some(({ meta, data }) => meta.id === id && 'agent' in (data as object))
            ? 1
            : 0;
          expect(mayBePerformed(id, delivered)).toBe(true);
        }
      }
      const ids = scenario.started.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      scenario.due(60_000);
      expect(scenario.deferred).toEqual([]);
    }),
    { numRuns: 10_000 },
  );
  console.log(
    `10,000 vote histories: ${attempts} attempts, ${approved} of them with people, ${proposed} by models`,
  );
  // Otherwise the scenarios have drifted, and nothing was tried.
  expect(attempts).toBeGreaterThan(1_000);
  expect(approved).toBeGreaterThan(300);
  expect(proposed).toBeGreaterThan(500);
});

const isRequired = (requestId: string, seen: readonly Received[]): boolean =>
  seen.some(
    (one) =>
      one.type === 'policy.decided' && requestIdOf(one) === requestId && 'approval' in (one.data as object),
  );

function messageOf(scenario: CallScenario, callRequests: readonly RequestedCall[], said: Said): Received {
  const callRequest = callRequests[said.of]!;
  switch (said.kind) {
    case 'requested':
      return callRequest;
    case 'verdict':
      return scenario.verdict(callRequest, {
        verdict: said.allow ? 'allow' : 'deny',
        ...(said.hash ? {} : { callHash: 'of another call' }),
        ...(said.approval !== undefined && { approval: said.approval }),
      });
    case 'confirmed':
      return scenario.confirm(callRequest, { votes: said.votes, ...said.change });
    case 'unconfirmed':
      return scenario.unconfirm(callRequest);
    case 'revoked':
      return scenario.revoke(callRequest);
  }
}

/** Written for itself, from the words of the architecture: asks nothing of the product. */
function mayBePerformed(requestId: string, seen: readonly Received[]): boolean {
  const at = seen.findIndex(({ type, meta }) => type === 'call.requested' && meta.id === requestId);
  const call = seen[at]?.data as z.output<typeof CallRequested.schema> | undefined;
  const said = (type: string) =>
    seen.slice(at).flatMap((one) => (one.type === type && requestIdOf(one) === requestId ? [one.data] : []));
  if (call === undefined || said('call.revoked').length > 0) return false;
  const verdict = said('policy.decided')[0] as z.output<typeof PolicyDecided.schema> | undefined;
  if (verdict?.verdict !== 'allow' || verdict.callHash !== call.callHash) return false;
  if (call.approvalId === undefined) return verdict.approval === undefined;
  return (said('approval.confirmed') as Confirmation[]).some(
    (one) =>
      one.callHash === call.callHash &&
      one.approvalId === call.approvalId &&
      one.requester === 'ada' &&
      hasQuorum(one, verdict.approval, call.callHash),
  );
}

const requestIdOf = ({ type, data, meta }: Received): string =>
  type === 'call.requested' ? meta.id : type === 'policy.decided' ? judgedRequestOf(data) : data.requestId;

/** Who is meant, read from the letters alone. */
const meant = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '');

function hasQuorum(
  { votes }: Confirmation,
  wanted: ApprovalRequirement | undefined,
  callHash: string,
): boolean {
  if (wanted === undefined) return true;
  const people: Record<string, true> = {};
  for (const { by, vote, callHash: seen } of votes) {
    if (vote === 'deny') return false;
    if (by.tenant !== 'acme' || seen !== callHash) continue;
    const isWanted = [...wanted.approvers, ...(wanted.escalateTo ?? [])].some((one) =>
      by.roles.includes(one),
    );
    const who = meant(by.sub);
    if (who !== 'ada' && who !== 'sig' && isWanted) people[who] = true;
  }
  return Object.keys(people).length >= { single: 1, dual: 2 }[wanted.kind];
}
