import { expect, test } from 'vitest';
import { OutcomeUnknownError } from '../errors.js';
import { type BrokerUnderTest, freshTopic, range, readAll, record, textOf } from './under-test.js';

/** The outcomes an append without an answer may have. The suite can only ask for them where the implementation offers faults. */
export function faultContract(underTest: () => BrokerUnderTest): void {
  test('an append whose answer is lost fails as unknown, yet it is there', async ({ skip }) => {
    const { broker, faults } = underTest();
    if (faults?.loseAnswer === undefined) return skip('no such fault here');
    const topic = await freshTopic(broker);
    faults.loseAnswer();

    await expect(broker.producer().append(topic, 0, [record('a')])).rejects.toBeInstanceOf(
      OutcomeUnknownError,
    );

    expect((await readAll(broker, topic)).map(textOf)).toEqual(['a']);
  });

  test('an append that never lands fails as unknown and leaves no gap', async ({ skip }) => {
    const { broker, faults } = underTest();
    if (faults?.loseAppend === undefined) return skip('no such fault here');
    const topic = await freshTopic(broker);
    faults.loseAppend();

    await expect(broker.producer().append(topic, 0, [record('lost')])).rejects.toBeInstanceOf(
      OutcomeUnknownError,
    );

    expect(await readAll(broker, topic)).toEqual([]);
    expect(await broker.producer().append(topic, 0, [record('next')])).toBe(0);
  });

  test('an append may land after the next one of another producer', async ({ skip }) => {
    const { broker, faults } = underTest();
    if (faults?.delayAppend === undefined) return skip('no such fault here');
    const topic = await freshTopic(broker);
    const late = faults.delayAppend();
    const zombie = broker.producer();
    await expect(zombie.append(topic, 0, [record('late'), record("late'")])).rejects.toBeInstanceOf(
      OutcomeUnknownError,
    );
    await zombie.close();
    expect(await broker.producer().append(topic, 0, [record('on time')])).toBe(0);

    await late.land();

    expect((await readAll(broker, topic)).map(textOf)).toEqual(['on time', 'late', "late'"]);
  });

  test('a repeated batch is in the log twice, whole both times', async ({ skip }) => {
    const { broker, faults } = underTest();
    if (faults?.repeatAppend === undefined) return skip('no such fault here');
    const topic = await freshTopic(broker);
    faults.repeatAppend();

    const offset = await broker.producer().append(topic, 0, [record('a'), record('b')]);
    const next = await broker.producer().append(topic, 0, [record('c')]);

    expect([0, 2]).toContain(offset);
    expect(next).toBe(4);
    const stored = await readAll(broker, topic);
    expect(stored.map(textOf)).toEqual(['a', 'b', 'a', 'b', 'c']);
    expect(stored.map((one) => one.offset)).toEqual(range(0, 5));
  });
}
