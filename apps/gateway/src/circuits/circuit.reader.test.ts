import { CIRCUIT_TOLD_MS, CircuitTold, toolCircuits } from '@interlock/contracts';
import { type LogRecord, plainRecord } from '@interlock/log';
import { expect, test } from 'vitest';
import { CircuitReader } from './circuit.reader.js';

const NOW = 1_000_000_000;
const open = { since: NOW - 5_000, failures: 5, code: 'transient http_503' };

/** What is shown when processes have told this, oldest first. */
async function shownOf(
  ...told: readonly (readonly [process: string, tool: string, at: number, isOpen: boolean])[]
) {
  const records = told.map(([process, tool, at, isOpen], offset) =>
    plainRecord(
      tool,
      CircuitTold.wire,
      { id: `${offset}`, time: at },
      {
        process,
        tool,
        toolHash: `hash of ${tool}`,
        at,
        ...(isOpen ? { open } : {}),
      },
    ),
  );
  return shownIn(records);
}

async function shownIn(written: readonly LogRecord[]) {
  const records = written.map((record, offset) => ({ ...record, offset }));
  const broker = {
    bounds: async (topic: string) => {
      expect(topic).toBe(toolCircuits.name);
      return { start: 0, end: records.length };
    },
    read: async function* () {
      yield records;
    },
  };
  const reader = new CircuitReader(broker as never, () => NOW);
  return (await reader.open()).map(({ tool, process }) => `${tool} of ${process}`);
}

test('a circuit is shown as its process told of it last', async () => {
  expect(
    await shownOf(
      ['a', 'pay', NOW - 9, true],
      ['b', 'pay', NOW - 8, true],
      ['a', 'look', NOW - 7, true],
      ['b', 'pay', NOW - 6, false],
    ),
  ).toEqual(['look of a', 'pay of a']);
});

test('a record that is no such message hides none of the others', async () => {
  const told = plainRecord(
    'pay',
    CircuitTold.wire,
    { id: '0', time: NOW },
    { process: 'a', tool: 'pay', toolHash: 'p', at: NOW, open },
  );
  expect(
    await shownIn([{ ...told, value: Buffer.from('{') }, { ...told, value: Buffer.from('[]') }, told]),
  ).toEqual(['pay of a']);
});

test('a process that has said nothing for long is gone, and its circuits with it', async () => {
  const before = NOW - 2 * CIRCUIT_TOLD_MS;
  expect(await shownOf(['a', 'pay', before - 1, true], ['b', 'pay', before, true])).toEqual(['pay of b']);
});
