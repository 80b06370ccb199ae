import { createReadStream, statSync } from 'node:fs';
import { linesOf, type TextLine, type Verdict } from '@interlock/evidence';
import type { Client } from '../client.js';
import { UsageError } from '../command.js';

/** An export to be read, as often as needed: a file, or what a server exports now. */
export interface ExportedRun {
  /** The run that the server was asked for; undefined: it is a file. */
  readonly runId: string | undefined;
  lines(): AsyncGenerator<TextLine>;
}

/**
 * A file of that name, else the run of that id.
 * @throws {UsageError} it looks like a file, and there is none
 */
export function exportedRun(target: string, client: Client): ExportedRun {
  const stats = statSync(target, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) throw new UsageError(`${target} is a directory, not an exported run`);
  if (stats !== undefined) return { runId: undefined, lines: () => linesOf(createReadStream(target)) };
  if (/\/|\.(nd)?jsonl?$/.test(target)) throw new UsageError(`there is no file ${target}`);
  return { runId: target, lines: () => linesOf(exportBytes(client, target)) };
}

/** The verdict on what a server sent: even a whole export has to be of the run that was asked for. */
export function ofRunAsked({ runId }: ExportedRun, verdict: Verdict): Verdict {
  if (runId === undefined || verdict.runId === undefined || verdict.runId === runId) return verdict;
  const what = `the server was asked for run ${runId} and sent run ${verdict.runId}`;
  return { ...verdict, ok: false, problem: { code: 'other_run', at: 1, what } };
}

/** The export of a run, byte for byte. */
export const exportBytes = (client: Client, runId: string): AsyncGenerator<Uint8Array> =>
  client.bytes(`/v1/runs/${encodeURIComponent(runId)}/events`, { accept: 'application/x-ndjson' });
