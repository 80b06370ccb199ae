import { AuthorityRefusedError, IssuerUnavailableError, type TopicJudge } from '@interlock/authority';
import {
  type Broker,
  OffsetOutOfRangeError,
  type StoredRecord,
  TopicForbiddenError,
  UnknownTopicError,
  UnreadableBatchError,
} from '@interlock/broker';
import { type TopicSource, triggerDocument, triggerIdentity } from '@interlock/contracts';
import { eventIn, type Triggered, triggered } from '@interlock/language';
import { acceptingTrigger, type Triggers } from './accepting.trigger.js';
import { isSame, made } from './trigger.command.js';

type Place = Parameters<TopicJudge>[1];

/** Takes nobody’s word for what stands in a topic of others: reads the record, and makes of it what its trigger says, anew. */
export function topicJudge(
  artifacts: Triggers,
  broker: Pick<Broker, 'readAt'>,
  now: () => number,
): TopicJudge {
  return async (message, place, appendedAt) => {
    const artifact = acceptingTrigger(artifacts, place, {
      at: appendedAt,
      now: now(),
      code: 'authority.topic',
    });
    const document = triggerDocument.parse(artifact.document);
    const { topic, tenant, enabled } = document;
    if (!enabled || topic?.name !== place.name)
      throw refused(`the trigger ${artifact.name} is not enabled, or does not read ${place.name}`);
    const record = await recordAt(broker, place);
    const what = made(() => triggeredBy(topic, record, place, artifact.name), 'authority.topic');
    const by = triggerIdentity(artifact.by, tenant);
    if (isSame(message, what, by, artifact.name)) return by;
    throw refused(`the command is not what the trigger ${artifact.name} makes of the record`);

    function triggeredBy(source: TopicSource, from: StoredRecord, at: Place, name: string): Triggered {
      const read = eventIn(source, from, at);
      return read === undefined ? { kind: 'ignored' } : triggered(name, document, read.event, read.id);
    }
  };
}

async function recordAt(
  broker: Pick<Broker, 'readAt'>,
  { name, partition, offset }: Place,
): Promise<StoredRecord> {
  let records: readonly StoredRecord[];
  try {
    records = await broker.readAt(name, partition, [offset]);
  } catch (error) {
    if (error instanceof OffsetOutOfRangeError || error instanceof UnknownTopicError)
      throw refused(`${name}/${partition} has no record ${offset} (any more)`);
    // It stays so until somebody does something, and every command behind this one would wait for that.
    if (error instanceof TopicForbiddenError || error instanceof UnreadableBatchError)
      throw refused(`${name}/${partition}: ${error.message}`);
    throw new IssuerUnavailableError(`${name}/${partition} cannot be read`, error);
  }
  const [record] = records;
  if (record === undefined) throw refused(`${name}/${partition} has no record ${offset} (any more)`);
  return record;
}

const refused = (why: string) => new AuthorityRefusedError('authority.topic', why);
