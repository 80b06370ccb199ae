import { type Broker, type NewRecord, OutcomeUnknownError } from '@interlock/broker';
import { expect, test } from 'vitest';
import { CommandAppender } from './command.appender.js';

const record = (key: string): NewRecord => ({ key, headers: {}, value: Buffer.from(key) });

/** A broker whose appends are answered by hand. */
function handBroker(answers: ((records: readonly NewRecord[]) => Promise<number>)[]) {
  const producers: { closed: boolean }[] = [];
  const broker = {
    producer() {
      const state = { closed: false };
      producers.push(state);
      return {
        append: (_topic: string, _partition: number, records: readonly NewRecord[]) =>
          answers.shift()!(records),
        close: async () => {
          state.closed = true;
        },
      };
    },
  } as unknown as Broker;
  return { broker, producers };
}

test('what comes while an append is under way shares the next one', async () => {
  const written: string[][] = [];
  const answer = async (records: readonly NewRecord[]) => written.push(records.map(({ key }) => key));
  const appender = new CommandAppender(handBroker([answer, answer]).broker);
  await Promise.all(['a', 'b', 'c'].map((key) => appender.append('run.commands', 0, record(key))));
  expect(written).toEqual([['a'], ['b', 'c']]);
});

test('an append without an answer is repeated over a new connection', async () => {
  const unknown = async () => {
    throw new OutcomeUnknownError('run.commands', 0);
  };
  const { broker, producers } = handBroker([unknown, async () => 5]);
  await new CommandAppender(broker).append('run.commands', 0, record('a'));
  expect(producers).toEqual([{ closed: true }, { closed: false }]);
});

test('after three tries without an answer the caller is told, and the next command is tried afresh', async () => {
  const unknown = async () => {
    throw new OutcomeUnknownError('run.commands', 0);
  };
  const appender = new CommandAppender(handBroker([unknown, unknown, unknown, async () => 0]).broker);
  await expect(appender.append('run.commands', 0, record('a'))).rejects.toThrow(OutcomeUnknownError);
  await appender.append('run.commands', 0, record('b'));
});
