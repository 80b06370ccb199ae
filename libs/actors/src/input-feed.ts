import type { StoredRecord } from '@interlock/broker';
import { BrokenMessageError, UnknownMessageError } from '@interlock/contracts';
import {
  type Accepted,
  AppendReader,
  isClaim,
  type MessagePlace,
  type Meta,
  metaOfPart,
  type Opened,
  open,
  type Part,
  type Position,
  partsOf,
  placeKey,
} from '@interlock/log';
import type { Actor, TopicMessage } from './actor.js';
import type { Admitted, InputSpec } from './host.spec.js';
import type { LoggedInput } from './own-log.js';

/** A message an actor may take, or why it cannot. */
export interface FedMessage extends MessagePlace {
  /** It may hold other messages besides. */
  readonly record: StoredRecord;
  readonly message?: TopicMessage;
  readonly broken?: Broken;
}

/** Why a message breaks its contract. */
export interface Broken {
  readonly code: string;
  readonly problem: string;
  readonly wire: string;
  readonly meta?: Meta;
}

/** What stands between two positions: one whole append of a fenced topic, or one record of a plain one. */
export interface Unit {
  readonly messages: FedMessage[];
  readonly start: Position;
  readonly end: Position;
}

/** One input topic of one partition: from records to whole units of messages that the actor wants. */
export class InputFeed {
  readonly topic: string;
  readonly #spec: InputSpec;
  readonly #wanted: ReadonlySet<string>;
  readonly #skip: ReadonlySet<string>;
  readonly #prefilter: Actor<unknown>['prefilter'];
  readonly #admitted: () => void;
  /** Units whose message is not admitted yet. */
  readonly #unadmitted = new Set<Unit>();
  readonly #stopping = new AbortController();
  readonly #reader: AppendReader | undefined;
  /** Decided units are released at once, and their slots later. */
  readonly #queue: (Unit | undefined)[] = [];
  #head = 0;
  #decided: Position;
  #next: number;
  #stoppedBy: string | undefined;
  /** In front of the append that this input stopped at. */
  #stoppedAt: Position | undefined;

  /**
   * @param skip places that the own log has already dealt with, by `placeKey`
   * @param admitted called when a message is admitted or refused
   */
  constructor(
    spec: InputSpec,
    readonly partition: number,
    from: Position,
    wanted: ReadonlySet<string>,
    skip: ReadonlySet<string>,
    prefilter?: Actor<unknown>['prefilter'],
    admitted: () => void = () => undefined,
  ) {
    this.topic = spec.topic;
    this.#spec = spec;
    this.#wanted = wanted;
    this.#skip = skip;
    this.#prefilter = prefilter;
    this.#admitted = admitted;
    this.#decided = from;
    this.#next = from.offset;
    this.#reader = spec.kind === 'fenced' ? new AppendReader(spec.topic, partition, from) : undefined;
  }

  /** The position behind everything that was decided, and everything ignored after it. */
  get position(): Position {
    return this.peek()?.start ?? this.#stoppedAt ?? this.#reader?.position ?? this.#decided;
  }

  get queued(): number {
    return this.#queue.length - this.#head;
  }

  /** The next unit is not admitted yet. */
  get isAdmitting(): boolean {
    const unit = this.peek();
    return unit !== undefined && this.#unadmitted.has(unit);
  }

  /** Its messages are taken as they were admitted, not as they lie in the log. */
  get isAdmitted(): boolean {
    return this.#spec.admit !== undefined;
  }

  /** `type/version` in which messages of `type` are given out, whatever version they came in. */
  newestWire(type: string): string {
    return this.#spec.catalogue.wireOf(type) ?? type;
  }

  get kind(): InputSpec['kind'] {
    return this.#spec.kind;
  }

  /** Why this input waits for an upgrade of this process. */
  get stoppedBy(): string | undefined {
    return this.#stoppedBy;
  }

  /** Whether everything in front of `end` has been decided. */
  hasDecided(end: number): boolean {
    const next = this.peek()?.start.offset ?? this.#stoppedAt?.offset ?? this.#next;
    return next >= end;
  }

