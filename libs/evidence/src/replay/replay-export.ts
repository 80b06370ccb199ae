import type { TextLine } from '../export/lines.js';
import type { Verdict } from '../verify/verdict.js';
import { verifyExport } from '../verify/verify.js';
import { type Evolve, type Replay, Replayer } from './replay.js';

/**
 * Replays an export. Its records are checked on the way, but for the signature: `verdict` is `no_key` when they are right.
 * @param evolve the run actor's own when absent
 */
export async function replayExport(
  lines: AsyncIterable<TextLine>,
  evolve?: Evolve,
): Promise<{ readonly verdict: Verdict; readonly replay: Replay }> {
  const replayer = new Replayer(evolve);
  const verdict = await verifyExport(lines, undefined, (record) => replayer.take(record));
  return { verdict, replay: replayer.result() };
}
