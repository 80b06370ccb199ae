import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker, GroupMember, Membership, Offset, StoredRecord } from '@interlock/broker';
import { type Problem, TriggerLeftError } from '@interlock/commands';
import { errorText, type TopicSource, triggerGroup } from '@interlock/contracts';
import type { Log } from '@interlock/service';
import { knownProblem } from '../http/known.problem.js';
import { type FirstCount, firstCount, metadataOf } from './first.count.js';
import { TopicLane } from './topic.lane.js';

/** What became of a record. */
export type Outcome = 'started' | 'signalled' | 'answered' | 'ignored' | 'quarantined';

export interface ReaderPorts {
  readonly broker: Pick<Broker, 'join' | 'bounds' | 'committed' | 'partitions'>;
  /** Does what the record leads to. @throws {Problem} it leads to nothing */
  take(partition: number, record: StoredRecord): Promise<Exclude<Outcome, 'quarantined'>>;
  setAside(partition: number, record: StoredRecord, problem: Problem): Promise<void>;
  count(outcome: Outcome): void;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

const AGAIN_MS = 1_000;
const AGAIN_MS_MAX = 30_000;
const LOOK_MS = 10_000;
/** Of the record under way when a partition is taken away: well below the time that a rebalance may take, 15 s. */
const LEAVE_MS = 5_000;

/**
 * Reads the topic of one trigger, beside the other gateways.
 *
 *   T1  A position is committed only after everything in front of it was accepted, passed over or set aside: nothing is missed.
 *   T2  What was taken and not committed is taken again after a crash, under the same key: nothing is done twice.
 *   T3  A partition that the topic is given later is read from its first record on, wherever reading began.
 *   T4  A record that leads to nothing is set aside with its reason, and reading goes on. One that cannot be dealt with now is tried again.
 */
export class TopicReader {
  readonly #lanes = new Map<number, TopicLane>();
  readonly #stopping = new AbortController();
  #membership: Membership | undefined;
  #first: FirstCount = 0;
  /** Partitions whose position this process has committed. */
  readonly #begun = new Set<number>();
  #running: Promise<void> | undefined;

