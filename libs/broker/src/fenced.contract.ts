import { claim, DeposedError, FencedReader, type FencedWriter, isClaim, startingAt } from '@interlock/log';
import { describe, expect, test } from 'vitest';
import type { Broker, Producer } from './broker.js';
import { type BrokerUnderTest, freshTopic, range, readAll, textOf } from './contract/under-test.js';
import { OutcomeUnknownError } from './errors.js';

/** The fenced log of `@interlock/log` over a broker: hosts that fight, and every way an append can go wrong. */
export function fencedContract(underTest: () => BrokerUnderTest): void {
  const broker = (): Broker => underTest().broker;

  describe('under a fenced log', () => {
    test('a host whose partition was claimed by another is deposed, and what it wrote counts for no reader', async () => {
      const topic = await freshTopic(broker());
      const [first, second] = [new Host(broker(), topic, 'first'), new Host(broker(), topic, 'second')];
      await first.claim();
      await first.append('by first');
      await second.claim();
      await second.append('by second');

      await expect(first.append('too late')).rejects.toBeInstanceOf(DeposedError);

      expect((await readAll(broker(), topic)).map(textOf)).toContain('too late');
      expect(await accepted(broker(), topic)).toEqual(['by first', 'by second']);
    });

    test('the record of a zombie that wakes makes the owner claim again, and nothing of the owner is lost', async () => {
      const topic = await freshTopic(broker());
      const [zombie, owner] = [new Host(broker(), topic, 'zombie'), new Host(broker(), topic, 'owner')];
      await zombie.claim();
      await owner.claim();
      await owner.append('before');
      await expect(zombie.append('from the grave')).rejects.toBeInstanceOf(DeposedError);

      await expect(owner.append('shifted')).rejects.toBeInstanceOf(DeposedError);
      await owner.claim();
      await owner.append('after');

      // The readers accept what the owner was not sure of: it was under the latest claim.
      expect(await accepted(broker(), topic)).toEqual(['before', 'shifted', 'after']);
    });

    test('two hosts that fight over one partition lose nothing they were told is accepted, and repeat nothing', async () => {
      const topic = await freshTopic(broker());
      const acceptedValues: string[] = [];
      const fight = async (host: Host): Promise<void> => {
        await host.claimAmongOthers();
        for (const at of range(0, 15)) {
          const value = `${host.name} ${at}`;
          const isAccepted = await host.append(value).then(
            () => true,
            (error) => {
              expect(error).toBeInstanceOf(DeposedError);
              return false;
            },
          );
          if (isAccepted) acceptedValues.push(value);
          else await host.claimAmongOthers();
        }
      };

      await Promise.all([fight(new Host(broker(), topic, 'a')), fight(new Host(broker(), topic, 'b'))]);

      const values = await accepted(broker(), topic);
      expect(new Set(values).size).toBe(values.length);
      expect(values).toEqual(expect.arrayContaining(acceptedValues));
      const own = (name: string) => values.filter((value) => value.startsWith(name));
      for (const name of ['a', 'b']) expect(own(name)).toEqual(own(name).toSorted(byPlace));
    });

    test('an append whose answer was lost is found by the claim that follows it', async ({ skip }) => {
      const lose = underTest().faults?.loseAnswer;
      if (lose === undefined) return skip('no such fault here');
      const { topic, host } = await claimed(broker());
      lose.call(underTest().faults);

      await expect(host.append('in doubt')).rejects.toBeInstanceOf(OutcomeUnknownError);
      await host.claim();

      expect(host.seen).toEqual(['in doubt']);
      await host.append('next');
      expect(await accepted(broker(), topic)).toEqual(['in doubt', 'next']);
    });

    test('an append that lands after the claim that followed it counts for no reader', async ({ skip }) => {
      const delay = underTest().faults?.delayAppend;
      if (delay === undefined) return skip('no such fault here');
      const { topic, host } = await claimed(broker());
      const late = delay.call(underTest().faults);

      await expect(host.append('late')).rejects.toBeInstanceOf(OutcomeUnknownError);
      await host.claim();
      await host.append('instead');
      await late.land();

      await expect(host.append('shifted')).rejects.toBeInstanceOf(DeposedError);
      await host.claim();
      expect((await readAll(broker(), topic)).map(textOf)).toContain('late');
      expect(host.seen).toEqual(['instead', 'shifted']);
    });

    test('a claim that lands late deposes its own host like any other', async ({ skip }) => {
      const delay = underTest().faults?.delayAppend;
      if (delay === undefined) return skip('no such fault here');
      const topic = await freshTopic(broker());
      const host = new Host(broker(), topic, 'host');
      const late = delay.call(underTest().faults);
      await expect(host.claim()).rejects.toBeInstanceOf(OutcomeUnknownError);
      await host.claim();
      await host.append('before');
      await late.land();

      await expect(host.append('deposed')).rejects.toBeInstanceOf(DeposedError);
      await host.claim();
      await host.append('after');

      expect(await accepted(broker(), topic)).toEqual(['before', 'after']);
    });

    test('a repeated batch counts once', async ({ skip }) => {
      const repeat = underTest().faults?.repeatAppend;
      if (repeat === undefined) return skip('no such fault here');
      const { topic, host } = await claimed(broker());
      repeat.call(underTest().faults);

      await host.append('repeated').catch((error) => expect(error).toBeInstanceOf(DeposedError));
      await host.claim();
      await host.append('next');

      expect((await readAll(broker(), topic)).map(textOf).filter((text) => text === 'repeated')).toHaveLength(
        2,
      );
      expect(await accepted(broker(), topic)).toEqual(['repeated', 'next']);
    });

    test('after a restart the next claim follows what was accepted', async ({ skip }) => {
      const { broker: first, restart } = underTest();
      if (restart === undefined) return skip('cannot be restarted here');
      const { topic, host } = await claimed(first);
      await host.append('before');

      const again = await restart.call(underTest());
      const heir = new Host(again, topic, 'heir');
      await heir.claim();
      await heir.append('after');

      expect(heir.seen).toEqual(['before']);
      expect(await accepted(again, topic)).toEqual(['before', 'after']);
    });
  });
}

