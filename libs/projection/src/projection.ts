import type { StoredRecord } from '@interlock/broker';
import { Catalogue, type MessageDefinition, type MessageOf, type TopicSpec } from '@interlock/contracts';
import { type Opened, partsOf } from '@interlock/log';

/** A message as it lies in the log: one part of a record. */
export type Recorded<Message> = Message & {
  readonly id: string;
  /** The run that it tells of; empty: of none. */
  readonly run: string;
  /** UTC ms, as its author says. */
  readonly time: number;
  readonly partition: number;
  readonly offset: number;
  readonly traceparent?: string;
};

/** A record on its way into a projection: with what is readable of it where its topic is one of ours. */
export interface ReadableRecord {
  readonly partition: number;
  readonly record: StoredRecord;
  readonly opened: Opened | undefined;
}

/**
 * A fold of one topic into rows: the next row from the last one and an event, `undefined` to remove it. It holds no offsets and knows no
 * store; whoever keeps the rows keeps the position of each partition with them.
 */
export interface Projection<Event, Row, Output = never> {
  readonly name: string;
  readonly topic: TopicSpec;
  /** Rows to keep at most: beyond that the one that moved longest ago is dropped. Absent: all are kept. */
  readonly rowsMax?: number;
  /** The events of a record for this projection. A record without any is recognised without decoding it. */
  readonly read: (record: ReadableRecord) => readonly Event[];
  readonly key: (event: Event) => string;
  /** @param emit for what an event says to others, such as a measurement or a span */
  readonly apply: (row: Row | undefined, event: Event, emit: (output: Output) => void) => Row | undefined;
}

type Fold<Event, Row, Output> = Omit<Projection<Event, Row, Output>, 'read'>;

/** The event of a record in the newest version of its type. */
type RecordedOf<Definitions extends readonly MessageDefinition[]> = Recorded<MessageOf<Definitions[number]>>;

/**
 * A projection of messages of ours.
 * @param definition `events` are the messages that it is told of; records of other types are passed over undecoded
 */
export function defineProjection<
  const Definitions extends readonly MessageDefinition[],
  Row,
  Output = never,
>({
  events,
  ...fold
}: Fold<RecordedOf<Definitions>, Row, Output> & { readonly events: Definitions }): Projection<
  RecordedOf<Definitions>,
  Row,
  Output
> {
  const catalogue = new Catalogue<Definitions[number]>(events);
  return {
    ...fold,
    read({ partition, record, opened }) {
      if (opened === undefined || !opened.wires.some((wire) => catalogue.knows(wire))) return [];
      const { offset } = record;
      return partsOf(opened, record.value).flatMap(({ wire, meta, data: found }) => {
        if (!catalogue.knows(wire)) return [];
        const message = catalogue.trustedData(wire, found);
        const { id, run = '', time, traceparent } = meta;
        return [Object.assign(message, { id, run, time, partition, offset, traceparent })];
      });
    },
  };
}
