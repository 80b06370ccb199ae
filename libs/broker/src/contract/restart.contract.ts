import { expect, test } from 'vitest';
import type { Broker, Offset } from '../broker.js';
import { RecordingMember } from './recorder.js';
import {
  type BrokerUnderTest,
  freshGroup,
  freshTopic,
  range,
  readAll,
  record,
  textOf,
} from './under-test.js';

export function restartContract(underTest: () => BrokerUnderTest): void {
  test('a restart while appends are under way loses nothing that was acknowledged', async ({ skip }) => {
    const { broker, restart } = underTest();
    if (restart === undefined) return skip('cannot be restarted here');
    const topic = await freshTopic(broker);
    const { acknowledged, enough, ended } = keepAppending(broker, topic);

    await enough;
    const again = await restart.call(underTest());
    await ended;

    const stored = await readAll(again, topic);
    expect(stored.map(({ offset }) => offset)).toEqual(range(0, stored.length));
    for (const [offset, value] of acknowledged) {
      expect(stored.slice(offset, offset + 2).map(textOf)).toEqual([value, `${value}'`]);
    }
    expect(stored.length % 2, 'half an append is readable').toBe(0);
    expect(await again.producer().append(topic, 0, [record('after')])).toBe(stored.length);
  });

  test('topics, cuts and commits are as they were after a restart', async ({ skip }) => {
    const { broker, restart } = underTest();
    if (restart === undefined) return skip('cannot be restarted here');
    const topic = await freshTopic(broker, 2);
    const group = freshGroup();
    await broker.producer().append(topic, 1, [record('a'), record('b'), record('c')]);
    await broker.trim(topic, 1, 2);
    await broker.trim(topic, 1, 1);
    const member = new RecordingMember();
    const membership = await member.join(broker, group, [topic]);
    await membership.commit([{ topic, partition: 1, position: { offset: 3, metadata: 'm' } }]);

    const again = await restart.call(underTest());

    expect(await again.partitions(topic)).toBe(2);
    expect(await again.bounds(topic, 1)).toEqual({ start: 2, end: 3 });
    expect(await again.committed(group, topic, 1)).toEqual({ offset: 3, metadata: 'm' });
    expect((await readAll(again, topic, 1, 2)).map(textOf)).toEqual(['c']);
  });
}

/** Appends pairs one after the other until the broker is gone; `enough` resolves after some of them. */
function keepAppending(broker: Broker, topic: string) {
  const acknowledged = new Map<Offset, string>();
  const producer = broker.producer();
  let someAreDone = () => {};
  const enough = new Promise<void>((resolve) => {
    someAreDone = resolve;
  });
  const ended = (async () => {
    for (let at = 0; ; at++) {
      const offset = await producer.append(topic, 0, [record(`${at}`), record(`${at}'`)]);
      acknowledged.set(offset, `${at}`);
      if (acknowledged.size === 20) someAreDone();
    }
  })().catch(() => {});
  return { acknowledged, enough, ended };
}
