import { CancelRun, hashOf, type Identity, SignalRun, SkipStep, StartRun } from '@interlock/contracts';
import { Answerers } from './answerers.js';
import { Approvers } from './approvers.js';
import { oneOf } from './chosen.js';
import { isDrawn } from './documents/drawn.js';
import { Gateway } from './gateway.js';
import { weighing } from './large/large.steps.js';
import { Migrators } from './migrators.js';
import { Operators } from './operators.js';
import { RunWatcher } from './run-watcher.js';
import type { World } from './world.js';

/** Starts every run. She is a lead too, and still may not vote on what she asks for. */
export const requester: Identity = { sub: 'ada', roles: ['clerk', 'lead'] };

/** Those who start runs, change their minds and send signals; with those who operate and those who allow. */
export class People {
  readonly gateway: Gateway;
  readonly started: string[] = [];
  #looked: { readonly events: number; readonly haveEnded: boolean } | undefined;
  readonly watcher: RunWatcher;
  readonly #operators: Operators;
  readonly #migrators: Migrators;
  readonly #approvers: Approvers;
  readonly #answerers: Answerers | undefined;

  constructor(readonly world: World) {
    const { shape, time, random } = world;
    this.watcher = new RunWatcher(world.cluster, shape.partitions);
    this.gateway = new Gateway(
      world,
      (runId) => this.watcher.runs.get(runId)?.state.origin.rootRunId ?? runId,
    );
    this.#operators = new Operators(world, this.gateway, this.watcher);
    this.#migrators = new Migrators(world, this.gateway, this.watcher, world.others);
    this.#approvers = new Approvers(world, this.gateway, this.watcher);
    this.#answerers = world.talks ? new Answerers(world, this.gateway, this.watcher) : undefined;
    for (let at = 1; at <= shape.runs; at += 1) {
      const runId = `run${at}`;
      time.after(random() * shape.faultyMs * 0.8, () => this.#start(runId));
    }
    this.#look();
  }

  /** Runs that were asked for and have not ended. */
  get open(): string[] {
    this.watcher.read();
    const { runs } = this.watcher;
    const started = Array.from({ length: this.world.shape.runs }, (_, at) => `run${at + 1}`);
    return [...new Set([...started, ...runs.keys()])].filter((runId) => runs.get(runId)?.state.end == null);
  }

  /** Asked after every step of the simulation: looks again only once there is something new. */
  get haveEnded(): boolean {
    this.watcher.read();
    const { events } = this.watcher;
    if (events !== this.#looked?.events) this.#looked = { events, haveEnded: this.open.length === 0 };
    return this.#looked.haveEnded;
  }

  #start(runId: string): void {
    const { random, time, artifacts, drawn } = this.world;
    // That one is started by others alone, as nobody has what it takes.
    const workflows = artifacts.all('workflow').filter((one) => one.name !== weighing.workflow);
    const startable =
      drawn.length > 0 && random() < 0.8 ? workflows.filter(({ name }) => isDrawn(name)) : workflows;
    const { name, version, hash } = oneOf(random, startable);
    const amounts = [10, 13, 50, 80, 120, 300, 450, 700, 720, 850, 880, 950];
    const input = { id: `o-${runId}`, amount: oneOf(random, amounts) };
    const start = StartRun({
      ...this.#envelope(runId),
      workflow: { name, version, hash },
      input,
      requestHash: hashOf({ runId, input }),
      salt: hashOf({ salt: runId }).slice(0, 22),
    });
    this.started.push(runId);
    this.gateway.send(start);
    if (random() < 0.1) {
      const other = { commandId: this.gateway.commandId(), requestHash: 'other' };
      this.gateway.send({ ...start, data: { ...start.data, ...other } });
    }
    if (random() < 0.2) time.after(random() * 12_000, () => this.#cancel(runId));
    if ((name === 'patient' || isDrawn(name)) && random() < 0.8) {
      time.after(random() * 18_000 - 2_000, () =>
        this.gateway.send(SignalRun({ ...this.#envelope(runId), reason: '', name: 'go', data: { at: 1 } })),
      );
    }
    if (random() < 0.2) {
      time.after(random() * 8_000, () =>
        this.gateway.send(SkipStep({ ...this.#envelope(runId), reason: 'it is done', step: 'look' })),
      );
    }
    if (random() < 0.2) time.after(random() * 10_000, () => this.#operators.pause(runId));
  }

  #cancel(runId: string): void {
    const rollback = this.world.random() < 0.5;
    this.gateway.send(CancelRun({ ...this.#envelope(runId), reason: 'changed my mind', rollback }));
  }

  /** Everybody looks at the runs now and then. */
  #look(): void {
    const { time, random } = this.world;
    time.after(200 + random() * 600, () => {
      this.watcher.read();
      this.#operators.look();
      this.#migrators.look();
      this.#approvers.look();
      this.#answerers?.look();
      this.#look();
    });
  }

  #envelope(runId: string) {
    return { ...this.gateway.envelope(runId), by: requester };
  }
}
