import { hashOf, plain } from '@interlock/contracts';
import type { ProblemDetail } from '@interlock/contracts/http';
import { ModuleError, moduleFileOf, moduleNameOf } from '@interlock/tools';
import { z } from 'zod';
import { type CliServices, defineCliCommand, type ExitCode, exitCodes, UsageError } from '../command.js';
import { contentsOf } from '../module.contents.js';
import { type Planned, planOf } from '../module.plan.js';
import { type Outcome, outcomeOf, problemsOf, publish, titleOf } from '../module.publication.js';
import { keepSchedules, plannedSchedules, type ScheduleOutcome } from '../module.schedules.js';
import { showProblems } from '../workflow.problems.js';
import { activePolicy } from './policy.list.js';

export const modulePublish = defineCliCommand({
  name: 'module publish',
  summary:
    'Publish what a module brings, its policies as one bundle, which it does not put into force; stops at the first refusal.',
  arguments: [['file', 'the module, .ts or .mjs, or the folder of its module.ts']],
  options: z.object({
    dryRun: z.boolean().default(false).describe('Print what would be published, and publish nothing'),
  }),
  example: 'module publish my-desk/module.ts --dry-run',

  async run({ dryRun }, [given = ''], services): Promise<ExitCode> {
    const file = await fileOf(given);
    const contents = await contentsOf(file);
    if (contents instanceof ModuleError)
      return refuse(given, [{ path: '', message: contents.problem }], services);
    const module = moduleNameOf([file]);
    const plan = await planOf(services.client, module, contents);
    const taken = plan.filter(({ standing }) => standing === 'taken');
    if (taken.length > 0) return refuse(given, taken.map(raiseVersion), services);
    const activate = await activationOf(plan, services);
    const artifacts = dryRun ? plan.map(outcomeOf) : await publishAll(module, plan, services);
    const schedules = await (dryRun ? plannedSchedules : keepSchedules)(services.client, contents.schedules);
    tell({ module, dryRun, artifacts, schedules, ...activate }, services);
    return exitCodes.done;
  },
});

interface Result {
  readonly module: string;
  readonly dryRun: boolean;
  readonly artifacts: readonly Outcome[];
  readonly schedules: readonly ScheduleOutcome[];
  /** The command that puts the policies into force. */
  readonly activate?: string;
  /** The bundle that is in force, and would be no more: only one is. */
  readonly inPlaceOf?: string;
}

function tell(result: Result, { output }: CliServices): void {
  const { module, dryRun, artifacts, schedules, activate, inPlaceOf } = result;
  output.json({ ok: true, ...result });
  if (dryRun) for (const one of artifacts) output.line(plain(`${titleOf(one)}: ${words[one.outcome]}`));
  output.line(plain(summaryOf(module, artifacts)));
  for (const schedule of schedules) output.line(plain(`schedule ${schedule.name}: ${saidOf(schedule)}`));
  if (activate === undefined) return;
  const when = dryRun ? ', once they are published' : '';
  const instead = inPlaceOf === undefined ? '' : `, in place of ${plain(inPlaceOf)}`;
  output.line(`Its policies are not in force. Put them into force${when}${instead}: ${activate}`);
}

const words: Readonly<Record<Outcome['outcome'], string>> = {
  published: 'published',
  unchanged: 'published already, unchanged',
  would_be_published: 'would be published',
};

function saidOf(schedule: ScheduleOutcome): string {
  switch (schedule.outcome) {
    case 'created':
      return 'created';
    case 'changed':
      return 'changed to what the module says';
    case 'unchanged':
      return 'says what the module says, unchanged';
    case 'would_be_created':
      return 'would be created';
    case 'would_be_changed':
      return 'would be changed to what the module says';
    case 'left':
      return `left as it is: ${schedule.by} has said last what it starts`;
  }
}

function summaryOf(name: string, artifacts: readonly Outcome[]): string {
  if (artifacts.length === 0) return `Module ${name} brings nothing.`;
  const counts = Object.entries(words).flatMap(([outcome, said]) => {
    const count = artifacts.filter((one) => one.outcome === outcome).length;
    return count === 0 ? [] : [`${count} ${said}`];
  });
  return `Module ${name}: ${counts.join('; ')}.`;
}

/** @throws {UsageError} */
async function fileOf(given: string): Promise<string> {
  try {
    return await moduleFileOf(given);
  } catch (error) {
    throw error instanceof ModuleError ? new UsageError(plain(error.message)) : error;
  }
}

const raiseVersion = (artifact: Planned): ProblemDetail => ({
  path: titleOf(artifact),
  message: 'this version is published with another document: raise its version',
});

/** Before anything is published. */
function refuse(
  file: string,
  problems: readonly ProblemDetail[],
  { output, progress }: CliServices,
): ExitCode {
  output.json({ ok: false, file, artifacts: [], problems });
  showProblems(file, problems, output);
  progress('Nothing was published.');
  return exitCodes.refused;
}

/** @throws the failure, after the progress so far was printed */
async function publishAll(
  module: string,
  plan: readonly Planned[],
  { client, output, progress }: CliServices,
): Promise<readonly Outcome[]> {
  const { done, stopped } = await publish(client, plan, progress);
  if (stopped === undefined) return done;
  const { kind, name, version } = stopped.at;
  const problems = problemsOf(stopped.by);
  output.json({ ok: false, module, artifacts: done, stoppedAt: { kind, name, version }, problems });
  const before = done.filter(({ outcome }) => outcome === 'published').map(titleOf);
  const said =
    before.length === 0 ? 'nothing was' : `${before.join(', ')} ${before.length === 1 ? 'was' : 'were'}`;
  progress(
    `Stopped at ${titleOf(stopped.at)}; before that, ${said} published. What is published stays: repeat the command once the cause is mended.`,
  );
  throw stopped.by;
}

/** How the policies of the module are put into force; empty: it brings none, or they are in force already. */
async function activationOf(
  plan: readonly Planned[],
  { client, output }: CliServices,
): Promise<Pick<Result, 'activate' | 'inPlaceOf'>> {
  const bundle = plan.find(({ kind }) => kind === 'policy');
  if (bundle === undefined) return {};
  const hash = hashOf(bundle.document);
  const active = await activePolicy(client);
  if (active?.hash === hash) return {};
  const activate = output.next(`policy activate ${hash} --reason "..."`);
  return { activate, ...(active !== undefined && { inPlaceOf: `${active.name}@${active.version}` }) };
}
