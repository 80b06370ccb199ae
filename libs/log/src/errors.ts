import type { CodeOf } from '@interlock/contracts';
/** A fault of a fenced log, told apart by `code`. */
export abstract class LogError extends Error {
  abstract readonly code: CodeOf<'fault'>;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Somebody else has written: another host claimed, or an append of ours landed late. Claim again, or let go. */
export class DeposedError extends LogError {
  readonly code = 'log.deposed';

  constructor(topic: string, partition: number, epoch: number, expected: number, found: number) {
    super(`deposed from ${topic}/${partition}: claim ${epoch} expected offset ${expected}, got ${found}`);
  }
}

/** The log breaks its own rule. Stop this partition and tell people; nothing here repairs it. */
export class CorruptLogError extends LogError {
  readonly code = 'log.corrupt';

  constructor(topic: string, partition: number, offset: number, detail: string) {
    super(`${topic}/${partition} is corrupt at offset ${offset}: ${detail}`);
  }
}

/**
 * Records are missing that somebody has read: the log was cut, lost or created anew. Going on would decide again what was decided. Nothing
 * here repairs it: the operator restores the topic (docs/operations.md, "A log that was cut").
 */
export class TruncatedLogError extends LogError {
  readonly code = 'log.truncated';

  constructor(topic: string, partition: number, detail: string) {
    super(
      `${topic}/${partition} is not the log it was: ${detail}. Restore the topic from a copy (docs/operations.md, "A log that was cut")`,
    );
  }
}

/** A host of a newer release writes versions this one cannot read. Leave the partition to it until the upgrade. */
export class UnreadableVersionError extends LogError {
  readonly code = 'log.unreadable_version';

  constructor(
    topic: string,
    partition: number,
    readonly offset: number,
    readonly wire: string,
  ) {
    super(`${topic}/${partition} at offset ${offset} holds ${wire}, which this release cannot read`);
  }
}

/** What was folded here and what the log now holds differ. End the process; the log is right. */
export class DivergedError extends LogError {
  readonly code = 'log.diverged';
}
