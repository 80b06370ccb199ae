import { expect, test } from 'vitest';
import type { Producer } from './broker.js';
import { OutcomeUnknownError, UnknownTopicError } from './errors.js';
import { RenewingProducer } from './renewing.producer.js';

/** Connections that give their answers in turn; after one without an answer a connection is dead, as on Kafka. */
function connections(...answers: (number | Error)[]) {
  const opened: { dead: boolean }[] = [];
  const producer = (): Producer => {
    const connection = { dead: false };
    opened.push(connection);
    return {
      async append(topic, partition) {
        if (connection.dead) throw new OutcomeUnknownError(topic, partition);
        const answer = answers.shift();
        if (typeof answer === 'number') return answer;
        connection.dead = answer instanceof OutcomeUnknownError;
        throw answer;
      },
      close: async () => {
        connection.dead = true;
      },
    };
  };
  return { opened, producer };
}

const noAnswer = () => new OutcomeUnknownError('t', 0);

test('an append without an answer fails, and the next one goes over a new connection', async () => {
  const broker = connections(noAnswer(), 7, 8);
  const producer = new RenewingProducer(broker);
  await expect(producer.append('t', 0, [])).rejects.toThrow(OutcomeUnknownError);
  expect([await producer.append('t', 0, []), await producer.append('t', 0, [])]).toEqual([7, 8]);
  expect(broker.opened).toEqual([{ dead: true }, { dead: false }]);
});

test('where repeats do no harm an append is sent again until it is answered, and not for ever', async () => {
  const broker = connections(noAnswer(), noAnswer(), 7, noAnswer(), noAnswer(), noAnswer(), 8);
  const producer = new RenewingProducer(broker, 3);
  expect(await producer.append('t', 0, [])).toBe(7);
  await expect(producer.append('t', 0, [])).rejects.toThrow(OutcomeUnknownError);
  expect(await producer.append('t', 0, [])).toBe(8);
});

test('a refusal is not repeated and keeps the connection', async () => {
  const broker = connections(new UnknownTopicError('t', 0), 7);
  const producer = new RenewingProducer(broker, 3);
  await expect(producer.append('t', 0, [])).rejects.toThrow(UnknownTopicError);
  expect(await producer.append('t', 0, [])).toBe(7);
  expect(broker.opened).toHaveLength(1);
});

test('a closed one does not try again', async () => {
  const broker = connections(noAnswer(), 7);
  const producer = new RenewingProducer(broker, 3);
  const append = producer.append('t', 0, []);
  await producer.close();
  await expect(append).rejects.toThrow(OutcomeUnknownError);
});
