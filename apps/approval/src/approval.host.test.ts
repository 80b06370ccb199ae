import { isQuorum, RunCompleted } from '@interlock/contracts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  ada,
  ben,
  CALL_HASH,
  dual,
  fromRun,
  RUN,
  requested,
  requestedCall,
  single,
  voted,
} from '../../../libs/approvals/test/approval.fixture.js';
import { ApprovalHarness } from '../test/approval.harness.js';

let harness: ApprovalHarness;
beforeEach(async () => {
  harness = await ApprovalHarness.open();
});
afterEach(() => harness.close());

const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 10_000, interval: 5 });
const says = (...types: string[]) => eventually(async () => expect(await harness.types()).toEqual(types));
const now = () => ({ issuedAt: Date.now() });
const completed = fromRun(RunCompleted({ output: null, success: true }), { id: `${RUN}/30` });

test('a service that dies between all it reads loses no vote, counts none twice and confirms what people granted', async () => {
  await harness.serve();
  await harness.put(requested(dual));
  await says('approval.opened');
  await harness.die();
  const first = voted(ada, 'approve', now());
  await harness.put(first, first);
  await harness.serve();
  await says('approval.opened', 'approval.voted');
  await harness.die();
  await harness.put(first, voted(ben, 'approve', now()));
  await harness.serve();
  await says('approval.opened', 'approval.voted', 'approval.voted', 'approval.granted');
  await harness.die();
  await harness.put(requestedCall(`${RUN}/20`));
  await harness.serve();
  await eventually(async () => expect((await harness.types()).at(-1)).toBe('approval.confirmed'));
  const confirmed = (await harness.said()).at(-1)?.data as { votes: Parameters<typeof isQuorum>[1] };
  expect(confirmed).toMatchObject({ requestId: `${RUN}/20`, callHash: CALL_HASH, votes: { length: 2 } });
  expect(isQuorum(dual, confirmed.votes, { callHash: CALL_HASH, shapedBy: ['rosa'] })).toBe(true);
  await harness.die();
  await harness.put(completed);
  await harness.serve();
  await eventually(async () => expect((await harness.types()).at(-1)).toBe('approvals.closed'));
  expect(await harness.types()).toHaveLength(6);
});

test('votes that come while the service dies again and again are each counted once', async () => {
  await harness.put(requested({ ...dual, kind: 'dual', approvers: ['nobody', 'finance'] }));
  const people = Array.from({ length: 12 }, (_, n) => ({ sub: `p-${n}`, roles: ['support'] }));
  for (const by of people) {
    await harness.serve();
    await harness.put(voted(by, 'approve', now()));
    await harness.die();
  }
  await harness.put(voted(ada, 'approve', now()), voted(ben, 'approve', now()));
  await harness.serve();
  await eventually(async () => expect((await harness.types()).at(-1)).toBe('approval.granted'));
  const said = await harness.said();
  const refused = said.filter(({ type }) => type === 'approval.vote_refused');
  expect(refused.map(({ data }) => (data.by as { sub: string }).sub)).toEqual(people.map(({ sub }) => sub));
  expect(said.filter(({ type }) => type === 'approval.voted')).toHaveLength(2);
}, 20_000);

test('a vote that was in the topic before the expiry fell due beats it, although nobody read it until later', async () => {
  await harness.serve();
  await harness.put(requested({ ...single, expiresAfterMs: 1_000 }));
  await says('approval.opened');
  const [opened] = await harness.said();
  await harness.die();
  const expiresAt = opened?.data.expiresAt as number;
  await harness.put(voted(ada, 'approve', { issuedAt: expiresAt - 1 }));
  await eventually(async () => expect(Date.now()).toBeGreaterThan(expiresAt));
  await harness.serve();
  await eventually(async () => expect((await harness.types()).at(-1)).toBe('approval.granted'));
  expect(await harness.types()).not.toContain('approval.expired');
});

test('timers outlive the service: what fell due while it was away comes once, when it is back', async () => {
  await harness.serve();
  await harness.put(
    requested({ ...single, remindAfterMs: 150, expiresAfterMs: 1_500, onExpiry: 'fallback' }),
  );
  await says('approval.opened');
  await harness.die();
  await harness.serve();
  await says('approval.opened', 'approval.reminded');
  const [opened] = await harness.said();
  await harness.die();
  await eventually(async () => expect(Date.now()).toBeGreaterThan(opened?.data.expiresAt as number));
  await harness.serve();
  await says('approval.opened', 'approval.reminded', 'approval.expired');
  expect((await harness.said()).at(-1)?.data.onExpiry).toBe('fallback');
});

test('the log is cut when all have read it, but never past what a run that has not ended asked people for', async () => {
  await harness.serve();
  await harness.put(requested(dual));
  await says('approval.opened');
  await harness.put(voted(ada, 'approve', now()));
  await says('approval.opened', 'approval.voted');
  await harness.host?.stop();
  await harness.serve(); // A cut needs a claim to stand in front of.
  await harness.put(requestedCall(`${RUN}/19`));
  await eventually(async () => expect((await harness.types()).at(-1)).toBe('approval.unconfirmed'));
  await harness.allRead();
  await harness.put(voted(ben, 'approve', now()));
  await eventually(async () => expect((await harness.types()).at(-1)).toBe('approval.granted'));
  const looks = vi.spyOn(harness.broker, 'committed');
  await vi.waitFor(() => expect(looks.mock.calls.length).toBeGreaterThan(6)); // Twice, at three readers.
  expect(await harness.start()).toBe(0);

  await harness.put(completed);
  await eventually(async () => expect((await harness.types()).at(-1)).toBe('approvals.closed'));
  await harness.allRead();
  await eventually(async () => expect(await harness.start()).toBeGreaterThan(0));
  await harness.die();
  await harness.serve();
  await harness.put(requested(single, { approvalId: 'next' }));
  await eventually(async () => expect((await harness.types()).at(-1)).toBe('approval.opened'));
});
