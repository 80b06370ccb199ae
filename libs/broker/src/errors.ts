import type { CodeOf } from '@interlock/contracts';
/** A fault of the log itself, told apart by `code`. */
export abstract class BrokerError extends Error {
  abstract readonly code: CodeOf<'fault'>;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The broker did not answer, or the connection went away. Whether the records were written is unknown. */
export class OutcomeUnknownError extends BrokerError {
  readonly code = 'broker.outcome_unknown';

  constructor(topic: string, partition: number, cause?: unknown) {
    super(`no answer to an append to ${topic}/${partition}`, { cause });
  }
}

export class AppendTooLargeError extends BrokerError {
  readonly code = 'broker.append_too_large';

  constructor(topic: string, bytes: number, bytesMax: number) {
    super(`an append of ${bytes} bytes to ${topic} is over the limit of ${bytesMax}`);
  }
}

export class UnknownTopicError extends BrokerError {
  readonly code = 'broker.unknown_topic';

  constructor(topic: string, partition: number) {
    super(`${topic}/${partition} does not exist`);
  }
}

/** The server does not let this client read the topic. It stays so until somebody gives it the right. */
export class TopicForbiddenError extends BrokerError {
  readonly code = 'broker.topic_forbidden';

  constructor(topic: string) {
    super(`the user of this service may not read ${topic}: it needs Read and Describe on it`);
  }
}

/** A batch that cannot be unpacked: it is broken, or too long for this process. */
export class UnreadableBatchError extends BrokerError {
  readonly code = 'broker.unreadable_batch';

  constructor(why: string, options?: ErrorOptions) {
    super(`a batch of records cannot be unpacked: ${why}`, options);
  }
}

export class OffsetOutOfRangeError extends BrokerError {
  readonly code = 'broker.offset_out_of_range';

  constructor(topic: string, partition: number, offset: number, start: number, end: number) {
    super(`offset ${offset} of ${topic}/${partition} is outside ${start} to ${end}`);
  }
}

/** A topic is not what the topic table says. Nothing was changed: who owns the cluster repairs it. */
export class TopicMismatchError extends BrokerError {
  readonly code = 'broker.topic_mismatch';

  static partitions(topic: string, found: number, wanted: number): TopicMismatchError {
    return new TopicMismatchError(
      `${topic} has ${found} partitions, not ${wanted}: the partition count is fixed at creation. Start with INTERLOCK_PARTITIONS=${found}, or on another cluster`,
    );
  }
}
