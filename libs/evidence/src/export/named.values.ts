import { referencesIn, type StoredValue } from '@interlock/contracts';
import { recordedIn } from '../replay/recorded.js';
import type { ExportedRecord } from './parse-line.js';

/** In every record that names a value, and in few others. */
const MARK = 'Ref"';

/** The values that a record names and that are kept outside of the log; none where a newer release wrote it. */
export function namedValues(record: ExportedRecord): StoredValue[] {
  if (!Buffer.from(record.value.buffer, record.value.byteOffset, record.value.byteLength).includes(MARK))
    return [];
  try {
    return recordedIn(record).flatMap(({ data }) => referencesIn(data));
  } catch {
    return [];
  }
}
