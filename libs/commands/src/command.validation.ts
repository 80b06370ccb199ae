import { type CodeOf, errorCatalogue, fieldOf, hashOf, type ProblemCode } from '@interlock/contracts';
import { isTerminal, type Run, type RunCommandBody } from '@interlock/contracts/http';
import type { CommandAnswer } from '@interlock/read-model';
import { refuseAnswer } from './form.answer.js';
import { type Problem, refusedAs } from './problem.js';
import { type Giver, refuseReply } from './question.reply.js';

const conflict = (code: ProblemCode, detail: string): Problem => refusedAs('conflict', code, detail);

/**
 * Refuses what makes no sense for the run as it was read.
 * @throws {Problem} conflict; what a form does not take
 */
export function refusePointless(run: Run, body: RunCommandBody, from: Giver): void {
  const { status, ending } = run;
  if (isTerminal(status)) {
    refuseAfterEnd(run, body);
    return;
  }
  switch (body.type) {
    case 'close':
      throw conflict('run.open', 'The run has not ended: there is nothing to close.');
    case 'erase':
      throw conflict('run.open', 'The run has not ended: it may need its values.');
    case 'cancel':
    case 'pause':
    case 'resume':
      if (body.type === 'resume' && body.from !== undefined)
        throw conflict('run.open', 'The run has not ended: resume it without a step.');
      if (body.type === 'resume' && isBroken(run)) return;
      if (status === 'rolling_back') throw conflict('run.ending', 'The run is being rolled back already.');
      if (ending !== undefined)
        throw conflict('run.ending', `The run is ending already: it has ${endingIn[ending]}.`);
      if (body.type === 'pause' && status === 'paused')
        throw conflict('run.paused', 'The run is paused already.');
      if (body.type === 'resume' && status !== 'paused')
        throw conflict('run.not_paused', 'The run is not paused.');
      return;
    case 'retry':
    case 'skip':
    case 'resolve':
      if (!isParked(run, body.step))
        throw conflict('step.not_parked', `Step ${body.step} does not wait for an operator.`);
      return;
    case 'migrate':
      if (status === 'rolling_back' || ending !== undefined)
        throw conflict('run.ending', 'The run is ending already.');
      if (body.version === run.workflow.version)
        throw conflict('migrate.same_version', `The run is of version ${body.version} already.`);
      return;
    case 'answer':
      refuseAnswer(run, body, from.by);
      return;
    case 'reply':
      refuseReply(run, body, from);
  }
}

/** What has ended can be taken up again or closed; the run itself knows whether that is so of it. */
function refuseAfterEnd(run: Run, body: RunCommandBody): void {
  const { status } = run;
  if (body.type === 'resume' && body.from !== undefined && (status === 'failed' || status === 'escalated'))
    return;
  if (body.type === 'close' && status === 'escalated') return;
  if (body.type === 'erase') {
    refuseErased(run);
    return;
  }
  if (body.type === 'resume' && (status === 'failed' || status === 'escalated'))
    throw conflict(
      'run.ended',
      `The run has ended: it is ${status}. To take it up again, name the step from which it is to go on: "from", or --from STEP.`,
    );
  throw conflict('run.ended', `The run has ended: it is ${status}.`);
}

function refuseErased({ runId, rootRunId, erased }: Run): void {
  if (runId !== rootRunId)
    throw conflict('erase.child', `Its values lie with those of ${rootRunId}: erase those.`);
  if (erased !== undefined)
    throw conflict('run.erased', `Its values are erased, by order of ${erased.by}: ${erased.reason}.`);
}

const endingIn = { failed: 'failed', cancelled: 'been cancelled' } as const;

const isParked = ({ waitingFor = [] }: Run, step: string): boolean =>
  waitingFor.some((wait) => wait.kind === 'operator' && wait.step === step);

/** A broken decision has parked the run as a whole. */
const isBroken = (run: Run): boolean => isParked(run, '');

/** The event by which a run applies a command. */
const applied: Readonly<Record<RunCommandBody['type'], readonly string[]>> = {
  cancel: ['run.cancelling'],
  pause: ['run.paused'],
  resume: ['run.resumed', 'run.reopened'],
  close: ['run.closed'],
  erase: ['values.erasing'],
  signal: ['signal.received'],
  retry: ['step.resumed'],
  skip: ['step.skipped'],
  resolve: ['step.resolved'],
  answer: ['form.answered'],
  reply: ['question.answered'],
  migrate: ['run.migrated'],
};

/** Whether what the run has applied is what the body asks for, in every field that the event repeats. */
function saysTheSame(data: CommandAnswer['data'], body: RunCommandBody): boolean {
  switch (body.type) {
    case 'cancel':
      return (data.rollback ?? false) === body.rollback;
    case 'signal':
      return data.name === body.name && hashOf(data.data ?? null) === hashOf(body.data ?? null);
    case 'retry':
    case 'skip':
      return data.step === body.step;
    case 'resume':
      return data.from === body.from;
    case 'resolve':
      return data.step === body.step && data.happened === body.happened && isOutput(data, body.output);
    case 'answer':
      return data.step === body.step && hashOf(data.value ?? null) === hashOf(body.value);
    case 'reply':
      return data.questionId === body.question && data.text === body.text;
    case 'migrate':
      return (
        fieldOf(data.workflow, 'version') === body.version &&
        hashOf(data.map ?? {}) === hashOf(body.map ?? {})
      );
    default:
      return true;
  }
}

/** An answer to a question needs no reason. */
const reasonOf = (body: RunCommandBody): string | undefined =>
  body.type === 'reply' ? undefined : body.reason;

/** Of a call that did not happen no output is recorded. */
const isOutput = (data: CommandAnswer['data'], output: unknown): boolean =>
  data.happened !== true || hashOf(data.output ?? null) === hashOf(output ?? null);

/**
 * What a run's answer to a command means for whoever sent it.
 * @throws {Problem} conflict: refused, or the answer is to another command under the same key
 */
export function refuseAnswered({ type, data }: CommandAnswer, body: RunCommandBody): void {
  const isRefusal = type === 'command.refused';
  const isOurs = isRefusal
    ? data.command === `run.${body.type}`
    : applied[body.type].includes(type) && data.reason === reasonOf(body) && saysTheSame(data, body);
  if (!isOurs) throw conflict('conflict', 'This Idempotency-Key was used with another command.');
  if (isRefusal) throw conflict(codeOf(data), `The run refused it: ${String(data.message)}.`);
}

/** A newer orchestrator may know more reasons than this gateway. */
const codeOf = ({ code }: CommandAnswer['data']): ProblemCode => (isRunCode(code) ? code : 'conflict');
const isRunCode = (code: unknown): code is CodeOf<'run'> =>
  typeof code === 'string' && Object.hasOwn(errorCatalogue.run, code);
