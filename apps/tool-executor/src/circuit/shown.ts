import { CHILD_DIED, type FailureClass } from '@interlock/contracts';
import type { CallEnd } from '../call.effect.js';
import type { Shown } from './circuit.js';

/** What the end of a call says about its target. A process of ours that dies, and an error of the tool's code, say nothing of it. */
export function shownBy(end: CallEnd): Shown {
  switch (end.kind) {
    case 'succeeded':
      return 'alive';
    case 'failed':
      return end.failure.code === CHILD_DIED ? 'nothing' : shownByClass(end.failure.class);
    case 'unknown':
      return end.code === CHILD_DIED ? 'nothing' : shownByClass(end.class ?? 'internal');
    case 'not_performed':
    case 'refused':
      return 'nothing';
  }
}

function shownByClass(kind: FailureClass): Shown {
  if (kind === 'transient' || kind === 'timeout') return 'away';
  return kind === 'internal' ? 'nothing' : 'alive';
}

/** Names the failure for people. */
export function codeOf(end: CallEnd): string {
  if (end.kind === 'failed') return `${end.failure.class} ${end.failure.code}`;
  return end.kind === 'unknown' ? end.because.slice(0, 200) : end.kind;
}
