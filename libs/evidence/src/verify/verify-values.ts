import { type StoredValue, sha256, ValuesErasing } from '@interlock/contracts';
import { namedValues } from '../export/named.values.js';
import type { ExportedRecord, ExportedValue } from '../export/parse-line.js';
import type { Problem } from './verdict.js';

const ERASING = `${ValuesErasing.type}/`;

/** The values that records name, and those that the export carries: the records' hashes vouch for them. */
export class ValueCheck {
  readonly #named = new Map<string, { readonly stored: StoredValue; readonly seq: number }>();
  readonly #carried = new Set<string>();
  #isErased = false;

  take(record: ExportedRecord): void {
    this.#isErased ||= record.type.split(',').some((wire) => wire.startsWith(ERASING));
    for (const stored of namedValues(record)) this.#named.set(stored.hash, { stored, seq: record.meta.seq });
  }

  problemOf({ line: at, stored: { hash }, bytes }: ExportedValue): Problem | undefined {
    const named = this.#named.get(hash);
    if (named === undefined)
      return { code: 'value_unnamed', at, what: `no record in front of it names the value ${hash}` };
    const { seq, stored } = named;
    if (sha256(bytes) !== hash || bytes.byteLength !== stored.size)
      return { code: 'value_changed', at, seq, what: `the value that event ${seq} names was changed` };
    this.#carried.add(hash);
    return undefined;
  }

  /** Values that records name and that the export cannot carry: the records themselves say that they were erased. */
  get erased(): number {
    return this.#isErased ? this.#named.size - this.#carried.size : 0;
  }

  /** @param at line of the head */
  missing(at: number): Problem | undefined {
    if (this.#isErased) return undefined;
    for (const [hash, { seq }] of this.#named) {
      if (this.#carried.has(hash)) continue;
      return {
        code: 'value_missing',
        at,
        seq,
        what: `the value that event ${seq} names is not there: ${hash}`,
      };
    }
    return undefined;
  }
}
