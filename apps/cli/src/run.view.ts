import type { Run as DescribedRun, RunStatus, WaitingFor } from '@interlock/run';
import { spanText } from './time.text.js';

/** Every instant as the interface sends it: ISO 8601, UTC. */
type InIso<T, Instants extends keyof T> = {
  readonly [Key in keyof T]: Key extends Instants ? string : T[Key];
};

type Wait = InIso<WaitingFor, 'since' | 'until'>;

/** The interface's `Run`: what the run's state is described as, `accepted` before there is a state, and `refused` where there never will be one. */
export interface Run extends Omit<InIso<DescribedRun, 'startedAt' | 'endedAt'>, 'status' | 'waitingFor'> {
  readonly status: RunStatus | 'accepted' | 'refused';
  readonly waitingFor?: readonly Wait[];
}

/** The interface's `Event`. */
export interface RunEvent {
  readonly seq: number;
  readonly type: string;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly actor: string;
}

const terminal: ReadonlySet<string> = new Set<Run['status']>([
  'refused',
  'completed',
  'failed',
  'rolled_back',
  'cancelled',
  'escalated',
]);
export const isTerminal = ({ status }: Run): boolean => terminal.has(status);

/** Whether what was asked for is done: completed, and the workflow's own test of success says so. */
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
