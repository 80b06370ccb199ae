import { expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import type { Stage } from './people.scenarios.ts';
import type { Person } from './person.ts';
import { asking, CLOSED_AT_FIRST } from './till.module.ts';

/** What people granted is good for one call, as it was when they looked at it, and as long as policy asks for no more. */
export function grants(stage: Stage): void {
  test('a call that an operator has made anew is another call, and is asked for again', async () => {
    const [rita, ada, bela] = [
      stage.person('rita', 'operator'),
      stage.person('ada', 'finance'),
      stage.person('bela', 'finance'),
    ];
    const entry = `${CLOSED_AT_FIRST}-again`;
    const first = await rita.asksFor('pay-again', { entry, cents: 10 });
    expect((await ada.votes(first.approvalId, 'approve')).status).toBe(202);
    await untilParked(rita, first.runId);
    expect(stage.paid(entry)).toEqual([]);
    expect((await rita.orders(first.runId, { type: 'retry', step: 'pay' })).status).toBe(202);
    const second = await rita.pendingOf(first.runId);
    expect(second.approvalId).not.toBe(first.approvalId);
    expect(second.callHash).not.toBe(first.callHash);
    expect(second.action?.arguments).toEqual(first.action?.arguments);
    for (const one of [ada, bela]) expect((await one.votes(first.approvalId, 'approve')).status).toBe(409);
    expect(await rita.approval(second.approvalId)).toMatchObject({ status: 'pending', votes: [] });
    expect(stage.paid(entry)).toEqual([]);
    expect((await ada.votes(second.approvalId, 'approve')).status).toBe(202);
    await rita.runUntil(first.runId, 'completed');
    expect(stage.paid(entry)).toEqual(['pay']);
  });

  /*
   * The order is forced by a pause: the grant is recorded while nothing may be requested. Whether policy has the new bundle by then
   * is seen by a second run, which it asks two people for.
   */
  test('a bundle that demands more after the grant voids it', async () => {
    const [rita, ada, bela] = [
      stage.person('rita', 'operator', 'admin'),
      stage.person('ada', 'finance'),
      stage.person('bela', 'finance'),
    ];
    const { approvalId, runId } = await rita.asksFor('pay-stricter', { entry: 'stricter', cents: 11 });
    expect((await rita.orders(runId, { type: 'pause' })).status).toBe(202);
    await rita.runUntil(runId, 'paused');
    await ada.votes(approvalId, 'approve');
    await rita.until(approvalId, ({ status }) => status === 'granted');
    await demandTwo(rita);
    const probe = await untilTwoAreAsked(rita);
    expect(stage.paid('stricter')).toEqual([]);

    expect((await rita.orders(runId, { type: 'resume' })).status).toBe(202);
    const again = await rita.pendingOf(runId);
    expect(again).toMatchObject({ required: 'dual', missing: 2, votes: [] });
    expect(again.approvalId).not.toBe(approvalId);
    expect(stage.paid('stricter')).toEqual([]);
    await ada.votes(again.approvalId, 'approve');
    await bela.votes(again.approvalId, 'approve');
    await rita.runUntil(runId, 'completed');
    expect(stage.paid('stricter')).toEqual(['pay']);
    for (const one of probe) await rita.orders(one, { type: 'cancel' });
    for (const one of probe) await rita.runUntil(one, 'cancelled', 'completed');
  });
}

const untilParked = (rita: Person, runId: string): Promise<void> =>
  eventually('the step to wait for an operator', async () =>
    ((await rita.run(runId)).waitingFor ?? []).some(({ kind }) => kind === 'operator'),
  );

async function demandTwo(rita: Person): Promise<void> {
  const { name, version, document } = await rita.bundle();
  const stricter = asking('pay-stricter', '@approval("dual") @approvers("finance")');
  const policies = document.policies.map((one) => (one.id === stricter.id ? stricter : one));
  const bundle = {
    kind: 'policy',
    name,
    version: version + 1,
    document: { ...document, policies },
  };
  expect((await rita.activates(bundle)).status).toBe(202);
}

/** Runs that were started to see it. */
async function untilTwoAreAsked(rita: Person): Promise<string[]> {
  const probes: string[] = [];
  await eventually('policy to have the new bundle', async () => {
    const { runId, required } = await rita.asksFor('pay-stricter', {
      entry: `probe-${probes.length}`,
      cents: 11,
    });
    probes.push(runId);
    return required === 'dual';
  });
  return probes;
}
