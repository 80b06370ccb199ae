import type { Run } from '@interlock/contracts/http';
import { spanText } from './time.text.js';

/** Whether the run did what was asked for: it completed, and the workflow's own test of success says so. */
export const hasSucceeded = ({ status, success }: Run): boolean =>
  status === 'completed' && success !== false;

/** `0.068 s`, `3 min 20 s`; of a run that goes on, until `nowMs`. */
export function durationOf({ startedAt, endedAt }: Run, nowMs: number): string {
  return spanText((endedAt === undefined ? nowMs : Date.parse(endedAt)) - Date.parse(startedAt));
}

/** What a person wants to know next: what it waits for, what went wrong, or what came out. */
export function noteOf({ waitingFor, failure, output }: Run): string {
  const [wait] = waitingFor ?? [];
  if (wait !== undefined) return `${wait.step}: ${wait.detail}`;
  if (failure !== undefined)
    return `${failure.step === undefined ? '' : `${failure.step}: `}${failure.message}`;
  return output === undefined ? '' : JSON.stringify(output);
}
