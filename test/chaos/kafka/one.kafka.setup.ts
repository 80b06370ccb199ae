import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { runningKafka, stopKafka } from '../../../scripts/kafka.mjs';
import { newPlace } from '../../e2e/place.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the one Kafka of this run keeps its data, once a scenario has started it. */
    readonly kafkaDirectory: string;
  }
}

/** Runs once, before the first scenario on Kafka and after the last: whichever scenario comes first starts the Kafka that all of them use. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const place = await newPlace('one-kafka');
  const directory = join(place.directory, 'kafka');
  project.provide('kafkaDirectory', directory);
  // A run that is interrupted tears nothing down.
  process.once('exit', () => {
    const left = runningKafka(directory);
    if (left !== undefined) process.kill(left.pid, 'SIGKILL');
  });
  return async () => {
    await stopKafka(directory, 'SIGKILL');
    await place.remove();
  };
}
