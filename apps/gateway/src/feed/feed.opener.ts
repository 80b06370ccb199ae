import type { Broker } from '@interlock/broker';
import { malformed, Problem } from '@interlock/commands';
import { EVERY_TENANT, runEvents } from '@interlock/contracts';
import { FEED_NOW } from '@interlock/contracts/http';
import { isClaim, open } from '@interlock/log';
import {
  EventFeed,
  type FeedPlace,
  feedFrom,
  type ManifestView,
  parseFeedPosition,
} from '@interlock/projection';
import type { Reach, ReadModel } from '@interlock/read-model';
import { reaches } from '../http/identity.js';
import type { RunEventTail } from './run.event.tail.js';
import type { RunTenants } from './run.tenants.js';

/** Opens streams over all runs where their readers want to go on. */
export class FeedOpener {
  constructor(
    readonly tail: RunEventTail,
    private readonly broker: Pick<Broker, 'bounds' | 'readAt'>,
    private readonly readModel: Pick<ReadModel, 'startOf'>,
    private readonly partitions: number,
    private readonly manifests: ManifestView,
    private readonly tenants: RunTenants,
  ) {}

  /**
   * @param from a position, `now`, or absent: the first event there is
   * @throws {Problem} malformed: no position; conflict: of another log; gone: the log was cut behind it
   */
  async open(from: string | undefined, reach: Reach): Promise<EventFeed> {
    const places = await this.#places(from);
    const shows = async (runId: string, partition: number) => {
      const tenant = await this.tenants.of(runId, partition);
      return tenant !== undefined && reaches(reach, tenant);
    };
    const told = reach === EVERY_TENANT ? () => true : shows;
    const isNamed = from !== undefined && from !== FEED_NOW;
    return new EventFeed(this.tail, this.manifests, places, told, isNamed ? ofAnotherLog : undefined);
  }

  async #places(from: string | undefined): Promise<readonly FeedPlace[]> {
    const all = [...Array(this.partitions).keys()];
    if (from === undefined)
      return Promise.all(all.map(async (partition) => feedFrom((await this.#bounds(partition)).start)));
    if (from === FEED_NOW)
      return Promise.all(all.map(async (partition) => ({ at: await this.#present(partition), told: 0 })));
    const places = parseFeedPosition(from, this.partitions);
    if (places === undefined)
      throw malformed('The query cannot be taken: from: is no position of this stream.', [
        { path: 'from', message: 'is no position of this stream: send `next` or `position` as it came' },
      ]);
    await Promise.all(places.map((place, partition) => this.#mustBeOurs(place, partition)));
    return places;
  }

  #bounds(partition: number) {
    return this.broker.bounds(runEvents.name, partition);
  }

  async #present(partition: number) {
    return (await this.readModel.startOf(runEvents.name, partition)).position;
  }

  /** A log that was put back, or is another one, would be read on from a place where it may never have been: events would be missed. */
  async #mustBeOurs({ at: { offset, epoch } }: FeedPlace, partition: number): Promise<void> {
    const { start, end } = await this.#bounds(partition);
    if (offset > end) throw ofAnotherLog(partition);
    if (offset < start)
      throw new Problem('gone', `Events behind this position were cut away from partition ${partition}.`);
    if (epoch < start) return;
    const [record] = await this.broker.readAt(runEvents.name, partition, [epoch]);
    const opened = record && open(record);
    if (opened === undefined || !isClaim(opened)) throw ofAnotherLog(partition);
  }
}

const ofAnotherLog = (partition: number): Problem =>
  new Problem(
    'conflict',
    `The position is of another log, or of this one before it was put back: partition ${partition} does not reach it. Begin again without \`from\`.`,
  );
