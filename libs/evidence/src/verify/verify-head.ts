import type { KeyObject } from 'node:crypto';
import { isSignedBy } from '../export/head.js';
import type { ExportedHead } from '../export/parse-line.js';
import type { Place } from './place.js';
import type { Problem } from './verdict.js';

/** Public keys by id; undefined: none was at hand. */
export type Keys = ReadonlyMap<string, KeyObject> | undefined;

/** What is wrong with the head behind the records that end at `last`; undefined: nothing. */
export function headProblem(
  line: ExportedHead,
  last: Place,
  keys: Keys,
  hashes: ReadonlyMap<number, Uint8Array>,
): Problem | undefined {
  const key = keys?.get(line.head.keyId);
  if (key !== undefined && !isSignedBy(line, key)) return badSignature(line);
  return mismatch(line, last) ?? keyProblem(line, keys) ?? unsigned(line, last, hashes);
}

/** Behind a good signature the head is right, and the records are not. */
function mismatch({ line: at, head }: ExportedHead, last: Place): Problem | undefined {
  if (last.run !== undefined && head.runId !== last.run) {
    return { code: 'head_differs', at, what: `the head is that of another run, ${head.runId}` };
  }
  const seq = last.seq + 1;
  if (head.seq > last.seq) {
    const what = `the records end at event ${last.seq}, but the head is that of event ${head.seq}: the rest was cut off`;
    return { code: 'cut_off', at, seq, what };
  }
  if (head.seq < last.seq || head.hash === Buffer.from(last.hash).toString('hex')) return undefined;
  const what = `event ${last.seq} is not the one in the head: it or an earlier one was changed, and the chain was computed again`;
  return { code: 'recomputed', at: last.line, seq: last.seq, what };
}

/** For the events behind the signed part there is no proof that they were accepted. */
function unsigned(
  { line: at, head }: ExportedHead,
  last: Place,
  hashes: ReadonlyMap<number, Uint8Array>,
): Problem | undefined {
  if (head.seq >= last.seq) return undefined;
  const isPart = head.seq === 0 || head.hash === Buffer.from(hashes.get(head.seq) ?? []).toString('hex');
  if (!isPart) {
    const what = `event ${head.seq} is not the one in the head: it or an earlier one was changed, and the chain was computed again`;
    return { code: 'recomputed', at, seq: head.seq, what };
  }
  const what = `the signed part ends at event ${head.seq}; what stands behind it, up to event ${last.seq}, nobody has signed: export the run again in a moment`;
  return { code: 'unsigned', at, seq: head.seq + 1, what };
}

function badSignature({ line: at, head }: ExportedHead): Problem {
  const what = `the signature is not that of key ${head.keyId} for this head: it, the head, or an event before a recomputed chain was changed`;
  return { code: 'signature_invalid', at, what };
}

function keyProblem({ line: at, head }: ExportedHead, keys: Keys): Problem | undefined {
  if (keys === undefined) {
    return {
      code: 'no_key',
      at,
      what: `the records fit one another; no public key was at hand to check ${head.keyId}`,
    };
  }
  if (keys.has(head.keyId)) return undefined;
  const known = [...keys.keys()].join(', ') || 'none';
  return {
    code: 'unknown_key',
    at,
    what: `the head is signed with ${head.keyId}, which is none of the known keys: ${known}`,
  };
}
