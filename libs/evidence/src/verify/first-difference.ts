import type { TextLine } from '../export/lines.js';
import { parseLine } from '../export/parse-line.js';

/** Two copies of one run, compared event by event. */
export interface Comparison {
  /** Events that both have and that are the same. */
  readonly same: number;
  /** Seq of the first event of the first record that both have and that differs; undefined: one is the beginning of the other. */
  readonly differsAt?: number;
}

/** Where two exports part. Of two copies of which one was edited, this is the event that was. */
export async function firstDifference(
  one: AsyncIterable<TextLine>,
  other: AsyncIterable<TextLine>,
): Promise<Comparison> {
  const left = one[Symbol.asyncIterator]();
  const right = other[Symbol.asyncIterator]();
  try {
    for (let same = 0; ; ) {
      const [a, b] = await Promise.all([nextOf(left), nextOf(right)]);
      if (a === undefined || b === undefined) return { same };
      if (a.bytes !== b.bytes) return { same, differsAt: same + 1 };
      same += a.events;
    }
  } finally {
    await Promise.all([left.return?.(), right.return?.()]);
  }
}

/** What is hashed of the next record, base64 or as it stands, and how many events it holds; undefined: there is none. */
async function nextOf(
  lines: AsyncIterator<TextLine>,
): Promise<{ readonly bytes: string; readonly events: number } | undefined> {
  const { done, value } = await lines.next();
  if (done === true) return undefined;
  const line = parseLine(value);
  if (line.kind === 'head' || line.kind === 'value') return undefined;
  if (line.kind === 'broken') return { bytes: value.text ?? '', events: 1 };
  const bytes = Buffer.concat([Buffer.from(line.key), line.t, line.m, line.value]).toString('base64');
  return { bytes, events: line.lastSeq - line.meta.seq + 1 };
}
