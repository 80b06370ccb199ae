import { countAgents } from './counted.agents.js';

/** An event of `run.events` as any reader of the log sees it. */
export interface CountedEvent {
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: data of many types, counted by hand
  readonly data: any;
  readonly id: string;
  readonly run: string;
  /** UTC ms */
  readonly time: number;
}

/** `name{label="value",…}` with sorted labels, and its value. */
export type Counted = ReadonlyMap<string, number>;

export const lineOf = (name: string, labels: Readonly<Record<string, unknown>>): string =>
  `${name}{${Object.entries(labels)
    .map(([label, value]) => `${label}="${value}"`)
    .sort()
    .join(',')}}`;

const endTypes = ['run.completed', 'run.failed', 'run.cancelled', 'run.rolled_back', 'run.escalated'];
const settledTypes = ['approval.granted', 'approval.denied', 'approval.expired', 'approval.withdrawn'];

/**
 * Counts over the whole log by looking everything up again for each metric: slow, without a memory of its own, and written without a look
 * at how the product counts. What follows the end of a run is not counted.
 */
export function countMetrics(all: readonly CountedEvent[]): Counted {
  const counted = new Map<string, number>();
  const add = (name: string, labels: Readonly<Record<string, unknown>>, value = 1) => {
    const line = lineOf(name, labels);
    counted.set(line, Math.round(((counted.get(line) ?? 0) + value) * 1e6) / 1e6);
  };
  const runs = Map.groupBy(all, ({ run }) => run);
  for (const events of runs.values()) {
    const end = events.findIndex(({ type }) => endTypes.includes(type));
    countRun(end < 0 ? events : events.slice(0, end + 1), add);
  }
  return counted;
}

export type Add = (name: string, labels: Readonly<Record<string, unknown>>, value?: number) => void;

function countRun(events: readonly CountedEvent[], add: Add): void {
  const [started] = events;
  const ended = events.find(({ type }) => endTypes.includes(type));
  const { name: workflow, version } = started!.data.workflow;
  const named = { workflow, version };
  const of = (...types: string[]) => events.filter(({ type }) => types.includes(type));
  const callRequests = new Map(of('call.requested').map((event) => [event.id, event]));
  /** A verdict speaks of a call, of a request to a model, or of what a model proposed. */
  const judgedBy = ({ requestId, checkId }: CountedEvent['data'], place: number) => {
    const judged = events.slice(0, place).find(({ id }) => id === checkId);
    const callRequest = callRequests.get(requestId ?? checkId);
    if (callRequest !== undefined) return callRequest.data.tool;
    if (judged?.type === 'plan.requested') return 'model.call';
    return judged?.type === 'plan.recorded' && judged.data.asks ? 'model.output' : 'unknown';
  };

  add('interlock_runs_started_total', named);
  for (const type of endTypes)
    for (const success of type === 'run.completed' ? [true, false] : [false])
      add('interlock_runs_ended_total', { ...named, status: type.slice('run.'.length), success }, 0);
  const isLookedAt = events.some(
    ({ type, data }) =>
      /^(step\.parked|run\.parked|run\.escalated)$/.test(type) ||
      (type === 'sla.breached' && data.stage === 'complete' && data.action === 'escalate'),
  );
  add('interlock_runs_needing_operator_total', named, isLookedAt ? 1 : 0);
  add('interlock_operator_escalations_total', named, of('operator.escalated').length);
  for (const because of ['in_doubt', 'escalated', 'denied'])
    add('interlock_steps_parked_total', { ...named, because }, 0);
  for (const because of ['failed', 'cancelled'])
    add('interlock_rollbacks_started_total', { ...named, because }, 0);
  for (const { data } of callRequests.values()) {
    for (const outcome of ['succeeded', 'failed', 'unknown', 'refused'])
      add('interlock_calls_total', { tool: data.tool, outcome }, 0);
    for (const point of ['before', 'after'])
      add('interlock_policy_denials_total', { workflow, tool: data.tool, point }, 0);
    for (const outcome of ['blocked', 'executed'])
      add('interlock_unsafe_attempts_total', { tool: data.tool, outcome }, 0);
  }
  add('interlock_runs_open', named, ended === undefined ? 1 : 0);
  for (const { data } of of('step.parked'))
    add('interlock_steps_parked_total', { ...named, because: data.because });
  for (const { data } of of('rollback.started'))
    add('interlock_rollbacks_started_total', { ...named, because: data.because });
  for (const [place, { type, data }] of events.entries())
    if (type === 'verdict.recorded' && data.verdict === 'deny')
      add('interlock_policy_denials_total', { workflow, tool: judgedBy(data, place), point: data.point });
  for (const { data, time } of of('call.recorded')) {
    const requestedCall = callRequests.get(data.requestId);
    if (requestedCall === undefined) continue;
    const { tool } = requestedCall.data;
    add('interlock_calls_total', { tool, outcome: data.outcome.kind });
    if (data.outcome.unsafe === true) add('interlock_unsafe_attempts_total', { tool, outcome: 'blocked' });
    if (data.tookMs === undefined) continue;
    add('interlock_call_seconds_count', { tool, part: 'work' });
    add('interlock_call_seconds_sum', { tool, part: 'work' }, data.tookMs / 1_000);
    add('interlock_call_seconds_count', { tool, part: 'queue' });
    const queue = Math.max(0, time - requestedCall.time - data.tookMs);
    add('interlock_call_seconds_sum', { tool, part: 'queue' }, queue / 1_000);
  }
  countPeople(events, add);
  countForms(events, named, add);
  countQuestions(events, named, add);
  if (started!.data.compiled?.sla !== undefined)
    for (const [stage, action] of [
      ['complete', 'escalate'],
      ['pay', 'fail'],
      ['items/mail', 'escalate'],
    ])
      add('interlock_sla_breaches_total', { ...named, stage, action }, 0);
  for (const { data } of of('sla.breached')) {
    const stage = String(data.stage).replace(/\[.\]/, '');
    add('interlock_sla_breaches_total', { ...named, stage, action: data.action });
  }
  countAgents(events, add);
  if (ended !== undefined) countEnd(events, ended, add);
}

