import { createReadStream, statSync } from 'node:fs';
import { linesOf, type TextLine } from '@interlock/evidence';
import type { Client } from '../client.js';
import { UsageError } from '../command.js';

/** An export to be read, as often as needed: a file, or what a server exports now. */
export interface ExportedRun {
  readonly isFile: boolean;
  lines(): AsyncGenerator<TextLine>;
}

/**
 * A file of that name, else the run of that id.
 * @throws {UsageError} it looks like a file, and there is none
 */
export function exportedRun(target: string, client: Client): ExportedRun {
  const stats = statSync(target, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) throw new UsageError(`${target} is a directory, not an exported run`);
  if (stats !== undefined) return { isFile: true, lines: () => linesOf(createReadStream(target)) };
  if (/\/|\.(nd)?jsonl?$/.test(target)) throw new UsageError(`there is no file ${target}`);
  return { isFile: false, lines: () => linesOf(exportBytes(client, target)) };
}

/** The export of a run, byte for byte. */
export const exportBytes = (client: Client, runId: string): AsyncGenerator<Uint8Array> =>
  client.bytes(`/v1/runs/${encodeURIComponent(runId)}/events`, { accept: 'application/x-ndjson' });
