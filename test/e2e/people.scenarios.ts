import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forgeries } from './forgery.scenarios.ts';
import { grants } from './grant.scenarios.ts';
import { requestsAt, violationsIn } from './log.check.ts';
import type { PeopleSystem } from './people.system.ts';
import { Person } from './person.ts';
import type { StoredLog } from './stored.log.ts';
import { tillRequestsIn } from './till.module.ts';
import { strangersTokens } from './token.scenarios.ts';

/** What the scenarios need. */
export interface Stage {
  readonly system: PeopleSystem;
  person(sub: string, ...roles: string[]): Person;
  /** Requests for this entry that reached the till and were not refused there, by tool. */
  paid(entry: string): string[];
}

/** How people decide over HTTP, told once for every broker. */
export function peopleScenarios(broker: string, start: () => Promise<PeopleSystem>): void {
  describe(`people and a system on ${broker}`, () => {
    let system: PeopleSystem;
    beforeAll(async () => {
      system = await start();
    });
    afterAll(() => system?.remove());
    const stage: Stage = {
      get system() {
        return system;
      },
      person: (sub, ...roles) => new Person(system, sub, roles),
      paid: (entry) =>
        tillRequestsIn(system.tillFile).flatMap((one) =>
          one.entry === entry && !one.isRefused ? [one.tool] : [],
        ),
    };
    describe.concurrent('all at once', () => {
      votes(stage);
      times(stage);
      strangersTokens(stage);
      grants(stage);
    });
    const forged = forgeries(stage);
    test('every invariant holds over the log but for the runs in which somebody forged, and there it is seen', async () => {
      const log = await system.finish();
      const found = violationsIn(log, requestsOf(system.tillFile));
      const [seen, elsewhere] = [true, false].map((isForged) =>
        found.filter(({ run = '' }) => forged.has(run) === isForged),
      );
      expect(elsewhere).toEqual([]);
      expect(seen?.map(({ invariant }) => invariant)).toContain('I11');
      console.log(`${recordsIn(log)} records; of the forged runs: ${JSON.stringify(seen)}`);
    });
  });
}

const requestsOf = (file: string) =>
  ['pay', 'note'].flatMap((name) =>
    requestsAt(
      `till.${name}`,
      tillRequestsIn(file).filter(({ tool }) => tool === name),
    ),
  );
const recordsIn = (log: StoredLog) => [...log.values()].flat(2).length;

