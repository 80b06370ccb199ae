import { inject } from 'vitest';
import { runningKafka, startKafka, stopKafka } from '../../../scripts/kafka.mjs';
import { emptied } from './emptied.kafka.ts';

/**
 * The Kafka of every scenario of a test run. One scenario at a time has it, and finds it as empty as a new one. A scenario may kill it; when it
 * forgets to start it again, the next one does.
 */
export class OneKafka {
  private constructor(
    readonly brokers: string,
    readonly directory: string,
  ) {}

  /** Started by the first scenario that asks. */
  static async forScenario(): Promise<OneKafka> {
    const directory = inject('kafkaDirectory');
    const { brokers } = runningKafka(directory) ?? (await startKafka({ dir: directory, isBrief: true }));
    await emptied(brokers);
    return new OneKafka(brokers, directory);
  }

  async kill(): Promise<void> {
    await stopKafka(this.directory, 'SIGKILL');
  }

  /** On its data and at its address. */
  async startAgain(): Promise<void> {
    const port = Number(this.brokers.split(':')[1]);
    await startKafka({ dir: this.directory, port, isBrief: true });
  }
}
