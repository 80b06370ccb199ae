import { agentMetrics } from './agent.metrics.js';
import { counter, gauge, histogram, type MetricDefinition } from './definition.js';

/** From one message between processes to a slow tool, in seconds. */
const MACHINE = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const;
/** From somebody at the screen to the day after tomorrow, in seconds. */
const PEOPLE = [10, 60, 300, 900, 3_600, 4 * 3_600, 12 * 3_600, 86_400, 2 * 86_400] as const;
const RUN = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600, 86_400] as const;

const workflow = ['workflow', 'version'] as const;

/* Core */
export const runsStarted = counter('interlock_runs_started_total', 'Runs started', workflow);
export const runsOpen = gauge('interlock_runs_open', 'Runs that have not ended', workflow);
export const runsEnded = counter(
  'interlock_runs_ended_total',
  'Runs ended, by how; success: what the workflow says of its own output',
  [...workflow, 'status', 'success'],
);
export const runsNeedingOperator = counter(
  'interlock_runs_needing_operator_total',
  'Runs that an operator had to look at, each once until it has ended',
  workflow,
);
export const stepsParked = counter(
  'interlock_steps_parked_total',
  'Times a step was left to a person, by why',
  [...workflow, 'because'],
);
export const rollbacksStarted = counter(
  'interlock_rollbacks_started_total',
  'Times a run began to undo what it had done, by why',
  [...workflow, 'because'],
);

export const slaBreaches = counter(
  'interlock_sla_breaches_total',
  'Times a run (stage complete) or a step was not done in time, by what followed',
  [...workflow, 'stage', 'action'],
);

export const operatorEscalations = counter(
  'interlock_operator_escalations_total',
  'Times nobody had decided in time on what waited for an operator, so that others were to look at it too',
  workflow,
);

/* Efficiency */
export const runSeconds = histogram(
  'interlock_run_seconds',
  'From the start of a run to its end',
  ['workflow', 'status'],
  RUN,
);
export const stepSeconds = histogram(
  'interlock_step_seconds',
  'Time of a step that ended; work: its tools worked, people: people were asked, queue: all the rest',
  ['workflow', 'step', 'part'],
  MACHINE,
);
export const callSeconds = histogram(
  'interlock_call_seconds',
  'Time of a call that was answered; work: the tool worked, queue: from the intent to the answer without that',
  ['tool', 'part'],
  MACHINE,
);
export const checkSeconds = histogram(
  'interlock_check_seconds',
  'From the question to policy to its recorded verdict',
  ['point'],
  MACHINE,
);
export const callsAnswered = counter('interlock_calls_total', 'Calls answered, by how', ['tool', 'outcome']);
export const runCost = counter(
  'interlock_run_cost_usd_total',
  'What ended runs have spent on calls and models, USD',
  [...workflow, 'success'],
);

/* Risk */
export const policyDenials = counter(
  'interlock_policy_denials_total',
  'Verdicts that deny, before a call or after it',
  ['workflow', 'tool', 'point'],
);
export const unsafeAttempts = counter(
  'interlock_unsafe_attempts_total',
  'Calls that must never happen: blocked by the executor, or performed without every allow (anything but 0 is an incident)',
  ['tool', 'outcome'],
);

/* Human */
export const approvalsOpened = counter('interlock_approvals_opened_total', 'Times people were asked', [
  'subject',
  'kind',
]);
export const approvalsSettled = counter(
  'interlock_approvals_settled_total',
  'Requests to people that were settled, by how',
  ['subject', 'kind', 'outcome'],
);
export const approvalWait = histogram(
  'interlock_approval_wait_seconds',
  'From the request to people to its settlement',
  ['kind', 'outcome'],
  PEOPLE,
);
export const approvalVotes = counter(
  'interlock_approval_votes_total',
  'Votes that count, and those refused',
  ['vote'],
);
export const approvalEscalations = counter(
  'interlock_approval_escalations_total',
  'Requests that nobody had settled in time, so that others were asked too',
  ['kind'],
);

export const formsOpened = counter(
  'interlock_forms_opened_total',
  'Times people were asked to fill in a form',
  workflow,
);
export const formWait = histogram(
  'interlock_form_wait_seconds',
  'From the opening of a form to its answer, or until its step went on without one',
  ['workflow', 'outcome'],
  PEOPLE,
);

export const questionsAsked = counter(
  'interlock_questions_asked_total',
  'Questions of models to whom their steps serve',
  workflow,
);
export const questionWait = histogram(
  'interlock_question_wait_seconds',
  'From a question of a model to its answer, or until its step went on without one',
  ['workflow', 'outcome'],
  PEOPLE,
);

/** Everything that is counted over `run.events`. */
export const runMetrics: readonly MetricDefinition[] = [
  runsStarted,
  runsOpen,
  runsEnded,
  runsNeedingOperator,
  stepsParked,
  rollbacksStarted,
  slaBreaches,
  operatorEscalations,
  runSeconds,
  stepSeconds,
  callSeconds,
  checkSeconds,
  callsAnswered,
  runCost,
  policyDenials,
  unsafeAttempts,
  approvalsOpened,
  approvalsSettled,
  approvalWait,
  approvalVotes,
  approvalEscalations,
  formsOpened,
  formWait,
  questionsAsked,
  questionWait,
  ...agentMetrics,
];
