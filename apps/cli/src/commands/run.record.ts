import { caseOf, type RecordedRunEvent, textOfCases } from '@interlock/cases';
import {
  byReference,
  errorText,
  plain,
  type RunEvent,
  type StoredValue,
  withValues,
} from '@interlock/contracts';
import { type ExportedRecord, recordedIn, verifyExport } from '@interlock/evidence';
import { z } from 'zod';
import { defineCliCommand, type ExitCode, exitCodes } from '../command.js';
import { exportedRun, ofRunAsked } from '../evidence/exported.run.js';

export const runRecord = defineCliCommand({
  name: 'run record',
  summary:
    'Write a recorded run to standard output as a case for workflow test: what was answered, and what came of it.',
  arguments: [['file-or-run', 'a file that run export wrote, or the id of a run']],
  options: z.object({
    module: z
      .array(z.string().min(1))
      .max(100)
      .default(['./module.ts'])
      .describe('What brings the workflow, as the case names it; may be given several times'),
    policies: z
      .boolean()
      .default(false)
      .describe('Let the policies of the modules answer, and not what was decided then'),
  }),
  example: 'run record RUN > pay.cases.yaml',

  async run({ module: modules, policies: withPolicies }, [target = ''], services): Promise<ExitCode> {
    const { client, output, progress } = services;
    const source = exportedRun(target, client);
    const events: RecordedRunEvent[] = [];
    const values = new Map<string, unknown>();
    const whole = await verifyExport(
      source.lines(),
      undefined,
      (record) => void events.push(...eventsIn(record)),
      ({ stored, bytes }) => void values.set(stored.hash, JSON.parse(Buffer.from(bytes).toString())),
    );
    const { runId = '', problem } = ofRunAsked(source, whole);
    // Only whether the events are whole matters here, not who signed them.
    const broken = problem?.code === 'no_key' ? undefined : problem;
    if (broken !== undefined) return refuse(`line ${broken.at}: ${broken.what}`);
    try {
      const missing: string[] = [];
      const whole = wholeIn(events, values, (what) => void missing.push(what));
      const { file, notes } = caseOf(runId, whole, { modules, withPolicies });
      const recorded = { file, notes: [...notes, ...new Set(missing)] };
      output.json({ ok: true, ...recorded });
      if (!output.isJson) output.write(textOfCases(recorded));
      for (const note of recorded.notes) progress(`The case cannot say it: ${plain(note)}`);
      return exitCodes.done;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return refuse(errorText(error));
    }

    function refuse(what: string): ExitCode {
      output.json({ ok: false, problem: what });
      progress(plain(`no case can be made of ${target}: ${what}`));
      return exitCodes.refused;
    }
  },
});

/** A file of cases has at most 512 KB. */
const VALUES_BYTES_MAX = 400 * 1_024;

/** With the values that are kept outside of the log, as far as a file of cases may hold them. @param note names the others */
function wholeIn(
  events: readonly RecordedRunEvent[],
  values: ReadonlyMap<string, unknown>,
  note: (what: string) => void,
): readonly RecordedRunEvent[] {
  let left = VALUES_BYTES_MAX;
  const whole = (stored: StoredValue): unknown => {
    const { hash, size } = stored;
    const fits = values.has(hash) && size <= left;
    if (fits) left -= size;
    else
      note(`the value ${hash} of ${size} bytes is erased, or too large for a file: put another in its place`);
    return fits ? values.get(hash) : byReference(stored);
  };
  return events.map((event) => withValues(event, whole) as RecordedRunEvent);
}

/** The catalogue of `run.events` has checked each of them. */
const eventsIn = (record: ExportedRecord): RecordedRunEvent[] =>
  recordedIn(record).map(({ id, seq, time, ...event }) => ({ ...(event as RunEvent), id, seq, time }));