function countPeople(events: readonly CountedEvent[], add: Add): void {
  for (const [place, { type, data, time }] of events.entries()) {
    if (type === 'approval.voted') add('interlock_approval_votes_total', { vote: data.vote });
    if (type === 'approval.vote_refused') add('interlock_approval_votes_total', { vote: 'refused' });
    if (type === 'approval.opened') {
      const subject = data.action === undefined ? 'question' : 'call';
      const { kind } = data.requirement;
      add('interlock_approvals_opened_total', { subject, kind });
      for (const settled of settledTypes) {
        const outcome = settled.slice('approval.'.length);
        add('interlock_approvals_settled_total', { subject, kind, outcome }, 0);
      }
    }
    const opened = events
      .slice(0, place)
      .findLast((event) => event.type === 'approval.opened' && event.data.approvalId === data.approvalId);
    if (opened === undefined) continue;
    const { kind } = opened.data.requirement;
    const isSettled = events
      .slice(events.indexOf(opened), place)
      .some((event) => settledTypes.includes(event.type) && event.data.approvalId === data.approvalId);
    if (isSettled) continue;
    if (type === 'approval.escalated') add('interlock_approval_escalations_total', { kind });
    if (!settledTypes.includes(type)) continue;
    const subject = opened.data.action === undefined ? 'question' : 'call';
    const outcome = type.slice('approval.'.length);
    add('interlock_approvals_settled_total', { subject, kind, outcome });
    add('interlock_approval_wait_seconds_count', { kind, outcome });
    add('interlock_approval_wait_seconds_sum', { kind, outcome }, (time - opened.time) / 1_000);
  }
}

const unansweredBy = ['completed', 'failed', 'skipped', 'parked', 'fell_back'].map((how) => `step.${how}`);

