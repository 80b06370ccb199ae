import {
  ApprovalConfirmed,
  approvalEvents,
  CallRequested,
  callHashOf,
  hashedCallOf,
  PolicyDecided,
  policyEvents,
  runEvents,
} from '@interlock/contracts';
import type { Approval } from '@interlock/contracts/http';
import { eventId } from '@interlock/log';
import { expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import type { Stage } from './people.scenarios.ts';
import type { Person } from './person.ts';
import { scrapeAtTheEnd } from './scrape.ts';
import { acceptedOf, readEverything, type StoredMessage } from './stored.log.ts';

const PAID = 12;
const WANTED = 1_200_000;

/** People granted one call and somebody who can write in services' names wants another. Answers with the runs tampered with. */
export function forgeries(stage: Stage): ReadonlySet<string> {
  const forged = new Set<string>();

  /** Resolves when people have granted it and nothing is requested under the grant, because the run is paused. */
  async function grantedAndPaused(rita: Person, entry: string): Promise<Approval> {
    const approval = await rita.asksFor('pay-forged', { entry, cents: PAID });
    const { approvalId, runId } = approval;
    forged.add(runId);
    await rita.orders(runId, { type: 'pause' });
    await rita.runUntil(runId, 'paused');
    await stage.person('ada', 'finance').votes(approvalId, 'approve');
    await rita.until(approvalId, ({ status }) => status === 'granted');
    await eventOf(rita, runId, 'approval.granted');
    return approval;
  }

  test('changed arguments under a grant are not what people granted, and nothing is paid', async () => {
    const rita = stage.person('rita', 'operator');
    const { approvalId, runId } = await grantedAndPaused(rita, 'changed');
    await stage.system.takeAway('orchestrator');
    let requestId = '';
    await stage.system.forge(async (forger) => {
      const mine = (await eventsOf(forger.broker)).filter(({ accepted }) => accepted.meta.run === runId);
      const seq = mine.length + 1;
      requestId = eventId(runId, seq);
      const first = mine.find(({ type }) => type === 'call.requested')!;
      const call = {
        ...first.data,
        approvalId,
        arguments: { entry: 'changed', cents: WANTED },
        notAfter: Date.now() + 60_000,
      };
      const message = CallRequested({ ...call, callHash: callHashOf(hashedCallOf(runId, call)) });
      await forger.append(runEvents, runId, message, { seq, previous: mine.at(-1)!.accepted.hash });
    });
    await stage.system.bringBack();
    await rita.orders(runId, { type: 'resume' });
    const { failure } = await rita.runUntil(runId, 'failed');
    expect(failure).toMatchObject({ class: 'denied', code: 'policy.before' });
    expect(failure?.message).toContain(`approval ${approvalId} is not confirmed for exactly this call`);
    const verdict = await eventOf(rita, runId, 'verdict.recorded', ({ data }) => data.checkId === requestId);
    expect(verdict?.data.verdict).toBe('deny');
    expect(stage.paid('changed')).toEqual([]);
  });

  /*
   * Approval and policy are silent, so that nothing contradicts who writes in their names that people granted the call that is
   * requested: what they granted was another. Only the executor is left to see it.
   */
  test('a forged grant for other arguments is refused as unsafe, and nothing is paid', async () => {
    const rita = stage.person('rita', 'operator');
    const { approvalId, runId } = await grantedAndPaused(rita, 'forged');
    await stage.system.takeAway('approval', 'policy');
    await rita.orders(runId, { type: 'resume' });
    await eventOf(rita, runId, 'call.requested', ({ data }) => data.approvalId === approvalId);
    await stage.system.forge(async (forger) => {
      const mine = (await eventsOf(forger.broker)).filter(({ accepted }) => accepted.meta.run === runId);
      const requestedCall = mine.findLast(({ type }) => type === 'call.requested')!;
      const { votes } = mine.find(({ type }) => type === 'approval.granted')!.data;
      const about = { requestId: requestedCall.meta.id, approvalId };
      const entry = { entry: 'forged', cents: WANTED };
      const other = callHashOf({ ...hashedCallOf(runId, requestedCall.data), arguments: entry });
      const said = { ...about, callHash: other, votes, requester: 'rita', grantId: `${approvalId}/granted` };
      const ref = requestedCall.accepted.offset;
      await forger.append(approvalEvents, runId, ApprovalConfirmed(said), { ref });
      await forger.append(policyEvents, runId, allowOf(about.requestId, requestedCall.data.callHash), {
        ref,
      });
    });
    const { failure } = await rita.runUntil(runId, 'escalated');
    expect(failure).toMatchObject({ class: 'internal', code: 'refused.wrong_hash' });
    expect(stage.paid('forged')).toEqual([]);
    await stage.system.bringBack();
    expect(await unsafeAttempts(stage.system.metricsUrl)).toEqual({ blocked: 1, executed: 0 });
    expect(stage.paid('forged')).toEqual([]);
  });

  return forged;
}

const eventsOf = async (broker: Parameters<typeof readEverything>[0]): Promise<StoredMessage[]> =>
  acceptedOf(await readEverything(broker), runEvents.name);

type View = Awaited<ReturnType<Person['events']>>[number];

/** Resolves with the last event of the run of this type once it is there. */
async function eventOf(
  person: Person,
  runId: string,
  wanted: string,
  holds: (event: View) => boolean = () => true,
): Promise<View | undefined> {
  let found: View | undefined;
  await eventually(`${wanted} of run ${runId}`, async () => {
    found = (await person.events(runId)).findLast((event) => event.type === wanted && holds(event));
    return found !== undefined;
  });
  return found;
}

const allowOf = (requestId: string, callHash: string) =>
  PolicyDecided({
    checkId: requestId,
    point: 'before',
    callHash,
    verdict: 'allow',
    approval: { kind: 'single', approvers: ['finance'] },
    bundle: 'forged',
    policies: [],
    reason: 'forged',
    inputDigest: 'forged',
    mode: 'enforce',
  });

async function unsafeAttempts(url: string): Promise<{ blocked: number; executed: number }> {
  const lines = [...(await scrapeAtTheEnd(url))].filter(([line]) =>
    line.startsWith('interlock_unsafe_attempts_total'),
  );
  const count = (result: string) =>
    lines.filter(([line]) => line.includes(`"${result}"`)).reduce((sum, [, value]) => sum + value, 0);
  return { blocked: count('blocked'), executed: count('executed') };
}
