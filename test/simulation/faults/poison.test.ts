import { describe, expect, test } from 'vitest';
import { HostBench } from './host.bench.ts';
import { hosts } from './hosts.ts';

/** What is no message of any type, as bytes. */
const poison: Readonly<Record<string, Uint8Array | null>> = {
  'no JSON': Buffer.from('{"a":'),
  'half a character': Buffer.from([0x22, 0xed, 0xa0, 0xbd, 0x22]),
  'a list': Buffer.from('[1]'),
  nothing: Buffer.from('null'),
  'no value': null,
};

/** Every kind of it as every type that the actor wants; answers with what is not passed over at a first look. */
async function putPoison(bench: HostBench): Promise<string[]> {
  const { inputs, actor } = bench.spec;
  const looked: string[] = [];
  for (const { topic, catalogue } of inputs) {
    for (const type of actor.inputs[topic] ?? []) {
      for (const bytes of Object.values(poison)) {
        const offset = await bench.putRaw(topic, catalogue.wireOf(type)!, bytes);
        if (actor.prefilter?.(type, bytes ?? Buffer.alloc(0)) !== false) looked.push(`${topic} ${offset}`);
      }
    }
  }
  return looked;
}

describe.each(Object.keys(hosts))('records that %s cannot decode', (name) => {
  test.each([
    ['although its actor can say nothing of them', true],
    ['and its actor says what it can', false],
  ])('are each set aside once, and everything behind them is read: %s', async (_sentence, isBroken) => {
    const bench = await HostBench.open(hosts[name]!);
    bench.breaks = ({ kind }) => isBroken && kind === 'poison';
    const sent = await putPoison(bench);
    await bench.pass(120_000);

    const aside = bench.quarantined.map(({ topic, offset }) => `${topic} ${offset}`);
    expect(aside.toSorted()).toEqual(sent.toSorted());
    expect(new Set(bench.quarantined.map(({ code }) => code))).toEqual(new Set(['message.broken']));
    for (const { topic, at, end } of bench.positions) expect(at, topic).toBe(end);
    expect(bench.isReady).toBe(true);
    expect(bench.notes).not.toContain('in doubt');
    expect(bench.asked.filter((kind) => kind === 'poison')).toHaveLength(sent.length);
    expect(bench.notes.filter((what) => what === 'a decision broke')).toHaveLength(
      isBroken ? sent.length : 0,
    );
  });
});
