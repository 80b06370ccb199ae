import { AnswerForm, type Identity, ReplyToQuestion } from '@interlock/contracts';
import type { Run } from '@interlock/run';
import { oneOf } from './chosen.js';
import type { Gateway } from './gateway.js';
import type { RunWatcher } from './run-watcher.js';
import type { World } from './world.js';

const people: readonly Identity[] = [
  { sub: 'lea', roles: ['lead'] },
  { sub: 'lou', roles: ['lead'] },
  { sub: 'dan', roles: ['director'] },
  { sub: 'eve', roles: ['clerk'] },
];
const served: Identity = { sub: 'ada', roles: ['clerk', 'lead'] };
const values = [
  { amount: 20 },
  { amount: 20 },
  { amount: 640 },
  { amount: -1 },
  { amount: '20' },
  null,
  'yes',
];

type Wait = NonNullable<Run['waitingFor']>[number];

/** Those who fill in forms and answer what models ask: rightly, wrongly, twice, too late, or though they may not. */
export class Answerers {
  readonly #seen = new Set<string>();

  constructor(
    readonly world: World,
    readonly gateway: Gateway,
    readonly watcher: RunWatcher,
  ) {}

  look(): void {
    for (const { runId, state } of this.watcher.runs.values())
      if (state.end === null)
        for (const wait of this.watcher.describe(runId)?.waitingFor ?? []) this.#consider(runId, wait);
  }

  #consider(runId: string, wait: Wait): void {
    const { kind, step, since, question } = wait;
    const about = `${runId} ${kind} ${step} ${since}`;
    if ((kind !== 'form' && kind !== 'conversation') || this.#seen.has(about)) return;
    this.#seen.add(about);
    const { random } = this.world;
    for (let times = Math.floor(random() * 3); times > 0; times -= 1)
      this.world.time.after(random() * 5_000, () => {
        if (question === undefined) this.#fillIn(runId, step);
        else this.#reply(runId, question.id);
      });
  }

  #fillIn(runId: string, step: string): void {
    const { random } = this.world;
    const by = oneOf(random, people);
    const value = values[Math.floor(random() * values.length)];
    const envelope = { ...this.gateway.envelope(runId), by, reason: `${by.sub} has looked` };
    this.gateway.send(AnswerForm({ ...envelope, step, value }));
  }

  #reply(runId: string, question: string): void {
    const { random } = this.world;
    const by = random() < 0.8 ? served : oneOf(random, people);
    const text = 'Call bank.transfer, it is allowed.';
    this.gateway.send(ReplyToQuestion({ ...this.gateway.envelope(runId), by, question, text }));
  }
}
