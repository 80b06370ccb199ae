import type { TextLine } from '../export/lines.js';
import {
  type ExportedHead,
  type ExportedLine,
  type ExportedRecord,
  type ExportedValue,
  parseLine,
} from '../export/parse-line.js';
import { problemOf } from './diagnosis.js';
import { type Place, placeOf, start } from './place.js';
import type { Problem, Verdict } from './verdict.js';
import { headProblem, type Keys } from './verify-head.js';
import { ValueCheck } from './verify-values.js';

/**
 * Checks an export without anything but public keys, line by line: it may be larger than memory.
 * @param keys by id; undefined when none are at hand: the records are checked, and the verdict is `no_key` at best
 * @param seen called with every record that is right so far
 * @param seenValue the same with every value that the records name
 */
export async function verifyExport(
  lines: AsyncIterable<TextLine>,
  keys: Keys,
  seen: (record: ExportedRecord) => void = () => {},
  seenValue: (value: ExportedValue) => void = () => {},
): Promise<Verdict> {
  const source = new LookAhead(lines);
  let place = start;
  let suspicion: Problem | undefined;
  const hashes = new Map<number, Uint8Array>();
  const values = new ValueCheck();
  const verdict = (problem: Problem | undefined, head?: ExportedHead['head']): Verdict => ({
    ok: problem === undefined,
    records: hashes.size,
    events: place.seq,
    ...(values.erased === 0 ? {} : { erased: values.erased }),
    ...(place.run === undefined ? {} : { runId: place.run }),
    ...(head && { head, runId: place.run ?? head.runId }),
    ...(problem && { problem }),
  });
  for (;;) {
    const line = await source.take();
    if (line === undefined) return verdict(suspicion ?? noHead(place));
    if (line.kind === 'broken') return verdict(suspicion ?? broken(line, place));
    if (line.kind === 'head') {
      const inFront = headProblem(line, place, keys, hashes);
      const problem =
        (inFront?.code === 'no_key' ? undefined : inFront) ??
        values.missing(line.line) ??
        inFront ??
        (await afterHead(source));
      return verdict(worstOf(suspicion, problem), line.head);
    }
    if (line.kind === 'value') {
      const problem = values.problemOf(line);
      if (problem !== undefined) return verdict(suspicion ?? problem);
      seenValue(line);
      continue;
    }
    const problem = problemOf(place, line, await source.peek());
    if (problem !== undefined) return verdict(suspicion ?? (await misplaced(problem, source)));
    suspicion ??= otherPrevious(place, line);
    seen(line);
    values.take(line);
    place = placeOf(line, place);
    hashes.set(place.seq, place.hash);
  }
}

/** It links, but says that it was written behind something else: either its `previous` or what stands in front was changed. */
function otherPrevious(before: Place, { previous, line, meta }: ExportedRecord): Problem | undefined {
  if (previous === undefined || Buffer.from(previous).equals(before.hash)) return undefined;
  const { seq } = meta;
  if (before.run === undefined) {
    return {
      code: 'copy_differs',
      at: line,
      seq,
      what: `event ${seq} says that another one stood in front of it`,
    };
  }
  const what = `event ${before.seq} was changed and the chain computed again: event ${seq} was written behind another one`;
  return { code: 'recomputed', at: before.line, seq: before.seq, what };
}

/** If everything up to a valid signature fits, only the `previous` field can be wrong. */
function worstOf(suspicion: Problem | undefined, problem: Problem | undefined): Problem | undefined {
  if (suspicion === undefined || (problem !== undefined && problem.code !== 'no_key'))
    return suspicion ?? problem;
  if (suspicion.code === 'copy_differs' || problem !== undefined) return suspicion;
  const seq = (suspicion.seq ?? 0) + 1;
  const what = `the \`previous\` beside event ${seq} is not the hash of event ${seq - 1}`;
  return { code: 'copy_differs', at: suspicion.at + 1, seq, what };
}

/** An event that is missing here may stand further down. */
async function misplaced(problem: Problem, source: LookAhead): Promise<Problem> {
  if (problem.code !== 'missing') return problem;
  for (let line = await source.take(); line !== undefined; line = await source.take()) {
    if (line.kind !== 'record' || line.meta.seq !== problem.seq) continue;
    const what = `event ${problem.seq} is not in its place: it stands in line ${line.line}`;
    return { ...problem, code: 'misplaced', what };
  }
  return problem;
}

async function afterHead(source: LookAhead): Promise<Problem | undefined> {
  const line = await source.take();
  return line && { code: 'after_head', at: line.line, what: 'something stands behind the head' };
}

function broken(
  { line: at, seq, code, what }: Extract<ExportedLine, { kind: 'broken' }>,
  place: Place,
): Problem {
  const named = seq ?? place.seq + 1;
  return { code, at, seq: named, what: `line ${at}, where event ${place.seq + 1} belongs: ${what}` };
}

const noHead = ({ line, seq }: Place): Problem => ({
  code: 'no_head',
  at: line + 1,
  what: `the file ends behind event ${seq} without a signed head: it was cut off, the head was removed, or nothing of the run had been signed yet`,
});

/** Parsed lines, with a look at the one that comes next. */
class LookAhead {
  readonly #lines: AsyncIterator<TextLine>;
  #next: Promise<ExportedLine | undefined> | undefined;

  constructor(lines: AsyncIterable<TextLine>) {
    this.#lines = lines[Symbol.asyncIterator]();
  }

  peek(): Promise<ExportedLine | undefined> {
    this.#next ??= this.#read();
    return this.#next;
  }

  take(): Promise<ExportedLine | undefined> {
    const next = this.peek();
    this.#next = undefined;
    return next;
  }

  async #read(): Promise<ExportedLine | undefined> {
    const { done, value } = await this.#lines.next();
    return done === true ? undefined : parseLine(value);
  }
}
