import type { CommandAnswer, Run } from '@interlock/contracts/http';
import { z } from 'zod';
import {
  type CliCommand,
  type CliServices,
  defineCliCommand,
  type ExitCode,
  exitCodes,
  type OptionShape,
  UsageError,
} from '../command.js';
import { readJson } from '../json.argument.js';
import { fromStep, parkedStep, rollback, signalOptions, toldOf } from '../operator.options.js';
import { reason } from '../reason.option.js';

const operatorCommand = <Shape extends OptionShape>(
  type: string,
  summary: string,
  shape: Shape,
  example = `run ${type} RUN --reason "..."`,
): CliCommand =>
  defineCliCommand({
    name: `run ${type}`,
    summary,
    arguments: [['run', 'its id']],
    options: z.object({ ...shape, reason }),
    example,
    run: async (options, [runId = ''], services) => give(runId, await toldOf(type, options), services),
  });

const resolveCommand = defineCliCommand({
  name: 'run resolve',
  summary: 'Say what became of the call of a step that waits for an operator.',
  arguments: [
    ['run', 'its id'],
    ['step', 'the step that waits for an operator'],
  ],
  options: z.object({
    happened: z.boolean().default(false).describe('It happened; the step gives what --output says'),
    didNotHappen: z.boolean().default(false).describe('It did not happen: it is made again'),
    output: z
      .string()
      .optional()
      .describe('What the call gave, as its tool gives it: JSON, or the file that holds it'),
    reason,
  }),
  example: 'run resolve RUN refund --happened --output refund.json --reason "the bank shows it"',
  async run({ happened, didNotHappen, output, reason: why }, [runId = '', named = ''], services) {
    if (happened === didNotHappen) throw new UsageError('say --happened or --did-not-happen, and not both');
    if (didNotHappen && output !== undefined)
      throw new UsageError('--output is of a call that happened: leave it out');
    const given = output === undefined ? {} : { output: await readJson('--output', output) };
    return give(runId, { type: 'resolve', step: named, happened, reason: why, ...given }, services);
  },
});

const answerCommand = defineCliCommand({
  name: 'run answer',
  summary:
    'Answer what a form step asks (--value), or what a model asks whom it serves (--text); `run show` has the question.',
  arguments: [
    ['run', 'its id'],
    ['step', 'the step that asks; may be left out where one question is open', 'optional'],
  ],
  options: z.object({
    value: z.string().optional().describe('The answer to a form: JSON, or the file that holds it'),
    text: z.string().optional().describe('The answer to a question of a model: plain words'),
    reason: reason.optional().describe('Why, with --value; it is recorded with your name'),
  }),
  example: 'run answer RUN address --value \'{"city":"Basel"}\' --reason "told on the phone"',
  async run({ value, text, reason: why }, [runId = '', step], services) {
    if ((value === undefined) === (text === undefined))
      throw new UsageError(
        'say --value with the answer to a form, or --text with the answer to a model, and not both',
      );
    if (text === '') throw new UsageError('--text: say something; ./interlock run show RUN has the question');
    if (text !== undefined) {
      const question = await openQuestion(runId, step, services);
      return give(runId, { type: 'reply', question, text }, services);
    }
    if (step === undefined) throw new UsageError('name the form step that asks');
    if (why === undefined) throw new UsageError('--reason is needed beside --value');
    const given = { type: 'answer', step, reason: why, value: await readJson('--value', value ?? '') };
    return give(runId, given, services);
  },
});

/** The id of the question that the run, or its step, has open. */
async function openQuestion(
  runId: string,
  step: string | undefined,
  { client }: CliServices,
): Promise<string> {
  const { body } = await client.get<Run>(`/v1/runs/${encodeURIComponent(runId)}`);
  const { waitingFor = [] } = body;
  const open = waitingFor.filter(
    (wait) => wait.question !== undefined && (step === undefined || wait.step === step),
  );
  const [only, ...others] = open;
  if (only?.question === undefined)
    throw new UsageError(
      `no question of a model is open at ${step ?? runId}: ./interlock run show ${runId} has what it waits for`,
    );
  if (others.length > 0)
    throw new UsageError(`name the step: questions are open at ${open.map((wait) => wait.step).join(', ')}`);
  return only.question.id;
}

/** The commands that operators give to runs. */
export const operatorCommands: readonly CliCommand[] = [
  operatorCommand(
    'cancel',
    'End a run; with --rollback what it wrote is undone first.',
    { rollback },
    'run cancel RUN --rollback --reason "ordered twice"',
  ),
  operatorCommand('pause', 'Start nothing new in a run until it is resumed.', {}),
  operatorCommand(
    'resume',
    'Let a paused run go on, or, with --from, take one up again that has failed.',
    { from: fromStep },
    'run resume RUN --from send --reason "the mail server is back"',
  ),
  operatorCommand(
    'close',
    'Say that an escalated run was looked at.',
    {},
    'run close RUN --reason "refunded by hand"',
  ),
  operatorCommand(
    'erase',
    'Erase for good the large values of a run that has ended, and of the runs below it.',
    {},
    'run erase RUN --reason "the customer has left"',
  ),
  operatorCommand(
    'signal',
    'Tell a run what one of its steps waits for.',
    signalOptions,
    'run signal RUN --name parcel-arrived --data \'{"parcel":"p-1"}\' --reason "seen at the desk"',
  ),
  operatorCommand(
    'retry',
    'Make a step that waits for an operator again.',
    { step: parkedStep },
    'run retry RUN --step refund --reason "the bank says it never arrived"',
  ),
  operatorCommand(
    'skip',
    'Go on without a step that waits for an operator.',
    { step: parkedStep },
    'run skip RUN --step notify --reason "told by phone"',
  ),
  resolveCommand,
  answerCommand,
];

/** Sends it. It is durable when the server answers; the orchestrator decides on it. */
async function give(runId: string, told: object, { client, output }: CliServices): Promise<ExitCode> {
  const path = `/v1/runs/${encodeURIComponent(runId)}/commands`;
  const { body } = await client.command<CommandAnswer>(path, told);
  output.json(body);
  output.line(`Recorded as ${body.commandId}. See what becomes of it: ${output.next(`run show ${runId}`)}`);
  return exitCodes.done;
}
