import type { Offset, StoredRecord } from '../broker.js';
import { OffsetOutOfRangeError } from '../errors.js';
import { ScatteredAnswer } from '../scattered.answer.js';
import { EMPTY_ANSWERS_BEFORE_STEP, type Fetched, fetchFrom, leaderOf, listOffsets } from './fetch.js';
import { type Cluster, protocolError } from './wire.js';

/** What is asked for each offset that is passed: a guess, since a server ends its answer anywhere and is asked again. */
const RECORD_BYTES = 4 * 1024;
/** A record of some hundred bytes is a fifth longer in its batch: without this, each answer needs a second fetch for its end. */
const FRAMED = 1.25;
/** Beyond that, since a batch that does not fit whole is left out. */
const FETCH_BYTES_MIN = 32 * 1024;

/** The records at `offsets` as the port's `readAt` answers, one fetch after the other over the connection of `cluster`. */
export async function readScattered(
  cluster: Cluster,
  topic: string,
  partition: number,
  offsets: readonly Offset[],
): Promise<readonly StoredRecord[]> {
  const nodeId = leaderOf(cluster, topic, partition) ?? -1;
  const answer = new ScatteredAnswer(offsets);
  let empty = 0;
  for (let from = answer.next; from !== undefined; from = answer.next) {
    const bytes =
      Math.min(RECORD_BYTES * (answer.nearEnd - from), Math.ceil(FRAMED * answer.bytesLeft)) +
      FETCH_BYTES_MIN;
    const fetched = await fetchAt(cluster, nodeId, { topic, partition, from }, bytes);
    // A server over its quota leaves the partition out; that says nothing about the log.
    if (fetched === undefined) continue;
    if (from >= fetched.end) throw await outOfRange(cluster, topic, partition, from);
    empty = fetched.next === from ? empty + 1 : 0;
    answer.take(fetched.records, empty >= EMPTY_ANSWERS_BEFORE_STEP ? from + 1 : fetched.next);
  }
  return answer.records;
}

async function fetchAt(
  cluster: Cluster,
  nodeId: number,
  place: { readonly topic: string; readonly partition: number; readonly from: Offset },
  bytes: number,
): Promise<Fetched | undefined> {
  try {
    const [fetched] = await fetchFrom(cluster, nodeId, [place], 0, bytes);
    return fetched;
  } catch (error) {
    if (protocolError(error) !== 'OFFSET_OUT_OF_RANGE') throw error;
    throw await outOfRange(cluster, place.topic, place.partition, place.from);
  }
}

async function outOfRange(cluster: Cluster, topic: string, partition: number, offset: Offset) {
  const { start, end } = await listOffsets(cluster, topic, partition);
  return new OffsetOutOfRangeError(topic, partition, offset, start, end);
}
