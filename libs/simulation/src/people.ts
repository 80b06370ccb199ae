import { partitionOf } from '@interlock/broker';
import {
  CancelRun,
  hashOf,
  type Message,
  RetryStep,
  SignalRun,
  SkipStep,
  StartRun,
} from '@interlock/contracts';
import type { SentCommand } from '@interlock/invariants';
import { plainRecord } from '@interlock/log';
import { RunWatcher } from './run-watcher.js';
import type { World } from './world.js';

const by = { sub: 'ada', roles: ['clerk'] };
const ASK_AGAIN_MS = 4_000;

/**
 * Those who start runs, change their minds, send signals, and answer truthfully when a run asks them, through a gateway that may
 * deliver a command more than once.
 */
export class People {
  readonly sent: SentCommand[] = [];
  readonly started: string[] = [];
  readonly watcher: RunWatcher;
  readonly #answered = new Map<string, number>();
  #commands = 0;

  constructor(readonly world: World) {
    const { shape, time, random } = world;
    this.watcher = new RunWatcher(world.cluster, shape.partitions);
    for (let at = 1; at <= shape.runs; at += 1) {
      const runId = `run${at}`;
      time.after(random() * shape.faultyMs * 0.8, () => this.#start(runId));
    }
    this.#look();
  }

  /** Every run that was asked for has ended. */
  get areDone(): boolean {
    this.watcher.read();
    const { shape } = this.world;
    return (
      this.started.length === shape.runs &&
      this.started.every((runId) => this.watcher.runs.get(runId)?.state.end != null)
    );
  }

  #start(runId: string): void {
    const { random, time, artifacts } = this.world;
    const workflows = artifacts.all('workflow');
    const { name, version, hash } = workflows[Math.floor(random() * workflows.length)]!;
    const amounts = [10, 13, 50, 80, 120, 300, 450, 700, 950];
    const input = { id: `o-${runId}`, amount: amounts[Math.floor(random() * amounts.length)] };
    const start = StartRun({
      ...this.#envelope(runId),
      workflow: { name, version, hash },
      input,
      requestHash: hashOf({ runId, input }),
    });
    this.started.push(runId);
    this.send(start);
    if (random() < 0.1)
      this.send({ ...start, data: { ...start.data, commandId: this.#id(), requestHash: 'other' } });
    if (random() < 0.2) time.after(random() * 12_000, () => this.#cancel(runId, 'changed my mind'));
    if (name === 'patient' && random() < 0.8) {
      time.after(random() * 18_000 - 2_000, () =>
        this.send(SignalRun({ ...this.#envelope(runId), reason: '', name: 'go', data: { at: 1 } })),
      );
    }
    if (random() < 0.2) time.after(random() * 8_000, () => this.#skip(runId, 'look'));
  }

  #cancel(runId: string, reason: string): void {
    this.send(CancelRun({ ...this.#envelope(runId), reason, rollback: this.world.random() < 0.5 }));
  }

  #skip(runId: string, step: string): void {
    this.send(SkipStep({ ...this.#envelope(runId), reason: 'it is done', step }));
  }

  /** Looks at every open run now and then, and answers what it asks people. */
  #look(): void {
    const { time, random } = this.world;
    time.after(200 + random() * 600, () => {
      this.watcher.read();
      for (const { runId, state } of this.watcher.runs.values())
        if (state.end === null) this.#consider(runId);
      this.#look();
    });
  }

  #consider(runId: string): void {
    const { time, random, isFaulty } = this.world;
    const asked = this.watcher.runs.get(runId)?.asked;
    for (const wait of this.watcher.describe(runId)?.waitingFor ?? []) {
      const { step, since } = wait;
      // Here nobody opens what a run asks people for.
      const kind = wait.kind === 'call' && asked?.has(step) === true ? 'approval' : wait.kind;
      if (kind !== 'operator' && kind !== 'approval') continue;
      const question = `${runId} ${kind} ${step} ${since}`;
      const last = this.#answered.get(question);
      if (last !== undefined && time.now() < last + ASK_AGAIN_MS) continue;
      if (last === undefined && isFaulty && random() < 0.6) continue;
      this.#answered.set(question, time.now());
      if (kind === 'approval') this.#cancel(runId, 'nobody approves');
      else this.#answer(runId, step);
    }
  }

  /** Looks at the target and says what is true. */
  #answer(runId: string, step: string): void {
    const { target, random } = this.world;
    const call = this.watcher.runs.get(runId)?.callOf.get(step);
    const happened = call !== undefined && target.has(call);
    if (happened || random() < 0.3) this.#skip(runId, step);
    else this.send(RetryStep({ ...this.#envelope(runId), reason: 'it did not happen', step }));
  }

  /** Delivers a command, sometimes more than once, at once or later. */
  send(command: Message): void {
    const { world } = this;
    const { commandId, runId } = command.data as { commandId: string; runId: string };
    this.sent.push({ commandId, runId, type: command.type });
    const deliver = () => {
      const record = plainRecord(
        runId,
        `${command.type}/1`,
        { id: commandId, run: runId, time: Math.floor(world.time.now()) },
        command.data,
      );
      world.cluster.stored('run.commands', partitionOf(runId, world.shape.partitions)).land([record]);
    };
    world.trace(`${command.type} ${commandId} for ${runId}`);
    deliver();
    if (world.isFaulty && world.random() < 0.15) deliver();
    if (world.isFaulty && world.random() < 0.15) world.time.after(world.random() * 5_000, deliver);
  }

  #envelope(runId: string) {
    return { commandId: this.#id(), runId, by, issuedAt: Math.floor(this.world.time.now()) };
  }

  #id(): string {
    this.#commands += 1;
    return `c${this.#commands}`;
  }
}