function votes({ person, paid }: Stage): void {
  test('who asked may not agree, nor may somebody of another role', async () => {
    const [rita, sam] = [person('rita', 'operator', 'finance'), person('sam', 'support')];
    const { approvalId, runId } = await rita.asksFor('pay-single', { entry: 'own', cents: 1 });
    expect((await rita.votes(approvalId, 'approve')).status).toBe(403);
    expect((await sam.votes(approvalId, 'approve')).status).toBe(403);
    expect((await sam.votes(approvalId, 'deny')).status).toBe(403);
    expect(await rita.approval(approvalId)).toMatchObject({ status: 'pending', votes: [], missing: 1 });
    expect(paid('own')).toEqual([]);
    expect((await person('ada', 'finance').votes(approvalId, 'approve')).status).toBe(202);
    await rita.runUntil(runId, 'completed');
    expect(paid('own')).toEqual(['pay']);
  });

  test('one person counts once where two are needed, and the second completes it', async () => {
    const [rita, ada, bela] = [
      person('rita', 'operator'),
      person('ada', 'finance'),
      person('bela', 'finance'),
    ];
    const { approvalId, runId, required } = await rita.asksFor('pay-dual', { entry: 'dual', cents: 2 });
    expect(required).toBe('dual');
    const answers = [
      await ada.votes(approvalId, 'approve', { 'idempotency-key': 'one' }),
      await ada.votes(approvalId, 'approve', { 'idempotency-key': 'one' }),
      await ada.votes(approvalId, 'approve', { 'idempotency-key': 'another' }),
      await ada.votes(approvalId, 'approve'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    const pending = await ada.until(approvalId, ({ votes: counted }) => counted.length > 0);
    expect(pending).toMatchObject({ status: 'pending', missing: 1, votes: [{ by: 'ada' }] });
    expect(paid('dual')).toEqual([]);
    expect((await bela.votes(approvalId, 'approve')).status).toBe(202);
    await rita.runUntil(runId, 'completed');
    const granted = await rita.approval(approvalId);
    expect([granted.status, granted.votes.map(({ by }) => by)]).toEqual(['granted', ['ada', 'bela']]);
    expect(paid('dual')).toEqual(['pay']);
  });

  test('one denial ends it, and nobody can agree or deny afterwards', async () => {
    const [rita, ada, bela] = [
      person('rita', 'operator'),
      person('ada', 'finance'),
      person('bela', 'finance'),
    ];
    const { approvalId, runId } = await rita.asksFor('pay-dual', { entry: 'denied', cents: 3 });
    expect((await ada.votes(approvalId, 'approve')).status).toBe(202);
    expect((await bela.votes(approvalId, 'deny')).status).toBe(202);
    const { failure } = await rita.runUntil(runId, 'failed');
    expect(failure).toMatchObject({ class: 'denied', code: 'approval.denied' });
    expect((await person('carl', 'finance').votes(approvalId, 'approve')).status).toBe(409);
    expect((await person('carl', 'finance').votes(approvalId, 'deny')).status).toBe(409);
    expect((await rita.approval(approvalId)).status).toBe('denied');
    expect(paid('denied')).toEqual([]);
  });

  test('a vote on what is granted already is a conflict', async () => {
    const [rita, ada] = [person('rita', 'operator'), person('ada', 'finance')];
    const { approvalId, runId } = await rita.asksFor('pay-single', { entry: 'settled', cents: 4 });
    expect((await ada.votes(approvalId, 'approve')).status).toBe(202);
    await rita.runUntil(runId, 'completed');
    expect((await person('bela', 'finance').votes(approvalId, 'deny')).status).toBe(409);
    expect((await person('bela', 'finance').votes(approvalId, 'approve')).status).toBe(409);
    expect(paid('settled')).toEqual(['pay']);
  });

  test('a question of a workflow is asked, and its answer is the step’s output', async () => {
    const [rita, ada, bela] = [
      person('rita', 'operator'),
      person('ada', 'finance'),
      person('bela', 'finance'),
    ];
    const asked = await rita.asksFor('ask-and-note', { entry: 'asked', cents: 5 });
    expect(asked).toMatchObject({ question: 'Note 5 for asked?', approvers: ['finance'], missing: 2 });
    await ada.votes(asked.approvalId, 'approve');
    expect(paid('asked')).toEqual([]);
    await bela.votes(asked.approvalId, 'approve');
    const { output } = await rita.runUntil(asked.runId, 'completed');
    expect(output?.agree).toEqual({
      approved: true,
      by: ['ada', 'bela'],
      reasons: ['ada says so', 'bela says so'],
    });
    expect(paid('asked')).toEqual(['note']);
  });
}

function times({ person, paid }: Stage): void {
  test('silence is a denial where policy says so', async () => {
    const rita = person('rita', 'operator');
    const { approvalId, runId } = await rita.asksFor('pay-soon', { entry: 'silence', cents: 6 });
    const { failure } = await rita.runUntil(runId, 'failed');
    expect(failure).toMatchObject({ class: 'denied', code: 'approval.expired' });
    expect((await person('ada', 'finance').votes(approvalId, 'approve')).status).toBe(409);
    expect((await rita.approval(approvalId)).status).toBe('expired');
    expect(paid('silence')).toEqual([]);
  });

  test('silence takes the fallback where policy says so', async () => {
    const rita = person('rita', 'operator');
    const { approvalId, runId } = await rita.asksFor('pay-or-note', { entry: 'fallback', cents: 7 });
    await rita.runUntil(runId, 'completed');
    expect((await person('ada', 'finance').votes(approvalId, 'approve')).status).toBe(409);
    expect(paid('fallback')).toEqual(['note']);
  });

  test('before the escalation the next group may not agree', async () => {
    const [rita, dora] = [person('rita', 'operator'), person('dora', 'director')];
    const { approvalId, runId } = await rita.asksFor('pay-long-escalation', {
      entry: 'long-escalation',
      cents: 8,
    });
    expect((await dora.votes(approvalId, 'approve')).status).toBe(403);
    const approval = await rita.approval(approvalId);
    expect(approval).toMatchObject({
      status: 'pending',
      approvers: ['finance'],
      escalated: false,
      votes: [],
    });
    expect((await person('ada', 'finance').votes(approvalId, 'approve')).status).toBe(202);
    await rita.runUntil(runId, 'completed');
    expect(paid('long-escalation')).toEqual(['pay']);
  });

  test('people are reminded, and after the escalation the next group may agree', async () => {
    const [rita, dora] = [person('rita', 'operator'), person('dora', 'director')];
    const { approvalId, runId } = await rita.asksFor('pay-escalation', { entry: 'escalation', cents: 8 });
    const later = await rita.until(approvalId, (approval) => approval.escalated);
    expect(later.remindedAt).toBeDefined();
    expect(later.approvers).toEqual(['finance', 'director']);
    expect(paid('escalation')).toEqual([]);
    expect((await dora.votes(approvalId, 'approve')).status).toBe(202);
    await rita.runUntil(runId, 'completed');
    const types = (await rita.events(runId)).map(({ type }) => type);
    expect(types.filter((type) => /reminded|escalated|granted/.test(type))).toEqual([
      'approval.reminded',
      'approval.escalated',
      'approval.granted',
    ]);
    expect(paid('escalation')).toEqual(['pay']);
  });
}
