import type { Producer } from '@interlock/broker';
import { type Accepted, FencedReader, isClaim, open, type ReadRecord } from '@interlock/log';
import { type PlantedBug, withProducers } from '@interlock/simulation';

/** Reads on where the reader's rule says to ignore. */
function acceptingToo(mayAccept: (epoch: number, current: number) => boolean): () => () => void {
  return () => {
    const { take } = FencedReader.prototype;
    FencedReader.prototype.take = function (record: ReadRecord): Accepted | undefined {
      const current = this.position.epoch;
      const accepted = take.call(this, record);
      const opened = accepted === undefined ? open(record) : undefined;
      if (opened === undefined || isClaim(opened) || opened.meta.epoch < 0) return accepted;
      return mayAccept(opened.meta.epoch, current) ? { ...opened, offset: record.offset, record } : undefined;
    };
    return () => {
      FencedReader.prototype.take = take;
    };
  };
}

const isClaimRecord = (record: Parameters<Producer['append']>[2][number] | undefined): boolean =>
  Buffer.from(record?.headers.t ?? '')
    .toString()
    .startsWith('host.claimed/');

/** Producers that say of appends behind a claim what their author hopes to hear. */
function trusting(answer: (appended: Promise<number>, expected: number) => Promise<number>) {
  return (inner: Producer): Producer => {
    let next: number | undefined;
    return {
      close: () => inner.close(),
      append: async (topic, partition, records) => {
        const appended = inner.append(topic, partition, records);
        if (isClaimRecord(records[0])) next = (await appended) + 1;
        else if (next === undefined) return appended;
        else {
          const expected = next;
          next += records.length;
          return answer(appended, expected);
        }
        return appended;
      },
    };
  };
}

export const logBugs: readonly PlantedBug[] = [
  {
    name: 'reader-ignores-index',
    wrong: 'a reader takes a batch that was written twice for two',
    patch: acceptingToo((epoch, current) => epoch === current),
  },
  {
    name: 'reader-accepts-deposed',
    wrong: 'a reader takes records of a host that a later claim has deposed',
    patch: acceptingToo((epoch, current) => epoch < current),
  },
  {
    name: 'contiguity-ignored',
    wrong: 'a host does not look at the offset its append got',
    broker: (_service, broker) =>
      withProducers(
        broker,
        trusting((appended, expected) => appended.then(() => expected)),
      ),
  },
  {
    name: 'silence-is-success',
    wrong: 'a host goes on when an append gets no answer',
    by: ['I2'],
    broker: (_service, broker) =>
      withProducers(
        broker,
        trusting((appended, expected) => appended.catch(() => expected)),
      ),
  },
];
