import { Catalogue, defineEvent, runEvents } from '@interlock/contracts';
import { FencedWriter, type LogRecord, plainRecord, startingAt } from '@interlock/log';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { defaultLimits, type HostSpec } from './host.spec.js';
import { InputFeed } from './input-feed.js';
import { OwnLog } from './own-log.js';
import { PartitionInputs } from './partition-inputs.js';

const Known = defineEvent('known', 1, z.object({}));
const catalogue = new Catalogue([Known]);
const source = { pause: () => {}, resume: () => {} };

function inputsOf(...inputs: HostSpec<never>['inputs']) {
  const spec: HostSpec<never> = {
    service: 'policy',
    host: 'test',
    topic: 'own',
    numbered: false,
    actor: {
      name: 'reader',
      inputs: Object.fromEntries(inputs.map(({ topic }) => [topic, new Set(['known'])])),
      key: () => 'a',
      answerFault: () => ({ events: [] }),
      decide: () => ({ events: [] }),
      evolve: () => undefined,
    },
    events: new Catalogue([]),
    inputs,
    limits: defaultLimits,
  };
  return new PartitionInputs(spec, new OwnLog(spec, 0), new Map(), 0);
}

/** Appends of one claim, each of one record of the given type; offsets from 1 on, because the claim lies at 0. */
async function fencedLog(...wires: readonly string[]) {
  const records: LogRecord[] = [];
  const appender = {
    append: async (_topic: string, _partition: number, appended: readonly LogRecord[]) => {
      records.push(...appended);
      return records.length;
    },
  };
  const writer = new FencedWriter(appender, 'in', 0, { offset: 1, epoch: 0, index: 0 }, startingAt(0));
  for (const wire of wires) {
    const meta = { run: 'r', time: 0 };
    await writer.append([{ key: 'k', wire, value: Buffer.from('{}'), meta }], {}, []);
  }
  const claimed = plainRecord('host', 'host.claimed/1', { id: 'c', time: 0 }, {});
  return [claimed, ...records].map((record, offset) => ({ ...record, offset }));
}

test('the cursor never passes an append that waits for an upgrade', async () => {
  const inputs = inputsOf({ topic: 'in', kind: 'fenced', catalogue });
  inputs.add('in', await fencedLog('known/1', 'of.a.newer.release/1', 'known/1'), source);
  for (let next = inputs.next(); next !== undefined; next = inputs.next()) inputs.decided(next, true);
  expect(inputs.cursor()).toEqual({ in: { offset: 2, epoch: 0, index: 1 } });
});

test('a record of a plain topic that names a place in run.events holds nothing up', () => {
  const inputs = inputsOf(
    { topic: 'in', kind: 'plain', catalogue },
    { topic: runEvents.name, kind: 'fenced', catalogue },
  );
  const record = plainRecord('k', Known.wire, { id: 'a', time: 0, ref: 2 ** 50 }, {});
  inputs.add('in', [{ ...record, offset: 0 }], source);
  expect(inputs.next()?.fed.message?.type).toBe('known');
});

test('everything in front of an end is decided although newer messages never stop coming', () => {
  const inputs = inputsOf({ topic: 'in', kind: 'plain', catalogue });
  const record = (offset: number) => ({
    ...plainRecord('k', Known.wire, { id: `${offset}`, time: 0 }, {}),
    offset,
  });
  inputs.add('in', [record(0), record(1)], source);
  const ends = new Map([['in', 1]]);
  expect(inputs.hasDecided(ends)).toBe(false);
  inputs.decided(inputs.next()!, true);
  expect(inputs.hasDecided(ends)).toBe(true);
});

test('a message that its actor does not want from a look at its bytes is passed over without being parsed, and its place is read', async () => {
  const spec = { topic: 'in', kind: 'fenced', catalogue } as const;
  const parsed = vi.spyOn(catalogue, 'validData');
  const prefilter = (type: string, value: Uint8Array) => type !== 'known' || value.length > 2;
  const feed = new InputFeed(spec, 0, startingAt(0), new Set(['known']), new Set(), prefilter);
  feed.add(await fencedLog('known/1'));
  for (let unit = feed.peek(); unit !== undefined; unit = feed.peek()) {
    expect(unit.messages).toEqual([]);
    feed.shift();
  }
  expect(feed.position.offset).toBe(2);
  expect(parsed).not.toHaveBeenCalled();
});
