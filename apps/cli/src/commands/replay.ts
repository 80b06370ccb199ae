import { plain } from '@interlock/contracts';
import { type Difference, type Replay, replayExport, type Verdict } from '@interlock/evidence';
import { z } from 'zod';
import { defineCliCommand, exitCodes } from '../command.js';
import { exportedRun, ofRunAsked } from '../evidence/exported.run.js';
import type { Output } from '../output.js';

export const replay = defineCliCommand({
  name: 'replay',
  summary:
    'Fold a run again with the code of this release, and compare the state with every recorded checkpoint.',
  arguments: [['file-or-run', 'a file that run export wrote, or the id of a run']],
  options: z.object({}),
  example: 'replay RUN',

  async run(_options, [target = ''], { client, output }) {
    const source = exportedRun(target, client);
    const { verdict: whole, replay: found } = await replayExport(source.lines());
    const verdict = ofRunAsked(source, whole);
    // Only whether the events are whole matters here, not who signed them.
    const problem = verdict.problem?.code === 'no_key' ? undefined : verdict.problem;
    const { erased } = verdict;
    output.json({ runId: verdict.runId, ...found, ...(erased && { erased }), ...(problem && { problem }) });
    if (problem !== undefined) showProblem(problem, output);
    showReplay(found, problem === undefined, output);
    if (erased !== undefined) output.line(`      ${erasedText(erased)}`);
    return problem === undefined && found.result === 'agrees' ? exitCodes.done : exitCodes.refused;
  },
});

/** A fold needs only the hashes of values, which are in the records. */
export const erasedText = (values: number): string =>
  `erased: ${values} of its large values, by order that stands in its records`;

function showProblem({ at, what }: NonNullable<Verdict['problem']>, output: Output): void {
  output.line(`${output.style('red', 'FAIL')}  line ${at}: ${plain(what)}`);
  output.line('      Its events are not those that were recorded, so the comparison below says little.');
}

function showReplay(found: Replay, isWhole: boolean, output: Output): void {
  const { result, events, agreed, notComparable, stateVersion, broken, difference } = found;
  const fail = output.style('red', 'FAIL');
  if (broken !== undefined) {
    output.line(
      `${fail}  event ${broken.seq} (${plain(broken.type)}) cannot be folded: ${plain(broken.what)}`,
    );
  }
  if (difference !== undefined) showDifference(difference, output);
  const compared = agreed === 0 ? 'no checkpoint to compare with' : `${agreed} checkpoints agree`;
  const sign = isWhole ? output.style('green', 'ok') : output.style('yellow', '??');
  if (result === 'agrees') output.line(`${sign}  ${events} events folded, ${compared}`);
  if (notComparable.length === 0) return;
  const versions = [...new Set(notComparable.map((one) => one.stateVersion))].join(', ');
  const seqs = notComparable.map(({ seq }) => seq).join(', ');
  output.line(
    `${output.style('yellow', '??')}  not comparable: checkpoints ${seqs} are of version ${versions} of the fold, this is ${stateVersion}`,
  );
}

function showDifference({ checkpoint, recorded, folded, event, suspects }: Difference, output: Output): void {
  const { seq, type } = event;
  output.line(
    `${output.style('red', 'FAIL')}  event ${seq} (${plain(type)}): from here on the fold differs from checkpoint ${checkpoint}`,
  );
  output.line(`      recorded ${recorded}`);
  output.line(`      folded   ${folded}`);
  output.line('      It is one of the events since the last checkpoint that agreed:');
  const rows = suspects.map((one) => [
    String(one.seq),
    one.type,
    one.changed.join(', '),
    one.vouched ? 'was folded alike before' : '',
  ]);
  output.table(['seq', 'event', 'changes', ''], rows);
}
