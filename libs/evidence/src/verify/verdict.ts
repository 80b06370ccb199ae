import type { Head } from '../export/head.js';

export type ProblemCode =
  /** A line is not a record, or not JSON. */
  | 'not_a_line'
  /** The readable copy of the metadata says something else than the bytes that were hashed. */
  | 'copy_differs'
  /** Its bytes are not those that were hashed. */
  | 'changed'
  /** Its `hash` is not the one that the next record follows. */
  | 'hash_changed'
  | 'missing'
  | 'misplaced'
  /** It stands here besides the accepted one. */
  | 'added'
  /** It is whole, but not the one that its neighbours were written beside. */
  | 'replaced'
  /** Written under a claim that was not the latest any more. */
  | 'deposed'
  | 'other_run'
  | 'time_reversed'
  | 'cut_off'
  | 'no_head'
  | 'head_differs'
  | 'after_head'
  /** The signed head is that of an earlier event. */
  | 'unsigned'
  /** Whole and well linked, but not what was signed. */
  | 'recomputed'
  | 'signature_invalid'
  | 'unknown_key'
  /** Nothing is wrong with the records, and no public key was at hand. */
  | 'no_key';

/** The first thing that is wrong. */
export interface Problem {
  readonly code: ProblemCode;
  /** Line of the file, from 1. */
  readonly at: number;
  /** The event it is about, where it is about one. */
  readonly seq?: number;
  /** A sentence for people. */
  readonly what: string;
}

export interface Verdict {
  /** Every record is the one that was accepted, none is missing up to the head, and the head is signed by a known key. */
  readonly ok: boolean;
  /** Records read before the end or the problem. */
  readonly records: number;
  readonly runId?: string;
  /** Present once the head was read. */
  readonly head?: Head;
  readonly problem?: Problem;
}
