import { newKeyPair } from '@interlock/authority';
import { linkHash } from '@interlock/log';
import { numbered } from '../export/export.js';
import type { RecordLine } from '../export/export-line.js';
import { exportOf, PartitionUnderTest } from './partition.fixture.js';
import type { Verdict } from './verdict.js';
import { verifyExport } from './verify.js';

export const key = newKeyPair();
export const other = newKeyPair();
const keys = new Map([
  [key.keyId, key.publicKey],
  [other.keyId, other.publicKey],
]);
export const NOW = Date.UTC(2026, 10, 23);
/** The event at which a second host took over. */
export const SECOND_HOST = 6;

const partition = new PartitionUnderTest();
partition.deaf = true;
const first = partition.claim();
for (const time of [1, 2, 3, 4, 5]) {
  await first.write('run', 'step.completed', { step: `s${time}` }, time);
  await first.write('other', 'step.completed', { step: `o${time}` }, time);
}
const second = partition.claim();
await first.write('run', 'step.failed', { step: 's6' }, 6);
for (const time of [6, 7, 8, 9, 10]) await second.write('run', 'step.completed', { step: `s${time}` }, time);

/** Ten events of `run`, those from `SECOND_HOST` on by the second host. */
export const lines: readonly RecordLine[] = partition.accepted('run');
/** What the first host still wrote as its sixth event. */
export const [deposed] = partition.ignored('run') as [RecordLine];
const foreign = partition.accepted('other');
/** The export of `run`. */
export const texts: readonly string[] = exportOf('run', lines, key, NOW);

export const check = (changed: readonly string[], known = keys): Promise<Verdict> =>
  verifyExport(numbered(changed), known);
export const text = (line: unknown): string => JSON.stringify(line);
const bytesOf = (line: RecordLine, field: 'metaBase64' | 'dataBase64') => Buffer.from(line[field], 'base64');

/** A copy of the export with line `seq` put through `change`. */
const withLine = (seq: number, change: (line: RecordLine) => object): string[] =>
  texts.map((one, place) => (place === seq - 1 ? text(change(lines[place]!)) : one));

const hashOf = (line: RecordLine, previous: string): string =>
  linkHash(Buffer.from(previous, 'hex'), {
    key: line.key,
    t: Buffer.from(line.type),
    m: bytesOf(line, 'metaBase64'),
    value: bytesOf(line, 'dataBase64'),
  }).toString('hex');

/** Line `seq` with other data, and its hash made to fit, written behind `previous`. */
function edited(line: RecordLine, previous: string): RecordLine {
  const data = Buffer.from('{"step":"forged"}');
  const changed = { ...line, dataBase64: data.toString('base64'), previous };
  return { ...changed, hash: hashOf(changed, previous) };
}

/** The chain computed again from `seq` on, with other data there. */
export function recomputed(seq: number): RecordLine[] {
  const chain = lines.slice(0, seq - 1);
  for (const line of lines.slice(seq - 1)) {
    const previous = chain.at(-1)?.hash ?? '0'.repeat(64);
    const isEdited = line.hash === lines[seq - 1]?.hash;
    chain.push(isEdited ? edited(line, previous) : { ...line, hash: hashOf(line, previous), previous });
  }
  return chain;
}

/** Of a seq, what is done to the export; and the event that verify must name. */
export const tamperings: Record<
  string,
  [codes: string[], named: (seq: number) => number | undefined, change: (seq: number) => string[]]
> = {
  'the data of an event are changed': [
    ['changed'],
    (seq) => seq,
    (seq) =>
      withLine(seq, (line) => ({ ...line, dataBase64: Buffer.from('{"step":"x"}').toString('base64') })),
  ],
  'the type of an event is changed': [
    ['changed'],
    (seq) => seq,
    (seq) => withLine(seq, (line) => ({ ...line, type: 'step.skipped/1' })),
  ],
  'the hash of an event is changed': [
    ['hash_changed'],
    (seq) => seq,
    (seq) =>
      withLine(seq, (line) => ({
        ...line,
        hash: line.hash.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
      })),
  ],
  'the hash beside an event of the one before it is changed': [
    ['copy_differs'],
    (seq) => seq,
    (seq) => withLine(seq, (line) => ({ ...line, previous: 'f'.repeat(64) })),
  ],
  'the readable metadata say something else': [
    ['copy_differs'],
    (seq) => seq,
    (seq) => withLine(seq, (line) => ({ ...line, meta: { ...line.meta, time: 99 } })),
  ],
  'the metadata are changed together with their copy': [
    ['changed'],
    (seq) => seq,
    (seq) =>
      withLine(seq, (line) => {
        const meta = { ...line.meta, seq: seq + 100 };
        return { ...line, meta, metaBase64: Buffer.from(text(meta)).toString('base64') };
      }),
  ],
  'an event is said to be of another run': [
    ['other_run'],
    (seq) => seq,
    (seq) => withLine(seq, (line) => ({ ...line, key: 'other' })),
  ],
  'a field is put in': [
    ['not_a_line'],
    (seq) => seq,
    (seq) => withLine(seq, (line) => ({ ...line, note: 1 })),
  ],
  'a key is said twice': [
    ['not_a_line'],
    (seq) => seq,
    (seq) => texts.map((one, place) => (place === seq - 1 ? one.replace('{', '{"hash":"0",') : one)),
  ],
  'an event is dropped': [['missing'], (seq) => seq, (seq) => texts.toSpliced(seq - 1, 1)],
  'an event is there twice': [['added'], (seq) => seq, (seq) => texts.toSpliced(seq, 0, texts[seq - 1]!)],
  'an event is added that fits the one before it': [
    ['added', 'deposed'],
    (seq) => seq,
    (seq) =>
      texts.toSpliced(seq - 1, 0, text(edited(lines[seq - 1]!, lines[seq - 2]?.hash ?? '0'.repeat(64)))),
  ],
  'an event is replaced by one that fits the one before it': [
    ['replaced', 'deposed'],
    (seq) => seq,
    (seq) => withLine(seq, (line) => edited(line, lines[seq - 2]?.hash ?? '0'.repeat(64))),
  ],
  'an event of another run is put in': [
    ['other_run'],
    (seq) => seq,
    (seq) => texts.toSpliced(seq - 1, 0, text(foreign[3])),
  ],
  'an event of another run is put in the place of one': [
    ['other_run'],
    (seq) => seq,
    (seq) => withLine(seq, () => foreign[3]!),
  ],
  'the chain is computed again after an edit': [
    ['recomputed'],
    () => 10,
    (seq) => [...recomputed(seq).map(text), texts.at(-1)!],
  ],
  'the chain is computed again after an edit, but not what stands beside it': [
    ['recomputed'],
    (seq) => seq,
    (seq) => [
      ...recomputed(seq).map((line, place) => text({ ...line, previous: lines[place]?.previous })),
      texts.at(-1)!,
    ],
  ],
  'the chain is computed again, and the head with it': [
    ['signature_invalid'],
    () => undefined,
    (seq) => {
      const chain = recomputed(seq);
      const { head, signature } = JSON.parse(texts.at(-1)!);
      return [...chain.map(text), text({ head: { ...head, hash: chain.at(-1)?.hash }, signature })];
    },
  ],
};
