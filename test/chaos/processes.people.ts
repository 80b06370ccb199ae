import { setTimeout as after } from 'node:timers/promises';
import type { Approval, RunEvent } from '@interlock/contracts/http';
import { effective, World } from '../../examples/processes/world.ts';
import { type Address, Person } from '../e2e/person.ts';
import type { Run } from '../e2e/system.client.ts';

type Wait = NonNullable<Run['waitingFor']>[number];

const ROLES = [
  'people-lead',
  'security',
  'finance',
  'adjuster',
  'sales',
  'purchasing',
  'engineering',
  'data',
  'moderators',
  'privacy',
];
const POLL_MS = 100;

/** What nobody answers: silence is the answer that the process is about. */
const isLeftAlone = (text: string): boolean => text.startsWith('Silence');
const SILENT_SIGNAL = 'author-appeals';

/**
 * Those who work with the processes: five who vote, one who signals what has come, one who fills in forms, and one who operates and looks at the systems before she
 * says what became of a call. What they could not tell anybody, because nobody was there, they say again under the same id.
 */
export class PeopleOfTheCompany {
  votes = 0;
  signals = 0;
  forms = 0;
  /** By what was decided. */
  readonly decisions = new Map<string, number>();
  readonly #voters: readonly Person[];
  readonly #caller: Person;
  readonly #clerk: Person;
  readonly #operator: Person;
  readonly #world: World;
  /** Said, and heard. */
  readonly #heard = new Set<string>();
  #isWorking = false;
  #work: Promise<void> | undefined;
  /** What they were answered and should not have been. */
  readonly refused: string[] = [];

  constructor(system: Address, worldFile: string) {
    this.#voters = ['vera', 'walt', 'xena', 'yuri', 'zoe'].map((name) => new Person(system, name, ROLES));
    this.#caller = new Person(system, 'sid', ['operator']);
    this.#clerk = new Person(system, 'fred', ['purchasing']);
    this.#operator = new Person(system, 'oda', ['operator']);
    this.#world = new World(worldFile);
  }

  start(): void {
    this.#isWorking = true;
    this.#work ??= this.#untilStopped();
  }

  async stop(): Promise<void> {
    this.#isWorking = false;
    await this.#work;
    this.#work = undefined;
  }

  async #untilStopped(): Promise<void> {
    while (this.#isWorking) {
      // Nobody is there while the system is down.
      await Promise.all([this.#vote(), this.#help()]).catch(() => undefined);
      await after(POLL_MS);
    }
  }

  async #vote(): Promise<void> {
    const path = '/v1/approvals?status=pending&limit=500';
    const { body } = await this.#operator.ask<{ items: Approval[] }>('GET', path);
    for (const approval of body.items) {
      const text = approval.question ?? '';
      if (isLeftAlone(text)) continue;
      const no = text.includes('doubtful');
      // Who has answered a question that this follows from may not decide here, too.
      const allowed = this.#voters.filter(({ sub }) => !approval.shapedBy.includes(sub));
      const voters = allowed.slice(0, approval.required === 'dual' && !no ? 2 : 1);
      await Promise.all(voters.map((voter) => this.#votes(voter, approval, no ? 'deny' : 'approve')));
    }
  }

  async #votes(voter: Person, { approvalId }: Approval, vote: 'approve' | 'deny'): Promise<void> {
    await this.#once(`${approvalId} ${voter.sub}`, async () => {
      const { status } = await voter.votes(approvalId, vote, { 'idempotency-key': 'one-vote' });
      // Settled meanwhile by the vote whose answer was lost, or no longer needed.
      if (status !== 202 && status !== 409) return status;
      this.votes += 1;
      return 202;
    });
  }

  async #help(): Promise<void> {
    const runs = await this.#waiting();
    for (const run of runs)
      for (const wait of run.waitingFor ?? []) {
        if (wait.kind === 'signal') await this.#signal(run, wait);
        else if (wait.kind === 'form') await this.#answer(run, wait);
        else if (wait.kind === 'operator') await this.#operate(run, wait);
      }
  }

  async #waiting(): Promise<Run[]> {
    const found: Run[] = [];
    let next: string | undefined = '';
    while (next !== undefined) {
      const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`;
      const page: { body: { items: Run[]; next?: string } } = await this.#operator.ask(
        'GET',
        `/v1/runs?status=waiting&limit=500${cursor}`,
      );
      found.push(...page.body.items);
      next = page.body.next;
    }
    return found;
  }

  async #signal({ runId }: Run, { step, since, detail: name }: Wait): Promise<void> {
    if (name === SILENT_SIGNAL) return;
    const commandId = `${step} ${since}`.replaceAll(/[^A-Za-z0-9._:-]/g, '_');
    await this.#once(`${runId} ${commandId}`, async () => {
      const { status } = await this.#caller.orders(runId, {
        type: 'signal',
        name,
        data: { seen: true },
        commandId,
      });
      if (status !== 202) return status;
      this.signals += 1;
      return status;
    });
  }

  /** Whoever takes deliveries counts what has come; the second is the last. */
  async #answer({ runId }: Run, { step, since }: Wait): Promise<void> {
    const commandId = `${step} ${since}`.replaceAll(/[^A-Za-z0-9._:-]/g, '_');
    await this.#once(`${runId} ${commandId}`, async () => {
      const value = { quantity: 7, last: step.includes('#2/') };
      const command = { type: 'answer', step, value, commandId };
      const { status } = await this.#clerk.orders(runId, command);
      if (status === 202) this.forms += 1;
      return status;
    });
  }

  async #operate({ runId }: Run, { step, since }: Wait): Promise<void> {
    const commandId = `${step} ${since}`.replaceAll(/[^A-Za-z0-9._:-]/g, '_');
    await this.#once(`${runId} ${commandId}`, async () => {
      const command = await this.#decided(runId, step);
      const { status } = await this.#operator.orders(runId, { ...command, step, commandId });
      if (status !== 202) return status;
      const { type, happened } = command;
      const what = `${step}: ${type}${happened === undefined ? '' : ` ${happened ? 'happened' : 'did not happen'}`}`;
      this.decisions.set(what, (this.decisions.get(what) ?? 0) + 1);
      return status;
    });
  }

  /** A transfer in doubt is looked up at the bank; what the supplier had not is asked for again; a total that is odd is let go. */
  async #decided(
    runId: string,
    step: string,
  ): Promise<{ readonly type: string; readonly happened?: boolean; readonly output?: unknown }> {
    if (step === 'total') return { type: 'skip' };
    if (step !== 'transfer') return { type: 'retry' };
    const key = keyOf(await this.#operator.events(runId), step);
    const line = effective(this.#world.lines()).find((one) => one.key === key);
    return line === undefined
      ? { type: 'resolve', happened: false }
      : { type: 'resolve', happened: true, output: { reference: line.reference } };
  }

  /** Until it was heard. */
  async #once(what: string, say: () => Promise<number>): Promise<void> {
    if (this.#heard.has(what)) return;
    const status = await say();
    if (status === 202) this.#heard.add(what);
    else if (status < 500 && status !== 409) this.refused.push(`${what}: ${status}`);
  }
}

/** Of the last request that a step has made. */
function keyOf(events: readonly RunEvent[], step: string): string | undefined {
  const request = events.findLast(
    ({ type, data }) => type === 'call.requested' && (data as { step: string }).step === step,
  );
  return (request?.data as { callHash: string } | undefined)?.callHash;
}
