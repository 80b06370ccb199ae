import { createReadStream, statSync } from 'node:fs';
import { plain } from '@interlock/contracts';
import { firstDifference, linesOf, type Verdict, verifyExport } from '@interlock/evidence';
import { z } from 'zod';
import { type Client, RefusedError, UnreachableError } from '../client.js';
import { type CliServices, defineCliCommand, type ExitCode, exitCodes, UsageError } from '../command.js';
import { DeepCheck } from '../evidence/deep.check.js';
import { type ExportedRun, exportBytes, exportedRun, ofRunAsked } from '../evidence/exported.run.js';
import { type PublicKeys, publicKeys } from '../evidence/public.keys.js';
import { erasedText } from './replay.js';

/** Problems that an edit without the key causes: comparing with another copy shows what was edited. */
const comparable: ReadonlySet<string> = new Set(['recomputed', 'signature_invalid']);

export const verify = defineCliCommand({
  name: 'verify',
  summary:
    'Check an exported run, or a run of the server: is every record the one that was accepted, and none missing?',
  arguments: [['file-or-run', 'a file that run export wrote, or the id of a run']],
  options: z.object({
    keys: z.string().optional().describe('File with the public keys, as /v1/keys serves them'),
    against: z.string().optional().describe('File with another copy: names the event that was edited'),
    deep: z.boolean().default(false).describe('Also check the invariants of every run on its events'),
  }),
  example: 'verify run.ndjson --keys keys.json',

  async run({ keys: file, against, deep }, [target = ''], services) {
    const { client, environment } = services;
    const source = exportedRun(target, client);
    if (against !== undefined && statSync(against, { throwIfNoEntry: false })?.isFile() !== true)
      throw new UsageError(`--against ${against} is not a file`);
    const known = await publicKeys(file, client, environment);
    const check = deep ? new DeepCheck() : undefined;
    const found = await verifyExport(source.lines(), known.keys, (record) => check?.take(record));
    const verdict = ofRunAsked(source, found);
    const edited = await editedAt(verdict, source, against, client);
    const broken = check?.violations() ?? [];
    return tell({ ...verdict, ...(edited === undefined ? {} : { edited }) }, broken, known, services);
  },
});

interface ShownVerdict extends Verdict {
  /** The first event that differs in another copy. */
  readonly edited?: number;
}

function tell(
  verdict: ShownVerdict,
  broken: readonly string[],
  { looked, from }: PublicKeys,
  { output }: CliServices,
): ExitCode {
  const { problem, events, runId, head, edited } = verdict;
  output.json({
    ...verdict,
    keys: from,
    ok: verdict.ok && broken.length === 0,
    ...(broken.length > 0 && { broken }),
  });
  if (problem === undefined) {
    output.line(
      `${output.style('green', 'ok')}  run ${plain(runId ?? '')}: ${events} events, signed ${head?.time} with key ${head?.keyId}`,
    );
  } else {
    const seq = problem.seq === undefined ? '' : `, event ${problem.seq}`;
    output.line(`${output.style('red', 'FAIL')}  line ${problem.at}${seq}: ${plain(problem.what)}`);
  }
  if (verdict.erased !== undefined) output.line(`      ${erasedText(verdict.erased)}`);
  if (edited !== undefined)
    output.line(`      event ${edited} is the first that the other copy has otherwise`);
  if (problem?.code !== 'no_key') output.line(`      ${keysText[from]}`);
  for (const one of broken) output.line(`${output.style('red', 'FAIL')}  ${plain(one)}`);
  if (problem?.code !== 'no_key')
    return problem === undefined && broken.length === 0 ? exitCodes.done : exitCodes.refused;
  for (const place of looked) output.line(`      looked for keys at ${plain(place)}`);
  output.line('      Name a file with them: curl -s SERVER/v1/keys > keys.json, and --keys keys.json');
  return broken.length > 0 ? exitCodes.refused : exitCodes.unreachable;
}

const keysText: Readonly<Record<PublicKeys['from'], string>> = {
  pinned: 'checked with the pinned keys of --keys',
  installation: 'checked with the keys of this installation',
  server: 'checked with keys that the server itself serves: pin them with --keys to check the server too',
};

/** The first event that differs in another copy: the named one, or the server's. */
async function editedAt(
  { problem, runId, head }: Verdict,
  source: ExportedRun,
  against: string | undefined,
  client: Client,
): Promise<number | undefined> {
  if (problem === undefined) return undefined;
  if (against !== undefined) {
    return (await firstDifference(source.lines(), linesOf(createReadStream(against)))).differsAt;
  }
  const run = runId ?? head?.runId;
  if (source.runId !== undefined || run === undefined || !comparable.has(problem.code)) return undefined;
  try {
    return (await firstDifference(source.lines(), linesOf(exportBytes(client, run)))).differsAt;
  } catch (error) {
    if (error instanceof RefusedError || error instanceof UnreachableError) return undefined;
    throw error;
  }
}