/** A host of partition 0, as libs/actors would be: after doubt a new producer and a new claim. */
class Host {
  /** What its last claim found accepted. */
  seen: string[] = [];
  #producer: Producer | undefined;
  #writer: FencedWriter | undefined;
  #claims = 0;

  constructor(
    readonly broker: Broker,
    readonly topic: string,
    readonly name: string,
  ) {}

  async claim(): Promise<void> {
    await this.#producer?.close();
    const producer = this.broker.producer();
    this.#producer = producer;
    const seen: string[] = [];
    this.#writer = await claim(
      {
        append: (topic, partition, records) => producer.append(topic, partition, records),
        read: (from) => this.broker.read(this.topic, 0, from),
      },
      {
        topic: this.topic,
        partition: 0,
        from: startingAt(0),
        claimId: `${this.name}.${++this.#claims}`,
        host: this.name,
        versions: ['note/1'],
        now: 0,
        accepted: (one) => {
          if (!isClaim(one)) seen.push(textOf(one.record));
        },
      },
    );
    this.seen = seen;
  }

  /** Claims until no other claim has come in between. */
  async claimAmongOthers(): Promise<void> {
    for (let isDone = false; !isDone; ) {
      isDone = await this.claim().then(
        () => true,
        (error) => {
          expect(error).toBeInstanceOf(DeposedError);
          return false;
        },
      );
    }
  }

  async append(value: string): Promise<void> {
    if (this.#writer === undefined) throw new Error(`${this.name} has not claimed`);
    const draft = { key: 'run', wire: 'note/1', value: Buffer.from(value), meta: { time: 0 } };
    await this.#writer.append([draft], {}, []);
  }
}

async function claimed(broker: Broker): Promise<{ topic: string; host: Host }> {
  const topic = await freshTopic(broker);
  const host = new Host(broker, topic, 'host');
  await host.claim();
  return { topic, host };
}

/** What a reader that knows nothing else accepts. */
async function accepted(broker: Broker, topic: string): Promise<string[]> {
  const reader = new FencedReader(topic, 0);
  return (await readAll(broker, topic)).flatMap((record) => {
    const taken = reader.take(record);
    return taken === undefined || isClaim(taken) ? [] : [textOf(record)];
  });
}

const byPlace = (a: string, b: string) => Number(a.split(' ')[1]) - Number(b.split(' ')[1]);
