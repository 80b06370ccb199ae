/** What commands show of the interface's `Run`. */
export interface Run {
  readonly runId: string;
  readonly workflow: { readonly name: string; readonly version: number; readonly hash: string };
  readonly status: string;
  readonly input: unknown;
  readonly output?: unknown;
  readonly success?: boolean;
  readonly failure?: {
    readonly class: string;
    readonly code: string;
    readonly message: string;
    readonly step?: string;
  };
  readonly waitingFor?: readonly {
    readonly kind: string;
    readonly step: string;
    readonly since: string;
    readonly until?: string;
    readonly detail: string;
  }[];
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly usage: {
    readonly tokens: number;
    readonly costUsd: number;
    readonly steps: number;
    readonly toolCalls: number;
  };
  readonly lastSeq: number;
}

export interface RunEvent {
  readonly seq: number;
  readonly type: string;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly actor: string;
}

const MINUTE_S = 60;

/** `0.068 s`, `3 min 20 s`; of a run that goes on, until `nowMs`. */
export function durationOf({ startedAt, endedAt }: Run, nowMs: number): string {
  const seconds = ((endedAt === undefined ? nowMs : Date.parse(endedAt)) - Date.parse(startedAt)) / 1_000;
  if (seconds < MINUTE_S) return `${seconds.toFixed(seconds < 1 ? 3 : 1)} s`;
  return `${Math.floor(seconds / MINUTE_S)} min ${Math.floor(seconds % MINUTE_S)} s`;
}

/** What a person wants to know next: what it waits for, what went wrong, or what came out. */
export function noteOf({ waitingFor, failure, output }: Run): string {
  const [wait] = waitingFor ?? [];
  if (wait !== undefined) return `${wait.step}: ${wait.detail}`;
  if (failure !== undefined)
    return `${failure.step === undefined ? '' : `${failure.step}: `}${failure.message}`;
  return output === undefined ? '' : JSON.stringify(output);
}

/** `text`, ended by `...` where it is too long for one line. */
export const shortened = (text: string, max: number): string => {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= max ? line : `${line.slice(0, max - 3)}...`;
};

/** `2026-11-22 09:15:00` of an ISO instant. */
export const instantOf = (iso: string): string => iso.slice(0, 19).replace('T', ' ');
