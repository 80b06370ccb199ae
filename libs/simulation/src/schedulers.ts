import { partitionOf } from '@interlock/broker';
import { CreateSchedule, DeleteSchedule, hashOf, type Message, scheduleCommands } from '@interlock/contracts';
import { plainRecord } from '@interlock/log';
import { requester } from './people.js';
import { seededRandom } from './seeded-random.js';
import type { World } from './world.js';

const keeper = { ...requester, roles: [...requester.roles, 'operator'] };
const overlaps = ['skip', 'queue', 'cancel', 'allow'] as const;

/** Those who keep schedules, one of each way to overlap, and drop them when faults are over. Draws from numbers of its own. */
export class Schedulers {
  readonly #random: () => number;

  constructor(readonly world: World) {
    const { time, shape, artifacts, seed } = world;
    this.#random = seededRandom(seed * 2 + 1_000_003);
    for (const overlap of overlaps) {
      const workflows = artifacts.all('workflow');
      const workflow = workflows[Math.floor(this.#random() * workflows.length)]?.name ?? 'sequence';
      const input = { id: `o-${overlap}`, amount: 50 };
      const command = CreateSchedule({
        ...this.#envelope(overlap),
        spec: {
          workflow,
          input,
          timing: { everyMs: 2_000 + Math.floor(this.#random() * 4_000) },
          timezone: 'UTC',
          overlap,
          catchUpMs: this.#random() < 0.3 ? 10_000 : 3_600_000,
          jitterMs: this.#random() < 0.3 ? 1_500 : 0,
          paused: false,
          requestHash: hashOf({ workflow, input }),
        },
      });
      time.after(this.#random() * shape.faultyMs * 0.3, () => this.#send(overlap, command));
    }
  }

  /** Nothing is due any more. */
  stop(): void {
    for (const overlap of overlaps) this.#send(overlap, DeleteSchedule(this.#envelope(overlap, 'stop')));
  }

  /** Sometimes more than once. */
  #send(name: string, { type, data }: Message): void {
    const { world } = this;
    const key = `schedule/${name}`;
    const record = plainRecord(
      key,
      `${type}/1`,
      { id: `${type} ${name}`, time: Math.floor(world.time.now()) },
      data,
    );
    const deliver = () =>
      world.cluster.stored(scheduleCommands.name, partitionOf(key, world.shape.partitions)).land([record]);
    world.trace(`${type} ${name}`);
    deliver();
    if (world.isFaulty && this.#random() < 0.3) deliver();
  }

  #envelope(name: string, what = 'create') {
    const issuedAt = Math.floor(this.world.time.now());
    return { commandId: `${what} ${name}`, by: keeper, issuedAt, name };
  }
}
