import type { ErrorEntry } from './error.entry.js';

/** Why a step or a run fails, or a command to a run is refused. In `failure.code` and `command.refused`. */
export const runErrors = {
  'run.cancelled': {
    meaning: 'Somebody cancelled the run.',
    action: 'Nothing: the run says who and why.',
  },
  'run.conflict': {
    meaning: 'A run with this id was started with a different body.',
    action: 'Choose another id or key.',
  },
  'run.ended': {
    meaning: 'The run had ended when the command came.',
    action: 'Start a new run where it is still wanted.',
  },
  'run.open': {
    meaning: 'The run has not ended.',
    action: 'See what it waits for: `./interlock run show RUN`.',
  },
  'run.closed': {
    meaning: 'Somebody has closed the run.',
    action: 'Nothing: the run says who and why. Start a new run where it is still wanted.',
  },
  'run.not_escalated': {
    meaning: 'Nobody has to look at the run, so it cannot be closed.',
    action: 'Nothing.',
  },
  'run.erased': {
    meaning: 'The values that the run kept outside of the log are erased, or are being erased.',
    action: 'Nothing: the run says who ordered it and why. Start a new run where it is still wanted.',
  },
  'erase.open': {
    meaning: 'A run below this one has not ended, and may need the values.',
    action: 'See what it waits for, and erase once it has ended.',
  },
  'erase.child': {
    meaning: 'The values of a child lie with those of the run above all, and are erased with them.',
    action: 'Erase those of its root run.',
  },
  'erase.no_store': {
    meaning: 'The orchestrator has no store, so it can erase nothing.',
    action: 'Set INTERLOCK_STORE_URL to that of the other services, then give the command again.',
  },
  'resume.pivot': {
    meaning: 'A step that would begin anew is a pivot that has completed: there is no way back behind it.',
    action: 'Resume from a step behind the pivot.',
  },
  'resume.happened': {
    meaning: 'A write of a step that would begin anew stands, and would be made again.',
    action: 'Resume from a later step. If that cannot be, undo the write by hand and start a new run.',
  },
  'resume.undone': {
    meaning: 'What a step did that would stay as it is was undone.',
    action: 'Resume from that step, or from one before it.',
  },
  'resume.fallback': {
    meaning: 'The step only stands in for another one.',
    action: 'Resume from the step that it stands in for.',
  },
  'resume.nested': {
    meaning: 'The step stands in the body of another one.',
    action: 'Resume from that step: its body begins anew.',
  },
  'resume.late': {
    meaning: 'A write has turned out to have happened after the end of the run.',
    action: 'See what it did; start a new run where it is still wanted.',
  },
  'resume.forgotten': {
    meaning:
      'The run has ended too long ago (`INTERLOCK_RESUME_DAYS`), is too large (400 KB) or is the child of another run.',
    action: 'Start a new run, or resume the run above it.',
  },
  'migrate.unsafe': {
    meaning: 'What has begun in the run does not fit the other version, so it cannot go on as that says.',
    action:
      'The message names each step and why. `./interlock run migrate RUN --to V --dry-run` shows all of it: wait until those steps are done, or publish a version that leaves them as they are.',
  },
  'migrate.unknown_version': {
    meaning: 'No such version of the workflow is published, or the orchestrator has not read it yet.',
    action: 'Publish it. If that was done just now, give the command again.',
  },
  'migrate.same_version': {
    meaning: 'The run is of that version already.',
    action: 'Nothing.',
  },
  'migrate.map': {
    meaning: 'A name in the map of a migration is not that of a step, or stands for two of them.',
    action: 'Map ids of steps of the workflow itself: `old=new`, each once.',
  },
  'migrate.child': {
    meaning: 'The run above waits for this one, and pins its version.',
    action: 'Let it end, or migrate the run above once it has.',
  },
  'migrate.parked': {
    meaning: 'A decision of the run broke, and nobody knows what it is in the middle of.',
    action: 'Resume it first: `./interlock run resume RUN`.',
  },
  'migrate.too_often': {
    meaning: 'The run was migrated as often as one may be: its log holds every version.',
    action: 'Let it end, or start a new run.',
  },
  'run.ending': {
    meaning: 'The run is ending already: it takes no such command.',
    action: 'Wait for its end.',
  },
  'run.foreign_id': {
    meaning:
      'The runId has the form of ids that are derived from an Idempotency-Key, but it is not derived from the sender’s.',
    action: 'Leave runId out, or choose another form.',
  },
  'form.expired': {
    meaning: 'Nobody answered the form of a step in time.',
    action: 'Answer it earlier, raise `expires`, or give the step an `onFailure`.',
  },
  'form.not_open': {
    meaning: 'The step does not ask for an answer: it is no form, is not started, or has its answer.',
    action: 'Read `waitingFor` of the run.',
  },
  'form.opened_later': {
    meaning: 'The step was asked anew after this answer was given.',
    action: 'Answer what it asks now.',
  },
  'form.question': {
    meaning: 'The `question` of a form gave something else than text.',
    action: 'Correct the workflow.',
  },
  'form.role': {
    meaning: 'Whoever answered has none of the roles that the form is for.',
    action: 'Let somebody with one of the roles answer.',
  },
  'form.too_large': {
    meaning: 'What a form shows is too long.',
    action: 'Show less in `details`.',
  },
  'form.value': {
    meaning: 'The answer does not fit the schema of the form.',
    action: 'Correct the fields that the message names.',
  },
  'sla.breached': {
    meaning:
      'It was not done within its service level, and the workflow says that something follows from that.',
    action: 'Read `sla` of the workflow: raise the time, find what is slow, or say another `onBreach`.',
  },
  'question.expired': {
    meaning: 'The time for an answer to the question is over: the model goes on without one.',
    action: 'Nothing: it may ask again.',
  },
  'question.not_open': {
    meaning:
      'Nobody waits for an answer to the question: it has one, its time is over, or it was never asked.',
    action: 'Read `waitingFor` of the run: a later question has an id of its own.',
  },
  'question.person': {
    meaning: 'The question is for somebody else.',
    action: 'Let the person answer whom it is for, or an operator in their place.',
  },
  'question.to': {
    meaning: 'Nobody is named by `ask.to` of an agent step: it gave something else than a short text.',
    action: 'Correct the workflow.',
  },
  'agent.question': {
    meaning: 'A model asked where its step may ask nothing, or gave an output beside a question.',
    action: 'Nothing: it is asked again, then the rules act.',
  },
  'run.not_paused': {
    meaning: 'The run is not paused.',
    action: 'Nothing.',
  },
  'run.other_tenant': {
    meaning: 'Whoever gave the command belongs to another tenant than the run.',
    action: 'Use an identity of the run’s tenant.',
  },
  'run.output': {
    meaning: 'The workflow’s output expression has no value.',
    action: 'Correct `output` of the workflow.',
  },
  'run.output_too_large': {
    meaning: 'The output of the workflow is larger than one record may be.',
    action: 'Give a reference instead of the content.',
  },
  'run.paused': {
    meaning: 'The run is paused already.',
    action: 'Nothing.',
  },
  'run.too_large': {
    meaning: 'The input and the compiled workflow are larger than one decision may be.',
    action: 'Pass a reference instead of the content.',
  },
  'run.unknown': {
    meaning: 'A command names a run that was never started.',
    action: 'Check the run’s id.',
  },
  'workflow.unknown': {
    meaning: 'The orchestrator does not know the workflow that the start names.',
    action: 'Publish the workflow; then start the run anew.',
  },
  'command.expired': {
    meaning: 'The command was issued longer ago than the command window allows.',
    action: 'Give it again, where it is still wanted.',
  },
  'rollback.pivot': {
    meaning: 'The run has passed its pivot, so its writes are not undone.',
    action: 'Cancel it without rollback, or let it end.',
  },
  'signal.unknown': {
    meaning: 'No step of the workflow waits for a signal of this name.',
    action: 'Check the name: `./interlock run show RUN`.',
  },
  'signal.too_many': {
    meaning: 'Too many signals wait to be taken.',
    action: 'Wait until the run has taken some.',
  },
  'step.happened': {
    meaning:
      'The write of the step, or one in its body, has happened and would be made again, so it cannot be retried.',
    action: 'Skip the step, or cancel the run with rollback and start another.',
  },
  'step.not_parked': {
    meaning: 'The step waits for nobody’s decision.',
    action: 'Look at what the run waits for: `./interlock run show RUN`.',
  },
  'step.parked_later': {
    meaning: 'The step was parked after the command was given.',
    action: 'Look at it as it is now, and decide again.',
  },
  'step.timeout': {
    meaning: 'The step was not done within its `timeout`.',
    action: 'Raise `timeout`, or see what it waited for.',
  },
  'step.no_call': {
    meaning: 'The step that waits for an operator has made no call that could have happened.',
    action: 'Retry or skip it.',
  },
  'step.not_in_doubt': {
    meaning: 'The call of the step is known not to have happened, so nothing is to be said of that.',
    action:
      'Retry or skip the step; resolve it with `--happened` where somebody has done by hand what it was to do.',
  },
  'resolve.output': {
    meaning: 'The output that was given for the call is not one that its tool can give.',
    action: 'Correct it; the message names each place.',
  },
  'resolve.unknown_tool': {
    meaning: 'The orchestrator has not read the tool that the call is of, so nobody can check the output.',
    action: 'Publish the module of the tool, then give the command again.',
  },
  'step.unknown': {
    meaning: 'The workflow has no such step.',
    action: 'Check the name of the step.',
  },
  'agent.goal': {
    meaning: 'The goal of the agent step has no value, or is not text.',
    action: 'Correct `goal` of the step.',
  },
  'agent.loop': {
    meaning: 'The agent proposed the same calls again and again.',
    action: 'See its rounds (`./interlock run show RUN`); give it a clearer goal or better tools.',
  },
  'agent.low_confidence': {
    meaning: 'The model was less sure than the step asks for.',
    action: 'Nothing: the baseline acts. Lower `confidence` if that is too strict.',
  },
  'agent.output': {
    meaning: 'What the agent gave does not fit the step’s output schema.',
    action: 'See its rounds; correct the schema or the prompt.',
  },
  'agent.too_much': {
    meaning: 'What the model would have to be told is larger than a request may be.',
    action: 'Give the step less context.',
  },
  'answer.lost': {
    meaning: 'The answer to a call was too large to be recorded.',
    action: 'Find out whether the write happened, then retry or skip the step.',
  },
  'answer.poison': {
    meaning: 'The run could not process the answer to a call.',
    action: 'Find out whether the write happened, then retry or skip the step; report the defect.',
  },
  'verdict.poison': {
    meaning: 'The run could not process a verdict of policy.',
    action: 'Report the defect with the log of the orchestrator.',
  },
  'approval.poison': {
    meaning: 'The run could not process an answer of people.',
    action: 'Report the defect with the log of the orchestrator.',
  },
  'approval.denied': {
    meaning: 'Somebody denied it.',
    action: 'Nothing: the message says who and why.',
  },
  'approval.expired': {
    meaning: 'Not enough people answered in time.',
    action: 'Start the run again, or give the approval more time (`expires`).',
  },
  'approval.withdrawn': {
    meaning: 'The approval was withdrawn before people decided.',
    action: 'The message says why.',
  },
  'approval.void': {
    meaning: 'What people granted is not what would be called now.',
    action: 'Retry the step: it asks again.',
  },
  'approval.question': {
    meaning: 'The question of the approval step gives no text.',
    action: 'Correct `approval.question` of the step.',
  },
  'approval.too_large': {
    meaning: 'What people would be asked is too long to be shown.',
    action: 'Show less: a reference instead of the content.',
  },
  'arguments.refused': {
    meaning: 'The arguments do not fit the input schema of the tool.',
    action: 'Correct the step’s `with`; the message names each place.',
  },
  'arguments.too_large': {
    meaning: 'The arguments of the call are larger than a call may be.',
    action: 'Pass a reference instead of the content.',
  },
  'arguments.unknown_tool': {
    meaning: 'The step names a tool that its workflow has not pinned.',
    action: 'Publish the workflow anew.',
  },
  attempts_exhausted: {
    meaning: 'Every attempt that `retry` allows has failed.',
    action: 'See the last failure; once its cause is gone: `./interlock run resume RUN --from STEP`.',
  },
  'budget.tokens': {
    meaning: 'The budget of tokens is used up.',
    action: 'Raise `budget.tokens` of the workflow or the agent step.',
  },
  'budget.costUsd': {
    meaning: 'The budget of money is used up.',
    action: 'Raise `budget.costUsd` of the workflow or the agent step.',
  },
  'budget.steps': {
    meaning: 'The budget of steps or rounds is used up.',
    action: 'Raise `budget.steps` of the workflow or the agent step.',
  },
  'budget.calls': {
    meaning: 'The budget of a single tool is used up.',
    action: 'Raise `budget.calls` of the workflow or of the agent step, or let fewer steps call the tool.',
  },
  'budget.toolCalls': {
    meaning: 'The budget of calls is used up.',
    action: 'Raise `budget.toolCalls` of the workflow or the agent step.',
  },
  'budget.duration': {
    meaning: 'The time of the run is over.',
    action: 'Raise `budget.duration` of the workflow.',
  },
  'call.in_doubt': {
    meaning: 'Nobody knows whether a write happened.',
    action:
      'Find out, and say it: `./interlock run resolve RUN STEP --happened --output FILE`, or `--did-not-happen`. Or skip the step: the run goes on without knowing.',
  },
  outcome_unknown: {
    meaning: 'The outcome of a write is unknown, and its tool cannot be asked.',
    action: 'Find out, then retry (it did not happen) or skip (it did) the step.',
  },
  compensation_failed: {
    meaning: 'A write could not be undone.',
    action: 'Undo it by hand; the run says which.',
  },
  'compensation.none': {
    meaning: 'The tool declares nothing that undoes the write.',
    action: 'Undo it by hand.',
  },
  'compensation.unknown': {
    meaning: 'Nobody knows the call that undoes the write.',
    action: 'Undo it by hand.',
  },
  'compensation.unpinned': {
    meaning: 'The call that undoes the write names a tool that the workflow has not pinned.',
    action: 'Undo it by hand; publish the workflow anew.',
  },
  'compensation.same_call': {
    meaning: 'The call that would undo the write was made already.',
    action: 'Look at what it did, and undo the rest by hand.',
  },
  'compensation.refused': {
    meaning: 'The call that undoes the write was refused.',
    action: 'Undo it by hand; the message says why it was refused.',
  },
  'child.too_many': {
    meaning: 'A run has started as many children as one run may.',
    action: 'Let one child do what several do, or start some of them detached from a workflow of their own.',
  },
  'child.ended': {
    meaning: 'The child that the step started has not completed, and does not say why.',
    action: 'Look at the child: the message names it.',
  },
  no_rule_matched: {
    meaning: 'No rule of the decision table matched.',
    action: 'Add a rule, or a last one without a condition.',
  },
  'forEach.output_too_large': {
    meaning: 'The items of a forEach step give more than the run may hold.',
    action: 'Let `output` of the step give less of each item, or go over fewer items.',
  },
  'forEach.too_many': {
    meaning: 'The list of a forEach step is longer than one may be.',
    action: 'Go over a part of it at a time.',
  },
  'repeat.exhausted': {
    meaning: 'What a repeat step waits for had not come true after as many passes as it may have.',
    action: 'Find out why, or raise `max`.',
  },
  'output.too_large': {
    meaning: 'The output of a step is larger than the run may hold.',
    action: 'Give a reference instead of the content.',
  },
  'plan.abandoned': {
    meaning: 'The run has ended or gone on while a model was asked.',
    action: 'Nothing.',
  },
  'plan.no_answer': {
    meaning: 'The planner has not answered in time.',
    action: 'See that the planner runs: `./interlock doctor`.',
  },
  'policy.before': {
    meaning: 'Policy denied the call before it was made.',
    action: 'The message names the policies; `./interlock policy list` shows the bundle.',
  },
  'policy.after': {
    meaning: 'Policy denied the outcome of the call.',
    action: 'The message names the policies.',
  },
  'verify.answer': {
    meaning: 'The tool that was asked about a write in doubt gave no usable answer.',
    action: 'Correct that tool; then retry or skip the step by hand.',
  },
  'verify.unknown': {
    meaning: 'The tool that was asked about a write in doubt does not know either.',
    action: 'Find out, then retry or skip the step.',
  },
  'wait.deadline': {
    meaning: 'The awaited signal has not come in time.',
    action: 'Send the signal earlier, or raise `deadline`.',
  },
  'wait.until': {
    meaning: 'The text to wait for is not an instant, or has no offset.',
    action: 'Write it like `2027-01-31T12:00:00Z`.',
  },
  expression: {
    meaning: 'An expression of the step has no value here.',
    action: 'Correct it; the message names the expression and its place.',
  },
  'language.expression': {
    meaning: 'An expression has no value here, or fails.',
    action: 'The message names the expression and its place.',
  },
  'schema.mismatch': {
    meaning: 'A value does not fit its JSON Schema.',
    action: 'The message names each place.',
  },
  'schema.too_expensive': {
    meaning: 'Checking a value against its schema would take too many steps.',
    action: 'Simplify the schema: fewer alternatives, no nested repetition.',
  },
  'decision.threw': {
    meaning: 'An actor has failed to decide on an input.',
    action: 'Report the defect with the log of the service; the quarantine keeps the input.',
  },
  'decision.too_large': {
    meaning: 'What an actor decided is larger than one append may be.',
    action: 'Send less at once; the message says how much it was.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
