import type { ErrorEntry } from './error.entry.js';

/** Faults of processes: in their logs, in what ends a start, and in the quarantine. */
export const faultErrors = {
  'admission.threw': {
    meaning: 'The check of who gave a command has failed.',
    action: 'Report the defect with the log of the service.',
  },
  'approval.unknown': {
    meaning: 'A vote names an approval that does not exist.',
    action: 'Check the id.',
  },
  'audit.foreign': {
    meaning:
      '`audit.events` tells of events that `run.events` does not hold: one of the topics was put back or replaced.',
    action: 'Restore both topics from the same moment: docs/operations.md.',
  },
  'audit.missed_records': {
    meaning: 'The broker delivered records beyond the offset that was asked for.',
    action: 'Read again by itself.',
  },
  'audit.redaction_unknown': {
    meaning: 'What was left out of events then was left out by rules that this release does not know.',
    action: 'Read that part of the stream with the release that wrote it, or a newer one.',
  },
  'audit.unreadable': {
    meaning: 'The data of an accepted event is not what its type says; nothing behind it is published.',
    action: 'Report it with the offset.',
  },
  'audit.upgrade': {
    meaning: 'A newer release wrote the event.',
    action: 'Upgrade this process.',
  },
  'broker.append_too_large': {
    meaning: 'An append is larger than the broker takes.',
    action: 'Send less at once.',
  },
  'broker.closed': {
    meaning: 'The broker was closed; nothing was written.',
    action: 'Nothing: the process is ending.',
  },
  'broker.data_corrupt': {
    meaning: 'Bytes on the disk are not what was written.',
    action: 'Restore the data directory from a copy.',
  },
  'broker.directory_in_use': {
    meaning: 'Another process works in the data directory.',
    action: 'End that process, or choose another INTERLOCK_DATA_DIR.',
  },
  'broker.failed': {
    meaning: 'A write or an fsync failed. The process ends.',
    action: 'Check the disk; the process starts again by itself.',
  },
  'broker.not_durable': {
    meaning: 'The database would lose acknowledged records at a power failure.',
    action: 'Use a file system that keeps what was synced.',
  },
  'broker.offset_out_of_range': {
    meaning: 'The offset is not in the log any more, or not yet.',
    action: 'Rebuild the reader from the start of the log.',
  },
  'broker.outcome_unknown': {
    meaning: 'The broker did not answer: whether the records were written is unknown.',
    action: 'Repeated by itself; see the health of the broker.',
  },
  'broker.topic_forbidden': {
    meaning: 'Kafka does not let this service read the topic.',
    action: 'Give its user Read and Describe on the topic: docs/triggers.md.',
  },
  'broker.topic_mismatch': {
    meaning: 'A topic is not what the topic table says.',
    action: 'Type the command that the message names.',
  },
  'broker.unknown_topic': {
    meaning: 'There is no such topic.',
    action: 'Create the topics: docs/operations.md.',
  },
  'broker.unreadable_batch': {
    meaning: 'A batch of records cannot be unpacked: it is broken, or longer than a process can hold.',
    action: 'Delete it with kafka-delete-records.sh: docs/triggers.md.',
  },
  'child.frame': {
    meaning: 'What came over the pipe of a tool’s process is not what that side may say.',
    action: 'The process is ended and started anew; see what the tool prints.',
  },
  'configuration.invalid': {
    meaning: 'A setting is wrong or unknown.',
    action: 'The message names each setting and what it takes.',
  },
  'evidence.broken_chain': {
    meaning: 'The records to be exported do not form a chain; none of them is sent.',
    action: 'Report it with the run’s id: the log or the read model is damaged.',
  },
  'issuer.unavailable': {
    meaning: 'The keys of the issuer are not available.',
    action: 'See that the issuer answers; repeat the request.',
  },
  'keys.broken': {
    meaning: 'A key file holds no usable keys.',
    action: 'Put it back from a copy; moving it away makes a new key.',
  },
  'keys.broken_set': {
    meaning: 'A set of public keys cannot be used.',
    action: 'Get it again from `/v1/keys`.',
  },
  'keys.rotating': {
    meaning: 'Another rotation of keys is under way, or died.',
    action: 'Wait; if none is running, delete the lock file that the message names.',
  },
  'keys.unsafe': {
    meaning: 'Others can read or replace a key file.',
    action: 'Type the command that the message names.',
  },
  'log.corrupt': {
    meaning: 'A log breaks its own rule; the partition stops.',
    action: 'Restore the topic from a copy: docs/operations.md.',
  },
  'log.deposed': {
    meaning: 'Another host has claimed the partition.',
    action: 'Nothing: it goes on there.',
  },
  'log.diverged': {
    meaning: 'What was folded and what the log holds differ. The process ends.',
    action: 'It starts again by itself; report it if it repeats.',
  },
  'log.truncated': {
    meaning: 'Records are missing that somebody has read: the log was cut, lost or created anew.',
    action: 'Restore the topic: docs/operations.md, "A log that was cut".',
  },
  'log.unreadable_version': {
    meaning: 'A host of a newer release writes versions that this one cannot read.',
    action: 'Upgrade this process.',
  },
  'message.broken': {
    meaning: 'The data of a message is not what its type says.',
    action: 'See the quarantine; correct whoever wrote it.',
  },
  'message.headers': {
    meaning: 'The headers t, m and h of a message are missing or not valid.',
    action: 'See the quarantine; correct whoever wrote it.',
  },
  'message.unknown': {
    meaning: 'A newer release wrote the message, or it belongs to another topic.',
    action: 'Upgrade this process.',
  },
  'module.invalid': {
    meaning: 'A module cannot be used.',
    action: 'The message names the file and what is wrong with it.',
  },
  'modules.refused': {
    meaning: 'The registry refuses what a module brings.',
    action: 'The message names each place.',
  },
  'policy.engine_trapped': {
    meaning: 'Cedar’s engine has crashed, and is started again.',
    action: 'Nothing; report it if it repeats.',
  },
  'read-model.events_gone': {
    meaning:
      'The log does not hold events of a run any more: it was cut, or is not the log they were read from.',
    action: 'What is shown of the run stands. Find out who cut `run.events`, which is kept for ever.',
  },
  'read-model.unavailable': {
    meaning:
      'The store of the read model or the log does not answer, or the store is being filled from the log.',
    action: 'See Redis, the disk or Kafka; it goes on by itself.',
  },
  'schema.unusable': {
    meaning: 'A JSON Schema cannot be used.',
    action: 'The message says where.',
  },
  'tool.definition': {
    meaning: 'The definition of a tool breaks a rule.',
    action: 'The message names the tool and the rule.',
  },
  'trust.settings': {
    meaning: 'The settings of trust cannot be used.',
    action: 'The message begins with the setting’s name.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
