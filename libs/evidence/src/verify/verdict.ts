import type { CodeOf } from '@interlock/contracts';
import type { Head } from '../export/head.js';

/** What is wrong with an export. */
export type ProblemCode = CodeOf<'evidence'>;

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
  /** Records read before the end or the problem, and the events in them. */
  readonly records: number;
  readonly events: number;
  /** How many of the values that the records name are erased, by order that stands in the records. Absent: none. */
  readonly erased?: number;
  readonly runId?: string;
  /** Present once the head was read. */
  readonly head?: Head;
  readonly problem?: Problem;
}