/** A form that is open ends with the next event that ends the question of its step. */
function countForms(
  events: readonly CountedEvent[],
  named: { readonly workflow: string; readonly version: unknown },
  add: Add,
): void {
  for (const [place, { type, data, time }] of events.entries()) {
    if (type !== 'form.opened') continue;
    add('interlock_forms_opened_total', named);
    const later = events.slice(place + 1).filter((event) => event.data.step === data.step);
    const next = later.find((event) =>
      ['form.opened', 'form.answered', ...unansweredBy].includes(event.type),
    );
    if (next === undefined || next.type === 'form.opened') continue;
    const labels = {
      workflow: named.workflow,
      outcome: next.type === 'form.answered' ? 'answered' : 'unanswered',
    };
    add('interlock_form_wait_seconds_count', labels);
    add('interlock_form_wait_seconds_sum', labels, (next.time - time) / 1_000);
  }
}

const overQuestions = ['question.answered', 'question.unanswered', 'agent.fell_back', ...unansweredBy];

/** Likewise a question of a model. */
function countQuestions(
  events: readonly CountedEvent[],
  named: { readonly workflow: string; readonly version: unknown },
  add: Add,
): void {
  for (const [place, { type, data, time }] of events.entries()) {
    if (type !== 'question.asked') continue;
    add('interlock_questions_asked_total', named);
    const later = events.slice(place + 1).filter((event) => event.data.step === data.step);
    const next = later.find((event) => ['question.asked', ...overQuestions].includes(event.type));
    if (next === undefined || next.type === 'question.asked') continue;
    const outcome = next.type === 'question.answered' ? 'answered' : 'unanswered';
    const labels = { workflow: named.workflow, outcome };
    add('interlock_question_wait_seconds_count', labels);
    add('interlock_question_wait_seconds_sum', labels, (next.time - time) / 1_000);
  }
}

function countEnd(events: readonly CountedEvent[], { type, data, time }: CountedEvent, add: Add): void {
  const [started] = events;
  const { name: workflow, version } = started!.data.workflow;
  const status = type.slice('run.'.length);
  const success = type === 'run.completed' && data.success;
  add('interlock_runs_ended_total', { workflow, version, status, success });
  add('interlock_run_seconds_count', { workflow, status });
  add('interlock_run_seconds_sum', { workflow, status }, (time - started!.time) / 1_000);
  add('interlock_run_cost_usd_total', { workflow, version, success }, costOf(events));
  for (const requestedCall of events.filter((event) => event.type === 'call.requested'))
    if (isPerformed(events, requestedCall.id) && !hadEveryAllow(events, requestedCall))
      add('interlock_unsafe_attempts_total', { tool: requestedCall.data.tool, outcome: 'executed' });
}

const isPerformed = (events: readonly CountedEvent[], requestId: string): boolean =>
  events.some(
    ({ type, data }) =>
      type === 'call.recorded' && data.requestId === requestId && data.outcome.kind !== 'refused',
  );

const costOf = (events: readonly CountedEvent[]): number =>
  events
    .filter(({ type, data, id }) => {
      return type === 'call.requested' && data.purpose !== 'compensate' && isPerformed(events, id);
    })
    .reduce((sum, { data }) => sum + data.reserved.costUsd, costOfPlans(events));

const costOfPlans = (events: readonly CountedEvent[]): number =>
  events
    .filter(({ type }) => type === 'plan.recorded')
    .reduce((sum, { data }) => sum + data.charged.costUsd, 0);

const hadEveryAllow = (events: readonly CountedEvent[], requestedCall: CountedEvent): boolean =>
  requestedCall.data.needs.every((check: string) => {
    const said = events.findLast(({ type, data }) => type === 'verdict.recorded' && data.checkId === check);
    if (said?.data.verdict !== 'allow') return false;
    if (said.data.approval === undefined) return true;
    const { approvalId } = requestedCall.data;
    return events.some(
      ({ type, data }) =>
        type === 'approval.granted' && approvalId !== undefined && data.approvalId === approvalId,
    );
  });
