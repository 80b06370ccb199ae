import { instantText } from '@interlock/contracts';
import { isTerminal } from '@interlock/contracts/http';
import { stringify } from 'yaml';
import { type CaseFile, caseFile } from '../case/case.schema.js';
import { durationOf } from './durations.js';
import { answersIn } from './record.answers.js';
import { expectationIn } from './record.expectation.js';
import { commandsIn, formsIn, personIn, repliesIn, signalsIn, votesIn } from './record.outside.js';
import { plansIn, verdictsIn } from './record.verdicts.js';
import { RecordedRun, type RecordedRunEvent } from './recorded.run.js';

export interface RecordOptions {
  /** What brings the workflow, as the file is to name it. */
  readonly modules: readonly string[];
  /** Policies of the modules answer, and not what was decided then. */
  readonly withPolicies: boolean;
}

export interface RecordedCase {
  readonly file: CaseFile;
  /** What happened to the run and a case cannot say. */
  readonly notes: readonly string[];
}

/**
 * A recorded run as a file with one case, which plays it again and expects what came of it.
 * @throws {TypeError} the events are not those of a run
 */
export function caseOf(
  runId: string,
  events: readonly RecordedRunEvent[],
  { modules, withPolicies }: RecordOptions,
): RecordedCase {
  const notes: string[] = [];
  const note = (what: string): void => void notes.push(what);
  const run = new RecordedRun(events);
  const { workflow, input, by } = run.started;
  const expect = expectationIn(runId, run);
  const isOpen = expect.status !== undefined && !isTerminal(expect.status);
  const lastAt = events.at(-1)?.time ?? run.startedAt;
  const lists = {
    tools: answersIn(run, note),
    verdicts: withPolicies ? [] : verdictsIn(run, note),
    ...plansIn(run),
    votes: votesIn(run),
    forms: formsIn(run),
    replies: repliesIn(run),
    signals: signalsIn(run),
    commands: commandsIn(run, note),
  };
  const said = Object.entries(lists).filter(([, list]) => !Array.isArray(list) || list.length > 0);
  const one = {
    name: `run ${runId}`.slice(0, 200),
    input,
    by: personIn(by),
    clock: instantText(run.startedAt),
    ...(isOpen && { until: durationOf(Math.max(1, lastAt - run.startedAt)) }),
    ...Object.fromEntries(said),
    expect,
  };
  const file = {
    workflow: workflow.name,
    modules,
    ...(withPolicies && { policies: 'modules' }),
    cases: [one],
  };
  return { file: caseFile.parse(file), notes };
}

/** The file as text, with what it cannot say above it. */
export const textOfCases = ({ file, notes }: RecordedCase): string =>
  [
    ...notes.map((note) => `# ${note}\n`),
    stringify(file, { lineWidth: 140, aliasDuplicateObjects: false }),
  ].join('');