  /** @throws {CorruptLogError} the topic breaks the reader's rule: stop the partition */
  add(records: readonly StoredRecord[]): void {
    for (const record of records) {
      if (this.#stoppedBy !== undefined) return;
      if (record.offset < this.#next) continue;
      this.#next = record.offset + 1;
      if (this.#reader === undefined) this.#addPlain(record);
      else this.#addFenced(this.#reader, record);
    }
  }

  /** The next unit, without taking it. */
  peek(): Unit | undefined {
    return this.#queue[this.#head];
  }

  /** The unit that `peek` gave has been decided. */
  shift(): void {
    const unit = this.#queue[this.#head];
    if (unit === undefined) return;
    this.#decided = unit.end;
    this.#queue[this.#head] = undefined;
    this.#head += 1;
    if (this.#head > 256 && this.#head * 2 > this.#queue.length) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** Nobody takes anything of it any more. */
  stop(): void {
    this.#stopping.abort();
  }

  #addPlain(record: StoredRecord): void {
    const start = { offset: record.offset, epoch: -1, index: 0 };
    const end = { offset: record.offset + 1, epoch: -1, index: 0 };
    const opened = open(record);
    const fed = this.#skip.has(placeKey({ offset: record.offset, part: 0 }))
      ? undefined
      : opened === undefined || opened.wires.length > 1
        ? broken(record, 0, 'message.headers', 'the headers t, m and h are missing or not valid', '')
        : this.#parse(record, opened)[0];
    const unit: Unit = { messages: fed === undefined ? [] : [fed], start, end };
    this.#queue.push(unit);
    if (fed?.message !== undefined) this.#requestAdmission(unit, fed.message, record);
  }

  /** What proves a message is verified while those in front of it are decided. */
  #requestAdmission(unit: Unit, message: TopicMessage, record: StoredRecord): void {
    const { admit } = this.#spec;
    if (admit === undefined) return;
    this.#unadmitted.add(unit);
    const { signal } = this.#stopping;
    admit({ message, record, partition: this.partition, signal })
      .catch((error: unknown): Admitted => ({ refused: { code: 'admission.threw', message: String(error) } }))
      .then((admitted) => {
        if (signal.aborted) return;
        unit.messages[0] =
          'refused' in admitted
            ? broken(record, 0, admitted.refused.code, admitted.refused.message, '')
            : { offset: record.offset, part: 0, record, message: { ...message, data: admitted.data } };
        this.#unadmitted.delete(unit);
        this.#admitted();
      });
  }

  #addFenced(reader: AppendReader, record: StoredRecord): void {
    const append = reader.take(record);
    if (append === undefined) return;
    for (const taken of append.records) {
      const unknown = isClaim(taken) ? undefined : taken.wires.find((wire) => !this.#understands(wire));
      if (unknown === undefined) continue;
      this.#stoppedBy = `${unknown} at offset ${taken.offset}`;
      this.#stoppedAt = append.start;
      return;
    }
    const messages = append.records.flatMap((taken) =>
      this.#wants(taken) ? this.#parse(taken.record, taken) : [],
    );
    this.#queue.push({ messages, start: append.start, end: append.end });
  }

  #understands(wire: string): boolean {
    return wire.startsWith('host.') || wire.startsWith('input.') || this.#spec.catalogue.knows(wire);
  }

  /** Whether a part of it is wanted: the others are passed over without being parsed. */
  #wants({ wires, record: { value } }: Accepted): boolean {
    return wires.some((wire) => {
      const type = typeOf(wire);
      return this.#wanted.has(type) && (value === null || this.#prefilter?.(type, value) !== false);
    });
  }

  /** The messages in a record that are wanted, or broken, and not dealt with. */
  #parse(record: StoredRecord, opened: Opened): FedMessage[] {
    try {
      return partsOf(opened, record.value).flatMap((part) => this.#fed(record, part));
    } catch (error) {
      if (!(error instanceof BrokenMessageError)) throw error;
      return this.#brokenParts(record, opened, error);
    }
  }

  /** Nothing of the record can be read: the actors that wait for one of its parts get it as broken. */
  #brokenParts(record: StoredRecord, { wires, meta }: Opened, error: BrokenMessageError): FedMessage[] {
    return wires.flatMap((wire, part) => {
      const isDealtWith = this.#skip.has(placeKey({ offset: record.offset, part }));
      if (isDealtWith || !this.#isOf(wire)) return [];
      return [broken(record, part, error.code, error.message, wire, metaOfPart(meta, part))];
    });
  }

  /** On a plain topic also unknown types: they go to quarantine. */
  #isOf(wire: string): boolean {
    if (this.#wanted.has(typeOf(wire))) return true;
    return this.#spec.kind === 'plain' && !this.#spec.catalogue.knows(wire);
  }

  #fed(record: StoredRecord, { wire, meta, part, data: found }: Part): FedMessage[] {
    const { catalogue } = this.#spec;
    const { offset, key } = record;
    if (this.#skip.has(placeKey({ offset, part }))) return [];
    if (!this.#isOf(wire)) return [];
    try {
      const { type, data } = catalogue.validData(wire, found);
      return [{ offset, part, record, message: { topic: this.topic, offset, part, key, type, data, meta } }];
    } catch (error) {
      if (!(error instanceof BrokenMessageError || error instanceof UnknownMessageError)) throw error;
      return [broken(record, part, error.code, error.message, wire, meta)];
    }
  }
}

/** A message that the own log holds as `input.deferred`. It was admitted before it was deferred. */
export function deferredMessage(spec: InputSpec, { part, record }: LoggedInput): TopicMessage | undefined {
  const opened = open(record);
  const [alone] = opened === undefined ? [] : partsOf(opened, record.value);
  if (alone === undefined) return undefined;
  const { type, data } = spec.catalogue.validData(alone.wire, alone.data);
  const { offset, key } = record;
  return { topic: spec.topic, offset, part, key, type, data, meta: alone.meta };
}

export const typeOf = (wire: string): string => wire.slice(0, wire.lastIndexOf('/'));

const broken = (
  record: StoredRecord,
  part: number,
  code: string,
  problem: string,
  wire: string,
  meta?: Meta,
): FedMessage => ({
  offset: record.offset,
  part,
  record,
  broken: { code, problem, wire, meta },
});
