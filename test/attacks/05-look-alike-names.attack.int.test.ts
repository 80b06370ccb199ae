import { approvalCommands, CastVote } from '@interlock/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PeopleSystem, startOnEmbedded } from '../e2e/people.system.ts';
import { Person } from '../e2e/person.ts';
import { tillRequestsIn } from '../e2e/till.module.ts';

/**
 * Item 5: an identity provider let people choose their names, and `alice` with a character that nobody sees agreed to what `alice` had
 * asked for.
 */
let system: PeopleSystem;
beforeAll(async () => {
  system = await startOnEmbedded();
});
afterAll(() => system?.remove());

const person = (sub: string) => new Person(system, sub, ['operator', 'finance']);
const paid = (entry: string) => tillRequestsIn(system.tillFile).filter((one) => one.entry === entry);

const lookAlikes: Readonly<Record<string, string>> = {
  'a grapheme joiner': 'ali\u034fce',
  'a Braille blank': 'alice\u2800',
  'a Hangul filler': 'alice\u3164',
  'a variation selector': 'alice\ufe0f',
  'tag letters': 'alice\u{e0061}\u{e0062}',
  'a null notehead': 'ali\u{1d159}ce',
  'full width letters': 'ａｌｉｃｅ',
  capitals: 'ALICE',
};
/** Seen, and so no other person than the one they read as. */
const isVisible = (name: string) => name === 'capitals' || name === 'full width letters';

test('nobody agrees to their own request under a name that looks like theirs', async () => {
  const { approvalId, runId } = await person('alice').asksFor('pay-single', { entry: 'alike', cents: 100 });
  for (const [name, sub] of Object.entries(lookAlikes)) {
    const { status } = await person(sub).votes(approvalId, 'approve');
    expect([name, status]).toEqual([name, isVisible(name) ? 403 : 401]);
  }
  expect(await person('alice').approval(approvalId)).toMatchObject({ status: 'pending', votes: [] });
  expect(paid('alike')).toEqual([]);
  await person('bo').votes(approvalId, 'approve');
  await person('bo').runUntil(runId, 'completed');
  expect(paid('alike')).toHaveLength(1);
});

test.each(['gateway', 'local', 'Anonymous', 'tool-executor'])(
  'an issuer makes nobody %s, who is a part of Interlock',
  async (sub) => {
    const { status } = await person(sub).ask('GET', '/v1/runs');
    expect(status).toBe(401);
  },
);

test('a vote that was written past the gateway under such a name counts as that of the same person', async () => {
  const alice = person('alice');
  const { approvalId, runId, callHash } = await alice.asksFor('pay-single', { entry: 'forged', cents: 100 });
  await system.forge(async (forger) => {
    const partition = await forger.partitionOf(approvalCommands, runId);
    for (const [name, sub] of Object.entries(lookAlikes)) {
      const vote = CastVote({
        commandId: `forged-${name}`,
        approvalId,
        runId,
        by: { sub, roles: ['finance'] },
        vote: 'approve',
        callHash,
        reason: 'looks right',
        issuedAt: Date.now(),
      });
      await forger.sendMessage(approvalCommands, partition, runId, CastVote.wire, vote.data);
    }
  });
  const denied = await person('bo').votes(approvalId, 'deny');
  expect(denied.status).toBe(202);
  await person('bo').runUntil(runId, 'failed', 'rolled_back');
  const refusals = (await system.finish())
    .get('approval.events')!
    .flat()
    .map(({ value }) => JSON.parse(Buffer.from(value ?? '{}').toString()))
    .filter(({ commandId, code }) => String(commandId).startsWith('forged-') && code === 'own_request');
  expect(new Set(refusals.map(({ commandId }) => commandId)).size).toBe(Object.keys(lookAlikes).length);
});
