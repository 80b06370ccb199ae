import { isClaim, type Position, samePosition } from '@interlock/log';
import type { FencedPartition, Reading } from './reading.js';
import type { Invariant, Violation } from './view.js';

/**
 * I12: records of deposed hosts change nobody's state. Every host's cursor stands where a reader stands that has ignored them,
 * never goes back, and claims follow one another.
 */
export const positionsAgree: Invariant = (reading) =>
  reading.fenced.flatMap((one) => cursorsOf(reading, one));

function cursorsOf(reading: Reading, { topic, partition, accepted }: FencedPartition): Violation[] {
  const violations: Violation[] = [];
  const reached = new Map<string, Position>();
  const say = (offset: number, message: string) =>
    violations.push({ invariant: 'I12', message: `${topic}/${partition} at offset ${offset}: ${message}` });
  let epoch = -1;
  for (const taken of accepted) {
    const { offset, meta } = taken;
    if (!isClaim(taken) && meta.epoch < epoch) say(offset, `epoch ${meta.epoch} after ${epoch}`);
    epoch = isClaim(taken) ? offset : meta.epoch;
    for (const [input, position] of Object.entries(meta.cursor ?? {})) {
      const before = reached.get(input);
      if (before !== undefined && position.offset < before.offset) {
        say(offset, `its cursor of ${input} goes back from ${before.offset} to ${position.offset}`);
      }
      reached.set(input, position);
      const expected = positionAt(reading, input, partition, position.offset);
      if (expected !== undefined && !samePosition(expected, position)) {
        say(offset, `its cursor of ${input} says ${textOf(position)}, readers stand at ${textOf(expected)}`);
      }
    }
  }
  return violations;
}

/** Undefined: a plain topic, or the log does not reach so far. */
const positionAt = (
  { fenced }: Reading,
  topic: string,
  partition: number,
  offset: number,
): Position | undefined =>
  fenced.find((one) => one.topic === topic && one.partition === partition)?.positions[offset];

const textOf = ({ offset, epoch, index }: Position): string => `${offset} (${epoch}.${index})`;
