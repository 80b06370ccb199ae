import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokerContract } from '../broker.contract.js';
import type { Broker } from '../broker.js';
import type { EmbeddedBroker } from './embedded.broker.js';
import { openEmbeddedBroker } from './open.js';

brokerContract('embedded', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'embedded-log-'));
  let broker = await openEmbeddedBroker({ directory });
  return {
    broker,
    async restart(): Promise<Broker> {
      // The nearest to a kill within one process: the writer's thread ends where it stands.
      (broker as EmbeddedBroker).parts.writer.fail(new Error('killed by the test'));
      await broker.close();
      broker = await openEmbeddedBroker({ directory });
      return broker;
    },
    async close() {
      await broker.close();
      rmSync(directory, { recursive: true });
    },
  };
});
