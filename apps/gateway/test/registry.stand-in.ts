import type { Broker, StoredRecord } from '@interlock/broker';
import {
  ArtifactPublished,
  ArtifactRefused,
  artifactCommands,
  artifactEvents,
  catalogueOf,
  hashOf,
  type Identity,
  type PublishedArtifact,
} from '@interlock/contracts';
import { compileWorkflow } from '@interlock/language';
import { claim, type FencedWriter, open, startingAt } from '@interlock/log';

interface Publish {
  readonly commandId: string;
  readonly by: Identity;
  readonly kind: PublishedArtifact['kind'];
  readonly name: string;
  readonly version: number;
  readonly document: unknown;
}

/** Answers `artifact.publish` on the real log, with the real compiler: what the registry does, without its rules. */
export async function startRegistry(broker: Broker): Promise<{ stop(): Promise<void> }> {
  const writer = await claimed(broker);
  let last = Promise.resolve();
  const { start } = await broker.bounds(artifactCommands.name, 0);
  const following = await broker.follow(artifactCommands.name, 0, start, {
    records(records) {
      last = last.then(() => answerAll(writer, records));
    },
    failed(error) {
      throw error;
    },
  });
  return {
    async stop() {
      await following.stop();
      await last;
    },
  };
}

function claimed(broker: Broker): Promise<FencedWriter> {
  const producer = broker.producer();
  const source = {
    append: producer.append.bind(producer),
    read: (from: number) => broker.read(artifactEvents.name, 0, from),
  };
  return claim(source, {
    topic: artifactEvents.name,
    partition: 0,
    from: startingAt(0),
    claimId: 'registry stand-in',
    host: 'test',
    versions: [],
    now: 0,
    accepted: () => undefined,
  });
}

async function answerAll(writer: FencedWriter, records: readonly StoredRecord[]): Promise<void> {
  for (const record of records) {
    const opened = open(record);
    if (opened === undefined) continue;
    const { data } = catalogueOf(artifactCommands).parse(opened.wire, record.value);
    const { wire, answer } = answerTo(data as Publish);
    const value = Buffer.from(JSON.stringify(answer));
    await writer.append([{ key: 'artifacts', wire, value, meta: { time: 0 } }], {}, []);
  }
}

function answerTo({ commandId, by, kind, name, version, document }: Publish) {
  if (kind !== 'workflow') {
    const answer = { kind, name, version, document, hash: hashOf(document), by, commandId };
    return { wire: ArtifactPublished.wire, answer };
  }
  const result = compileWorkflow(document, { tool: () => undefined, table: () => undefined });
  if (!result.ok)
    return { wire: ArtifactRefused.wire, answer: { commandId, kind, name, problems: result.problems } };
  const { hash } = result.workflow;
  const answer = { kind, name, version, document, hash, compiled: result.workflow, by, commandId };
  return { wire: ArtifactPublished.wire, answer };
}