  constructor(
    readonly trigger: string,
    readonly source: TopicSource,
    private readonly ports: ReaderPorts,
    /** Before the second try, ms; doubles from there. */
    private readonly againMs = AGAIN_MS,
    /** Between two looks at how many partitions the topic has, ms. */
    private readonly lookMs = LOOK_MS,
    private readonly leaveMs = LEAVE_MS,
  ) {}

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** A member of the group until it is stopped: what ends a membership, such as a topic that is not there, passes. */
  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let waitMs = this.againMs; !signal.aborted; waitMs = Math.min(waitMs * 2, AGAIN_MS_MAX)) {
      try {
        await this.#member();
        waitMs = this.againMs;
      } catch (error) {
        this.#warn('the topic of a trigger cannot be read now', { because: errorText(error) });
      }
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Resolves when it is stopped, or the topic has another number of partitions. @throws what has ended the membership */
  async #member(): Promise<void> {
    const { signal } = this.#stopping;
    const count = await this.ports.broker.partitions(this.source.name);
    this.#first = await firstCount(this.ports.broker, triggerGroup(this.trigger), this.source.name, count);
    const left = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => left.resolve(), { once: true });
    const member: GroupMember = {
      assigned: (partition) => void this.#assigned(partition).catch(left.reject),
      revoked: (partition) => this.#revoked(partition),
      records: (_topic, partition, records) => this.#lanes.get(partition)?.take(records),
      unreadable: (_topic, partition, error) =>
        this.#warn('a partition of the topic stands still: what stands there next cannot be read', {
          partition,
          because: errorText(error),
        }),
      failed: left.reject,
    };
    this.#membership = await this.ports.broker.join(triggerGroup(this.trigger), [this.source.name], member);
    const looking = setInterval(
      () => void this.#hasChanged(count).then((is) => is && left.resolve()),
      this.lookMs,
    );
    try {
      await left.promise;
    } finally {
      clearInterval(looking);
      await Promise.all([...this.#lanes.keys()].map((partition) => this.#revoked(partition)));
      await this.#membership.leave().catch(() => undefined);
    }
  }

  /** A membership is for the partitions that there were when it began. */
  async #hasChanged(count: number): Promise<boolean> {
    // Whether it is there at all, those who fetch from it say.
    const now = await this.ports.broker.partitions(this.source.name).catch(() => count);
    if (now !== count)
      this.ports.log.info(
        { trigger: this.trigger, topic: this.source.name, partitions: now },
        'the topic of a trigger has another number of partitions',
      );
    return now !== count;
  }

  async #assigned(partition: number): Promise<void> {
    const membership = this.#membership;
    if (membership === undefined) return;
    const { name } = this.source;
    const lane = new TopicLane(
      {
        handle: (record, ended) => this.#handle(partition, record, ended),
        commit: (next) => this.#commit(partition, next),
        pause: () => membership.pause(name, partition),
        resume: () => membership.resume(name, partition),
      },
      this.leaveMs,
    );
    this.#lanes.set(partition, lane);
    const next = await this.#begin(partition);
    if (this.#lanes.get(partition) === lane) membership.seek(name, partition, next);
  }

  async #revoked(partition: number): Promise<void> {
    const lane = this.#lanes.get(partition);
    this.#lanes.delete(partition);
    await lane?.end();
  }

  /** Where reading goes on. Where it begins is committed before anything is read: a crash does not move it. */
  async #begin(partition: number): Promise<Offset> {
    const { name, from } = this.source;
    const { start, end } = await this.ports.broker.bounds(name, partition);
    const known = await this.ports.broker.committed(triggerGroup(this.trigger), name, partition);
    if (known === undefined) {
      // Kafka forgets the position with the topic: what has none after all is of one that was made anew.
      const isNew = partition >= this.#first || this.#begun.has(partition);
      const first = from === 'beginning' || isNew ? start : end;
      await this.#commit(partition, first);
      return first;
    }
    if (known.offset >= start && known.offset <= end) return known.offset;
    const what =
      known.offset < start
        ? 'records of the topic were gone before its trigger had read them'
        : 'the topic ends in front of what its trigger has read: it was made anew, and is read from its beginning';
    this.#warn(what, { partition, from: known.offset, to: start });
    return start;
  }

  async #commit(partition: number, offset: Offset): Promise<void> {
    const positions = [
      { topic: this.source.name, partition, position: { offset, metadata: metadataOf(this.#first) } },
    ];
    // What is not committed is taken again: T2.
    try {
      await this.#membership?.commit(positions);
      this.#begun.add(partition);
    } catch (error) {
      this.#warn('a position could not be committed', { partition, offset, because: errorText(error) });
    }
  }

  async #handle(partition: number, record: StoredRecord, ended: AbortSignal): Promise<boolean> {
    for (let waitMs = this.againMs; !ended.aborted; waitMs = Math.min(waitMs * 2, AGAIN_MS_MAX)) {
      try {
        this.ports.count(await this.#outcome(partition, record));
        return true;
      } catch (error) {
        if (error instanceof TriggerLeftError) return false;
        this.#warn('an event is tried again', {
          partition,
          offset: record.offset,
          because: errorText(error),
        });
      }
      await sleep(waitMs, undefined, { signal: ended }).catch(() => undefined);
    }
    return false;
  }

  /** @throws it may pass */
  async #outcome(partition: number, record: StoredRecord): Promise<Outcome> {
    try {
      return await this.ports.take(partition, record);
    } catch (error) {
      const problem = knownProblem(error);
      if (problem === undefined || passes.has(problem.kind)) throw error;
      await this.ports.setAside(partition, record, problem);
      return 'quarantined';
    }
  }

  #warn(message: string, facts: object): void {
    this.ports.log.warn({ trigger: this.trigger, topic: this.source.name, ...facts }, message);
  }
}

/** What is so now, and may be otherwise in a moment. */
const passes: ReadonlySet<Problem['kind']> = new Set(['not-ready', 'no-room', 'too-many']);
